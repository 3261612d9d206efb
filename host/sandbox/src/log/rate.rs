//! So many lines a second, and a count of the rest.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Counts the lines of the current second.
#[derive(Debug)]
pub(super) struct Rate {
    limit: u32,
    began: Option<Instant>,
    admitted: u32,
    dropped: u64,
}

impl Rate {
    /// Admits `limit` lines in each second.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            began: None,
            admitted: 0,
            dropped: 0,
        }
    }

    /// Begins a new second if the last one is over, and returns how many lines that one dropped.
    pub(super) fn settle(&mut self, now: Instant) -> u64 {
        let is_over = self
            .began
            .is_none_or(|began| now.saturating_duration_since(began) >= WINDOW);
        if !is_over {
            return 0;
        }
        self.began = Some(now);
        self.admitted = 0;
        std::mem::take(&mut self.dropped)
    }

    /// Whether one more line fits in the current second.
    pub(super) fn admit(&mut self) -> bool {
        if self.admitted < self.limit {
            self.admitted += 1;
            return true;
        }
        self.dropped += 1;
        false
    }
}
