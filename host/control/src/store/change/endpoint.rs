//! Changes of endpoints.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_types::{EndpointName, EndpointSpec, InvalidSpec, Mirror};

use super::{Expected, Refusal, find_endpoint, generation_after, no_deployment, with_endpoint};
use crate::{
    keys::{KeyCounters, KeySalt},
    store::{
        desired::{DesiredState, EndpointRecord},
        rollout,
    },
};

pub(super) fn put_endpoint(
    state: &DesiredState,
    expected: Expected,
    spec: EndpointSpec,
    salt: KeySalt,
) -> Result<Option<DesiredState>, Refusal> {
    let name = spec.name.clone();
    if state.endpoint(&name).is_some() {
        return change_endpoint(state, expected, &name, |next| next.spec = spec);
    }
    expected.check(None)?;
    let record = EndpointRecord {
        spec,
        generation: generation_after(state),
        salt,
        counters: KeyCounters::default(),
        deployments: BTreeMap::new(),
        rollout: None,
    };
    with_endpoint(state, checked(record)?)
}

pub(super) fn change_endpoint(
    state: &DesiredState,
    expected: Expected,
    name: &EndpointName,
    change: impl FnOnce(&mut EndpointRecord),
) -> Result<Option<DesiredState>, Refusal> {
    let found = find_endpoint(state, name)?;
    expected.check(Some(found.generation))?;
    let mut next = EndpointRecord::clone(found);
    change(&mut next);
    rollout::check_change(found, &next)?;
    replace_endpoint(state, found, next)
}

/// The state with `next` instead of `found`; none if they are the same.
pub(super) fn replace_endpoint(
    state: &DesiredState,
    found: &EndpointRecord,
    next: EndpointRecord,
) -> Result<Option<DesiredState>, Refusal> {
    let mut next = checked(next)?;
    if next == *found {
        return Ok(None);
    }
    if next.spec == found.spec && next.counters == found.counters {
        // Only what is known of a rollout: nothing else is wanted than before, and nobody's entity tag is out of date.
        let mut state = state.clone();
        state
            .endpoints
            .insert(next.spec.name.clone(), Arc::new(next));
        return Ok(Some(state));
    }
    next.generation = generation_after(state);
    with_endpoint(state, next)
}

/// The endpoint, if its traffic and mirror name deployments that exist and break no rule.
pub(super) fn checked(mut record: EndpointRecord) -> Result<EndpointRecord, Refusal> {
    let mirror = record.spec.mirror().map_err(InvalidSpec::from)?;
    // A mirror that is off may name a deployment that is gone: nothing of it is kept.
    record.spec.mirror_traffic = mirror.as_ref().map(Mirror::to_shares).unwrap_or_default();
    record.spec.validate()?;
    let named = record.spec.traffic.shares().map(|(name, _)| name);
    let routed = record.spec.routes.iter().map(|route| &route.deployment);
    let target = mirror.as_ref().map(|mirror| &mirror.target);
    let mut missing = named
        .chain(routed)
        .chain(target)
        .filter(|name| !record.deployments.contains_key(*name));
    if let Some(missing) = missing.next() {
        return Err(no_deployment(&record, missing));
    }
    drop(missing);
    Ok(record)
}

pub(super) fn delete_endpoint(
    state: &DesiredState,
    expected: Expected,
    name: &EndpointName,
) -> Result<Option<DesiredState>, Refusal> {
    expected.check(Some(find_endpoint(state, name)?.generation))?;
    let mut next = state.clone();
    next.generation = generation_after(state);
    next.endpoints.remove(name);
    Ok(Some(next))
}
