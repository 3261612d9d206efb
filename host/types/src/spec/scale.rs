//! How the number of a deployment's sandboxes follows its load and the clock. Keys as in Azure's schema.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{InvalidSpec, bounds::Bound};

/// What the number of sandboxes follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleKind {
    /// Nothing: there are `instance_count`.
    #[default]
    Default,
    /// The share of the sandboxes that are busy.
    TargetUtilization,
}

/// How many sandboxes there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScaleSettings {
    /// What the number follows.
    #[serde(rename = "type")]
    pub kind: ScaleKind,
    /// The least. At 0 an idle deployment keeps only its compiled code, and the next request waits for `init`.
    pub min_instances: u32,
    /// The most.
    pub max_instances: NonZeroU32,
    /// The busy share of the sandboxes that is aimed at, in percent.
    pub target_utilization_percentage: u8,
    /// Time between two decisions, in seconds.
    pub polling_interval: u32,
    /// Moments at which `min_instances` becomes another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<ScaleSchedule>,
}

/// From a moment on, until the next schedule's, `min_instances` is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleSchedule {
    /// Minute, hour, day of the month, month, day of the week; in UTC.
    pub cron: String,
    /// The least number of sandboxes from then on.
    pub min_instances: u32,
}

impl Default for ScaleSettings {
    fn default() -> Self {
        Self {
            kind: ScaleKind::Default,
            min_instances: 1,
            max_instances: NonZeroU32::MIN,
            target_utilization_percentage: 70,
            polling_interval: 1,
            schedules: Vec::new(),
        }
    }
}

impl ScaleSettings {
    /// Whether the number of sandboxes never changes and nothing was said about how it would.
    pub fn is_fixed(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSpec> {
        [
            Bound::new(
                "scale_settings.max_instances",
                self.max_instances.get(),
                1,
                1_000,
            ),
            Bound::new(
                "scale_settings.min_instances",
                self.min_instances,
                0,
                self.max_instances.get().into(),
            ),
            Bound::new(
                "scale_settings.target_utilization_percentage",
                self.target_utilization_percentage,
                1,
                100,
            ),
            Bound::new(
                "scale_settings.polling_interval",
                self.polling_interval,
                1,
                3_600,
            ),
        ]
        .into_iter()
        .try_for_each(Bound::check)
    }
}
