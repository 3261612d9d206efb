//! Durations as people write them: `90m`, `24h`, `1h 30m`, `30d`.

use std::time::Duration;

use jiff::SignedDuration;

const DAY: u64 = 24 * 3_600;

/// The duration that `text` names; a day has 24 hours.
///
/// # Errors
///
/// Says what is wrong: no duration, or none at all.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.trim_end().parse::<u64>().ok())
        .and_then(|days| days.checked_mul(DAY))
        .map(Duration::from_secs);
    let others = || Duration::try_from(text.parse::<SignedDuration>().ok()?).ok();
    match days.or_else(others) {
        None => Err(format!(
            "{text:?} is no duration: expected 90m, 24h, 30d or the like"
        )),
        Some(Duration::ZERO) => Err(format!("{text:?} is no time at all")),
        Some(duration) => Ok(duration),
    }
}

/// The duration that `text` names, if it is from `least` to `most`.
///
/// # Errors
///
/// As [`parse_duration`], and if it is shorter or longer.
pub fn parse_duration_within(
    text: &str,
    least: Duration,
    most: Duration,
) -> Result<Duration, String> {
    let duration = parse_duration(text)?;
    if (least..=most).contains(&duration) {
        return Ok(duration);
    }
    Err(format!(
        "{:?} is not allowed: expected {} to {}",
        text.trim(),
        written(least),
        written(most)
    ))
}

/// The largest unit that leaves no rest.
fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(DAY, "d"), (3_600, "h"), (60, "m")];
    // A day is said in hours: "24h" is what people give as a limit.
    let fitting = units
        .into_iter()
        .find(|(unit, _)| seconds.is_multiple_of(*unit) && seconds > *unit);
    match fitting {
        Some((unit, name)) => format!("{}{name}", seconds / unit),
        None if seconds == 60 => "1m".to_owned(),
        None => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_of_units() {
        for (text, seconds) in [
            ("90m", Some(5_400)),
            (" 1h 30m ", Some(5_400)),
            ("PT1H", Some(3_600)),
            ("30d", Some(2_592_000)),
            ("30 d", Some(2_592_000)),
            ("0s", None),
            ("0d", None),
            ("-1h", None),
            ("-1d", None),
            ("7", None),
            ("d", None),
            ("99999999999999999999d", None),
            ("", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_duration(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn both_bounds_belong_to_what_is_allowed() {
        let (least, most) = (Duration::from_secs(60), Duration::from_secs(DAY));
        for (text, allowed) in [
            ("59s", false),
            ("60s", true),
            ("1m", true),
            ("24h", true),
            ("1d", true),
            ("24h 1s", false),
        ] {
            let result = parse_duration_within(text, least, most);
            assert_eq!(result.is_ok(), allowed, "{text}");
        }
        assert_eq!(
            parse_duration_within("1s", least, most).unwrap_err(),
            "\"1s\" is not allowed: expected 1m to 24h"
        );
        let month = Duration::from_secs(30 * DAY);
        let error = parse_duration_within("31d", least, month).unwrap_err();
        assert!(error.ends_with("expected 1m to 30d"), "{error}");
    }
}
