//! What the operator wants of a rollout.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Interval, Rate, Stage};
use crate::{DeploymentName, Percent, traffic::MAX_MIRROR_PERCENT};

/// Most steps of a plan.
const MOST_STEPS: usize = 20;
/// Fewest requests that may decide anything: the bounds of a rate are no good below.
const LEAST_REQUESTS: u64 = 10;
/// Most requests that a window can be made to wait for.
const MOST_REQUESTS: u64 = 1_000_000_000;
/// Nearer to 1, chance alone would hold a rollout up for days.
const LEAST_RATIO: f64 = 1.05;
/// Above, nothing is slow.
const MOST_RATIO: f64 = 100.0;
/// Fewer copies would take days to tell anything.
const LEAST_MIRROR: i64 = 10;

/// The steps of a rollout and what it takes to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutPlan {
    /// The deployment that is rolled out.
    pub to: DeploymentName,
    /// Its shares, one after the other, in percent; each above the former one.
    #[serde(default = "default_steps")]
    #[schema(min_items = 1, max_items = 20, default = json!([5, 25, 50, 100]))]
    pub steps: Vec<Percent>,
    /// Time between two looks.
    #[serde(default)]
    pub interval: Interval,
    /// By how much its rate of errors may be above the baseline's, and its rate of requests without room likewise.
    #[serde(default)]
    pub max_error_rate: Rate,
    /// How many times as long as the baseline's its 99th percentile may be; not looked at if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1.05, maximum = 100)]
    pub max_p99_ratio: Option<f64>,
    /// How many of its answers may differ from the live ones, of the requests that are copied to it before it gets any share;
    /// nothing is copied and compared if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mismatch: Option<Rate>,
    /// Requests that each of the two must have had in a window before anything is decided on it.
    #[serde(default = "default_min_requests")]
    #[schema(minimum = 10, maximum = 1000000000, default = 50)]
    pub min_requests: u64,
}

/// A few unlucky callers first, then a share that shows the load.
fn default_steps() -> Vec<Percent> {
    [5, 25, 50, 100]
        .into_iter()
        .filter_map(|share| Percent::new(share).ok())
        .collect()
}

/// Enough that one error of a flawless deployment is not yet a rate.
fn default_min_requests() -> u64 {
    50
}

/// A plan that breaks a rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPlan {
    /// Too many steps, or none.
    #[error("steps: {count} given, there must be 1 to {MOST_STEPS}")]
    Count {
        /// How many were given.
        count: usize,
    },
    /// A step that is not above the one before it.
    #[error("steps: {step} comes after {former}: each step must be above the one before it")]
    Order {
        /// The step.
        step: Percent,
        /// The one before it.
        former: Percent,
    },
    /// A first step that leaves nothing to compare with, or nothing to compare.
    #[error(
        "steps: the first one is {step}: it must be 1 to 99, so that there is something to compare; `mlwasm traffic` sets shares without comparing"
    )]
    First {
        /// The step.
        step: Percent,
    },
    /// A ratio that no window could tell, or that says nothing.
    #[error("max_p99_ratio is {ratio}: it must be {LEAST_RATIO} to {MOST_RATIO}")]
    Ratio {
        /// The ratio.
        ratio: f64,
    },
    /// Too few requests to decide anything on, or too many to wait for.
    #[error("min_requests is {count}: it must be {LEAST_REQUESTS} to {MOST_REQUESTS}")]
    Requests {
        /// How many.
        count: u64,
    },
}

impl RolloutPlan {
    /// The plan with only its candidate named.
    pub fn to(candidate: DeploymentName) -> Self {
        Self {
            to: candidate,
            steps: default_steps(),
            interval: Interval::default(),
            max_error_rate: Rate::default(),
            max_p99_ratio: None,
            max_mismatch: None,
            min_requests: default_min_requests(),
        }
    }

    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// [`InvalidPlan`] that names the setting and its bounds.
    pub fn validate(&self) -> Result<(), InvalidPlan> {
        let count = self.steps.len();
        if !(1..=MOST_STEPS).contains(&count) {
            return Err(InvalidPlan::Count { count });
        }
        if let Some(pair) = self.steps.windows(2).find(|pair| pair[1] <= pair[0]) {
            let (former, step) = (pair[0], pair[1]);
            return Err(InvalidPlan::Order { step, former });
        }
        let step = self.steps[0];
        if step == Percent::ZERO || step == Percent::ALL {
            return Err(InvalidPlan::First { step });
        }
        if let Some(ratio) = self.max_p99_ratio
            && !(LEAST_RATIO..=MOST_RATIO).contains(&ratio)
        {
            return Err(InvalidPlan::Ratio { ratio });
        }
        let count = self.min_requests;
        if !(LEAST_REQUESTS..=MOST_REQUESTS).contains(&count) {
            return Err(InvalidPlan::Requests { count });
        }
        Ok(())
    }

