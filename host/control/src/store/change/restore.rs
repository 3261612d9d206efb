//! The whole state of a backup instead of what is wanted now.
//!
//! What is there and in the backup goes on: a deployment with the same settings is not touched, one with others gets those of the
//! backup as its next revision, so that nothing is dropped and each can be undone. What is taken back for good is not given out
//! again: tokens of administrators stay as they are, keys that were regenerated since stay invalid, and no version of a model
//! gets another one's number.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{Generation, ModelName};

use super::{Expected, Refusal, checked};
use crate::{
    keys::KeyCounters,
    store::{
        desired::{DeploymentRecord, DesiredState, EndpointRecord},
        registry::ModelRecord,
    },
};

/// The moment at which a backup is restored.
#[derive(Clone, Copy)]
struct Moment {
    generation: Generation,
    at: Timestamp,
}

pub(super) fn restore(
    state: &DesiredState,
    expected: Expected,
    backup: &DesiredState,
    at: Timestamp,
) -> Result<Option<DesiredState>, Refusal> {
    expected.check(Some(state.generation))?;
    let moment = Moment {
        // Above both: a tag that either server gave out is none of this state's.
        generation: state.generation.max(backup.generation).next(),
        at,
    };
    let mut endpoints = BTreeMap::new();
    for (name, wanted) in &backup.endpoints {
        let record = endpoint(state.endpoint(name), wanted, moment)?;
        endpoints.insert(name.clone(), record);
    }
    let next = DesiredState {
        generation: moment.generation,
        endpoints,
        models: models(state, backup, moment.generation),
        admin_tokens: state.admin_tokens.clone(),
    };
    let is_same = next.endpoints == state.endpoints && next.models == state.models;
    Ok((!is_same).then_some(next))
}

fn endpoint(
    found: Option<&Arc<EndpointRecord>>,
    wanted: &EndpointRecord,
    moment: Moment,
) -> Result<Arc<EndpointRecord>, Refusal> {
    let deployments = wanted.deployments.iter().map(|(name, wanted)| {
        let found = found.and_then(|found| found.deployments.get(name));
        (name.clone(), deployment(found, wanted, moment))
    });
    let mut next = EndpointRecord {
        deployments: deployments.collect(),
        generation: moment.generation,
        // Its windows and its revisions are of another time: the shares that it had reached stay.
        rollout: None,
        ..wanted.clone()
    };
    let Some(found) = found else {
        return Ok(Arc::new(checked(next)?));
    };
    if found.salt == wanted.salt {
        next.counters = later(found.counters, wanted.counters);
    }
    let is_same =
        (&next.spec, next.salt, next.counters) == (&found.spec, found.salt, found.counters);
    if is_same {
        next.generation = found.generation;
    }
    if is_same && next.deployments == found.deployments {
        return Ok(Arc::clone(found));
    }
    Ok(Arc::new(checked(next)?))
}

fn later(one: KeyCounters, other: KeyCounters) -> KeyCounters {
    KeyCounters {
        primary: one.primary.max(other.primary),
        secondary: one.secondary.max(other.secondary),
    }
}

fn deployment(
    found: Option<&Arc<DeploymentRecord>>,
    wanted: &DeploymentRecord,
    moment: Moment,
) -> Arc<DeploymentRecord> {
    let Moment { generation, at } = moment;
    let Some(found) = found else {
        // With its history; what served then is made ready first, as after a start.
        return Arc::new(DeploymentRecord {
            created: generation,
            generation,
            attempt: generation,
            error: None,
            ..wanted.clone()
        });
    };
    if found.spec == wanted.spec && found.error.is_none() {
        return Arc::clone(found);
    }
    Arc::new(found.changed((*wanted.spec).clone(), generation, at))
}

fn models(
    state: &DesiredState,
    backup: &DesiredState,
    generation: Generation,
) -> BTreeMap<ModelName, Arc<ModelRecord>> {
    let names = state.models.keys().chain(backup.models.keys());
    let model = |name: &ModelName| {
        let (found, wanted) = (state.models.get(name), backup.models.get(name));
        let last = [found, wanted].into_iter().flatten();
        let last = last.map(|record| record.last).max().unwrap_or_default();
        let versions = wanted.map(|record| record.versions.clone());
        let next = ModelRecord {
            name: name.clone(),
            generation,
            last,
            versions: versions.unwrap_or_default(),
        };
        match found {
            Some(found) if found.last == next.last && found.versions == next.versions => {
                Arc::clone(found)
            }
            Some(_) | None => Arc::new(next),
        }
    };
    names.map(|name| (name.clone(), model(name))).collect()
}

#[cfg(test)]
mod tests;
