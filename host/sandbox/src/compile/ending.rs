//! How a compiling process ended, and what that means: read from its exit status and its last words alone.

use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus};

use super::CompileLimits;
use crate::error::ComponentError;

/// Machine code is on standard output, all of it.
pub(super) const COMPILED: u8 = 0;
/// The compiler's reason to refuse the component is on standard output.
pub(super) const REFUSED: u8 = 10;
/// The compiler met its memory limit and could say so.
pub(super) const OUT_OF_MEMORY: u8 = 11;
/// The process could not begin, or not hand over its result; why is on standard output.
pub(super) const UNFIT: u8 = 12;

/// What the standard library writes before it aborts a process that gets no memory.
const NO_MEMORY: &str = "memory allocation of";
/// `SIGXCPU`: processor time is used up.
const CPU_TIME_IS_UP: i32 = 24;

/// A process that has ended by itself, or by somebody else's signal.
pub(super) struct Ending {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

impl Ending {
    /// The machine code, or why there is none.
    pub(super) fn verdict(self, limits: &CompileLimits) -> Result<Vec<u8>, ComponentError> {
        let code = self.status.code().and_then(|code| u8::try_from(code).ok());
        match code {
            Some(COMPILED) => return Ok(self.stdout),
            Some(REFUSED) => {
                return Err(ComponentError::Compile {
                    message: beginning(&self.stdout),
                });
            }
            Some(_) | None => {}
        }
        if code == Some(OUT_OF_MEMORY) || self.stderr.contains(NO_MEMORY) {
            return Err(ComponentError::CompileOutOfMemory {
                limit_mb: limits.memory_mb,
            });
        }
        if self.status.signal() == Some(CPU_TIME_IS_UP) {
            return Err(ComponentError::CompileOutOfCpu {
                limit_seconds: limits.cpu_seconds,
            });
        }
        let how = self.status.to_string();
        let stdout = beginning(&self.stdout);
        // A bug of ours, or somebody's signal: whoever runs the server has to see it, not only who deployed.
        tracing::error!(how, stderr = self.stderr, stdout, "the compiler failed");
        Err(ComponentError::CompilerFailed { how })
    }
}

/// As much of a text as anybody reads. The names in it are the component's own, and may be of any length.
fn beginning(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(1_000).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: CompileLimits = CompileLimits {
        cpu_seconds: 30,
        memory_mb: 1_024,
        timeout: Duration::from_secs(60),
    };

    /// The verdict on a process that ended with this status, as `wait` gives it.
    fn verdict(status: i32, stdout: &str, stderr: &str) -> Result<Vec<u8>, String> {
        let ending = Ending {
            status: ExitStatus::from_raw(status),
            stdout: stdout.into(),
            stderr: stderr.to_owned(),
        };
        ending.verdict(&LIMITS).map_err(|error| error.to_string())
    }

    #[test]
    fn an_ending_is_told_by_status_and_last_words() {
        let exit = |code: u8| i32::from(code) << 8;
        assert_eq!(verdict(exit(COMPILED), "code", ""), Ok(b"code".to_vec()));
        for (status, stdout, stderr, text) in [
            (
                exit(REFUSED),
                "too many locals",
                "",
                "does not compile: too many locals",
            ),
            (exit(OUT_OF_MEMORY), "", "", "1024 MiB"),
            (6, "", "memory allocation of 64 bytes failed\n", "1024 MiB"),
            (24, "", "", "30 s of processor time"),
            // An abort that is not for memory.
            (6, "", "assertion failed", "SIGABRT"),
            (9, "code", "", "SIGKILL"),
            (11, "", "", "SIGSEGV"),
            (exit(UNFIT), "", "", "12"),
            (exit(101), "", "thread 'main' panicked", "101"),
        ] {
            let error = verdict(status, stdout, stderr).unwrap_err();
            assert!(error.contains(text), "{status}: {error}");
        }
    }
}
