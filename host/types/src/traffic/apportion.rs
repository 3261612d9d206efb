//! A split in which one deployment gets a given share and the others keep their proportions.

use std::cmp::Reverse;

use super::TrafficSplit;
use crate::{DeploymentName, Percent};

impl TrafficSplit {
    /// This split with `share` for `name`. The others keep their proportions of the rest, in whole percents by the largest
    /// remainders, so that the sum stays 100; of equal remainders the first by name is rounded up.
    ///
    /// If nobody else has a share, nobody can get the rest: then `name` keeps what it has.
    #[must_use]
    pub fn with_share(&self, name: &DeploymentName, share: Percent) -> Self {
        let others = || self.shares().filter(|(other, _)| *other != name);
        let whole: u32 = others().map(|(_, share)| u32::from(share.get())).sum();
        if whole == 0 {
            return self.clone();
        }
        let rest = 100 - u32::from(share.get());
        let mut parts: Vec<_> = others()
            .map(|(other, share)| {
                let exact = u32::from(share.get()) * rest;
                (other, exact / whole, exact % whole)
            })
            .collect();
        let given: u32 = parts.iter().map(|(_, part, _)| part).sum();
        // Stable: equal remainders stay in the order of names.
        parts.sort_by_key(|(_, _, remainder)| Reverse(*remainder));
        // There are fewer left over than parts with a remainder, so nobody without a share is given one.
        for (_, part, _) in parts.iter_mut().take((rest - given) as usize) {
            *part += 1;
        }
        let mut shares: Vec<_> = parts
            .into_iter()
            .map(|(other, part, _)| (other.clone(), percent(part)))
            .collect();
        shares.push((name.clone(), share));
        Self {
            shares: shares.into_iter().collect(),
        }
    }
}

fn percent(number: u32) -> Percent {
    // A part of at most 100.
    Percent::new(i64::from(number)).unwrap_or(Percent::ALL)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stepped(split: &str, share: i64) -> String {
        let split: TrafficSplit = split.parse().unwrap();
        let green = DeploymentName::new("green").unwrap();
        split
            .with_share(&green, Percent::new(share).unwrap())
            .to_string()
    }

    #[test]
    fn the_others_keep_their_proportions_of_the_rest() {
        for (split, share, expected) in [
            ("blue=100", 5, "blue=95 green=5"),
            ("blue=100", 99, "blue=1 green=99"),
            ("blue=100", 100, "blue=0 green=100"),
            ("blue=100", 0, "blue=100 green=0"),
            ("blue=90 green=10", 25, "blue=75 green=25"),
            ("blue=50 red=50", 50, "blue=25 green=50 red=25"),
            // 47.5 each: one percent is left over, and goes to the first by name.
            ("blue=50 red=50", 5, "blue=48 green=5 red=47"),
            // 66.5 and 28.5.
            ("blue=70 red=30", 5, "blue=67 green=5 red=28"),
            // 31.35, 31.35 and 32.3: the largest remainders win.
            (
                "blue=33 red=33 white=34",
                5,
                "blue=32 green=5 red=31 white=32",
            ),
            // 0.5 of a percent for red.
            ("blue=99 red=1", 50, "blue=50 green=50 red=0"),
            ("blue=100 red=0", 50, "blue=50 green=50 red=0"),
            // Nobody to give the rest to.
            ("green=100", 50, "green=100"),
        ] {
            assert_eq!(stepped(split, share), expected, "{split} {share}");
        }
    }

    proptest! {
        #[test]
        fn a_step_sums_to_100_and_is_within_a_percent_of_the_proportions(
            cuts in prop::collection::vec(0..=100_i64, 3), share in 0..=100_i64,
        ) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let parts = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], 100 - cuts[2]];
            let names = ["a", "b", "c", "green"];
            let written: Vec<_> = names.iter().zip(parts).map(|(n, p)| format!("{n}={p}")).collect();
            let split: TrafficSplit = written.join(" ").parse().unwrap();
            let green = DeploymentName::new("green").unwrap();
            prop_assume!(split.share(&green) < Percent::ALL);

            let after = split.with_share(&green, Percent::new(share).unwrap());

            let sum: i64 = after.shares().map(|(_, share)| i64::from(share.get())).sum();
            prop_assert_eq!(sum, 100);
            prop_assert_eq!(i64::from(after.share(&green).get()), share);
            let whole = (100 - parts[3]) as f64;
            for (name, part) in names.iter().zip(parts).take(3) {
                let exact = part as f64 * (100 - share) as f64 / whole;
                let got = f64::from(after.share(&DeploymentName::new(name).unwrap()).get());
                prop_assert!((got - exact).abs() < 1.0, "{name}: {got} for {exact}");
            }
        }
    }
}
