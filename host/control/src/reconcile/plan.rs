//! What has to be done to bring what is live of an endpoint to what is wanted: a pure function, so that its cases are a
//! table.
//!
//! Traffic, mirrors and keys are not here: every pass publishes them from the desired state as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mlwasm_types::{DeploymentName, Generation, RevisionNumber};

use crate::store::{DeploymentRecord, Target};

/// What is live of one deployment, as far as the plan needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Which deployment of its name.
    pub(super) created: Generation,
    pub(super) serving: Option<RevisionNumber>,
    pub(super) preparing: Option<Target>,
    /// Attempts that failed since the process started.
    pub(super) failed: BTreeSet<Target>,
}

/// One thing to do with a deployment of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Let go of one that was deleted.
    Forget(DeploymentName),
    /// Begin with one: its log and its counters.
    Adopt(DeploymentName, Generation),
    /// Stop a preparation whose result nobody wants any more.
    Cancel(DeploymentName),
    /// Make a revision ready.
    Prepare(DeploymentName, Target, Purpose),
}

/// Why a revision is made ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It served before the process started: it is what callers miss.
    Restore,
    /// It is wanted.
    Change,
}

impl Step {
    /// Whether it comes after all that callers miss.
    pub(super) fn can_wait(&self) -> bool {
        matches!(self, Self::Prepare(_, _, Purpose::Change))
    }
}

/// The steps from `live` to the deployments that are `wanted` of an endpoint, in order; none if they agree.
pub(super) fn diff(
    wanted: &BTreeMap<DeploymentName, Arc<DeploymentRecord>>,
    live: &BTreeMap<DeploymentName, Summary>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for (name, summary) in live {
        let is_wanted = wanted
            .get(name)
            .is_some_and(|record| record.created == summary.created);
        if !is_wanted {
            steps.push(Step::Forget(name.clone()));
        }
    }
    for (name, record) in wanted {
        let known = live
            .get(name)
            .filter(|summary| summary.created == record.created);
        let created = record.created;
        if known.is_none() {
            steps.push(Step::Adopt(name.clone(), created));
        }
        let fresh = Summary {
            created,
            ..Summary::default()
        };
        let goal = goal(record, known.unwrap_or(&fresh));
        let target = goal.map(|(target, _)| target);
        let preparing = known.and_then(|summary| summary.preparing);
        if preparing.is_some() && preparing != target {
            steps.push(Step::Cancel(name.clone()));
        }
        if let Some((target, purpose)) = goal.filter(|(target, _)| preparing != Some(*target)) {
            steps.push(Step::Prepare(name.clone(), target, purpose));
        }
    }
    steps
}

/// The revision that a deployment should be preparing, and why.
fn goal(record: &DeploymentRecord, live: &Summary) -> Option<(Target, Purpose)> {
    let untried = |target: &Target| !live.failed.contains(target);
    if live.serving.is_none()
        && let Some(target) = record.serving_target().filter(untried)
    {
        return Some((target, Purpose::Restore));
    }
    if live.serving == Some(record.wanted) || record.error.is_some() {
        return None;
    }
    let target = Some(record.wanted_target()).filter(untried)?;
    Some((target, Purpose::Change))
}

#[cfg(test)]
mod tests;
