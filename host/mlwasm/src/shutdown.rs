//! Signals that end the server: the first asks it to drain, the second ends it at once.

use std::io;

use mlwasm_sandbox::TaskGroup;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell reports for a process that SIGINT ended.
const INTERRUPTED: i32 = 130;
/// What a shell reports for a process that SIGTERM ended.
const TERMINATED: i32 = 143;

/// A token that is cancelled by the first SIGTERM or SIGINT. Call it within the runtime.
///
/// # Errors
///
/// If the system lets no handler be set.
pub(crate) fn on_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let asked = CancellationToken::new();
    let token = asked.clone();
    // A group of its own, which nobody waits for: a second signal has to be heard until the very end.
    TaskGroup::new().spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => TERMINATED,
                _ = interrupt.recv() => INTERRUPTED,
            }
        };
        next().await;
        asked.cancel();
        let status = next().await;
        tracing::warn!("second signal: requests in flight are cut off");
        std::process::exit(status);
    });
    Ok(token)
}
