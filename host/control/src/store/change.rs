//! One change of the desired state, as a pure function from state to state.
//!
//! No disk, no clock, no randomness: the rules of what may be changed, and when, stand here and nowhere else.

mod deployment;
mod endpoint;
mod models;
mod outcome;
mod refusal;
mod restore;
mod tokens;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{
    AdminTokenName, DeploymentName, DeploymentSpec, EndpointName, EndpointSpec, Generation,
    ModelName, ModelVersion, Percent, RevisionNumber, Role, TrafficSplit, api::KeySlot,
};

use deployment::{give_up_control, roll_back};
use endpoint::{change_endpoint, checked, delete_endpoint, put_endpoint, replace_endpoint};
pub(crate) use outcome::Outcome;
pub(crate) use refusal::Refusal;

use super::{
    desired::{DeploymentRecord, DesiredState, EndpointRecord},
    generation_after,
    registry::VersionRecord,
    rollout::{self, RolloutAct},
};
use crate::{admin_tokens::AdminTokenRecord, keys::KeySalt};

/// What the operator asks for.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Creates or replaces an endpoint; `salt` is used if it is created.
    PutEndpoint { spec: EndpointSpec, salt: KeySalt },
    /// Replaces the live traffic's shares.
    SetTraffic {
        endpoint: EndpointName,
        traffic: TrafficSplit,
    },
    /// Replaces the mirror; no share above 0 turns it off.
    SetMirror {
        endpoint: EndpointName,
        shares: BTreeMap<DeploymentName, Percent>,
    },
    /// Makes a key invalid and another one valid.
    RotateKey {
        endpoint: EndpointName,
        slot: KeySlot,
    },
    /// Deletes an endpoint with all its deployments.
    DeleteEndpoint { endpoint: EndpointName },
    /// Creates or replaces a deployment, at that time.
    PutDeployment {
        spec: Box<DeploymentSpec>,
        control: OtherControl,
        at: Timestamp,
    },
    /// Makes an earlier revision the wanted one: `to`, else the one that served before.
    Rollback {
        endpoint: EndpointName,
        deployment: DeploymentName,
        to: Option<RevisionNumber>,
    },
    /// Deletes a deployment.
    DeleteDeployment {
        endpoint: EndpointName,
        deployment: DeploymentName,
        in_use: InUse,
    },
    /// Adds the next version of a registered model.
    RegisterModel {
        name: ModelName,
        version: VersionRecord,
    },
    /// Deletes a version of a registered model, or all of them.
    DeleteModel {
        name: ModelName,
        version: Option<ModelVersion>,
    },
    /// Does something with the endpoint's rollout.
    Rollout {
        endpoint: EndpointName,
        act: RolloutAct,
        at: Timestamp,
    },
    /// Replaces everything but administration tokens by what a backup holds, at that time.
    Restore {
        backup: Arc<DesiredState>,
        at: Timestamp,
    },
    /// Lets a new administration token in.
    PutAdminToken { record: AdminTokenRecord },
    /// Lets an administration token in no longer.
    DeleteAdminToken { name: AdminTokenName },
}

/// What to do with a deployment that is to be deleted and has live or mirrored traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InUse {
    /// Leave it.
    Refuse,
    /// Delete it; its share goes to nobody.
    Delete,
}

/// What to do with the control of an endpoint when another deployment is to be it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OtherControl {
    /// Leave it.
    #[default]
    Refuse,
    /// Make it a treatment.
    Move,
}

/// What must be true of the object before it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing.
    Anything,
    /// It exists.
    Present,
    /// It does not exist.
    Absent,
    /// It was last changed at this generation.
    At(Generation),
}

impl Change {
    /// The state after the change; none if the change alters nothing.
    pub(crate) fn apply(
        self,
        state: &DesiredState,
        expected: Expected,
    ) -> Result<Option<DesiredState>, Refusal> {
        match self {
            Self::PutEndpoint { spec, salt } => put_endpoint(state, expected, spec, salt),
            Self::SetTraffic { endpoint, traffic } => {
                change_endpoint(state, expected, &endpoint, |next| {
                    next.spec.traffic = traffic
                })
            }
            Self::SetMirror { endpoint, shares } => {
                change_endpoint(state, expected, &endpoint, |next| {
                    next.spec.mirror_traffic = shares
                })
            }
            Self::RotateKey { endpoint, slot } => {
                change_endpoint(state, expected, &endpoint, |next| {
                    next.counters = next.counters.rotated(slot);
                })
            }
            Self::DeleteEndpoint { endpoint } => delete_endpoint(state, expected, &endpoint),
            Self::PutDeployment { spec, control, at } => {
                put_deployment(state, expected, *spec, control, at)
            }
            Self::Rollback {
                endpoint,
                deployment,
                to,
            } => roll_back(state, expected, (&endpoint, &deployment), to),
            Self::DeleteDeployment {
                endpoint,
                deployment,
                in_use,
            } => delete_deployment(state, expected, (&endpoint, &deployment), in_use),
            Self::RegisterModel { name, version } => {
                models::register(state, expected, name, version)
            }
            Self::DeleteModel { name, version } => models::delete(state, expected, &name, version),
            Self::Rollout { endpoint, act, at } => {
                let found = find_endpoint(state, &endpoint)?;
                expected.check(Some(found.generation))?;
                let mut next = EndpointRecord::clone(found);
                act.carry_out(&mut next, at, generation_after(state))?;
                replace_endpoint(state, found, next)
            }
            Self::Restore { backup, at } => restore::restore(state, expected, &backup, at),
            Self::PutAdminToken { record } => tokens::put(state, record),
            Self::DeleteAdminToken { name } => tokens::delete(state, &name),
        }
    }
}

