//! The two quantities of a plan that have a unit: they are written with it, so that nobody takes 1 for 100 %.

use std::{fmt, str::FromStr, time::Duration};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Time between two looks, of at least [`Interval::SHORTEST`], written as in `60s` or `5m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interval(Duration);

impl Interval {
    /// Shorter than this, a stage would be over before its first slow request has ended.
    pub const SHORTEST: Duration = Duration::from_secs(1);
    /// A rollout that takes longer than a day a step is done by hand.
    pub const LONGEST: Duration = Duration::from_secs(24 * 3_600);

    /// The duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

/// A minute: long enough for a rate to mean something, short enough to wait for.
impl Default for Interval {
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed: Option<SignedDuration> = text.trim().parse().ok();
        let duration = parsed.and_then(|parsed| Duration::try_from(parsed).ok());
        match duration {
            None => Err(format!(
                "{text:?} is no interval: expected 60s, 5m or the like"
            )),
            Some(duration) if !(Self::SHORTEST..=Self::LONGEST).contains(&duration) => Err(
                format!("{text:?} is no interval between two looks: at least 1s, at most 24h"),
            ),
            Some(duration) => Ok(Self(duration)),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::in_words(self.0))
    }
}

/// A share of requests, written as in `1%` or `0.5%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    percent: f64,
}

impl Rate {
    /// Below, a hundred thousand requests could not tell a good deployment from a bad one.
    pub const LEAST_PERCENT: f64 = 0.01;
    /// Above, nothing is a failure.
    pub const MOST_PERCENT: f64 = 50.0;

    /// The rate as a part of 1.
    pub fn fraction(self) -> f64 {
        self.percent / 100.0
    }
}

/// One request of a hundred.
impl Default for Rate {
    fn default() -> Self {
        Self { percent: 1.0 }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().strip_suffix('%');
        let percent = number.and_then(|number| number.trim_end().parse().ok());
        match percent {
            None => Err(format!(
                "{text:?} is no rate: expected a percentage with its sign, as in 1% or 0.5%"
            )),
            Some(percent) if !(Self::LEAST_PERCENT..=Self::MOST_PERCENT).contains(&percent) => {
                Err(format!(
                    "{text:?} is no rate to be held: at least {}%, at most {}%",
                    Self::LEAST_PERCENT,
                    Self::MOST_PERCENT
                ))
            }
            Some(percent) => Ok(Self { percent }),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", self.percent))
    }
}

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_second_to_a_day_and_reads_back_as_written() {
        for (text, seconds) in [
            ("1s", Some(1)),
            ("60s", Some(60)),
            (" 5m ", Some(300)),
            ("PT1M", Some(60)),
            ("24h", Some(86_400)),
            ("999ms", None),
            ("24h 1s", None),
            ("0s", None),
            ("-60s", None),
            ("60", None),
            ("soon", None),
            ("", None),
        ] {
            let interval = text.parse::<Interval>().ok();
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(interval.map(Interval::get), expected, "{text:?}");
            if let Some(interval) = interval {
                assert_eq!(interval.to_string().parse(), Ok(interval));
            }
        }
    }

    #[test]
    fn a_rate_has_its_sign_and_its_bounds_and_reads_back_as_written() {
        for (text, fraction) in [
            ("1%", Some(0.01)),
            ("0.5%", Some(0.005)),
            (" 2 % ", Some(0.02)),
            ("0.01%", Some(0.0001)),
            ("50%", Some(0.5)),
            ("0.009%", None),
            ("50.1%", None),
            ("0%", None),
            ("-1%", None),
            ("NaN%", None),
            ("1", None),
            ("0.01", None),
            ("", None),
        ] {
            let rate = text.parse::<Rate>().ok();
            let near = |rate: Rate| fraction.is_some_and(|f| (rate.fraction() - f).abs() < 1e-12);
            assert_eq!(rate.is_some(), fraction.is_some(), "{text:?}");
            assert!(rate.is_none_or(near), "{text:?}");
            if let Some(rate) = rate {
                assert_eq!(rate.to_string().parse(), Ok(rate));
            }
        }
    }
}
