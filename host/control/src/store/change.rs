//! One change of the desired state, as a pure function from state to state.
//!
//! No disk, no clock, no randomness: the rules of what may be changed, and when, stand here and nowhere else.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_types::{
    AdminTokenName, DeploymentName, DeploymentSpec, EndpointName, EndpointSpec, Generation,
    InvalidSpec, Mirror, Percent, TrafficSplit, api::KeySlot,
};

use super::{
    desired::{DeploymentRecord, DesiredState, EndpointRecord, Target},
    generation_after,
};
use crate::{
    admin_tokens::{AdminTokenRecord, MOST_TOKENS},
    keys::{KeyCounters, KeySalt},
};

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
    /// Creates or replaces a deployment.
    PutDeployment { spec: DeploymentSpec },
    /// Deletes a deployment.
    DeleteDeployment {
        endpoint: EndpointName,
        deployment: DeploymentName,
        in_use: InUse,
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

/// Why a change does not fit the state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
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
    #[error("token {name} does not exist")]
    NoAdminToken { name: AdminTokenName },
    #[error("token {name} exists already: revoke it first, or choose another name")]
    AdminTokenExists { name: AdminTokenName },
    #[error("there are {MOST_TOKENS} tokens, and no more are allowed: revoke some first")]
    TooManyAdminTokens,
    #[error(transparent)]
    Invalid(#[from] InvalidSpec),
}

fn existing(have: &[DeploymentName]) -> String {
    if have.is_empty() {
        return "it has none".to_owned();
    }
    let names: Vec<_> = have.iter().map(DeploymentName::as_str).collect();
    format!("it has {}", names.join(", "))
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
            Self::PutDeployment { spec } => put_deployment(state, expected, spec),
            Self::DeleteDeployment {
                endpoint,
                deployment,
                in_use,
            } => delete_deployment(state, expected, (&endpoint, &deployment), in_use),
            Self::PutAdminToken { record } => put_admin_token(state, record),
            Self::DeleteAdminToken { name } => delete_admin_token(state, &name),
        }
    }
}

fn put_endpoint(
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
    };
    with_endpoint(state, checked(record)?)
}

fn change_endpoint(
    state: &DesiredState,
    expected: Expected,
    name: &EndpointName,
    change: impl FnOnce(&mut EndpointRecord),
) -> Result<Option<DesiredState>, Refusal> {
    let found = find_endpoint(state, name)?;
    expected.check(Some(found.generation))?;
    let mut next = EndpointRecord::clone(found);
    change(&mut next);
    let mut next = checked(next)?;
    if next == **found {
        return Ok(None);
    }
    next.generation = generation_after(state);
    with_endpoint(state, next)
}

/// The endpoint, if its traffic and mirror name deployments that exist and break no rule.
fn checked(mut record: EndpointRecord) -> Result<EndpointRecord, Refusal> {
    let mirror = record.spec.mirror().map_err(InvalidSpec::from)?;
    // A mirror that is off may name a deployment that is gone: nothing of it is kept.
    record.spec.mirror_traffic = mirror.as_ref().map(Mirror::to_shares).unwrap_or_default();
    record.spec.validate()?;
    let named = record.spec.traffic.shares().map(|(name, _)| name);
    let target = mirror.as_ref().map(|mirror| &mirror.target);
    let mut missing = named
        .chain(target)
        .filter(|name| !record.deployments.contains_key(*name));
    if let Some(missing) = missing.next() {
        return Err(no_deployment(&record, missing));
    }
    drop(missing);
    Ok(record)
}

fn delete_endpoint(
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

fn put_deployment(
    state: &DesiredState,
    expected: Expected,
    spec: DeploymentSpec,
) -> Result<Option<DesiredState>, Refusal> {
    let endpoint = find_endpoint(state, &spec.endpoint_name)?;
    let found = endpoint.deployments.get(&spec.name);
    expected.check(found.map(|record| record.generation))?;
    spec.validate()?;
    let name = spec.name.clone();
    let generation = generation_after(state);
    let record = match found {
        Some(found) if *found.spec == spec && found.error.is_none() => return Ok(None),
        Some(found) => found.changed(spec, generation),
        None => DeploymentRecord::new(spec, generation),
    };
    let mut next = EndpointRecord::clone(endpoint);
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
    if in_use == InUse::Refuse {
        refuse_in_use(&endpoint.spec, name)?;
    }
    let mut next = EndpointRecord::clone(endpoint);
    next.deployments.remove(name);
    next.spec.traffic = next.spec.traffic.without(name);
    next.spec.mirror_traffic.remove(name);
    if next.spec != endpoint.spec {
        next.generation = generation_after(state);
    }
    with_endpoint(state, next)
}

/// A token is made once: one that were replaced would lock out those who hold it without a word.
fn put_admin_token(
    state: &DesiredState,
    record: AdminTokenRecord,
) -> Result<Option<DesiredState>, Refusal> {
    let name = record.name.clone();
    if state.admin_tokens.contains_key(&name) {
        return Err(Refusal::AdminTokenExists { name });
    }
    if state.admin_tokens.len() >= MOST_TOKENS {
        return Err(Refusal::TooManyAdminTokens);
    }
    let mut next = state.clone();
    next.generation = generation_after(state);
    next.admin_tokens.insert(name, Arc::new(record));
    Ok(Some(next))
}

fn delete_admin_token(
    state: &DesiredState,
    name: &AdminTokenName,
) -> Result<Option<DesiredState>, Refusal> {
    let mut next = state.clone();
    next.generation = generation_after(state);
    match next.admin_tokens.remove(name) {
        Some(_) => Ok(Some(next)),
        None => Err(Refusal::NoAdminToken { name: name.clone() }),
    }
}

fn refuse_in_use(spec: &EndpointSpec, name: &DeploymentName) -> Result<(), Refusal> {
    let share = spec.traffic.share(name);
    if share > Percent::ZERO {
        return Err(Refusal::HasTraffic {
            deployment: name.clone(),
            share,
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

fn no_deployment(endpoint: &EndpointRecord, name: &DeploymentName) -> Refusal {
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

/// What became of an attempt to make a revision ready.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) endpoint: EndpointName,
    pub(crate) deployment: DeploymentName,
    /// Which deployment of that name.
    pub(crate) created: Generation,
    pub(crate) target: Target,
    /// Ready, or why not.
    pub(crate) result: Result<(), String>,
}

impl Outcome {
    /// The state with the outcome noted; none if that alters nothing, or the deployment is gone.
    pub(crate) fn apply(self, state: &DesiredState) -> Option<DesiredState> {
        let endpoint = state.endpoint(&self.endpoint)?;
        let found = endpoint.deployments.get(&self.deployment)?;
        if found.created != self.created {
            return None;
        }
        let mut record = DeploymentRecord::clone(found);
        match self.result {
            Ok(()) if record.revisions.contains_key(&self.target.revision) => {
                record.serving = Some(self.target.revision);
                if record.wanted == self.target.revision {
                    record.error = None;
                }
            }
            Err(error) if record.wanted_target() == self.target => record.error = Some(error),
            Ok(()) | Err(_) => {}
        }
        if record == **found {
            return None;
        }
        let mut endpoint = EndpointRecord::clone(endpoint);
        endpoint
            .deployments
            .insert(self.deployment, Arc::new(record));
        let mut next = state.clone();
        next.endpoints.insert(self.endpoint, Arc::new(endpoint));
        Some(next)
    }
}

#[cfg(test)]
mod tests;
