//! How many sandboxes a deployment needs: a pure function, so that its cases are a table.
//!
//! Growing is urgent, since requests wait: one step, to what the load needs. Shrinking is not: only what a whole minute did
//! not need goes, so that a load that comes in waves does not make a sandbox for each wave.

use std::time::Duration;

use mlwasm_types::status::ScaleReason;
use tokio::time::Instant;

/// How long fewer sandboxes must have been enough before there are fewer.
const CALM: Duration = Duration::from_secs(60);

/// What one deployment may have and aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aim {
    /// The least that there shall be: the floor of its schedules.
    pub(super) least: u32,
    /// The most.
    pub(super) most: u32,
    /// The share of the sandboxes that shall be busy at the most, in percent, from 1.
    pub(super) busy_percent: u8,
}

/// What was seen of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// How many sandboxes there shall be so far.
    pub(super) wanted: u32,
    /// The most requests that ran or waited at once, since the last look.
    pub(super) peak: u64,
}

/// Since when fewer sandboxes would have been enough, and how many requests there were at once meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calm {
    since: Instant,
    peak: u64,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// As many as before; what to remember for the next look.
    Keep(Option<Calm>),
    /// Another number, and why. There is nothing to remember.
    Change(u32, ScaleReason),
}

/// What to do at `now`, after `calm`.
pub(super) fn decide(now: Instant, aim: Aim, seen: Seen, calm: Option<Calm>) -> Decision {
    let needed = aim.needed(seen.peak);
    if needed > seen.wanted {
        let reason = if aim.for_load(seen.peak) > seen.wanted {
            ScaleReason::AboveTarget
        } else {
            ScaleReason::Schedule
        };
        return Decision::Change(needed, reason);
    }
    if needed == seen.wanted {
        return Decision::Keep(None);
    }
    let calm = match calm {
        Some(calm) => Calm {
            peak: calm.peak.max(seen.peak),
            ..calm
        },
        None => Calm {
            since: now,
            peak: seen.peak,
        },
    };
    if now.duration_since(calm.since) < CALM {
        return Decision::Keep(Some(calm));
    }
    Decision::Change(aim.needed(calm.peak), ScaleReason::BelowTarget)
}

impl Aim {
    /// How many sandboxes `requests` at once need, within the bounds.
    fn needed(self, requests: u64) -> u32 {
        self.for_load(requests).max(self.least.min(self.most))
    }

