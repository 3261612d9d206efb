use Verdict::{Hold, Promote, RollBack};
use mlwasm_routing::meters::Latencies;

use super::*;

/// What one of the two did: requests, errors, requests without room, and the milliseconds of its good answers, in turn.
type Did = (u64, u64, u64, &'static [u64]);

fn window((requests, errors, overloaded, ms): Did) -> Window {
    let latencies = Latencies::default();
    for i in 0..requests - errors {
        let ms = ms[usize::try_from(i).unwrap() % ms.len()];
        latencies.observe(std::time::Duration::from_millis(ms));
    }
    Window {
        requests,
        errors,
        overloaded,
        latencies: latencies.read(),
    }
}

fn plan(max_p99_ratio: Option<f64>) -> RolloutPlan {
    RolloutPlan {
        max_p99_ratio,
        ..RolloutPlan::to(DeploymentName::new("green").unwrap())
    }
}

fn judged(max_p99_ratio: Option<f64>, green: Did, blue: Did, look: u32) -> Judgement {
    let names = ["green", "blue"].map(|name| DeploymentName::new(name).unwrap());
    let windows = [window(green), window(blue)];
    let side = |i: usize| Side {
        name: &names[i],
        window: &windows[i],
    };
    let sides = Sides {
        candidate: side(0),
        baseline: side(1),
    };
    decide(&plan(max_p99_ratio), sides, look)
}

const EVEN: &[u64] = &[10];
/// One of fifty takes ten times as long: the 99th percentile is 100 ms.
const TAILED: &[u64] = &{
    let mut ms = [10; 50];
    ms[0] = 100;
    ms
};
const SLOW_TAIL: &[u64] = &{
    let mut ms = [10; 50];
    ms[0] = 150;
    ms
};

/// Each row: the verdict, of the candidate's numbers and of the baseline's, at a look.
fn check(max_p99_ratio: Option<f64>, rows: &[(Verdict, Did, Did, u32)]) {
    for (verdict, green, blue, look) in rows {
        let judgement = judged(max_p99_ratio, *green, *blue, *look);
        let reason = &judgement.reason;
        assert_eq!(judgement.verdict, *verdict, "{green:?} {blue:?}: {reason}");
    }
}

#[test]
fn too_little_data_holds_whatever_it_says() {
    check(
        None,
        &[
            (Hold, (49, 0, 0, EVEN), (1_000, 0, 0, EVEN), 1),
            (Hold, (49, 49, 0, EVEN), (1_000, 0, 0, EVEN), 1),
            (Hold, (1_000, 0, 0, EVEN), (49, 0, 0, EVEN), 1),
            (RollBack, (50, 50, 0, EVEN), (50, 0, 0, EVEN), 1),
            // Fifty without an error could as well have had two by luck.
            (Hold, (50, 0, 0, EVEN), (1_000, 0, 0, EVEN), 1),
            (Promote, (400, 0, 0, EVEN), (4_000, 0, 0, EVEN), 1),
            // The same at a later look is not enough: another chance to be wrong.
            (Hold, (400, 0, 0, EVEN), (4_000, 0, 0, EVEN), 2),
        ],
    );
}

#[test]
fn errors_are_counted_above_those_of_the_baseline() {
    check(
        None,
        &[
            (RollBack, (50, 20, 0, EVEN), (1_000, 0, 0, EVEN), 1),
            (Hold, (100, 3, 0, EVEN), (1_000, 0, 0, EVEN), 1),
            // As many as the baseline has are allowed, also if that is many.
            (
                Promote,
                (20_000, 2_000, 0, EVEN),
                (20_000, 2_000, 0, EVEN),
                1,
            ),
            (
                RollBack,
                (20_000, 2_600, 0, EVEN),
                (20_000, 2_000, 0, EVEN),
                1,
            ),
        ],
    );
}

#[test]
fn want_of_room_counts_where_only_the_candidate_has_it() {
    check(
        None,
        &[
            (
                Promote,
                (20_000, 0, 2_000, EVEN),
                (20_000, 0, 2_000, EVEN),
                1,
            ),
            (RollBack, (1_000, 0, 200, EVEN), (1_000, 0, 0, EVEN), 1),
            // That of the baseline makes up for no errors.
            (RollBack, (1_000, 50, 0, EVEN), (1_000, 0, 200, EVEN), 1),
            // A window of nothing else is data, too.
            (RollBack, (0, 0, 200, EVEN), (1_000, 0, 0, EVEN), 1),
        ],
    );
}

#[test]
fn the_percentile_is_compared_if_the_plan_says_so() {
    check(
        Some(1.2),
        &[
            (Promote, (5_000, 0, 0, TAILED), (5_000, 0, 0, TAILED), 1),
            (RollBack, (5_000, 0, 0, SLOW_TAIL), (5_000, 0, 0, TAILED), 1),
            (Promote, (5_000, 0, 0, TAILED), (5_000, 0, 0, SLOW_TAIL), 1),
            (Hold, (300, 0, 0, TAILED), (5_000, 0, 0, TAILED), 1),
            // Without a good answer there is no percentile, and none is needed.
            (RollBack, (100, 100, 0, EVEN), (1_000, 0, 0, EVEN), 1),
        ],
    );
    check(
        None,
        &[(Promote, (5_000, 0, 0, SLOW_TAIL), (5_000, 0, 0, TAILED), 1)],
    );
}

#[test]
fn a_reason_has_the_numbers_it_was_made_on() {
    for (green, blue, reason) in [
        (
            (12, 0, 0, EVEN),
            (230, 0, 0, EVEN),
            "too little data: of 50 requests that each needs green has 12, blue has 230",
        ),
        (
            (100, 20, 0, EVEN),
            (900, 9, 0, EVEN),
            "green does worse than allowed: errors: green 20 of 100 (20.00%), blue 9 of 900 (1.00%), which is \
             +19.00 points (likely +12.28 to +27.90), +1.00 are allowed",
        ),
    ] {
        assert_eq!(judged(None, green, blue, 1).reason, reason);
    }
    let slow = judged(
        Some(1.2),
        (5_000, 0, 0, SLOW_TAIL),
        (5_000, 0, 0, TAILED),
        1,
    )
    .reason;
    assert!(
        slow.contains("which is 1.49 times as long") && slow.ends_with("1.2 are allowed"),
        "{slow}"
    );
}

#[test]
fn what_may_go_wrong_over_all_looks_is_bounded() {
    let looks = (1..10_000).map(Risk::at);
    let (roll_back, promotion) = looks.fold((0.0, 0.0), |(one, other), risk| {
        (one + risk.roll_back * COMPARISONS, other + risk.promotion)
    });
    assert!(roll_back <= WRONG_ROLL_BACKS && promotion <= WRONG_PROMOTIONS);
}
