//! What the process asks of the system for itself.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files to what the system allows, and forbids core dumps. Returns the limit of open files.
///
/// A core dump would hold keys and the bodies of requests. Neither is worth refusing to start for.
pub(crate) fn set_limits() -> u64 {
    if let Err(error) = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    ) {
        tracing::warn!(%error, "core dumps could not be turned off");
    }
    let files = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: files.maximum,
        maximum: files.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => files.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            files.current
        }
    }
    .unwrap_or(u64::MAX)
}
