//! Why a change does not fit the state, in the words that the operator reads.

use mlwasm_types::{
    AdminTokenName, DeploymentName, EndpointName, Generation, InvalidSpec, ModelName,
    ModelReference, ModelVersion, Percent, RevisionNumber, Route,
};

use crate::{admin_tokens::MOST_TOKENS, store::rollout::RolloutRefusal};

/// Why a change does not fit the state.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("endpoint {endpoint} does not exist")]
    NoEndpoint { endpoint: EndpointName },
    #[error(
        "endpoint {endpoint} has no deployment {deployment}: {}",
        existing(have)
    )]
    NoDeployment {
        endpoint: EndpointName,
        deployment: DeploymentName,
        have: Vec<DeploymentName>,
    },
    #[error("it exists already, at generation {found}")]
    Exists { found: Generation },
    #[error(
        "it was changed since you read it: it is at generation {found}, you expected {expected}; read it again"
    )]
    Stale {
        expected: Generation,
        found: Generation,
    },
    #[error("it does not exist, so it can not be at the generation that you expected")]
    Gone,
    #[error(
        "deployment {deployment} gets {share} percent of the live traffic: set its traffic to 0 first, or add --yes --force"
    )]
    HasTraffic {
        deployment: DeploymentName,
        share: Percent,
    },
    #[error(
        "deployment {deployment} is the mirror's target: turn the mirror off first, or add --yes --force"
    )]
    IsMirror { deployment: DeploymentName },
    #[error(
        "requests are sent to deployment {deployment} by the route {route}: remove it first, or add --yes --force"
    )]
    HasRoute {
        deployment: DeploymentName,
        route: Route,
    },
    #[error(
        "{control} is the control; an endpoint has one at most: to make {deployment} the control and {control} a treatment, add --move-control (move_control=true in the API)"
    )]
    ControlTaken {
        control: DeploymentName,
        deployment: DeploymentName,
    },
    #[error(
        "it is not known what served before revision {wanted} of deployment {deployment}: name a revision with --to; kept are {}",
        listed(kept)
    )]
    NoFormer {
        deployment: DeploymentName,
        wanted: RevisionNumber,
        kept: Vec<RevisionNumber>,
    },
    #[error(
        "revision {revision} of deployment {deployment} is not kept: kept are {}",
        listed(kept)
    )]
    NoRevision {
        deployment: DeploymentName,
        revision: RevisionNumber,
        kept: Vec<RevisionNumber>,
    },
    #[error("no model {name} is registered")]
    NoModel { name: ModelName },
    #[error("model {name} has no version {version}: {}", versions(have))]
    NoModelVersion {
        name: ModelName,
        version: ModelVersion,
        have: Vec<ModelVersion>,
    },
    #[error("{reference} is not registered: {}", versions(have))]
    NoSuchReference {
        reference: ModelReference,
        have: Vec<ModelVersion>,
    },
    #[error("token {name} does not exist")]
    NoAdminToken { name: AdminTokenName },
    #[error("token {name} exists already: revoke it first, or choose another name")]
    AdminTokenExists { name: AdminTokenName },
    #[error("there are {MOST_TOKENS} tokens, and no more are allowed: revoke some first")]
    TooManyAdminTokens,
    #[error(transparent)]
    Invalid(#[from] InvalidSpec),
    #[error(transparent)]
    Rollout(#[from] RolloutRefusal),
}

fn versions(have: &[ModelVersion]) -> String {
    if have.is_empty() {
        return "the model has no version".to_owned();
    }
    format!("its versions are {}", listed(have))
}

fn listed(kept: &[impl ToString]) -> String {
    let numbers: Vec<_> = kept.iter().map(ToString::to_string).collect();
    numbers.join(", ")
}

fn existing(have: &[DeploymentName]) -> String {
    if have.is_empty() {
        return "it has none".to_owned();
    }
    let names: Vec<_> = have.iter().map(DeploymentName::as_str).collect();
    format!("it has {}", names.join(", "))
}
