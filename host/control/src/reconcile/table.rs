//! The routing table of a state: what is wanted, as far as it is ready.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_routing::{Callers, Deployment, Endpoint, EndpointParts, RoutingTable};
use mlwasm_types::{DeploymentName, EndpointName};

use super::live::{Key, LiveDeployment};
use crate::{
    anonymous::AnonymousCallers,
    secret::Secret,
    store::{DesiredState, EndpointRecord},
};

/// Makes tables, each from the former one: an endpoint that did not change is not made again. With thousands of endpoints
/// their keys alone would take a good part of a second.
pub(super) struct Tables {
    secret: Secret,
    anonymous_callers: AnonymousCallers,
    made: BTreeMap<EndpointName, Made>,
}

/// An endpoint and what it was made from.
struct Made {
    record: Arc<EndpointRecord>,
    endpoint: Arc<Endpoint>,
}

impl Tables {
    pub(super) fn new(secret: Secret, anonymous_callers: AnonymousCallers) -> Self {
        Self {
            secret,
            anonymous_callers,
            made: BTreeMap::new(),
        }
    }

    /// The table that carries out `desired` with what is `live`.
    ///
    /// A deployment that is not ready is in it without a revision, so that its requests are refused with 503 and not 404.
    pub(super) fn table_of(
        &mut self,
        desired: &DesiredState,
        live: &BTreeMap<Key, LiveDeployment>,
    ) -> RoutingTable {
        let mut former = std::mem::take(&mut self.made);
        let made = desired.endpoints.iter().map(|(name, record)| {
            let kept = former.remove(name).filter(|made| made.is_of(record, live));
            let made = kept.unwrap_or_else(|| {
                let callers = self.anonymous_callers.callers(record, &self.secret);
                Made {
                    record: Arc::clone(record),
                    endpoint: Arc::new(endpoint_of(record, live, callers)),
                }
            });
            (name.clone(), made)
        });
        self.made = made.collect();
        let endpoints = self.made.values().map(|made| Arc::clone(&made.endpoint));
        RoutingTable::new(desired.generation, endpoints)
    }
}

impl Made {
    /// Whether the endpoint would be the same, made anew.
    fn is_of(&self, record: &Arc<EndpointRecord>, live: &BTreeMap<Key, LiveDeployment>) -> bool {
        let is_same = |(name, live): (&DeploymentName, &LiveDeployment)| {
            self.endpoint.deployment(name.as_str()).is_some_and(|made| {
                let pools = (
                    made.serving().map(|revision| &revision.pool),
                    live.serving.as_ref().map(|ready| &ready.revision.pool),
                );
                let is_same_revision = match pools {
                    (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                    (None, None) => true,
                    (Some(_), None) | (None, Some(_)) => false,
                };
                is_same_revision && Arc::ptr_eq(made.meters(), &live.meters)
            })
        };
        Arc::ptr_eq(&self.record, record)
            && live_of(record, live).count() == self.endpoint.deployments().count()
            && live_of(record, live).all(is_same)
    }
}

fn endpoint_of(
    record: &EndpointRecord,
    live: &BTreeMap<Key, LiveDeployment>,
    callers: Callers,
) -> Endpoint {
    let deployments = live_of(record, live).map(|(name, live)| {
        let serving = live.serving.as_ref().map(|ready| ready.revision.clone());
        let deployment = Deployment::new(name.clone(), Arc::clone(&live.meters), serving);
        (name.clone(), Arc::new(deployment))
    });
    Endpoint::new(EndpointParts {
        spec: &record.spec,
        callers,
        deployments: deployments.collect(),
    })
}

/// The deployments of an endpoint that the reconciler has begun with.
fn live_of<'a>(
    record: &'a EndpointRecord,
    live: &'a BTreeMap<Key, LiveDeployment>,
) -> impl Iterator<Item = (&'a DeploymentName, &'a LiveDeployment)> {
    record.deployments.keys().filter_map(|name| {
        let key = (record.spec.name.clone(), name.clone());
        Some((name, live.get(&key)?))
    })
}
