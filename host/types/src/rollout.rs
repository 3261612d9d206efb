//! A rollout: one deployment gets more and more of an endpoint's traffic, as long as it does as well as another.
//!
//! [`RolloutPlan`] is what the operator wants, [`Rollout`] is how far it has come. The server keeps the latter as it stands
//! here, so a field that is added needs a default.

mod plan;
mod quantity;

use std::{collections::BTreeMap, fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeploymentName, EndpointName, Generation, Percent, RevisionNumber, TrafficSplit};

pub use plan::{InvalidPlan, RolloutPlan};
pub use quantity::{Interval, Rate};

/// How many decisions of a rollout are kept: the last ones.
pub const KEPT_DECISIONS: usize = 200;

/// Whether a rollout goes on, and how it ended if it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutState {
    /// The deployments are compared, and the split follows.
    Running,
    /// The split stays as it is, and nothing is compared.
    Paused,
    /// The last step is done.
    Succeeded,
    /// The split is the former one again, since the deployment did worse.
    RolledBack,
    /// The split is the former one again, since the operator wanted that.
    Aborted,
}

impl RolloutState {
    /// Whether the rollout holds the endpoint's split.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

impl fmt::Display for RolloutState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::RolledBack => "rolled-back",
            Self::Aborted => "aborted",
        })
    }
}

/// What is being done at a time. [`RolloutPlan::first_stage`] and [`RolloutPlan::stage_after`] give the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stage {
    /// The candidate gets copies of live requests, and its answers are compared with the live ones.
    Shadow,
    /// The candidate gets the share of one of the plan's steps.
    Live {
        /// Which one, counted from 1.
        step: usize,
    },
}

/// One of the two deployments that a rollout compares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Compared {
    /// Its name.
    pub deployment: DeploymentName,
    /// The revision that is compared. Another one ends the rollout.
    pub revision: RevisionNumber,
}

/// What came of a look at a rollout, or of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// On to the next stage.
    Promote,
    /// Neither good nor bad enough: the window goes on for another interval.
    Hold,
    /// Back to the former split.
    RollBack,
    /// Stay here and compare nothing.
    Pause,
    /// Go on.
    Resume,
    /// Back to the former split, by the operator's will.
    Abort,
}

impl Verdict {
    /// Every verdict, in the order of their counters.
    pub const ALL: [Self; 6] = [
        Self::Promote,
        Self::Hold,
        Self::RollBack,
        Self::Pause,
        Self::Resume,
        Self::Abort,
    ];

    /// The word for programs, and the label of its counter.
    pub fn label(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::RollBack => "roll-back",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Abort => "abort",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// What one deployment did in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measured {
    /// Requests that ended, without those that were cancelled or found no room.
    pub requests: u64,
    /// Those among them that ended by a fault of the deployment: 408, 424, 5xx.
    pub errors: u64,
    /// Requests that found no room: 429.
    pub overloaded: u64,
    /// The duration that 99 of 100 good answers did not exceed, in milliseconds; none without a good answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}

/// What both deployments did in the same time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedWindow {
    /// How long it was, in seconds.
    pub seconds: f64,
    /// The deployment that is rolled out.
    pub candidate: Measured,
    /// The one that it is compared with.
    pub baseline: Measured,
}

/// Something that was decided, by looking or by command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RolloutDecision {
    /// When.
    pub time: Timestamp,
    /// The stage that it was decided in.
    pub stage: Stage,
    /// The candidate's share at that time.
    pub share: Percent,
    /// What was decided.
    pub verdict: Verdict,
    /// Why, for people.
    pub reason: String,
    /// The numbers that it was decided on; none if it was not decided on numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<ComparedWindow>,
}

/// A rollout, how far it has come and how it came there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rollout {
    /// What the operator wants.
    pub plan: RolloutPlan,
    /// Whether it goes on.
    pub state: RolloutState,
    /// What is being done, or was at the end.
    pub stage: Stage,
    /// The deployment that is rolled out: the one that the plan names.
    pub candidate: Compared,
    /// The deployment that it is compared with: the one with the largest share at the start.
    pub baseline: Compared,
    /// The split before the rollout.
    pub former_traffic: TrafficSplit,
    /// The mirror before the rollout, if the rollout mirrors.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former_mirror: BTreeMap<DeploymentName, Percent>,
    /// The change that started it: tells it from another rollout of the endpoint.
    pub started: Generation,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last began to compare: at the start of a stage, or when it was resumed. A window is not older.
    pub compared_since: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What was decided, oldest first: the last 200.
    #[serde(default)]
    pub decisions: Vec<RolloutDecision>,
}

impl Rollout {
    /// The candidate's share in the present stage.
    pub fn share(&self) -> Percent {
        self.plan.share(self.stage)
    }

    /// The split of a stage.
    pub fn traffic_at(&self, stage: Stage) -> TrafficSplit {
        match stage {
            Stage::Shadow => self.former_traffic.clone(),
            Stage::Live { .. } => self
                .former_traffic
                .with_share(&self.candidate.deployment, self.plan.share(stage)),
        }
    }

    /// What the rollout makes of the endpoint's mirror; none if it leaves the mirror alone.
    pub fn mirror(&self) -> Option<BTreeMap<DeploymentName, Percent>> {
        self.plan.max_mismatch?;
        Some(match (self.state, self.stage) {
            (RolloutState::Running | RolloutState::Paused, Stage::Shadow) => {
                BTreeMap::from([(self.candidate.deployment.clone(), self.plan.mirror_share())])
            }
            (RolloutState::Running | RolloutState::Paused, Stage::Live { .. })
            | (RolloutState::Succeeded, _) => BTreeMap::new(),
            (RolloutState::RolledBack | RolloutState::Aborted, _) => self.former_mirror.clone(),
        })
    }

    /// Whether a deployment's share, mirror or life may not be changed while the rollout goes on.
    pub fn holds(&self, deployment: &DeploymentName) -> bool {
        *deployment == self.candidate.deployment
            || self.former_traffic.share(deployment) > Percent::ZERO
    }

    /// Keeps a decision, and forgets the oldest one above [`KEPT_DECISIONS`].
    pub fn record(&mut self, decision: RolloutDecision) {
        self.decisions.push(decision);
        let many = self.decisions.len().saturating_sub(KEPT_DECISIONS);
        self.decisions.drain(..many);
    }
}

/// A rollout as `GET` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RolloutView {
    /// Its endpoint.
    pub endpoint_name: EndpointName,
    /// The rollout.
    #[serde(flatten)]
    pub rollout: Rollout,
    /// The endpoint's split now.
    pub traffic: TrafficSplit,
    /// The window that is open; none while nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<OpenWindow>,
}

/// A window that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenWindow {
    /// What was counted so far.
    #[serde(flatten)]
    pub so_far: ComparedWindow,
    /// Time until it is looked at, in seconds.
    pub next_look_seconds: f64,
}

/// A duration as numbers for people carry it.
pub(crate) fn in_words(duration: Duration) -> String {
    let signed = jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX);
    format!("{signed:#}")
}
