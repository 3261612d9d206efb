//! So many lines a second, and a count of the rest.
//!
//! The limit comes with each line rather than with the counter: two revisions of a deployment share its log for a moment,
//! and each holds to its own settings.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Counts the lines of the current second.
#[derive(Debug, Default)]
pub(super) struct Rate {
    began: Option<Instant>,
    admitted: u32,
    dropped: u64,
    limit: u32,
}

/// The lines of one second that were above their limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dropped {
    /// How many.
    pub(super) lines: u64,
    /// The limit that the last of them was above.
    pub(super) limit: u32,
}

impl Rate {
    /// Begins a new second if the last one is over, and returns what that one dropped.
    pub(super) fn settle(&mut self, now: Instant) -> Option<Dropped> {
        let is_over = self
            .began
            .is_none_or(|began| now.saturating_duration_since(began) >= WINDOW);
        if !is_over {
            return None;
        }
        self.began = Some(now);
        self.admitted = 0;
        let lines = std::mem::take(&mut self.dropped);
        (lines > 0).then_some(Dropped {
            lines,
            limit: self.limit,
        })
    }

    /// Whether one more line fits in the current second, of `limit` lines.
    pub(super) fn admit(&mut self, limit: u32) -> bool {
        if self.admitted < limit {
            self.admitted += 1;
            return true;
        }
        self.dropped += 1;
        self.limit = limit;
        false
    }
}
