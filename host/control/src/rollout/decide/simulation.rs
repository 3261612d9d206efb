//! Two hundred stages each of candidates that are as good, that err more and that are slower: how often the verdict is wrong.
//!
//! Seeded, so it is the same every time. The figures are those of docs/decisions/0013-rollouts.md.

use std::{f64::consts::TAU, time::Duration};

use mlwasm_routing::meters::Latencies;

use super::*;

const STAGES: u32 = 200;
/// Then the operator would look for himself.
const LOOKS: u32 = 10;

/// What a deployment is like.
#[derive(Clone, Copy)]
struct Nature {
    errors: f64,
    median_ms: f64,
}

/// Good answers take a log-normal time: the 99th percentile is 3.2 times the median.
const SPREAD: f64 = 0.5;

const BASELINE: Nature = Nature {
    errors: 0.005,
    median_ms: 20.0,
};

/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (one, other) = (1.0 - self.next(), self.next());
        (-2.0 * one.ln()).sqrt() * (TAU * other).cos()
    }
}

/// A deployment's window, which grows.
struct Course {
    nature: Nature,
    requests: u64,
    errors: u64,
    latencies: Latencies,
}

impl Course {
    fn new(nature: Nature) -> Self {
        Self {
            nature,
            requests: 0,
            errors: 0,
            latencies: Latencies::default(),
        }
    }

    fn serve(&mut self, count: u64, chance: &mut Chance) {
        for _ in 0..count {
            self.requests += 1;
            if chance.next() < self.nature.errors {
                self.errors += 1;
            } else {
                let ms = self.nature.median_ms * (SPREAD * chance.normal()).exp();
                self.latencies
                    .observe(Duration::from_secs_f64(ms / 1_000.0));
            }
        }
    }

    fn window(&self) -> Window {
        Window {
            requests: self.requests,
            errors: self.errors,
            overloaded: 0,
            latencies: self.latencies.read(),
        }
    }
}

/// How many stages ended so, and after how many looks in the middle.
#[derive(Debug, Default)]
struct Ends {
    promoted: u32,
    rolled_back: u32,
    held: u32,
    looks: Vec<u32>,
}

/// Stages of a candidate at `share` percent, of `requests` to both in each interval.
fn simulate(candidate: Nature, share: u64, requests: u64) -> Ends {
    let names = ["green", "blue"].map(|name| DeploymentName::new(name).unwrap());
    let plan = RolloutPlan {
        max_p99_ratio: Some(1.2),
        ..RolloutPlan::to(names[0].clone())
    };
    let mut chance = Chance(20_260_309);
    let mut ends = Ends::default();
    for _ in 0..STAGES {
        let mut courses = [Course::new(candidate), Course::new(BASELINE)];
        let end = (1..=LOOKS).find_map(|look| {
            let of_candidate = requests * share / 100;
            courses[0].serve(of_candidate, &mut chance);
            courses[1].serve(requests - of_candidate, &mut chance);
            let windows = courses.each_ref().map(Course::window);
            let side = |i: usize| Side {
                name: &names[i],
                window: &windows[i],
            };
            let sides = Sides {
                candidate: side(0),
                baseline: side(1),
            };
            let verdict = decide(&plan, sides, look).verdict;
            (verdict != Verdict::Hold).then_some((verdict, look))
        });
        match end {
            Some((Verdict::Promote, look)) => {
                ends.promoted += 1;
                ends.looks.push(look);
            }
            Some((_, look)) => {
                ends.rolled_back += 1;
                ends.looks.push(look);
            }
            None => ends.held += 1,
        }
    }
    ends.looks.sort_unstable();
    ends
}

/// Prints the row of the decision record, so that it can be brought up to date, and checks it.
fn check(what: &str, candidate: Nature, is_right: impl Fn(&Ends) -> bool) {
    for (share, requests) in [(10, 3_000), (50, 3_000)] {
        let ends = simulate(candidate, share, requests);
        let middle = ends.looks.get(ends.looks.len() / 2).copied();
        println!(
            "| {what} | {share} % of {requests} | {} | {} | {} | {} |",
            ends.promoted,
            ends.rolled_back,
            ends.held,
            middle.map_or("-".to_owned(), |look| look.to_string())
        );
        assert!(is_right(&ends), "{what} at {share} %: {ends:?}");
    }
}

/// A rate of 1 % in 200 stages, and as many more as chance may add in one of a thousand cases.
const MOST_WRONG_ROLL_BACKS: u32 = 8;
/// The same of 5 %.
const MOST_WRONG_PROMOTIONS: u32 = 20;

#[test]
fn an_equal_candidate_is_promoted_and_hardly_ever_rolled_back() {
    check("equal", BASELINE, |ends| {
        ends.rolled_back <= MOST_WRONG_ROLL_BACKS && ends.promoted >= 150
    });
}

#[test]
fn a_candidate_that_errs_5_percent_more_is_rolled_back_and_hardly_ever_promoted() {
    let errs = Nature {
        errors: BASELINE.errors + 0.05,
        ..BASELINE
    };
    check("errs 5 % more", errs, |ends| {
        ends.promoted <= MOST_WRONG_PROMOTIONS && ends.rolled_back >= 190
    });
}

#[test]
fn a_candidate_that_is_30_percent_slower_is_hardly_ever_promoted() {
    let slow = Nature {
        median_ms: BASELINE.median_ms * 1.3,
        ..BASELINE
    };
    check("30 % slower", slow, |ends| {
        ends.promoted <= MOST_WRONG_PROMOTIONS
    });
}

/// The worst case: every verdict but to hold is a mistake to someone, and the bounds are made for it.
#[test]
fn a_candidate_at_the_very_limit_is_decided_wrongly_no_oftener_than_stated() {
    let limit = Nature {
        errors: BASELINE.errors + 0.01,
        ..BASELINE
    };
    check("errs 1 % more, the limit", limit, |ends| {
        ends.promoted <= MOST_WRONG_PROMOTIONS && ends.rolled_back <= MOST_WRONG_ROLL_BACKS
    });
}
