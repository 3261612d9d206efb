//! The routing table of a state: what is wanted, as far as it is ready.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_routing::{Callers, Deployment, Endpoint, EndpointParts, RoutingTable};

use super::live::{Key, LiveDeployment};
use crate::store::{DesiredState, EndpointRecord};

/// The table that carries out `desired` with what is `live`, for those whom `callers` names.
///
/// A deployment that is not ready is in it without a revision, so that its requests are refused with 503 and not 404.
pub(super) fn table_of(
    desired: &DesiredState,
    live: &BTreeMap<Key, LiveDeployment>,
    callers: impl Fn(&EndpointRecord) -> Callers,
) -> RoutingTable {
    let endpoints = desired.endpoints.values().map(|record| {
        Arc::new(Endpoint::new(EndpointParts {
            spec: &record.spec,
            callers: callers(record),
            deployments: deployments_of(record, live),
        }))
    });
    RoutingTable::new(desired.generation, endpoints)
}

fn deployments_of(
    record: &EndpointRecord,
    live: &BTreeMap<Key, LiveDeployment>,
) -> BTreeMap<mlwasm_types::DeploymentName, Arc<Deployment>> {
    let ready = record.deployments.keys().filter_map(|name| {
        let live = live.get(&(record.spec.name.clone(), name.clone()))?;
        let deployment =
            Deployment::new(name.clone(), Arc::clone(&live.meters), live.serving.clone());
        Some((name.clone(), Arc::new(deployment)))
    });
    ready.collect()
}
