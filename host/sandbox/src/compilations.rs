//! How many components were compiled, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{compile::MachineCode, error::ComponentError};

/// What came of wanting a component's machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compilation {
    /// It was compiled.
    Compiled,
    /// It was on disk: nothing was compiled.
    Cached,
    /// The compiler refused it.
    Refused,
    /// It took too much processor time.
    OutOfCpu,
    /// It took too much memory.
    OutOfMemory,
    /// It took too long.
    TooSlow,
    /// Nobody wanted it any more.
    Cancelled,
    /// The compiler failed, or did not start.
    Failed,
}

impl Compilation {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Compiled,
        Self::Cached,
        Self::Refused,
        Self::OutOfCpu,
        Self::OutOfMemory,
        Self::TooSlow,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The outcome in one word, as metrics show it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Compiled => "compiled",
            Self::Cached => "cached",
            Self::Refused => "refused",
            Self::OutOfCpu => "out_of_cpu",
            Self::OutOfMemory => "out_of_memory",
            Self::TooSlow => "too_slow",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// What the compiler's answer is.
    pub(crate) fn of(answer: &Result<MachineCode, ComponentError>) -> Self {
        use ComponentError as Error;
        match answer {
            Ok(_) => Self::Compiled,
            Err(Error::CompileOutOfCpu { .. }) => Self::OutOfCpu,
            Err(Error::CompileOutOfMemory { .. }) => Self::OutOfMemory,
            Err(Error::CompileTooSlow { .. }) => Self::TooSlow,
            Err(Error::CompileCancelled) => Self::Cancelled,
            Err(Error::CompilerFailed { .. } | Error::CompilerStart(_)) => Self::Failed,
            Err(
                Error::NotAComponent { .. }
                | Error::TooLarge { .. }
                | Error::TooManyFunctions { .. }
                | Error::Invalid { .. }
                | Error::MissingExport { .. }
                | Error::ForeignImport { .. }
                | Error::NotGranted { .. }
                | Error::Mismatch { .. }
                | Error::Corrupt { .. }
                | Error::Read(_)
                | Error::Compile { .. },
            ) => Self::Refused,
        }
    }
}

/// Counts by outcome, since the process started. Only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompilationCounts([u64; Compilation::ALL.len()]);

impl CompilationCounts {
    /// How often this came of it.
    pub fn of(&self, outcome: Compilation) -> u64 {
        self.0[outcome as usize]
    }
}

/// The counters of an engine.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub(crate) struct Compilations([AtomicU64; Compilation::ALL.len()]);

impl Compilations {
    pub(crate) fn count(&self, outcome: Compilation) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> CompilationCounts {
        CompilationCounts(self.0.each_ref().map(|count| count.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_counter_of_its_own() {
        let counters = Compilations::default();
        for (times, outcome) in (1..).zip(Compilation::ALL) {
            (0..times).for_each(|_| counters.count(outcome));
        }
        let counts = counters.counts();
        for (times, outcome) in (1..).zip(Compilation::ALL) {
            assert_eq!(counts.of(outcome), times, "{outcome:?}");
        }
    }
}
