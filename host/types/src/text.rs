//! Values that are a text where they are stored and sent.

use std::{fmt::Display, str::FromStr};

use serde::{Deserialize as _, Deserializer, de};

/// The value that the text means, or why it means none.
pub(crate) fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}