    /// How many sandboxes keep no larger share than aimed at busy with `requests`, up to the most.
    fn for_load(self, requests: u64) -> u32 {
        let sandboxes = requests
            .saturating_mul(100)
            .div_ceil(self.busy_percent.max(1).into());
        u32::try_from(sandboxes).unwrap_or(u32::MAX).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use ScaleReason::{AboveTarget, BelowTarget, Schedule};

    use super::*;

    const AIM: Aim = Aim {
        least: 1,
        most: 8,
        busy_percent: 70,
    };

    fn seen(wanted: u32, peak: u64) -> Seen {
        Seen { wanted, peak }
    }

    /// Looks once a second, or each `pace`, at loads in turn, and returns how many sandboxes there are after each.
    fn course(aim: Aim, start: u32, pace: u64, loads: impl IntoIterator<Item = u64>) -> Vec<u32> {
        let begun = Instant::now();
        let (mut wanted, mut calm) = (start, None);
        let look = |(i, peak)| {
            let now = begun + Duration::from_secs(pace * i as u64);
            match decide(now, aim, seen(wanted, peak), calm) {
                Decision::Keep(remembered) => calm = remembered,
                Decision::Change(to, _) => (wanted, calm) = (to, None),
            }
            wanted
        };
        loads.into_iter().enumerate().map(look).collect()
    }

    #[test]
    fn it_grows_in_one_step_to_what_the_load_needs() {
        let now = Instant::now();
        for (aim, wanted, peak, expected) in [
            // 70 % of 1, 2, 3 … are busy with less than 1, 1, 2 … requests.
            (AIM, 1, 0, None),
            (AIM, 1, 1, Some((2, AboveTarget))),
            (AIM, 2, 1, None),
            (AIM, 2, 2, Some((3, AboveTarget))),
            (AIM, 1, 5, Some((8, AboveTarget))),
            // The most is the most.
            (AIM, 1, 6, Some((8, AboveTarget))),
            (AIM, 8, 16, None),
            (AIM, 8, u64::MAX, None),
            // At the very share and one request above it.
            (
                Aim {
                    busy_percent: 50,
                    ..AIM
                },
                4,
                2,
                None,
            ),
            (
                Aim {
                    busy_percent: 50,
                    ..AIM
                },
                4,
                3,
                Some((6, AboveTarget)),
            ),
            (
                Aim {
                    busy_percent: 100,
                    ..AIM
                },
                3,
                3,
                None,
            ),
            (
                Aim {
                    busy_percent: 100,
                    ..AIM
                },
                3,
                4,
                Some((4, AboveTarget)),
            ),
            (
                Aim {
                    busy_percent: 1,
                    ..AIM
                },
                3,
                1,
                Some((8, AboveTarget)),
            ),
            // From nothing.
            (Aim { least: 0, ..AIM }, 0, 0, None),
            (Aim { least: 0, ..AIM }, 0, 1, Some((2, AboveTarget))),
            // By the schedule, and by the load when that wants more.
            (Aim { least: 4, ..AIM }, 1, 0, Some((4, Schedule))),
            (Aim { least: 4, ..AIM }, 1, 5, Some((8, AboveTarget))),
            (Aim { least: 4, ..AIM }, 2, 2, Some((4, AboveTarget))),
            (Aim { least: 4, ..AIM }, 4, 0, None),
        ] {
            let change = match decide(now, aim, seen(wanted, peak), None) {
                Decision::Keep(_) => None,
                Decision::Change(to, reason) => Some((to, reason)),
            };
            assert_eq!(change, expected, "{aim:?} {wanted} {peak}");
        }
    }

    #[test]
    fn it_shrinks_after_a_minute_to_what_that_minute_needed_at_most() {
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let Decision::Keep(calm) = decide(begun, AIM, seen(8, 1), None) else {
            panic!("too early");
        };
        let Decision::Keep(calm) = decide(after(30), AIM, seen(8, 2), calm) else {
            panic!("too early");
        };
        let almost = after(60) - Duration::from_nanos(1);
        let Decision::Keep(calm) = decide(almost, AIM, seen(8, 0), calm) else {
            panic!("too early");
        };
        assert_eq!(
            decide(after(60), AIM, seen(8, 0), calm),
            Decision::Change(3, BelowTarget)
        );
    }

    #[test]
    fn one_busy_moment_begins_the_minute_anew() {
        // 8 sandboxes; 5 requests need them all, 4 do not.
        let loads = (0..=120).map(|second| if second == 59 { 5 } else { 4 });
        let course = course(AIM, 8, 1, loads);
        assert_eq!(course.iter().position(|wanted| *wanted != 8), Some(120));
        assert_eq!(course[120], 6);
    }

    #[test]
    fn waves_at_the_boundary_do_not_make_it_flap() {
        // Each needs 2 or 3.
        let course = course(AIM, 3, 1, (0..600).map(|second| 1 + second % 2));
        assert!(course.iter().all(|wanted| *wanted == 3), "{course:?}");
        // Just what is needed, for ever.
        let course = self::course(AIM, 3, 1, [2; 600]);
        assert!(course.iter().all(|wanted| *wanted == 3), "{course:?}");
    }

    #[test]
    fn it_never_shrinks_below_the_floor_and_to_nothing_only_from_a_floor_of_nothing() {
        for (least, quiet, expected) in [
            (0, 0, 0),
            (1, 0, 1),
            (3, 0, 3),
            (3, 1, 3),
            (0, 1, 2),
            (9, 0, 8),
        ] {
            let aim = Aim { least, ..AIM };
            let course = course(aim, 8, 1, [quiet; 600]);
            assert_eq!(course.last(), Some(&expected), "{least} {quiet}");
            let changes = course.windows(2).filter(|pair| pair[0] != pair[1]).count();
            assert!(changes <= 1, "{course:?}");
        }
    }

    #[test]
    fn a_slow_pace_shrinks_at_the_first_look_after_the_minute() {
        let course = course(AIM, 8, 45, [0; 4]);
        assert_eq!(course, [8, 8, 1, 1]);
    }

    #[test]
    fn a_floor_that_falls_waits_for_a_minute_too() {
        let begun = Instant::now();
        let kept = decide(begun, Aim { least: 4, ..AIM }, seen(4, 0), None);
        assert_eq!(kept, Decision::Keep(None));
        let later = begun + Duration::from_secs(600);
        assert!(matches!(
            decide(later, AIM, seen(4, 0), None),
            Decision::Keep(Some(_))
        ));
    }
}
