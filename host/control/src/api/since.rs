//! `since` in a query: how far back, as people write durations.

use std::time::Duration;

use mlwasm_types::duration::parse_duration;
use serde::{Deserialize as _, Deserializer, de};

/// For `deserialize_with`. An error names the setting.
pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text)
        .map(Some)
        .map_err(|error| de::Error::custom(format!("since: {error}")))
}
