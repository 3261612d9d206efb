//! A number and the bounds that it must keep.

use super::InvalidSpec;

/// A setting's value beside what it may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    setting: &'static str,
    value: u64,
    least: u64,
    most: u64,
}

impl Bound {
    /// `setting` has `value` and may be from `least` to `most`, both included.
    pub(super) fn new(setting: &'static str, value: impl Into<u64>, least: u64, most: u64) -> Self {
        Self {
            setting,
            value: value.into(),
            least,
            most,
        }
    }

    /// # Errors
    ///
    /// [`InvalidSpec::OutOfBounds`] if it is outside.
    pub(super) fn check(self) -> Result<(), InvalidSpec> {
        let Self {
            setting,
            value,
            least,
            most,
        } = self;
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(InvalidSpec::OutOfBounds {
            setting,
            value,
            least,
            most,
        })
    }
}
