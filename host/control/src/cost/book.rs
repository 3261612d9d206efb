//! The readings of one counter over a day: every minute of the last hour, every quarter of an hour before that.
//!
//! A reading that says what the former said takes no room, so that what does nothing costs nothing.

use std::collections::VecDeque;

/// Minutes of which every reading is kept.
const FINE: u32 = 60;
/// Minutes between two readings that are kept for longer.
const STEP: u32 = 15;
/// Minutes that are kept at all.
const DAY: u32 = 24 * 60;

/// The readings of one counter that only grows.
#[derive(Clone, Debug)]
pub(super) struct Book<T> {
    /// With the minute from which on they hold, oldest first.
    readings: VecDeque<(u32, T)>,
    last: Option<u32>,
}

impl<T> Default for Book<T> {
    fn default() -> Self {
        Self {
            readings: VecDeque::new(),
            last: None,
        }
    }
}

impl<T: Copy + Default + PartialEq> Book<T> {
    /// Whether this minute has been written.
    pub(super) fn is_written(&self, minute: u32) -> bool {
        self.last.is_some_and(|last| last >= minute)
    }

    /// Writes the reading of a minute after all those before.
    pub(super) fn write(&mut self, minute: u32, reading: T) {
        self.last = Some(minute);
        if self
            .readings
            .back()
            .is_none_or(|(_, last)| *last != reading)
        {
            self.readings.push_back((minute, reading));
        }
        self.thin(minute);
    }

    /// What the counter said at that minute, which [`kept_minute`] gave; nothing before the first reading.
    pub(super) fn at(&self, minute: u32) -> T {
        let after = self.readings.partition_point(|(from, _)| *from <= minute);
        match after.checked_sub(1) {
            Some(index) => self.readings[index].1,
            None => T::default(),
        }
    }

    /// Drops the readings that no minute that may be asked for from now on needs.
    fn thin(&mut self, now: u32) {
        let mut kept = VecDeque::with_capacity(self.readings.len());
        for (index, (from, reading)) in self.readings.iter().enumerate() {
            let next = self.readings.get(index + 1).map(|(from, _)| *from);
            if next.is_none_or(|next| first_needed(*from, now) < next) {
                kept.push_back((*from, *reading));
            }
        }
        self.readings = kept;
    }
}

/// The last minute not after `minute` that can be asked for at `now`.
pub(super) fn kept_minute(minute: u32, now: u32) -> u32 {
    if minute >= now.saturating_sub(FINE) {
        minute
    } else {
        minute - minute % STEP
    }
}

/// The first minute not before `from` that may be asked for at `now` or later.
fn first_needed(from: u32, now: u32) -> u32 {
    // A step more, since what is asked for is rounded down.
    let from = from.max(now.saturating_sub(DAY + STEP));
    if from >= now.saturating_sub(FINE) {
        from
    } else {
        from.next_multiple_of(STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A counter that grows by 10 a minute, as of `minutes`.
    fn busy(minutes: u32) -> Book<u64> {
        let mut book = Book::default();
        for minute in 1..=minutes {
            book.write(minute, u64::from(minute) * 10);
        }
        book
    }

    #[test]
    fn every_minute_of_the_last_hour_and_every_quarter_before_it_can_be_asked_for() {
        for now in [1, 59, 60, 61, 75, 1_439, 1_440, 1_441, 5_000] {
            let book = busy(now);
            for asked in now.saturating_sub(DAY)..=now {
                let minute = kept_minute(asked, now);
                assert!(minute <= asked && asked - minute < STEP, "{asked} of {now}");
                assert_eq!(book.at(minute), u64::from(minute) * 10, "{minute} of {now}");
            }
        }
    }

    #[test]
    fn what_was_kept_at_one_minute_can_be_asked_for_at_a_later_one() {
        let mut book = Book::default();
        for now in 1..=2_000 {
            book.write(now, u64::from(now));
            let minute = kept_minute(now.saturating_sub(DAY), now);
            assert_eq!(book.at(minute), u64::from(minute), "{now}");
        }
    }

    #[test]
    fn a_busy_counter_takes_bounded_room_and_an_idle_one_next_to_none() {
        let most = (FINE + DAY / STEP + 3) as usize;
        for minutes in [DAY, 2 * DAY, 5 * DAY] {
            let count = busy(minutes).readings.len();
            assert!(count <= most && count > most / 2, "{count}");
        }
        let mut idle = Book::default();
        for minute in 1..=DAY {
            idle.write(minute, 7);
        }
        assert_eq!(idle.readings.len(), 1);
        assert_eq!((idle.at(0), idle.at(1), idle.at(DAY)), (0, 7, 7));
    }

    #[test]
    fn a_counter_that_rests_for_days_is_still_known() {
        let mut book = busy(10);
        for minute in 11..=3 * DAY {
            book.write(minute, 100);
        }
        assert_eq!(book.at(2 * DAY), 100);
        assert_eq!(book.readings.len(), 1);
    }

    #[test]
    fn a_minute_is_written_once() {
        let book = busy(3);
        assert!(book.is_written(2) && book.is_written(3) && !book.is_written(4));
        assert!(!Book::<u64>::default().is_written(0));
    }
}
