//! How long runs took: times in buckets of two percent, and what their quantiles say. Pure.

use std::time::Duration;

use mlwasm_types::shadow::Ratio;

use super::statistics::Z_95;

/// Buckets of one doubling: each is 2.2 % wider than the one before.
const PER_DOUBLING: f64 = 32.0;
/// 2^7 ns: what is shorter counts as this.
const FIRST_DOUBLING: f64 = 7.0;
/// Up to 2^37 ns, two minutes and more.
const BUCKETS: usize = 30 * 32;

/// So many times, and the upper bound of the p99 is known.
pub(super) const TIMES_OF_P99: u64 = 563;

/// Times of runs. 8 KiB, whatever is in it.
#[derive(Clone, Debug)]
pub(super) struct Times {
    buckets: Box<[u64; BUCKETS]>,
    count: u64,
}

/// A quantile, in nanoseconds, and where the true one is with 95 % confidence; none where too few times are known to say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantile {
    pub(super) point: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            buckets: Box::new([0; BUCKETS]),
            count: 0,
        }
    }
}

impl Times {
    pub(super) fn add(&mut self, time: Duration) {
        let doublings = (time.as_nanos().max(1) as f64).log2() - FIRST_DOUBLING;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the buckets"
        )]
        let bucket = (doublings * PER_DOUBLING).clamp(0.0, (BUCKETS - 1) as f64) as usize;
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The time that the share `p` of the runs does not exceed.
    ///
    /// The bounds are those times of the sample whose ranks hold the quantile's between them, by the binomial distribution;
    /// nothing is assumed of how times are distributed.
    pub(super) fn quantile(&self, p: f64) -> Quantile {
        let n = self.count as f64;
        let spread = Z_95 * (n * p * (1.0 - p)).sqrt();
        let (below, above) = (n * p - spread, n * p + spread + 1.0);
        Quantile {
            point: self.at_rank((n * p).max(1.0)),
            low: (below >= 1.0).then(|| self.at_rank(below)),
            high: (above <= n).then(|| self.at_rank(above)),
        }
    }

    /// The time of this rank, the shortest having rank 1: the middle of its bucket.
    fn at_rank(&self, rank: f64) -> f64 {
        let mut passed = 0;
        let bucket = self.buckets.iter().position(|count| {
            passed += count;
            passed as f64 >= rank.floor()
        });
        let bucket = bucket.unwrap_or(BUCKETS - 1) as f64;
        ((bucket + 0.5) / PER_DOUBLING + FIRST_DOUBLING).exp2()
    }
}

/// How many times longer `mirror` is than `live`.
pub(super) fn ratio(mirror: Quantile, live: Quantile) -> Ratio {
    let divided = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    Ratio {
        ratio: mirror.point / live.point,
        low: divided(mirror.low, live.high),
        high: divided(mirror.high, live.low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(count: u64) -> Times {
        let mut times = Times::default();
        for n in 1..=count {
            times.add(Duration::from_micros(n));
        }
        times
    }

    #[test]
    fn a_quantile_is_right_to_a_bucket() {
        let times = times(10_000);
        for (p, micros) in [(0.5, 5_000.0), (0.99, 9_900.0)] {
            let quantile = times.quantile(p);
            assert!(
                (quantile.point / 1e3 / micros - 1.0).abs() < 0.025,
                "{quantile:?}"
            );
            let (low, high) = (quantile.low.unwrap(), quantile.high.unwrap());
            assert!(
                low <= quantile.point && quantile.point <= high,
                "{quantile:?}"
            );
        }
    }

    #[test]
    fn an_upper_bound_of_the_p99_needs_hundreds_of_times() {
        for (count, is_known) in [
            (0, false),
            (1, false),
            (TIMES_OF_P99 - 1, false),
            (TIMES_OF_P99, true),
        ] {
            let quantile = times(count).quantile(0.99);
            assert_eq!(quantile.high.is_some(), is_known, "{count}");
        }
    }

    #[test]
    fn the_bounds_hold_the_truth_nineteen_times_in_twenty() {
        let mut random = super::super::simulation::Random::new(7);
        let held = (0..400).filter(|_| {
            let mut times = Times::default();
            for _ in 0..1_000 {
                times.add(Duration::from_secs_f64(1e-3 * random.uniform()));
            }
            let quantile = times.quantile(0.99);
            // A bucket's width to either side.
            quantile.low.unwrap() <= 0.99e6 * 1.022 && 0.99e6 / 1.022 <= quantile.high.unwrap()
        });
        let held = held.count();
        assert!(held >= 370, "{held}");
    }

    #[test]
    fn extremes_have_a_bucket() {
        let mut times = Times::default();
        for time in [
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_secs(100_000),
        ] {
            times.add(time);
        }
        assert_eq!(times.count(), 3);
    }

    #[test]
    fn a_ratio_is_as_wide_as_both_bounds_make_it() {
        let live = Quantile {
            point: 10.0,
            low: Some(8.0),
            high: Some(12.0),
        };
        let mirror = Quantile {
            point: 20.0,
            low: Some(18.0),
            high: None,
        };
        let ratio = ratio(mirror, live);
        assert!((ratio.ratio - 2.0).abs() < 1e-9);
        assert!((ratio.low.unwrap() - 1.5).abs() < 1e-9);
        assert_eq!(ratio.high, None);
    }
}
