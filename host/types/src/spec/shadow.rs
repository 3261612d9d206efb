//! When a mirror's target may replace the deployment that it is compared with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FieldPath, InvalidSpec};

/// Most paths that an endpoint may leave out of comparisons.
const MAX_IGNORED: usize = 32;

/// A number that settings hold. Two are equal when they are written alike, so that specs can be compared.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Real(pub f64);

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Real {}

/// How a mirror's answers are compared with the live ones, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct ShadowSettings {
    /// The share of the answers that may differ, from 0.0001 to 1.
    #[schema(value_type = f64, minimum = 0.0001, maximum = 1)]
    pub max_mismatch: Real,
    /// How far apart numbers may be that count as equal, relative to the larger one: 0 to 1.
    #[schema(value_type = f64, minimum = 0, maximum = 1)]
    pub tolerance: Real,
    /// Comparisons before which the target is never found good.
    #[schema(minimum = 1, maximum = 1000000)]
    pub min_comparisons: u64,
    /// How many times longer than the live deployment the slowest hundredth of the target's runs may take: 1 to 1,000.
    #[schema(value_type = f64, minimum = 1, maximum = 1000)]
    pub max_p99_ratio: Real,
    /// Fields of JSON answers that are not compared, with all that is in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 32)]
    pub ignore: Vec<FieldPath>,
}

impl Default for ShadowSettings {
    fn default() -> Self {
        Self {
            max_mismatch: Real(0.005),
            tolerance: Real(1e-6),
            min_comparisons: 200,
            max_p99_ratio: Real(1.2),
            ignore: Vec::new(),
        }
    }
}

impl ShadowSettings {
    /// Whether nothing was said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSpec> {
        check("shadow.max_mismatch", self.max_mismatch, 0.000_1, 1.0)?;
        check("shadow.tolerance", self.tolerance, 0.0, 1.0)?;
        check("shadow.max_p99_ratio", self.max_p99_ratio, 1.0, 1_000.0)?;
        let comparisons =
            super::Bound::new("shadow.min_comparisons", self.min_comparisons, 1, 1_000_000);
        comparisons.check()?;
        if self.ignore.len() > MAX_IGNORED {
            return Err(InvalidSpec::TooManyIgnored {
                count: self.ignore.len(),
                most: MAX_IGNORED,
            });
        }
        Ok(())
    }
}

fn check(setting: &'static str, value: Real, least: f64, most: f64) -> Result<(), InvalidSpec> {
    // What is no number is in no range.
    if (least..=most).contains(&value.0) {
        return Ok(());
    }
    Err(InvalidSpec::RealOutOfBounds {
        setting,
        value: value.0.to_string(),
        least: least.to_string(),
        most: most.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_at_below_and_above() {
        fn check(set: impl Fn(&mut ShadowSettings, f64), cases: &[(f64, bool)]) {
            for (value, allowed) in cases {
                let mut settings = ShadowSettings::default();
                set(&mut settings, *value);
                let checked = settings.validate();
                assert_eq!(checked.is_ok(), *allowed, "{value}: {checked:?}");
            }
        }
        check(
            |settings, value| settings.max_mismatch = Real(value),
            &[
                (0.0, false),
                (0.000_09, false),
                (0.000_1, true),
                (1.0, true),
                (1.01, false),
                (f64::NAN, false),
            ],
        );
        check(
            |settings, value| settings.tolerance = Real(value),
            &[(-0.1, false), (0.0, true), (1.0, true), (1.1, false)],
        );
        check(
            |settings, value| settings.max_p99_ratio = Real(value),
            &[
                (0.99, false),
                (1.0, true),
                (1_000.0, true),
                (1_001.0, false),
            ],
        );
        for (count, allowed) in [(0, false), (1, true), (1_000_000, true), (1_000_001, false)] {
            let settings = ShadowSettings {
                min_comparisons: count,
                ..ShadowSettings::default()
            };
            assert_eq!(settings.validate().is_ok(), allowed, "{count}");
        }
        for (count, allowed) in [(32, true), (33, false)] {
            let path: FieldPath = "$.a".parse().unwrap();
            let settings = ShadowSettings {
                ignore: vec![path; count],
                ..ShadowSettings::default()
            };
            assert_eq!(settings.validate().is_ok(), allowed, "{count}");
        }
    }

    #[test]
    fn the_error_names_the_setting_and_its_bounds() {
        let settings = ShadowSettings {
            max_mismatch: Real(2.0),
            ..ShadowSettings::default()
        };
        assert_eq!(
            settings.validate().unwrap_err().to_string(),
            "shadow.max_mismatch is 2: expected 0.0001 to 1"
        );
    }
}
