//! How the number of a deployment's sandboxes follows its load and the clock. Keys as in Azure's schema.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

use super::{InvalidSpec, bounds::Bound, cron::Cron};

/// Most schedules of one deployment: three for each hour of a week fit.
const MAX_SCHEDULES: usize = 512;

/// What the number of sandboxes follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleKind {
    /// Nothing: there are `instance_count`.
    #[default]
    Default,
    /// The share of the sandboxes that are busy.
    TargetUtilization,
}

/// How many sandboxes there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct ScaleSettings {
    /// What the number follows.
    #[serde(rename = "type")]
    pub kind: ScaleKind,
    /// The least. At 0 an idle deployment keeps only its compiled code, and the next request waits for `init`.
    #[schema(minimum = 0, maximum = 1000)]
    pub min_instances: u32,
    /// The most.
    #[schema(value_type = u32, minimum = 1, maximum = 1000)]
    pub max_instances: NonZeroU32,
    /// The busy share of the sandboxes that is aimed at, in percent.
    #[schema(minimum = 1, maximum = 100)]
    pub target_utilization_percentage: u8,
    /// Time between two looks at the load, in seconds; also read as an ISO 8601 duration, as Azure's files have it.
    #[serde(deserialize_with = "seconds")]
    #[schema(schema_with = crate::schema::polling_interval)]
    pub polling_interval: u32,
    /// Moments at which `min_instances` becomes another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 512)]
    pub schedules: Vec<ScaleSchedule>,
}

/// From a moment on, until the next schedule's, `min_instances` is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleSchedule {
    /// The moment.
    pub cron: Cron,
    /// The least number of sandboxes from then on.
    #[schema(minimum = 0, maximum = 1000)]
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
    /// Whether nothing was said about how the number of sandboxes changes.
    pub fn is_fixed(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSpec> {
        // Settings without effect would be taken for settings that work.
        if self.kind == ScaleKind::Default && !self.is_fixed() {
            return Err(InvalidSpec::NothingScales);
        }
        self.check_bounds()?;
        self.check_schedules()
    }

    fn check_bounds(&self) -> Result<(), InvalidSpec> {
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

    fn check_schedules(&self) -> Result<(), InvalidSpec> {
        if self.schedules.len() > MAX_SCHEDULES {
            return Err(InvalidSpec::TooManySchedules {
                count: self.schedules.len(),
                most: MAX_SCHEDULES,
            });
        }
        let most = self.max_instances.get();
        let mut minimums = self.schedules.iter().map(|schedule| schedule.min_instances);
        match minimums.position(|least| least > most) {
            Some(index) => Err(InvalidSpec::ScheduleAboveMaximum {
                index,
                value: self.schedules[index].min_instances,
                most,
            }),
            None => Ok(()),
        }
    }
}

/// Whole seconds, as a number or as in `PT1S`.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected seconds, as in 1 or PT1S")]
    enum Given {
        Number(u32),
        Text(String),
    }
    match Given::deserialize(deserializer)? {
        Given::Number(seconds) => Ok(seconds),
        Given::Text(text) => whole_seconds(&text).ok_or_else(|| {
            de::Error::custom(format!("{text:?} are no whole seconds: write 1 or PT1S"))
        }),
    }
}

fn whole_seconds(text: &str) -> Option<u32> {
    let duration: SignedDuration = text.parse().ok()?;
    (duration.subsec_nanos() == 0).then(|| u32::try_from(duration.as_secs()).ok())?
}
