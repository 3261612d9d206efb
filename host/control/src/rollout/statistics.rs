//! How sure one can be of a difference that was seen: bounds for rates and for percentiles.
//!
//! All bounds here are one-sided: the truth lies beyond one of them with the probability `alpha`, whichever of the two is
//! asked about. Nothing here knows what is compared.

use std::ops::Range;

use mlwasm_routing::meters::bounds;

/// The percentile that is compared, as the part of the durations above it.
const TAIL: f64 = 0.01;

/// An estimate and what it lies between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub(super) low: f64,
    pub(super) value: f64,
    pub(super) high: f64,
}

/// Some of a number of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) some: u64,
    pub(super) of: u64,
}

impl Share {
    /// The rate; 0 of nothing.
    pub(super) fn rate(self) -> f64 {
        self.some as f64 / self.of.max(1) as f64
    }

    /// The rate between its bounds.
    ///
    /// # Source
    ///
    /// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927: the score interval.
    pub(super) fn estimate(self, alpha: f64) -> Estimate {
        if self.of == 0 {
            return Estimate {
                low: 0.0,
                value: 0.0,
                high: 1.0,
            };
        }
        let (rate, n, z) = (self.rate(), self.of as f64, normal_quantile(1.0 - alpha));
        let square = z * z;
        let centre = rate + square / (2.0 * n);
        let reach = z * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt();
        let scale = 1.0 + square / n;
        Estimate {
            low: ((centre - reach) / scale).max(0.0),
            value: rate,
            high: ((centre + reach) / scale).min(1.0),
        }
    }
}

/// By how much one is above another that was estimated independently.
///
/// # Source
///
/// R. G. Newcombe, "Interval estimation for the difference between independent proportions", 1998, method 10. For other
/// estimates than rates it is known as the method of variance estimates recovery (G. Y. Zou and A. Donner, 2008).
pub(super) fn difference(one: Estimate, other: Estimate) -> Estimate {
    let value = one.value - other.value;
    Estimate {
        low: value - (one.value - one.low).hypot(other.high - other.value),
        value,
        high: value + (one.high - one.value).hypot(other.value - other.low),
    }
}

/// How many times another one is as much, both above 0.
pub(super) fn ratio(one: Estimate, other: Estimate) -> Estimate {
    let log = |estimate: Estimate| estimate.map(f64::ln);
    difference(log(one), log(other)).map(f64::exp)
}

impl Estimate {
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            low: change(self.low),
            value: change(self.value),
            high: change(self.high),
        }
    }
}

/// The 99th percentile, in nanoseconds, of durations that were counted in buckets; none without any. Where there are too few
/// to know a bound, it is 0 or infinite.
///
/// The bounds are durations that were seen themselves: how many lie above the true percentile is binomial, whatever their
/// distribution (W. J. Conover, "Practical nonparametric statistics", 1999, 3.2).
pub(super) fn percentile(counts: &[u32], alpha: f64) -> Option<Estimate> {
    let count: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    if count == 0 {
        return None;
    }
    let above = ranks_above(count, alpha);
    Some(Estimate {
        low: with_above(counts, above.end).unwrap_or(0.0),
        value: with_above(counts, count / 100)?,
        high: match above.start.checked_sub(1) {
            Some(above) => with_above(counts, above)?,
            None => f64::INFINITY,
        },
    })
}

