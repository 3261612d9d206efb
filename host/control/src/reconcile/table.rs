//! The routing table of a state: what is wanted, as far as it is ready.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use mlwasm_routing::{Callers, Deployment, Endpoint, EndpointParts, RoutingTable, ShadowTap};
use mlwasm_types::{DeploymentName, EndpointName, EndpointSpec};

use super::live::{Key, LiveDeployment};
use crate::{
    anonymous::AnonymousCallers,
    secret::Secret,
    shadow::{Party, Shadows},
    store::{DesiredState, EndpointRecord},
};

/// Makes tables, each from the former one: an endpoint that did not change is not made again. With thousands of endpoints
/// their keys alone would take a good part of a second.
pub(super) struct Tables {
    secret: Secret,
    anonymous_callers: AnonymousCallers,
    shadows: Arc<Shadows>,
    made: BTreeMap<EndpointName, Made>,
}

/// An endpoint and what it was made from.
struct Made {
    record: Arc<EndpointRecord>,
    endpoint: Arc<Endpoint>,
}

impl Tables {
    pub(super) fn new(
        secret: Secret,
        anonymous_callers: AnonymousCallers,
        shadows: Arc<Shadows>,
    ) -> Self {
        Self {
            secret,
            anonymous_callers,
            shadows,
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
                    endpoint: Arc::new(endpoint_of(record, live, callers, &self.shadows)),
                }
            });
            (name.clone(), made)
        });
        self.made = made.collect();
        self.shadows.keep(|name| self.made.contains_key(name));
        let endpoints = self.made.values().map(|made| Arc::clone(&made.endpoint));
        RoutingTable::new(desired.generation, endpoints)
    }
}

impl Made {
    /// Whether the endpoint would be the same, made anew.
    fn is_of(&self, record: &Arc<EndpointRecord>, live: &BTreeMap<Key, LiveDeployment>) -> bool {
        if !Arc::ptr_eq(&self.record, record) {
            return false;
        }
        let mut begun = 0;
        for (name, live) in live_of(record, live) {
            begun += 1;
            let made = self.endpoint.deployment(name.as_str());
            if !made.is_some_and(|made| is_same(made, live)) {
                return false;
            }
        }
        begun == self.endpoint.deployments().len()
    }
}

/// Whether the deployment would be the same, made anew.
fn is_same(made: &Deployment, live: &LiveDeployment) -> bool {
    let pool = made.serving().map(|revision| &revision.pool);
    let live_pool = live.serving.as_ref().map(|ready| &ready.revision.pool);
    let serves_the_same = match (pool, live_pool) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    serves_the_same && Arc::ptr_eq(made.meters(), &live.meters)
}

fn endpoint_of(
    record: &EndpointRecord,
    live: &BTreeMap<Key, LiveDeployment>,
    callers: Callers,
    shadows: &Shadows,
) -> Endpoint {
    let deployments = live_of(record, live).map(|(name, live)| {
        let serving = live.serving.as_ref().map(|ready| ready.revision.clone());
        let deployment = Deployment::new(name.clone(), Arc::clone(&live.meters), serving);
        (name.clone(), Arc::new(deployment))
    });
    let deployments = deployments.collect();
    Endpoint::new(EndpointParts {
        spec: &record.spec,
        callers,
        shadow: tap_of(&record.spec, &deployments, shadows),
        deployments,
    })
}

