//! What schedules make of `min_instances`: pure functions of the time.
//!
//! A schedule holds from its moment on until the next one's. So the one that holds now is the one whose moment came last,
//! however long ago; nothing has to be remembered over a restart.

use jiff::Timestamp;
use mlwasm_types::ScaleSettings;

/// The least number of sandboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Floor {
    /// How many.
    pub(crate) instances: u32,
    /// The next moment of any schedule; none if there is none in sight.
    pub(crate) until: Option<Timestamp>,
}

/// The least number of sandboxes at `now`.
///
/// Of schedules with the same moment the one that is listed last wins. Before the first moment of all `min_instances` holds.
pub(crate) fn floor_at(settings: &ScaleSettings, now: Timestamp) -> Floor {
    let schedules = settings.schedules.iter();
    let last = schedules
        .clone()
        .filter_map(|schedule| Some((schedule.cron.last_until(now)?, schedule.min_instances)))
        // The last one of equal ones.
        .max_by_key(|(moment, _)| *moment);
    let instances = last.map_or(settings.min_instances, |(_, instances)| instances);
    Floor {
        instances: instances.min(settings.max_instances.get()),
        until: schedules
            .filter_map(|schedule| schedule.cron.next_after(now))
            .min(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use mlwasm_types::{ScaleKind, ScaleSchedule};

    use super::*;

    fn check(schedules: &[(&str, u32)], cases: &[(&str, u32, Option<&str>)]) {
        let schedule = |(cron, min_instances): &(&str, u32)| ScaleSchedule {
            cron: cron.parse().unwrap(),
            min_instances: *min_instances,
        };
        let settings = ScaleSettings {
            kind: ScaleKind::TargetUtilization,
            min_instances: 2,
            max_instances: NonZeroU32::new(8).unwrap(),
            schedules: schedules.iter().map(schedule).collect(),
            ..ScaleSettings::default()
        };
        for (now, instances, until) in cases {
            let floor = Floor {
                instances: *instances,
                until: until.map(|time| time.parse().unwrap()),
            };
            assert_eq!(
                floor_at(&settings, now.parse().unwrap()),
                floor,
                "{schedules:?} at {now}"
            );
        }
    }

    #[test]
    fn the_schedule_whose_moment_came_last_holds() {
        let office_hours = [("0 8 * * 1-5", 4), ("0 20 * * *", 1)];
        // 2026-03-06 is a Friday.
        check(
            &office_hours,
            &[
                ("2026-03-06T07:59:59Z", 1, Some("2026-03-06T08:00:00Z")),
                ("2026-03-06T08:00:00Z", 4, Some("2026-03-06T20:00:00Z")),
                ("2026-03-06T19:59:59Z", 4, Some("2026-03-06T20:00:00Z")),
                ("2026-03-06T20:00:00Z", 1, Some("2026-03-07T20:00:00Z")),
                ("2026-03-07T12:00:00Z", 1, Some("2026-03-07T20:00:00Z")),
                ("2026-03-08T12:00:00Z", 1, Some("2026-03-08T20:00:00Z")),
                ("2026-03-09T07:59:00Z", 1, Some("2026-03-09T08:00:00Z")),
                ("2026-03-09T08:00:00Z", 4, Some("2026-03-09T20:00:00Z")),
            ],
        );
    }

    #[test]
    fn a_moment_of_last_month_or_last_year_holds_on() {
        check(
            &[("0 0 1 * *", 6), ("0 0 15 * *", 3)],
            &[
                ("2026-01-31T23:59:59Z", 3, Some("2026-02-01T00:00:00Z")),
                ("2026-02-01T00:00:00Z", 6, Some("2026-02-15T00:00:00Z")),
                ("2026-03-14T00:00:00Z", 6, Some("2026-03-15T00:00:00Z")),
            ],
        );
        check(
            &[("0 0 24 12 *", 8), ("0 0 2 1 *", 0)],
            &[
                ("2026-01-01T12:00:00Z", 8, Some("2026-01-02T00:00:00Z")),
                ("2026-12-23T12:00:00Z", 0, Some("2026-12-24T00:00:00Z")),
            ],
        );
    }

    #[test]
    fn of_two_at_the_same_minute_the_last_listed_wins() {
        let daily = ("0 8 * * *", 3);
        let mondays = ("0 8 * * 1", 5);
        let (monday, tuesday) = ("2026-03-09T08:00:00Z", "2026-03-10T08:00:00Z");
        check(
            &[daily, mondays],
            &[
                (monday, 5, Some(tuesday)),
                (tuesday, 3, Some("2026-03-11T08:00:00Z")),
            ],
        );
        check(&[mondays, daily], &[(monday, 3, Some(tuesday))]);
    }

    #[test]
    fn without_a_moment_in_four_years_the_settings_minimum_holds() {
        check(&[], &[("2026-03-09T08:00:00Z", 2, None)]);
        // 2100 is no leap year: the last 29th of February was eight years ago.
        let leap_day = [("0 0 29 2 *", 5)];
        check(
            &leap_day,
            &[("2101-01-01T00:00:00Z", 2, Some("2104-02-29T00:00:00Z"))],
        );
        check(
            &leap_day,
            &[("2104-02-29T00:00:00Z", 5, Some("2108-02-29T00:00:00Z"))],
        );
    }

    #[test]
    fn one_that_comes_every_minute_holds_at_once() {
        check(
            &[("* * * * *", 7)],
            &[("2026-03-09T08:00:59Z", 7, Some("2026-03-09T08:01:00Z"))],
        );
    }
}
