//! What has to be done to bring what is live to what is wanted: a pure function, so that its cases are a table.
//!
//! Traffic, mirrors and keys are not here: every pass publishes them from the desired state as it is.

use std::collections::{BTreeMap, BTreeSet};

use mlwasm_types::{Generation, RevisionNumber};

use super::live::Key;
use crate::store::{DeploymentRecord, DesiredState, Target};

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

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Let go of a deployment that was deleted.
    Forget { key: Key },
    /// Begin with a deployment: its log and its counters.
    Adopt { key: Key, created: Generation },
    /// Stop a preparation whose result nobody wants any more.
    Cancel { key: Key },
    /// Make a revision ready.
    Prepare { key: Key, target: Target },
}

/// The steps from `live` to `desired`, in order; none if they agree.
///
/// Revisions that served before the process started come first: they are what callers miss.
pub(super) fn diff(desired: &DesiredState, live: &BTreeMap<Key, Summary>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (key, summary) in live {
        if desired
            .deployment(&key.0, &key.1)
            .is_none_or(|record| record.created != summary.created)
        {
            steps.push(Step::Forget { key: key.clone() });
        }
    }
    let mut later = Vec::new();
    for record in desired.deployments() {
        let key = (record.spec.endpoint_name.clone(), record.spec.name.clone());
        let known = live
            .get(&key)
            .filter(|summary| summary.created == record.created);
        let created = record.created;
        if known.is_none() {
            let key = key.clone();
            steps.push(Step::Adopt { key, created });
        }
        let fresh = Summary {
            created,
            ..Summary::default()
        };
        let (goal, is_restoring) = goal(record, known.unwrap_or(&fresh));
        let preparing = known.and_then(|summary| summary.preparing);
        if preparing.is_some() && preparing != goal {
            steps.push(Step::Cancel { key: key.clone() });
        }
        match goal.filter(|goal| preparing != Some(*goal)) {
            Some(target) if is_restoring => steps.push(Step::Prepare { key, target }),
            Some(target) => later.push(Step::Prepare { key, target }),
            None => {}
        }
    }
    steps.extend(later);
    steps
}

/// The revision that a deployment should be preparing, and whether it is one that served before.
fn goal(record: &DeploymentRecord, live: &Summary) -> (Option<Target>, bool) {
    let untried = |target: &Target| !live.failed.contains(target);
    if live.serving.is_none()
        && let Some(target) = record.serving_target().filter(untried)
    {
        return (Some(target), true);
    }
    if live.serving == Some(record.wanted) || record.error.is_some() {
        return (None, false);
    }
    (Some(record.wanted_target()).filter(untried), false)
}

#[cfg(test)]
mod tests;
