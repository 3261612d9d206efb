//! A moment that comes again and again: the five fields of a crontab, in UTC.

use std::{fmt, str::FromStr};

use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest text: every minute of the hour and every day of the month, one by one, fit in it.
const MOST_BYTES: usize = 1_024;

/// How far back and ahead is looked for a moment: the 29th of February is never farther, but around 2100.
const REACH_MINUTES: i64 = 4 * 366 * 24 * 60;

/// Minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5`. In UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    crontab: Crontab,
}

/// A text that is no crontab's line, or one that never comes true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCron {
    /// Too few or too many fields.
    #[error(
        "{text:?} has {count} fields: expected minute, hour, day of the month, month and day of the week, in UTC"
    )]
    Fields {
        /// The text.
        text: String,
        /// How many fields it has.
        count: usize,
    },
    /// A field that means nothing.
    #[error("{text:?}: {reason}")]
    Field {
        /// The text.
        text: String,
        /// What is wrong.
        reason: String,
    },
    /// A day that no year has.
    #[error("{text:?} never comes true")]
    Never {
        /// The text.
        text: String,
    },
    /// More text than any schedule needs.
    #[error("it has {bytes} bytes: at most {MOST_BYTES} are allowed")]
    TooLong {
        /// How many bytes it has.
        bytes: usize,
    },
}

impl Cron {
    /// The first moment after `time`; none if there is none in four years.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.crontab.find_next(MakeTimestamp(time)).ok()?;
        Some(next.timestamp())
    }

    /// The last moment that is not after `time`; none if there was none in four years.
    pub fn last_until(&self, time: Timestamp) -> Option<Timestamp> {
        // Moments can only be looked for ahead: so by halving, from how many minutes ago on there was one until `time`.
        let within = |minutes| {
            let start = time.checked_sub(SignedDuration::from_mins(minutes)).ok()?;
            self.next_after(start).filter(|moment| *moment <= time)
        };
        let (mut quiet, mut reach) = (0, 1);
        while within(reach).is_none() {
            if reach == REACH_MINUTES {
                return None;
            }
            (quiet, reach) = (reach, (reach * 2).min(REACH_MINUTES));
        }
        while reach - quiet > 1 {
            let middle = quiet.midpoint(reach);
            if within(middle).is_some() {
                reach = middle;
            } else {
                quiet = middle;
            }
        }
        within(reach)
    }
}

impl FromStr for Cron {
    type Err = InvalidCron;

    fn from_str(text: &str) -> Result<Self, InvalidCron> {
        let owned = || text.to_owned();
        if text.len() > MOST_BYTES {
            return Err(InvalidCron::TooLong { bytes: text.len() });
        }
        // The library would take a time zone as a sixth.
        let count = text.split_whitespace().count();
        if count != 5 {
            return Err(InvalidCron::Fields {
                text: owned(),
                count,
            });
        }
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        let crontab =
            cronexpr::parse_crontab_with(text, options).map_err(|error| InvalidCron::Field {
                text: owned(),
                reason: reason(&error),
            })?;
        let cron = Self {
            text: owned(),
            crontab,
        };
        // Any four years have every day that a year may have.
        match cron.next_after(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(cron),
            None => Err(InvalidCron::Never { text: owned() }),
        }
    }
}

