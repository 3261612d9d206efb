//! Why something can not be done with a rollout, or because of one, in the words that the operator reads.

use mlwasm_types::{DeploymentName, EndpointName, InvalidPlan, Percent, RolloutState};

/// Why something can not be done with a rollout, or because of one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum RolloutRefusal {
    #[error(
        "endpoint {endpoint} has no rollout: `mlwasm rollout start {endpoint} --to DEPLOYMENT` starts one"
    )]
    None { endpoint: EndpointName },
    #[error(
        "a rollout to {candidate} is {state} at {share} percent: end it first, with `mlwasm rollout abort {endpoint}`; to pause it is not enough"
    )]
    Active {
        endpoint: EndpointName,
        candidate: DeploymentName,
        state: RolloutState,
        share: Percent,
    },
    #[error("the rollout to {candidate} is over ({state}): nothing of it is left to {what}")]
    Over {
        candidate: DeploymentName,
        state: RolloutState,
        what: &'static str,
    },
    #[error("the rollout to {candidate} is {state} already")]
    Already {
        candidate: DeploymentName,
        state: RolloutState,
    },
    #[error(
        "endpoint {endpoint} has no traffic, so there is nothing to compare {candidate} with: set its traffic first, with `mlwasm traffic {endpoint} NAME=100`"
    )]
    NoTraffic {
        endpoint: EndpointName,
        candidate: DeploymentName,
    },
    #[error(
        "{candidate} gets {share} percent of the traffic already, and the first step is {step}: it must be above"
    )]
    FirstStep {
        candidate: DeploymentName,
        share: Percent,
        step: Percent,
    },
    #[error(
        "{candidate} is the mirror's target, and can not take live traffic too: turn the mirror off first, with `mlwasm mirror {endpoint} {candidate}=0`"
    )]
    IsMirror {
        endpoint: EndpointName,
        candidate: DeploymentName,
    },
    #[error(
        "{candidate} gets {share} percent of the traffic already, and live answers of its own can not be compared with the baseline's: leave out max_mismatch, or take its share away first"
    )]
    IsLive {
        candidate: DeploymentName,
        share: Percent,
    },
    #[error(
        "endpoint {endpoint} mirrors to {target}, and has one mirror at most: to compare the answers of {candidate}, turn it off first, with `mlwasm mirror {endpoint} {target}=0`"
    )]
    OtherMirror {
        endpoint: EndpointName,
        candidate: DeploymentName,
        target: DeploymentName,
    },
    #[error(
        "the wanted revision of {deployment} does not serve: a rollout compares revisions that do; `mlwasm deployment show -e {endpoint} -n {deployment}` says how far it is"
    )]
    NotServing {
        endpoint: EndpointName,
        deployment: DeploymentName,
    },
    #[error(transparent)]
    Plan(#[from] InvalidPlan),
}