fn put_deployment(
    state: &DesiredState,
    expected: Expected,
    spec: DeploymentSpec,
    control: OtherControl,
    at: Timestamp,
) -> Result<Option<DesiredState>, Refusal> {
    let endpoint = find_endpoint(state, &spec.endpoint_name)?;
    let found = endpoint.deployments.get(&spec.name);
    expected.check(found.map(|record| record.generation))?;
    spec.validate()?;
    if found.is_some_and(|found| *found.spec == spec && found.error.is_none()) {
        return Ok(None);
    }
    let generation = generation_after(state);
    let mut next = EndpointRecord::clone(endpoint);
    if spec.role == Some(Role::Control) {
        give_up_control(&mut next, &spec.name, control, generation)?;
    }
    let name = spec.name.clone();
    let record = match found {
        Some(found) => found.changed(spec, generation, at),
        None => DeploymentRecord::new(spec, generation, at),
    };
    next.deployments.insert(name, Arc::new(record));
    with_endpoint(state, next)
}

fn delete_deployment(
    state: &DesiredState,
    expected: Expected,
    (endpoint, name): (&EndpointName, &DeploymentName),
    in_use: InUse,
) -> Result<Option<DesiredState>, Refusal> {
    let endpoint = find_endpoint(state, endpoint)?;
    let found = endpoint
        .deployments
        .get(name)
        .ok_or_else(|| no_deployment(endpoint, name))?;
    expected.check(Some(found.generation))?;
    let mut next = EndpointRecord::clone(endpoint);
    rollout::leave(&mut next, name)?;
    if in_use == InUse::Refuse {
        refuse_in_use(&endpoint.spec, name)?;
    }
    next.deployments.remove(name);
    next.spec.traffic = next.spec.traffic.without(name);
    next.spec.mirror_traffic.remove(name);
    next.spec.routes.retain(|route| route.deployment != *name);
    if next.spec != endpoint.spec {
        next.generation = generation_after(state);
    }
    with_endpoint(state, next)
}

fn refuse_in_use(spec: &EndpointSpec, name: &DeploymentName) -> Result<(), Refusal> {
    let share = spec.traffic.share(name);
    if share > Percent::ZERO {
        return Err(Refusal::HasTraffic {
            deployment: name.clone(),
            share,
        });
    }
    let mut routes = spec.routes.iter();
    if let Some(route) = routes.find(|route| route.deployment == *name) {
        return Err(Refusal::HasRoute {
            deployment: name.clone(),
            route: route.clone(),
        });
    }
    if spec
        .mirror_traffic
        .get(name)
        .is_some_and(|share| *share > Percent::ZERO)
    {
        return Err(Refusal::IsMirror {
            deployment: name.clone(),
        });
    }
    Ok(())
}

fn find_endpoint<'a>(
    state: &'a DesiredState,
    name: &EndpointName,
) -> Result<&'a Arc<EndpointRecord>, Refusal> {
    state.endpoint(name).ok_or_else(|| Refusal::NoEndpoint {
        endpoint: name.clone(),
    })
}

pub(super) fn no_deployment(endpoint: &EndpointRecord, name: &DeploymentName) -> Refusal {
    Refusal::NoDeployment {
        endpoint: endpoint.spec.name.clone(),
        deployment: name.clone(),
        have: endpoint.deployments.keys().cloned().collect(),
    }
}

fn with_endpoint(
    state: &DesiredState,
    record: EndpointRecord,
) -> Result<Option<DesiredState>, Refusal> {
    let mut next = state.clone();
    next.generation = generation_after(state);
    next.endpoints
        .insert(record.spec.name.clone(), Arc::new(record));
    Ok(Some(next))
}

impl Expected {
    fn check(self, found: Option<Generation>) -> Result<(), Refusal> {
        match (self, found) {
            (Self::Anything, _) | (Self::Present, Some(_)) | (Self::Absent, None) => Ok(()),
            (Self::At(expected), Some(found)) if expected == found => Ok(()),
            (Self::At(expected), Some(found)) => Err(Refusal::Stale { expected, found }),
            (Self::Absent, Some(found)) => Err(Refusal::Exists { found }),
            (Self::Present | Self::At(_), None) => Err(Refusal::Gone),
        }
    }
}

#[cfg(test)]
mod tests;