/// What is wrong, without the drawing of where that the library puts on lines before it.
fn reason(error: &cronexpr::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start().trim_start_matches("^ ").to_owned()
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

impl TryFrom<String> for Cron {
    type Error = InvalidCron;

    fn try_from(text: String) -> Result<Self, InvalidCron> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Checks, for each time, the last moment until it and the next one after it.
    fn check(cron: &str, cases: &[[&str; 3]]) {
        let parsed: Cron = cron.parse().unwrap();
        for [now, last, next] in cases {
            let moments = (parsed.last_until(time(now)), parsed.next_after(time(now)));
            let expected = (Some(time(last)), Some(time(next)));
            assert_eq!(moments, expected, "{cron} at {now}");
        }
    }

    // 2026-03-01 is a Sunday.

    #[test]
    fn the_moments_around_a_time_are_found() {
        let daily = [
            "2026-03-02T08:00Z",
            "2026-03-03T08:00Z",
            "2026-03-04T08:00Z",
        ];
        let [yesterday, today, tomorrow] = daily;
        check(
            "0 8 * * *",
            &[
                ["2026-03-03T07:59:59Z", yesterday, today],
                [today, today, tomorrow],
                ["2026-03-03T08:00:30Z", today, tomorrow],
            ],
        );
        let weekend = [
            "2026-03-01T12:00Z",
            "2026-02-27T08:00Z",
            "2026-03-02T08:00Z",
        ];
        check("0 8 * * 1-5", &[weekend]);
        check("0 8 * * mon-fri", &[weekend]);
        let minutes = [
            "2026-03-01T12:00:59Z",
            "2026-03-01T12:00Z",
            "2026-03-01T12:01Z",
        ];
        check("* * * * *", &[minutes]);
        let quarters = [
            "2026-03-01T20:00Z",
            "2026-03-01T17:45Z",
            "2026-03-02T09:00Z",
        ];
        check("*/15 9-17 * * *", &[quarters]);
        // The day of the month or that of the week, where both are given.
        let either = [
            "2026-03-14T00:00Z",
            "2026-03-09T00:00Z",
            "2026-03-15T00:00Z",
        ];
        check("0 0 15 * 1", &[either]);
    }

    #[test]
    fn months_and_years_end_when_they_do() {
        let months = [
            "2026-03-30T00:00Z",
            "2026-01-31T06:30Z",
            "2026-03-31T06:30Z",
        ];
        check("30 6 31 * *", &[months]);
        let years = [
            "2026-01-01T00:00Z",
            "2025-12-31T23:59Z",
            "2026-12-31T23:59Z",
        ];
        check("59 23 31 12 *", &[years]);
        let leap_days = [
            "2020-02-29T00:00Z",
            "2024-02-29T00:00Z",
            "2028-02-29T00:00Z",
        ];
        let [first, second, third] = leap_days;
        check(
            "0 0 29 2 *",
            &[
                ["2024-02-28T23:59Z", first, second],
                ["2026-03-01T00:00Z", second, third],
            ],
        );
    }

    #[test]
    fn what_never_comes_true_or_means_nothing_is_refused_with_the_reason() {
        for (text, words) in [
            ("0 0 30 2 *", "never comes true"),
            ("0 0 31 2,4,6,9,11 *", "never comes true"),
            ("", "has 0 fields"),
            ("0 8 * *", "has 4 fields"),
            ("0 8 * * 1-5 Europe/Berlin", "has 6 fields"),
            ("0 0 8 * * 1-5", "has 6 fields"),
            ("60 * * * *", "must be in range 0..=59"),
            ("* 24 * * *", "must be in range 0..=23"),
            ("* * 0 * *", "must be in range 1..=31"),
            ("* * * 13 *", "must be in range 1..=12"),
            ("* * * * 8", "must be in range 0..=7"),
            ("a * * * *", "\"a * * * *\": "),
            ("*/0 * * * *", "\"*/0 * * * *\": "),
            ("H * * * *", "\"H * * * *\": "),
        ] {
            let error = text.parse::<Cron>().unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
            assert!(!error.contains('\n') && !error.contains('^'), "{error}");
        }
        let long = format!("0{} * * * *", ",0".repeat(MOST_BYTES));
        assert!(matches!(
            long.parse::<Cron>(),
            Err(InvalidCron::TooLong { .. })
        ));
    }

    #[test]
    fn it_is_written_as_it_was_given() {
        let cron: Cron = serde_json::from_str("\"0 8 * * MON-fri\"").unwrap();
        assert_eq!(serde_json::to_string(&cron).unwrap(), "\"0 8 * * MON-fri\"");
        assert!(serde_json::from_str::<Cron>("\"x\"").is_err());
    }
}
