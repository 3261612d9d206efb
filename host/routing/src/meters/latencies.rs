//! Durations in fine buckets, for comparing high percentiles of two deployments.
//!
//! The buckets of [`Histogram`](super::Histogram) are made for dashboards: each is twice as wide as the one before it, so
//! they can not tell a fifth. These are a thirty-second of their octave wide, 3 % at most. They take 3 KiB, so a deployment
//! has them only once someone asked; until then a request pays for a look whether they are there.

use std::{
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::nanoseconds;

/// Buckets of an octave, as a power of two.
const FINENESS: u32 = 5;
/// All durations below 16 µs are one bucket: no request is as short.
const SHORTEST: u32 = 14;
/// All durations from 137 s on are one bucket: longer than any deadline.
const LONGEST: u32 = 37;
/// One bucket below, one above, and those of the octaves between.
const BUCKETS: usize = (((LONGEST - SHORTEST) as usize) << FINENESS) + 2;

/// How many durations fell in each bucket, shortest first.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock. Counters wrap around, so what counts is the difference of two readings.
#[derive(Debug)]
pub struct Latencies {
    buckets: [AtomicU32; BUCKETS],
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            buckets: [const { AtomicU32::new(0) }; BUCKETS],
        }
    }
}

impl Latencies {
    /// Counts one duration.
    pub fn observe(&self, duration: Duration) {
        let ns = nanoseconds(duration);
        self.buckets[bucket(ns)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counters as they are now.
    pub fn read(&self) -> Vec<u32> {
        let read = |bucket: &AtomicU32| bucket.load(Ordering::Relaxed);
        self.buckets.iter().map(read).collect()
    }
}

/// The durations of a bucket, in nanoseconds. The last one has no end: it is given the width of its octave.
pub fn bounds(bucket: usize) -> Range<u64> {
    let lower = |bucket: usize| match bucket.checked_sub(1) {
        None => 0,
        Some(index) => {
            let octave = SHORTEST as usize + (index >> FINENESS);
            let part = index & ((1 << FINENESS) - 1);
            (((1 << FINENESS) + part) as u64) << (octave - FINENESS as usize)
        }
    };
    lower(bucket)..lower(bucket + 1)
}

fn bucket(ns: u64) -> usize {
    if ns < 1 << SHORTEST {
        return 0;
    }
    let octave = ns.ilog2().min(LONGEST);
    if octave == LONGEST {
        return BUCKETS - 1;
    }
    // What follows the leading bit says where in its octave a duration is.
    let part = ((ns >> (octave - FINENESS)) & ((1 << FINENESS) - 1)) as usize;
    1 + (((octave - SHORTEST) as usize) << FINENESS) + part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_falls_into_the_bucket_that_holds_it() {
        for ns in [
            0,
            (1 << 14) - 1,
            1 << 14,
            (1 << 14) + 511,
            (1 << 14) + 512,
            50_000,
            1_000_000,
            999_999_999,
            (1 << 37) - 1,
            1 << 37,
            (1 << 37) + 1,
        ] {
            assert!(bounds(bucket(ns)).contains(&ns), "{ns}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn buckets_join_each_other_and_none_between_the_ends_is_wider_than_3_percent_and_an_eighth() {
        for bucket in 1..BUCKETS - 1 {
            let Range { start, end } = bounds(bucket);
            assert_eq!(start, bounds(bucket - 1).end);
            assert!((end - start) * 32 <= start, "{bucket}");
        }
    }

    #[test]
    fn two_readings_differ_by_what_was_observed() {
        let latencies = Latencies::default();
        latencies.observe(Duration::from_millis(1));
        let before = latencies.read();
        for _ in 0..3 {
            latencies.observe(Duration::from_millis(1));
        }
        latencies.observe(Duration::MAX);
        let after = latencies.read();
        let differences = || before.iter().zip(&after).map(|(b, a)| a - b);
        assert_eq!(differences().sum::<u32>(), 4);
        assert_eq!(differences().next_back(), Some(1));
        assert_eq!(differences().max(), Some(3));
    }
}