/// The fewest of `count` durations that may lie above the percentile, and the most: fewer, and more, have a probability of
/// at most `alpha` each.
fn ranks_above(count: u64, alpha: f64) -> Range<u64> {
    let n = count as f64;
    // Above this the sum below would begin with a number too small to be one.
    if n * TAIL > 200.0 {
        let reach = normal_quantile(1.0 - alpha) * (n * TAIL * (1.0 - TAIL)).sqrt();
        return whole((n * TAIL - reach).floor())..whole((n * TAIL + reach).ceil());
    }
    let (mut fewest, mut above) = (0, 0);
    let mut term = n * (1.0 - TAIL).ln();
    let mut sum = 0.0;
    loop {
        sum += term.exp();
        if sum <= alpha {
            fewest = above + 1;
        }
        if sum >= 1.0 - alpha || above == count {
            return fewest..above;
        }
        term += ((count - above) as f64 / (above + 1) as f64).ln() + (TAIL / (1.0 - TAIL)).ln();
        above += 1;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of requests above 100"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// The duration that so many are above; none if there are no more than that. Within a bucket durations are taken to be evenly
/// spread.
fn with_above(counts: &[u32], above: u64) -> Option<f64> {
    let mut passed = 0;
    for (bucket, count) in counts.iter().enumerate().rev() {
        let count = u64::from(*count);
        if passed + count > above {
            let Range { start, end } = bounds(bucket);
            let from_end = ((above - passed) as f64 + 0.5) / count as f64;
            return Some(end as f64 - from_end * (end - start) as f64);
        }
        passed += count;
    }
    None
}

/// The number that a standard normal variable does not exceed with this probability.
///
/// # Source
///
/// P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function", 2003. Off by a billionth
/// of the result at most.
fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const LOW: f64 = 0.024_25;
    let polynomial = |of: &[f64], at: f64| of.iter().fold(0.0, |sum, next| sum * at + next);
    if probability < LOW {
        let q = (-2.0 * probability.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    } else if probability > 1.0 - LOW {
        -normal_quantile(1.0 - probability)
    } else {
        let q = probability - 0.5;
        polynomial(&A, q * q) * q / polynomial(&B, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(bucket: usize, ns: f64) -> bool {
        let Range { start, end } = bounds(bucket);
        (start as f64..end as f64).contains(&ns)
    }

    fn near(one: f64, other: f64, within: f64) -> bool {
        (one - other).abs() <= within
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        for (probability, quantile) in [
            (0.5, 0.0),
            (0.975, 1.959_964),
            (0.95, 1.644_854),
            (0.99, 2.326_348),
            (0.999, 3.090_232),
            (0.025, -1.959_964),
            (1e-6, -4.753_424),
        ] {
            assert!(
                near(normal_quantile(probability), quantile, 1e-6),
                "{probability}"
            );
        }
    }

    // The first two rows of table II in Newcombe's article, at 95 %, so at 2.5 % on each side.
    #[test]
    fn the_difference_of_rates_is_as_published() {
        for ((a, m, b, n), (low, high)) in [
            ((56, 70, 48, 80), (0.0524, 0.3339)),
            ((9, 10, 3, 10), (0.1705, 0.8090)),
            ((10, 10, 0, 20), (0.6791, 1.0)),
        ] {
            let one = Share { some: a, of: m }.estimate(0.025);
            let other = Share { some: b, of: n }.estimate(0.025);
            let difference = difference(one, other);
            assert!(
                near(difference.low, low, 5e-4),
                "{a}/{m} {b}/{n}: {difference:?}"
            );
            assert!(
                near(difference.high, high, 5e-4),
                "{a}/{m} {b}/{n}: {difference:?}"
            );
        }
    }

    #[test]
    fn nothing_seen_says_nothing() {
        let nothing = Share { some: 0, of: 0 }.estimate(0.01);
        assert_eq!((nothing.low, nothing.high), (0.0, 1.0));
        assert_eq!(percentile(&[0, 0], 0.05), None);
    }

    #[test]
    fn a_percentile_has_an_upper_bound_from_299_on_at_5_percent() {
        for (count, is_bounded) in [(1, false), (298, false), (299, true), (300, true)] {
            let estimate = percentile(&[0, 0, count], 0.05).unwrap();
            assert_eq!(estimate.high.is_finite(), is_bounded, "{count}");
        }
        for (count, is_bounded) in [(458, false), (459, true)] {
            let estimate = percentile(&[0, 0, count], 0.01).unwrap();
            assert_eq!(estimate.high.is_finite(), is_bounded, "{count}");
        }
    }

    #[test]
    fn ranks_are_exact_where_they_are_few_and_agree_where_they_are_many() {
        // P(at most 4 of 1,000 at 1 %) = 0.0287, P(at most 5) = 0.0661; P(at most 15) = 0.952, P(at most 14) = 0.917.
        assert_eq!(ranks_above(1_000, 0.05), 5..15);
        let (few, many) = (ranks_above(20_000, 0.01), ranks_above(20_001, 0.01));
        assert!(few.start.abs_diff(many.start) <= 3, "{few:?} {many:?}");
        assert!(few.end.abs_diff(many.end) <= 4, "{few:?} {many:?}");
    }

    #[test]
    fn a_percentile_lies_between_its_bounds_in_the_bucket_that_holds_it() {
        // 980 durations in one bucket, 20 in a much later one: the percentile is one of those.
        let mut counts = vec![0; 300];
        (counts[100], counts[200]) = (980, 20);
        let estimate = percentile(&counts, 0.05).unwrap();
        assert!(holds(200, estimate.value), "{estimate:?}");
        assert!(holds(200, estimate.high), "{estimate:?}");
        assert!(estimate.low < estimate.value && estimate.value < estimate.high);

        // Ten are just the hundredth part: the one below them is the percentile.
        (counts[100], counts[200]) = (990, 10);
        let estimate = percentile(&counts, 0.05).unwrap();
        assert!(holds(100, estimate.value), "{estimate:?}");
        assert!(holds(200, estimate.high), "{estimate:?}");
    }

    #[test]
    fn a_ratio_with_an_unknown_bound_is_unknown_to_that_side() {
        let known = Estimate {
            low: 8.0,
            value: 10.0,
            high: 12.0,
        };
        let unknown = Estimate {
            low: 0.0,
            value: 10.0,
            high: f64::INFINITY,
        };
        let one = ratio(unknown, known);
        assert!(one.high.is_infinite() && one.low == 0.0, "{one:?}");
        let same = ratio(known, known);
        assert!(
            near(same.value, 1.0, 1e-9) && same.low > 0.7 && same.high < 1.4,
            "{same:?}"
        );
    }
}