/// Where the mirror's answers are compared with those of the deployment that has the largest share of the traffic; none where
/// one of the two does not serve.
fn tap_of(
    spec: &EndpointSpec,
    deployments: &BTreeMap<DeploymentName, Arc<Deployment>>,
    shadows: &Shadows,
) -> Option<Arc<ShadowTap>> {
    let mirror = spec.mirror().ok().flatten()?;
    // Of equal shares the first name's, so that it is the same one next time.
    let shares = spec.traffic.shares();
    let (baseline, _) = shares
        .filter(|(_, share)| share.get() > 0)
        .min_by_key(|(name, share)| (Reverse(*share), *name))?;
    let party = |name: &DeploymentName| {
        let deployment = deployments.get(name)?;
        Some(Party {
            deployment: deployment.name(),
            revision: deployment.serving()?,
            meters: deployment.meters(),
        })
    };
    let parties = [party(baseline)?, party(&mirror.target)?];
    Some(shadows.tap(&spec.name, parties, &spec.shadow))
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

#[cfg(test)]
mod tests {
    use mlwasm_types::{DeploymentSpec, Digest, EndpointSpec, Generation};

    use super::*;
    use crate::{
        keys::{KeyCounters, KeySalt},
        store::DeploymentRecord,
    };

    fn name<K: mlwasm_types::names::Kind>(text: &str) -> mlwasm_types::Name<K> {
        mlwasm_types::Name::new(text).unwrap()
    }

    fn endpoint(endpoint: &str) -> Arc<EndpointRecord> {
        let blue = DeploymentSpec::new(name(endpoint), name("blue"), Digest::of(b"component"));
        let blue = DeploymentRecord::new(blue, Generation(1));
        Arc::new(EndpointRecord {
            spec: EndpointSpec::named(name(endpoint)),
            generation: Generation(1),
            salt: KeySalt([1; 16]),
            counters: KeyCounters::default(),
            deployments: BTreeMap::from([(name("blue"), Arc::new(blue))]),
        })
    }

    fn desired(endpoints: &[&Arc<EndpointRecord>]) -> DesiredState {
        let by_name =
            |record: &&Arc<EndpointRecord>| (record.spec.name.clone(), Arc::clone(*record));
        DesiredState {
            generation: Generation(1),
            endpoints: endpoints.iter().map(by_name).collect(),
        }
    }

    fn begun(endpoints: &[&str]) -> BTreeMap<Key, LiveDeployment> {
        let live = |endpoint: &&str| {
            let key = (name(endpoint), name("blue"));
            (key, LiveDeployment::new(Generation(1), 0))
        };
        endpoints.iter().map(live).collect()
    }

    /// Whether both tables hold the very same endpoint of this name.
    fn share(one: &RoutingTable, other: &RoutingTable, endpoint: &str) -> bool {
        let both = one.endpoint(endpoint).zip(other.endpoint(endpoint));
        both.is_some_and(|(one, other)| Arc::ptr_eq(one, other))
    }

    #[test]
    fn an_endpoint_that_did_not_change_is_not_made_again() {
        let mut tables = Tables::new(
            Secret::fixed(7),
            AnonymousCallers::Refused,
            Shadows::new().0,
        );
        let (a, b) = (endpoint("a"), endpoint("b"));
        let mut live = begun(&["a", "b"]);
        let first = tables.table_of(&desired(&[&a, &b]), &live);

        // Its own record changed.
        let mut rotated = EndpointRecord::clone(&a);
        rotated.counters.primary += 1;
        let rotated = Arc::new(rotated);
        let second = tables.table_of(&desired(&[&rotated, &b]), &live);
        assert!(!share(&first, &second, "a") && share(&first, &second, "b"));

        // What is live of it changed: made anew under the same name, forgotten, begun again.
        live.extend(begun(&["b"]));
        let third = tables.table_of(&desired(&[&rotated, &b]), &live);
        assert!(share(&second, &third, "a") && !share(&second, &third, "b"));
        live.remove(&(name("b"), name("blue")));
        let fourth = tables.table_of(&desired(&[&rotated, &b]), &live);
        assert!(share(&third, &fourth, "a") && !share(&third, &fourth, "b"));
        live.extend(begun(&["b"]));
        let fifth = tables.table_of(&desired(&[&rotated, &b]), &live);
        assert!(!share(&fourth, &fifth, "b"));

        // Gone, and back.
        let sixth = tables.table_of(&desired(&[&rotated]), &live);
        assert!(sixth.endpoint("b").is_none());
        let seventh = tables.table_of(&desired(&[&rotated, &b]), &live);
        assert!(share(&fifth, &seventh, "a") && !share(&fifth, &seventh, "b"));
    }
}
