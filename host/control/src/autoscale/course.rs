//! One deployment between its looks: when the next one is due, and what the former ones have left to remember.

use std::time::Duration;

use jiff::Timestamp;
use mlwasm_types::{ScaleSettings, status::ScaleReason};
use tokio::time::Instant;

use super::{
    decide::{Aim, Calm, Decision, Seen, decide},
    schedule::{Floor, floor_at},
};

/// The moment of a look, by both clocks: loads are timed by the one that never jumps, schedules by the one on the wall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) steady: Instant,
    pub(super) wall: Timestamp,
}

impl Now {
    /// What the machine's clocks say.
    pub(super) fn read() -> Self {
        Self {
            steady: Instant::now(),
            wall: Timestamp::now(),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Course {
    floor: Floor,
    /// When the floor was found, by the clock on the wall.
    found: Timestamp,
    calm: Option<Calm>,
    due: Instant,
}

impl Course {
    /// The course of a deployment that is looked at for the first time at once.
    pub(super) fn new(settings: &ScaleSettings, now: Now) -> Self {
        Self {
            floor: floor_at(settings, now.wall),
            found: now.wall,
            calm: None,
            due: now.steady,
        }
    }

    /// When the next look is due.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// What follows from what is seen now: another number of sandboxes, and why.
    pub(super) fn look(
        &mut self,
        settings: &ScaleSettings,
        now: Now,
        seen: Seen,
    ) -> Option<(u32, ScaleReason)> {
        // A clock that was set back may have passed a moment once more.
        if now.wall < self.found || self.floor.until.is_some_and(|until| now.wall >= until) {
            self.floor = floor_at(settings, now.wall);
            self.found = now.wall;
        }
        let aim = Aim {
            least: self.floor.instances,
            most: settings.max_instances.get(),
            busy_percent: settings.target_utilization_percentage,
        };
        match decide(now.steady, aim, seen, self.calm) {
            Decision::Keep(calm) => {
                self.calm = calm;
                None
            }
            Decision::Change(to, reason) => {
                self.calm = None;
                Some((to, reason))
            }
        }
    }

    /// Sets the next look: a whole number of intervals after `origin`, so that deployments of the same interval are looked
    /// at together; or before that, at the next moment of a schedule.
    pub(super) fn put_off(&mut self, settings: &ScaleSettings, now: Now, origin: Instant) {
        let interval = Duration::from_secs(settings.polling_interval.max(1).into());
        let passed = now.steady.duration_since(origin).as_nanos() / interval.as_nanos();
        let turns = u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(1);
        let regular = origin + interval.saturating_mul(turns);
        let moment = self.floor.until.and_then(|until| {
            let left = Duration::try_from(until.duration_since(now.wall)).ok()?;
            // The two clocks need not agree to the last digit.
            now.steady.checked_add(left + Duration::from_millis(1))
        });
        self.due = moment.map_or(regular, |moment| moment.min(regular));
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use mlwasm_types::{ScaleKind, ScaleSchedule};

    use super::*;

    fn settings(interval: u32, cron: Option<&str>) -> ScaleSettings {
        let schedule = |cron: &str| ScaleSchedule {
            cron: cron.parse().unwrap(),
            min_instances: 4,
        };
        ScaleSettings {
            kind: ScaleKind::TargetUtilization,
            max_instances: NonZeroU32::new(8).unwrap(),
            polling_interval: interval,
            schedules: cron.map(schedule).into_iter().collect(),
            ..ScaleSettings::default()
        }
    }

    fn wall(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const IDLE: Seen = Seen { wanted: 1, peak: 0 };

    #[test]
    fn looks_are_due_on_a_grid_of_their_interval() {
        let origin = Instant::now();
        for (interval, at, due) in [
            (1, 0, 1_000),
            (1, 999, 1_000),
            (1, 1_000, 2_000),
            (1, 1_001, 2_000),
            (45, 1_000, 45_000),
            (3_600, 3_600_000, 7_200_000),
        ] {
            let settings = settings(interval, None);
            let now = Now {
                steady: origin + Duration::from_millis(at),
                wall: wall("2026-03-09T07:00:00Z"),
            };
            let mut course = Course::new(&settings, now);
            assert_eq!(course.due(), now.steady);
            course.put_off(&settings, now, origin);
            assert_eq!(
                course.due(),
                origin + Duration::from_millis(due),
                "{interval} {at}"
            );
        }
    }

    #[test]
    fn a_schedules_moment_is_looked_at_in_time_however_long_the_interval() {
        let settings = settings(3_600, Some("0 8 * * *"));
        let origin = Instant::now();
        let now = Now {
            steady: origin,
            wall: wall("2026-03-09T07:59:50Z"),
        };
        let mut course = Course::new(&settings, now);
        course.put_off(&settings, now, origin);
        assert_eq!(course.due(), origin + Duration::from_millis(10_001));
    }

    #[test]
    fn the_floor_moves_with_the_clock_on_the_wall_in_both_directions() {
        let mut settings = settings(1, Some("0 8 * * *"));
        settings.schedules.push(ScaleSchedule {
            cron: "0 20 * * *".parse().unwrap(),
            min_instances: 1,
        });
        let at = |time: &str| Now {
            steady: Instant::now(),
            wall: wall(time),
        };
        let mut course = Course::new(&settings, at("2026-03-09T07:59:59Z"));
        assert_eq!(
            course.look(&settings, at("2026-03-09T07:59:59Z"), IDLE),
            None
        );
        let raised = Some((4, ScaleReason::Schedule));
        assert_eq!(
            course.look(&settings, at("2026-03-09T08:00:00Z"), IDLE),
            raised
        );
        assert_eq!(
            course.look(&settings, at("2026-03-09T20:00:00Z"), IDLE),
            None
        );
        // Set back by hand.
        assert_eq!(
            course.look(&settings, at("2026-03-09T19:00:00Z"), IDLE),
            raised
        );
    }

    #[test]
    fn a_minute_of_the_steady_clock_and_no_less_makes_it_shrink() {
        let settings = settings(1, None);
        let origin = Instant::now();
        // The clock on the wall stands still.
        let at = |steady| Now {
            steady,
            wall: wall("2026-03-09T07:00:00Z"),
        };
        let mut course = Course::new(&settings, at(origin));
        let mut looks = 0;
        let change = loop {
            // Each look comes when it is due.
            let now = at(course.due());
            looks += 1;
            let seen = Seen { wanted: 8, peak: 2 };
            if let Some(change) = course.look(&settings, now, seen) {
                break change;
            }
            course.put_off(&settings, now, origin);
        };
        assert_eq!(change, (3, ScaleReason::BelowTarget));
        let passed = course.due().duration_since(origin);
        assert_eq!((looks, passed), (61, Duration::from_secs(60)));
    }
}
