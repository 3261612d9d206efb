//! Whole percents.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share in whole percent, from 0 to 100 inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Percent(u8);

/// A number that is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{number} is not a share: expected a whole percent from 0 to 100")]
pub struct InvalidPercent {
    number: i64,
}

impl Percent {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(100);

    /// The share of `number` percent.
    ///
    /// # Errors
    ///
    /// [`InvalidPercent`] outside 0 to 100.
    pub fn new(number: i64) -> Result<Self, InvalidPercent> {
        u8::try_from(number)
            .ok()
            .filter(|percent| *percent <= 100)
            .map(Self)
            .ok_or(InvalidPercent { number })
    }

    /// The number of percents.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Percent {
    type Error = InvalidPercent;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        Self::new(number)
    }
}

impl From<Percent> for i64 {
    fn from(percent: Percent) -> Self {
        i64::from(percent.0)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_end_at_0_and_100() {
        for (number, allowed) in [
            (-1, false),
            (0, true),
            (1, true),
            (99, true),
            (100, true),
            (101, false),
            (356, false),
        ] {
            assert_eq!(Percent::new(number).is_ok(), allowed, "{number}");
        }
    }
}