    /// Where a rollout begins.
    pub fn first_stage(&self) -> Stage {
        match self.max_mismatch {
            Some(_) => Stage::Shadow,
            None => Stage::Live { step: 1 },
        }
    }

    /// What comes after `stage`; none if it is the last.
    pub fn stage_after(&self, stage: Stage) -> Option<Stage> {
        let step = match stage {
            Stage::Shadow => 0,
            Stage::Live { step } => step,
        };
        (step < self.steps.len()).then_some(Stage::Live { step: step + 1 })
    }

    /// The share of the live requests that is copied to the candidate in [`Stage::Shadow`]: as many as the first step gives it,
    /// but enough to compare, and no more than a mirror may have.
    pub fn mirror_share(&self) -> Percent {
        let first = self.share(Stage::Live { step: 1 });
        let share = i64::from(first.get()).clamp(LEAST_MIRROR, MAX_MIRROR_PERCENT.into());
        Percent::new(share).unwrap_or(first)
    }

    /// The candidate's share in a stage.
    pub fn share(&self, stage: Stage) -> Percent {
        let index = match stage {
            Stage::Shadow => None,
            Stage::Live { step } => step.checked_sub(1),
        };
        let share = index.and_then(|index| self.steps.get(index));
        share.copied().unwrap_or(Percent::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps: &[i64]) -> RolloutPlan {
        let steps = steps.iter().map(|step| Percent::new(*step).unwrap());
        RolloutPlan {
            steps: steps.collect(),
            ..RolloutPlan::to(DeploymentName::new("green").unwrap())
        }
    }

    #[test]
    fn steps_go_up_and_the_first_leaves_something_to_compare_with() {
        let many: Vec<i64> = (1..=21).collect();
        for (steps, is_valid) in [
            (&[5, 25, 50, 100][..], true),
            (&[1], true),
            (&[99], true),
            (&many[..20], true),
            (&many, false),
            (&[], false),
            (&[0, 5], false),
            (&[100], false),
            (&[5, 5], false),
            (&[50, 25], false),
        ] {
            assert_eq!(plan(steps).validate().is_ok(), is_valid, "{steps:?}");
        }
    }

    #[test]
    fn answers_are_compared_before_the_first_step_if_that_is_asked_for() {
        let mut plan = plan(&[5, 100]);
        let stages = |plan: &RolloutPlan| {
            let first = plan.first_stage();
            let rest = std::iter::successors(Some(first), |stage| plan.stage_after(*stage));
            rest.map(|stage| plan.share(stage).get())
                .collect::<Vec<_>>()
        };
        assert_eq!(stages(&plan), [5, 100]);
        plan.max_mismatch = Some("1%".parse().unwrap());
        assert_eq!(stages(&plan), [0, 5, 100]);
        for (first, mirror) in [(1, 10), (10, 10), (11, 11), (50, 50), (51, 50)] {
            assert_eq!(self::plan(&[first]).mirror_share().get(), mirror, "{first}");
        }
    }

    #[test]
    fn gates_have_bounds() {
        for (ratio, is_valid) in [
            (1.049, false),
            (1.05, true),
            (100.0, true),
            (100.1, false),
            (f64::NAN, false),
        ] {
            let mut plan = plan(&[5]);
            plan.max_p99_ratio = Some(ratio);
            assert_eq!(plan.validate().is_ok(), is_valid, "{ratio}");
        }
        for (count, is_valid) in [
            (9, false),
            (10, true),
            (1_000_000_000, true),
            (1_000_000_001, false),
        ] {
            let mut plan = plan(&[5]);
            plan.min_requests = count;
            assert_eq!(plan.validate().is_ok(), is_valid, "{count}");
        }
    }

    #[test]
    fn a_plan_of_a_name_alone_is_the_usual_one_and_an_unknown_word_is_refused() {
        let read = |text: &str| serde_json::from_str::<RolloutPlan>(text);
        let usual = read(r#"{"to": "green"}"#).unwrap();
        assert_eq!(
            usual,
            RolloutPlan::to(DeploymentName::new("green").unwrap())
        );
        assert!(usual.validate().is_ok());
        assert!(read(r#"{"to": "green", "intervall": "60s"}"#).is_err());
        assert!(read("{}").is_err());
    }

    #[test]
    fn stages_follow_each_other_to_the_last_step() {
        let plan = plan(&[5, 50]);
        let first = plan.first_stage();
        let second = plan.stage_after(first).unwrap();
        assert_eq!((plan.share(first).get(), plan.share(second).get()), (5, 50));
        assert_eq!(plan.stage_after(second), None);
    }
}
