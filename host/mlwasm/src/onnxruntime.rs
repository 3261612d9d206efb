//! Finding ONNX Runtime's shared library.
//!
//! What the operator names is taken and nothing else is tried, so that a typing error is not covered up by another
//! library that happens to be there.

use std::{
    env, fmt,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{anyhow, bail};
use mlwasm_inference::{OnnxRuntime, OnnxSettings};

use crate::config::OnnxRuntimeConfig;

/// Names the library for ONNX Runtime itself and for its other users too.
const VARIABLE: &str = "ORT_DYLIB_PATH";
const FILE: &str = "libonnxruntime.so";
/// Where `cargo xtask onnxruntime` puts it, in cargo's target folder.
const IN_TARGET: &str = "onnxruntime/1.31.1/libonnxruntime.so";

/// Opens the library that the settings, the environment or the place of the executable point to.
///
/// # Errors
///
/// In one sentence: what was tried, and how to get the library.
pub(crate) fn open(config: &OnnxRuntimeConfig) -> anyhow::Result<OnnxRuntime> {
    let variable = env::var_os(VARIABLE)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let executable = env::current_exe().unwrap_or_default();
    let candidates = candidates(config.library.clone(), variable, &executable);
    let Some(found) = candidates.iter().find(|candidate| candidate.path.is_file()) else {
        bail!(
            "ONNX Runtime is missing: {}; {HOW_TO_GET_IT}",
            tried(&candidates)
        );
    };
    let settings = OnnxSettings {
        threads_per_run: config.threads_per_run,
        lanes: config.lanes.unwrap_or_else(cores),
        max_output_bytes: config.max_output_bytes,
    };
    OnnxRuntime::open(&found.path, settings).map_err(|error| {
        let reason = anyhow::Error::new(error);
        anyhow!("ONNX Runtime can not be opened: tried {found}: {reason:#}; {HOW_TO_GET_IT}")
    })
}

/// The cores that this process may use.
fn cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

const HOW_TO_GET_IT: &str = "in a checkout, `cargo xtask onnxruntime` fetches it; elsewhere, set onnxruntime.library or \
                             ORT_DYLIB_PATH to a libonnxruntime.so";

/// A place where the library may be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    path: PathBuf,
    because: &'static str,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path.display(), self.because)
    }
}

fn tried(candidates: &[Candidate]) -> String {
    let places: Vec<_> = candidates.iter().map(ToString::to_string).collect();
    format!("tried {}", places.join(", "))
}

fn candidates(
    setting: Option<PathBuf>,
    variable: Option<PathBuf>,
    executable: &Path,
) -> Vec<Candidate> {
    if let Some(path) = setting {
        return vec![Candidate {
            path,
            because: "onnxruntime.library",
        }];
    }
    if let Some(path) = variable {
        return vec![Candidate {
            path,
            because: VARIABLE,
        }];
    }
    let folders = executable.ancestors().skip(1);
    let beside = folders.clone().take(1).map(|folder| Candidate {
        path: folder.join(FILE),
        because: "next to the executable",
    });
    // Only in a folder that cargo marked as its own: further up, anyone might have put a library.
    let in_target = folders
        .filter(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map(|folder| Candidate {
            path: folder.join(IN_TARGET),
            because: "in the checkout",
        });
    beside.chain(in_target).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn paths(candidates: &[Candidate]) -> Vec<&Path> {
        candidates
            .iter()
            .map(|candidate| candidate.path.as_path())
            .collect()
    }

    #[test]
    fn what_the_operator_names_is_the_only_candidate() {
        let (setting, variable) = (PathBuf::from("/a.so"), PathBuf::from("/b.so"));
        let executable = Path::new("/opt/mlwasm");
        let both = candidates(Some(setting.clone()), Some(variable.clone()), executable);
        assert_eq!(paths(&both), [setting]);
        let variable_only = candidates(None, Some(variable.clone()), executable);
        assert_eq!(paths(&variable_only), [variable]);
        assert_eq!(
            paths(&candidates(None, None, executable)),
            [Path::new("/opt/libonnxruntime.so")]
        );
    }

    #[test]
    fn an_executable_in_a_checkout_finds_what_xtask_fetched() {
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join("CACHEDIR.TAG"), "").unwrap();
        let executable = target.path().join("debug/mlwasm");
        let found = candidates(None, None, &executable);
        assert_eq!(
            paths(&found),
            [
                target.path().join("debug/libonnxruntime.so"),
                target.path().join(IN_TARGET)
            ]
        );
    }
}
