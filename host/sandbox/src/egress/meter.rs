//! How many calls scorers have made, by what came of them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressOutcome {
    /// Its answer came, whole; of whatever status.
    Answered,
    /// It was refused: the deployment does not grant it, or the request is a copy.
    Denied,
    /// There was no answer, or no end of it.
    Failed,
    /// It was let go before its answer was whole: the request ended, a limit was hit, or the scorer wanted no more of it.
    Cut,
}

impl EgressOutcome {
    /// Every outcome, in the order of their counters.
    pub const ALL: [Self; 4] = [Self::Answered, Self::Denied, Self::Failed, Self::Cut];

    /// The value of the metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Cut => "cut",
        }
    }
}

/// The calls of one deployment, those of all its revisions.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub struct EgressMeter([AtomicU64; EgressOutcome::ALL.len()]);

impl EgressMeter {
    /// How many calls ended so.
    pub fn count_of(&self, outcome: EgressOutcome) -> u64 {
        self.0[outcome as usize].load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, outcome: EgressOutcome) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// A call that will be counted once, when this is dropped: as cut, unless something else was said.
#[derive(Debug)]
pub(super) struct Ticket {
    meter: Arc<EgressMeter>,
    outcome: EgressOutcome,
}

impl Ticket {
    pub(super) fn new(meter: &Arc<EgressMeter>) -> Self {
        Self {
            meter: Arc::clone(meter),
            outcome: EgressOutcome::Cut,
        }
    }

    pub(super) fn end(mut self, outcome: EgressOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.meter.count(self.outcome);
    }
}
