//! How often the live deployment is asked again: often enough to learn its noise, seldom enough to cost nothing.

use std::time::{Duration, Instant};

/// Replays before which none is spared: a field that always changes shows itself at once.
const FIRST: u64 = 10;
/// After those, one in so many pairs.
const ONE_IN: u64 = 50;
/// Replays in a minute, whatever the traffic.
const PER_MINUTE: u32 = 20;
/// Replays that wait or run at once: each keeps its request in memory.
pub(super) const AT_ONCE: u32 = 4;
const MINUTE: Duration = Duration::from_secs(60);

/// Counts pairs and replays.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pairs: u64,
    replays: u64,
    under_way: u32,
    window: Option<(Instant, u32)>,
}

impl Pace {
    pub(super) fn count_pair(&mut self) {
        self.pairs += 1;
    }

    /// Takes a turn, if it is time for one and not too many are under way.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if self.under_way == AT_ONCE || self.replays >= FIRST + self.pairs / ONE_IN {
            return false;
        }
        let (began, count) = self
            .window
            .filter(|(began, _)| now.saturating_duration_since(*began) < MINUTE)
            .unwrap_or((now, 0));
        if count == PER_MINUTE {
            return false;
        }
        self.window = Some((began, count + 1));
        self.replays += 1;
        self.under_way += 1;
        true
    }

    pub(super) fn end(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many replays there are when `pairs` come at once at `now`.
    fn replays(pace: &mut Pace, pairs: u64, now: Instant) -> u64 {
        let taken = (0..pairs).filter(|_| {
            pace.count_pair();
            let taken = pace.take(now);
            pace.end();
            taken
        });
        taken.count() as u64
    }

    #[test]
    fn the_first_pairs_are_replayed_then_one_in_fifty() {
        let now = Instant::now();
        assert_eq!(replays(&mut Pace::default(), 9, now), 9);
        assert_eq!(replays(&mut Pace::default(), 10, now), 10);
        assert_eq!(replays(&mut Pace::default(), 49, now), 10);
        assert_eq!(replays(&mut Pace::default(), 50, now), 11);
        assert_eq!(replays(&mut Pace::default(), 500, now), 20);
    }

    #[test]
    fn there_are_at_most_twenty_in_a_minute() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert_eq!(replays(&mut pace, 10_000, now), 20);
        let just_before = now + MINUTE - Duration::from_nanos(1);
        assert_eq!(replays(&mut pace, 10_000, just_before), 0);
        assert_eq!(replays(&mut pace, 10_000, now + MINUTE), 20);
    }

    #[test]
    fn so_many_are_under_way_at_once() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for _ in 0..AT_ONCE {
            assert!(pace.take(now));
        }
        assert!(!pace.take(now));
        pace.end();
        assert!(pace.take(now));
    }
}
