//! How often the live deployment is asked again: often enough to learn its noise, seldom enough to cost nothing.

use std::time::{Duration, Instant};

/// Replays before which none is spared: a field that always changes shows itself at once.
const FIRST: u64 = 10;
/// After those, one in so many pairs.
const ONE_IN: u64 = 50;
/// Replays in a minute, whatever the traffic.
const PER_MINUTE: u32 = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// Counts pairs and replays.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pairs: u64,
    replays: u64,
    is_under_way: bool,
    window: Option<(Instant, u32)>,
}

impl Pace {
    pub(super) fn count_pair(&mut self) {
        self.pairs += 1;
    }

    /// Takes a turn, if it is time for one and none is under way.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        if self.is_under_way || self.replays >= FIRST + self.pairs / ONE_IN {
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
        self.is_under_way = true;
        true
    }

    pub(super) fn end(&mut self) {
        self.is_under_way = false;
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
    fn nothing_is_taken_while_one_is_under_way() {
        let mut pace = Pace::default();
        assert!(pace.take(Instant::now()));
        assert!(!pace.take(Instant::now()));
        pace.end();
        assert!(pace.take(Instant::now()));
    }
}
