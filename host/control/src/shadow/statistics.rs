//! How much a count says: intervals for shares. Pure.

use mlwasm_types::shadow::Estimate;

/// The normal quantile of a two-sided interval of 95 %.
pub(super) const Z_95: f64 = 1.959_964;

/// A count among so many trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) count: u64,
    pub(super) of: u64,
}

impl Share {
    /// As counted; 0 of nothing.
    pub(super) fn rate(self) -> f64 {
        if self.of == 0 {
            return 0.0;
        }
        self.count as f64 / self.of as f64
    }

    /// The Wilson score interval: unlike the textbook's, it is right for counts of 0 and of a few.
    ///
    /// # Source
    ///
    /// E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927).
    pub(super) fn wilson(self, z: f64) -> Estimate {
        let rate = self.rate();
        if self.of == 0 {
            return Estimate {
                rate,
                low: 0.0,
                high: 1.0,
            };
        }
        let n = self.of as f64;
        let z2 = z * z;
        let center = rate + z2 / (2.0 * n);
        let spread = z * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        Estimate {
            rate,
            low: ((center - spread) / scale).clamp(0.0, rate),
            high: ((center + spread) / scale).clamp(rate, 1.0),
        }
    }

    /// What is left: those that were not counted.
    pub(super) fn rest(self) -> Self {
        Self {
            count: self.of - self.count,
            of: self.of,
        }
    }
}

/// The difference of two shares of the same trials: `more` of them had only the one, `less` only the other.
///
/// # Source
///
/// A. Agresti, Y. Min, Simple improved confidence intervals for comparing matched proportions, Statistics in Medicine 24
/// (2005): half a trial is added to each of the four cells.
pub(super) fn paired_difference(more: u64, less: u64, of: u64) -> Estimate {
    if of == 0 {
        return Estimate {
            rate: 0.0,
            low: -1.0,
            high: 1.0,
        };
    }
    let (b, c, n) = (more as f64 + 0.5, less as f64 + 0.5, of as f64 + 2.0);
    let center = (b - c) / n;
    let spread = Z_95 * (b + c - (b - c) * (b - c) / n).sqrt() / n;
    let rate = (more as f64 - less as f64) / of as f64;
    Estimate {
        rate,
        low: (center - spread).clamp(-1.0, rate),
        high: (center + spread).clamp(rate, 1.0),
    }
}

/// About how many more trials show that the share is at most `most`, if it stays as counted; none if it never would.
pub(super) fn trials_to_show(share: Share, most: f64) -> Option<u64> {
    /// Nobody waits for more.
    const LONGEST: u64 = 100_000_000;
    if share.rate() >= most {
        return None;
    }
    let shows = |of: u64| {
        let count = (share.rate() * of as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rounded count between 0 and `of`"
        )]
        let count = (count as u64).min(of);
        Share { count, of }.wilson(Z_95).high <= most
    };
    let (mut low, mut high) = (share.of, share.of.max(1));
    while !shows(high) {
        low = high;
        high *= 2;
        if high > LONGEST {
            return None;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if shows(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some((high - share.of).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 5e-5
    }

    #[test]
    fn wilsons_interval_is_the_published_one() {
        // Computed by hand from the formula; 0 of 10 and 10 of 10 are the usual examples.
        for (count, of, low, high) in [
            (0, 10, 0.0, 0.277_53),
            (10, 10, 0.722_47, 1.0),
            (5, 10, 0.236_59, 0.763_41),
            (1, 100, 0.001_77, 0.054_49),
            (50, 1_000, 0.038_13, 0.065_31),
            (0, 0, 0.0, 1.0),
        ] {
            let estimate = Share { count, of }.wilson(Z_95);
            assert!(
                close(estimate.low, low) && close(estimate.high, high),
                "{count}/{of}: {estimate:?}"
            );
        }
    }

    #[test]
    fn more_trials_narrow_the_interval() {
        let width = |of: u64| {
            let estimate = Share { count: of / 10, of }.wilson(Z_95);
            estimate.high - estimate.low
        };
        assert!(width(100) > width(1_000) && width(1_000) > width(10_000));
    }

    #[test]
    fn a_difference_of_matched_shares_holds_zero_when_both_fail_alike() {
        for (more, less, of, has_zero) in [
            (0, 0, 100, true),
            (5, 5, 100, true),
            (6, 5, 100, true),
            (20, 2, 100, false),
            (2, 20, 100, false),
        ] {
            let estimate = paired_difference(more, less, of);
            let holds = estimate.low <= 0.0 && 0.0 <= estimate.high;
            assert_eq!(holds, has_zero, "{more} {less} {of}: {estimate:?}");
        }
        let nothing = paired_difference(0, 0, 0);
        assert!(close(nothing.low, -1.0) && close(nothing.high, 1.0));
    }

    #[test]
    fn so_many_more_trials_are_enough_and_one_less_is_not() {
        // Without a mismatch the upper bound is z² / (n + z²): 765 trials for half a percent.
        assert_eq!(trials_to_show(Share { count: 0, of: 0 }, 0.005), Some(765));
        assert_eq!(trials_to_show(Share { count: 0, of: 700 }, 0.005), Some(65));
        assert_eq!(trials_to_show(Share { count: 1, of: 100 }, 0.005), None);
        let some = Share {
            count: 1,
            of: 1_000,
        };
        let more = trials_to_show(some, 0.005).unwrap();
        assert!(more > 1 && more < 1_000, "{more}");
    }
}
