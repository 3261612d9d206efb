//! Whether a scorer that does nothing but fail is still asked.
//!
//! For copies only: whoever waits for an answer is never turned away for what others met.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::meters::nanoseconds;

/// Failures one after the other that open it: more than a shadow report needs to reject who fails each time, so that its verdict
/// does not wait for probes.
const LIMIT: u32 = 50;
/// How often one is let through while it is open. Ten a second were one request in a hundred of a thousand a second, whose 99th
/// percentile then told of little else.
const PROBE: Duration = Duration::from_secs(1);

/// A circuit breaker: open after so many failures one after the other, closed by the first success.
///
/// # Concurrency
///
/// Any thread may ask and tell; two atomic numbers, no lock. What was let through before it opened may still close it.
#[derive(Debug)]
pub struct Breaker {
    failures: AtomicU32,
    made: Instant,
    // In nanoseconds since it was made.
    next_probe: AtomicU64,
}

impl Breaker {
    /// Closed.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            failures: AtomicU32::new(0),
            made: Instant::now(),
            next_probe: AtomicU64::new(0),
        })
    }

    /// Whether one more is let through: all while it is closed, one in a while when it is open.
    pub fn admits(&self, now: Instant) -> bool {
        if self.failures.load(Ordering::Relaxed) < LIMIT {
            return true;
        }
        let now = nanoseconds(now.saturating_duration_since(self.made));
        let next = self.next_probe.load(Ordering::Relaxed);
        // Of several at once, one.
        now >= next
            && self
                .next_probe
                .compare_exchange(
                    next,
                    now.saturating_add(nanoseconds(PROBE)),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }

    /// One failed.
    pub fn failed(&self) {
        if self.failures.load(Ordering::Relaxed) < LIMIT {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One did not fail.
    pub fn succeeded(&self) {
        // Written only where it changes something: the line of memory stays shared.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(failures: u32) -> (Arc<Breaker>, Instant) {
        let breaker = Breaker::new();
        for _ in 0..failures {
            breaker.failed();
        }
        let start = breaker.made;
        (breaker, start)
    }

    #[test]
    fn below_its_limit_of_failures_all_are_let_through() {
        let (breaker, start) = after(LIMIT - 1);
        assert!((0..100).all(|_| breaker.admits(start)));
    }

    #[test]
    fn at_its_limit_and_above_one_is_let_through_in_a_while() {
        for failures in [LIMIT, LIMIT + 1, 10 * LIMIT] {
            let (breaker, start) = after(failures);
            assert!(breaker.admits(start));
            assert!(!breaker.admits(start));
            assert!(!breaker.admits(start + PROBE - Duration::from_nanos(1)));
            assert!(breaker.admits(start + PROBE));
            assert!(!breaker.admits(start + PROBE));
            // A pause is not saved up.
            assert!(breaker.admits(start + 10 * PROBE));
            assert!(!breaker.admits(start + 10 * PROBE));
        }
    }

    #[test]
    fn a_success_closes_it_and_the_count_begins_anew() {
        for failures in [1, LIMIT - 1, LIMIT, 10 * LIMIT] {
            let (breaker, start) = after(failures);
            breaker.succeeded();
            for _ in 1..LIMIT {
                breaker.failed();
            }
            assert!((0..100).all(|_| breaker.admits(start)), "{failures}");
            breaker.failed();
            assert!(
                breaker.admits(start) && !breaker.admits(start),
                "{failures}"
            );
        }
    }
}
