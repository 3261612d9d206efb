//! Changes of deployments that reach beyond a spec: to whom the control goes, and which revision is wanted again.

use std::sync::Arc;

use mlwasm_types::{DeploymentName, EndpointName, Generation, RevisionNumber, Role};

use super::{
    Expected, OtherControl, Refusal, find_endpoint, generation_after, no_deployment, with_endpoint,
};
use crate::store::{
    desired::{DeploymentRecord, DesiredState, EndpointRecord},
    revision::NoWayBack,
};

/// Makes room for `name` as the control of the endpoint.
pub(super) fn give_up_control(
    endpoint: &mut EndpointRecord,
    name: &DeploymentName,
    control: OtherControl,
    generation: Generation,
) -> Result<(), Refusal> {
    let mut others = endpoint.deployments.iter_mut();
    let Some((other, record)) =
        others.find(|(other, record)| *other != name && record.spec.role == Some(Role::Control))
    else {
        return Ok(());
    };
    if control == OtherControl::Refuse {
        return Err(Refusal::ControlTaken {
            control: other.clone(),
            deployment: name.clone(),
        });
    }
    let mut next = DeploymentRecord::clone(record);
    Arc::make_mut(&mut next.spec).role = Some(Role::Treatment);
    next.generation = generation;
    *record = Arc::new(next);
    Ok(())
}

pub(super) fn roll_back(
    state: &DesiredState,
    expected: Expected,
    (endpoint, name): (&EndpointName, &DeploymentName),
    to: Option<RevisionNumber>,
) -> Result<Option<DesiredState>, Refusal> {
    let endpoint = find_endpoint(state, endpoint)?;
    let found = endpoint
        .deployments
        .get(name)
        .ok_or_else(|| no_deployment(endpoint, name))?;
    expected.check(Some(found.generation))?;
    let kept = || found.revisions.keys().copied().collect();
    let record = found
        .rolled_back(to, generation_after(state))
        .map_err(|none| match none {
            NoWayBack::NoFormer => Refusal::NoFormer {
                deployment: name.clone(),
                wanted: found.wanted,
                kept: kept(),
            },
            NoWayBack::NotKept { revision } => Refusal::NoRevision {
                deployment: name.clone(),
                revision,
                kept: kept(),
            },
        })?;
    if record == **found {
        return Ok(None);
    }
    let mut next = EndpointRecord::clone(endpoint);
    next.deployments.insert(name.clone(), Arc::new(record));
    with_endpoint(state, next)
}
