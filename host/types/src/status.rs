//! What is true, as opposed to what is wanted.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Progress, tensor::SignatureView};

/// Counts the revisions of one deployment, from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct RevisionNumber(pub u64);

impl fmt::Display for RevisionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How far the wanted revision of a deployment has come. Spelt as Azure spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ProvisioningState {
    /// The first revision is being made ready.
    Creating,
    /// A later revision is being made ready; the former one serves.
    Updating,
    /// The wanted revision serves.
    Succeeded,
    /// The wanted revision could not be made ready; the former one, if any, serves.
    Failed,
}

impl ProvisioningState {
    /// Whether nothing more will happen by itself.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl fmt::Display for ProvisioningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        })
    }
}

/// What a pool holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SandboxCounts {
    /// Ready and unused.
    pub idle: u64,
    /// Serving a request.
    pub busy: u64,
    /// Being replaced: a discarded sandbox whose successor is not ready yet.
    pub refilling: u64,
}

/// How many sandboxes there shall be, and how that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScaleStatus {
    /// How many there shall be now. There may be fewer for a moment, while they are made.
    pub wanted: u32,
    /// The least that there shall be, as the last schedule says or else the settings.
    pub min_instances: u32,
    /// The most.
    pub max_instances: u32,
    /// How the number last changed since the server started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<ScaleChange>,
}

/// One change of the number of sandboxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScaleChange {
    /// When.
    pub time: Timestamp,
    /// How many there were to be before.
    pub from: u32,
    /// How many since.
    pub to: u32,
    /// Why.
    pub reason: ScaleReason,
}

/// Why the number of sandboxes changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScaleReason {
    /// More of them were busy than is aimed at.
    AboveTarget,
    /// For a minute, fewer would have done.
    BelowTarget,
    /// A schedule moved the least.
    Schedule,
}

impl fmt::Display for ScaleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AboveTarget => "the load is above the target",
            Self::BelowTarget => "the load was below the target for a minute",
            Self::Schedule => "a schedule says so",
        })
    }
}

/// What is true of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentStatus {
    /// How far the wanted revision has come.
    pub provisioning_state: ProvisioningState,
    /// The wanted revision.
    pub revision: RevisionNumber,
    /// The revision that answers requests, if one does.
    pub serving_revision: Option<RevisionNumber>,
    /// Why the wanted revision failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What is being done to make a revision ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The serving revision's sandboxes.
    pub sandboxes: SandboxCounts,
    /// How many of them there shall be; none while nothing serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleStatus>,
    /// What the serving revision takes and gives; none of a raw scorer, and none while nothing serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureView>,
}
