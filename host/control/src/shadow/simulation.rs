//! How often verdicts err, and how soon they come: simulated runs with known truths. The table of
//! docs/decisions/0012-shadow-verdicts.md is what the test below prints.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use mlwasm_routing::shadow::{PairSource, ShadowAnswer, ShadowBody, ShadowPair};
use mlwasm_types::{
    ShadowSettings,
    shadow::{DifferenceKind, ShadowVerdict},
};

use super::{
    compare::{Difference, STATUS},
    tally::Tally,
    verdict::decide,
};

/// Runs of each kind.
const RUNS: u64 = 200;
/// Comparisons after which a run is given up without a verdict.
const LONGEST: u64 = 20_000;
/// Comparisons between two looks at the verdict. Each look is a chance to err.
const LOOK: u64 = 100;

/// Numbers that look random and are the same in every run (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Between 0 and 1.
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn happens(&mut self, share: f64) -> bool {
        self.uniform() < share
    }

    /// Times of a scorer: their logarithms are normal, with a standard deviation of 0.25.
    fn time(&mut self, median: Duration) -> Duration {
        let (one, other) = (self.uniform().max(1e-300), self.uniform());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos();
        median.mul_f64((0.25 * normal).exp())
    }
}

/// What is true of a target.
struct Truth {
    name: &'static str,
    errs: f64,
    flips: f64,
    slowness: f64,
    expected: ShadowVerdict,
}

const TRUTHS: [Truth; 6] = [
    Truth {
        name: "equal",
        errs: 0.0,
        flips: 0.0,
        slowness: 1.0,
        expected: ShadowVerdict::Promote,
    },
    Truth {
        name: "flips 0.1 % of the labels",
        errs: 0.0,
        flips: 0.001,
        slowness: 1.0,
        expected: ShadowVerdict::Promote,
    },
    Truth {
        name: "flips 1 % of the labels",
        errs: 0.0,
        flips: 0.01,
        slowness: 1.0,
        expected: ShadowVerdict::Reject,
    },
    Truth {
        name: "fails 5 % more often",
        errs: 0.05,
        flips: 0.0,
        slowness: 1.0,
        expected: ShadowVerdict::Reject,
    },
    Truth {
        name: "takes 30 % longer",
        errs: 0.0,
        flips: 0.0,
        slowness: 1.3,
        expected: ShadowVerdict::Reject,
    },
    Truth {
        name: "takes 5 % longer",
        errs: 0.0,
        flips: 0.0,
        slowness: 1.05,
        expected: ShadowVerdict::Promote,
    },
];

fn answer(status: u16, guest: Duration) -> ShadowAnswer {
    ShadowAnswer {
        status,
        content_type: None,
        body: ShadowBody::Kept(Bytes::new()),
        guest,
        infer: Duration::ZERO,
    }
}

fn difference(path: &str, kind: DifferenceKind) -> Vec<Difference> {
    vec![Difference {
        path: path.to_owned(),
        kind,
        live: "a".to_owned(),
        mirror: "b".to_owned(),
    }]
}

impl Truth {
    /// The first verdict that is not to wait, and after how many comparisons; none if there is none.
    fn run(&self, seed: u64) -> Option<(ShadowVerdict, u64)> {
        let mut random = Random::new(seed);
        let mut tally = Tally::new(Timestamp::UNIX_EPOCH, Instant::now());
        let settings = ShadowSettings::default();
        let median = Duration::from_millis(5);
        for _ in 0..10 {
            tally.take_replay(Vec::new());
        }
        for count in 1..=LONGEST {
            let (live, mirror) = (
                random.time(median),
                random.time(median.mul_f64(self.slowness)),
            );
            // Either fails now and then, as scorers do: not at the same requests.
            let (status, differences) = if random.happens(self.errs) {
                (424, difference(STATUS, DifferenceKind::Status))
            } else if random.happens(self.flips) {
                (200, difference("$.label", DifferenceKind::Label))
            } else {
                (200, Vec::new())
            };
            let pair = ShadowPair {
                request_id: String::new(),
                arrived: tally.begun,
                live: answer(200, live),
                other: answer(status, mirror),
                source: PairSource::Mirror,
            };
            tally.take(&pair, differences, Timestamp::UNIX_EPOCH);
            if count % LOOK == 0 {
                let verdict = decide(&tally.evidence(), &settings).verdict;
                if verdict != ShadowVerdict::Hold {
                    return Some((verdict, count));
                }
            }
        }
        None
    }

    /// A row of the table, and how many verdicts were false.
    fn row(&self) -> (String, u64) {
        let mut taken = Vec::new();
        let mut wrong = 0;
        for seed in 0..RUNS {
            match self.run(seed) {
                Some((verdict, count)) => {
                    wrong += u64::from(verdict != self.expected);
                    taken.push(count);
                }
                None => taken.push(u64::MAX),
            }
        }
        taken.sort_unstable();
        let at = |index: usize| match taken[index] {
            u64::MAX => "not".to_owned(),
            count => count.to_string(),
        };
        let undecided = taken.iter().filter(|count| **count == u64::MAX).count();
        let row = format!(
            "| {} | {} | {wrong} | {undecided} | {} | {} |",
            self.name,
            self.expected,
            at(taken.len() / 2),
            at(taken.len() * 95 / 100)
        );
        (row, wrong)
    }
}

#[test]
fn verdicts_are_seldom_false_and_come_after_thousands_of_comparisons() {
    let mut table = String::new();
    for truth in &TRUTHS {
        let (row, wrong) = truth.row();
        writeln!(table, "{row}").unwrap();
        // Two in a hundred, of 200 runs that were looked at a hundred times each.
        assert!(wrong <= 4, "{row}");
    }
    insta::assert_snapshot!(table, @"
    | equal | promote | 0 | 0 | 800 | 1200 |
    | flips 0.1 % of the labels | promote | 0 | 0 | 1200 | 2100 |
    | flips 1 % of the labels | reject | 0 | 0 | 1000 | 4000 |
    | fails 5 % more often | reject | 0 | 0 | 100 | 200 |
    | takes 30 % longer | reject | 0 | 0 | 2400 | 5800 |
    | takes 5 % longer | promote | 0 | 0 | 900 | 1800 |
    ");
}
