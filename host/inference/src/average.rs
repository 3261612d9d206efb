//! What a run of a model takes, kept without a lock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// An average over the last few runs, without a lock: two runs that end at once may count as one.
pub(crate) struct MovingAverage(AtomicU64);

impl MovingAverage {
    const NOTHING_YET: u64 = u64::MAX;

    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(Self::NOTHING_YET))
    }

    pub(crate) fn record(&self, run: Duration) {
        let run = u64::try_from(run.as_nanos()).unwrap_or(u64::MAX - 1);
        let average = match self.0.load(Ordering::Relaxed) {
            Self::NOTHING_YET => run,
            // An eighth of the new: one slow run does not make a model slow, ten do.
            average => average - average / 8 + run / 8,
        };
        self.0.store(average, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Duration {
        match self.0.load(Ordering::Relaxed) {
            Self::NOTHING_YET => Duration::MAX,
            average => Duration::from_nanos(average),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_run_does_not_make_a_model_slow_but_ten_do() {
        let average = MovingAverage::new();
        assert_eq!(average.get(), Duration::MAX);
        average.record(Duration::from_micros(8));
        assert_eq!(average.get(), Duration::from_micros(8));
        average.record(Duration::from_micros(80));
        assert_eq!(average.get(), Duration::from_micros(17));
        for _ in 0..10 {
            average.record(Duration::from_micros(80));
        }
        assert!(
            average.get() > Duration::from_micros(60),
            "{:?}",
            average.get()
        );
    }

    #[test]
    fn an_endless_run_is_recorded_as_the_longest_there_is() {
        let average = MovingAverage::new();
        average.record(Duration::MAX);
        assert!(average.get() > Duration::from_secs(3600 * 24 * 365));
    }
}
