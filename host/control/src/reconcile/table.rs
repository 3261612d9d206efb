//! The routing table: what is wanted, as far as it is ready.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_routing::{Deployment, Endpoint, EndpointParts, ShadowTap};
use mlwasm_types::{DeploymentName, EndpointName, baseline};

use super::live::LiveDeployment;
use crate::{
    anonymous::AnonymousCallers,
    collection::Collections,
    secret::Secret,
    shadow::{Party, Shadows},
    store::EndpointRecord,
};

/// Makes the endpoints of the table.
pub(super) struct TableMaker {
    secret: Secret,
    anonymous_callers: AnonymousCallers,
    shadows: Arc<Shadows>,
    collections: Arc<Collections>,
}

impl TableMaker {
    pub(super) fn new(
        secret: Secret,
        anonymous_callers: AnonymousCallers,
        shadows: Arc<Shadows>,
        collections: Arc<Collections>,
    ) -> Self {
        Self {
            secret,
            anonymous_callers,
            shadows,
            collections,
        }
    }

    /// The endpoint that carries out `record` with what is `live`.
    ///
    /// A deployment that is not ready is in it without a revision, so that its requests are refused with 503 and not 404.
    pub(super) fn endpoint(
        &self,
        record: &EndpointRecord,
        live: &BTreeMap<DeploymentName, LiveDeployment>,
    ) -> Endpoint {
        let begun = record
            .deployments
            .iter()
            .filter_map(|(name, record)| Some((name, record, live.get(name)?)));
        let deployments = begun.map(|(name, record, live)| {
            let serving = live.serving.as_ref().map(|ready| ready.revision.clone());
            // As it is wanted, whichever revision serves: collecting is no part of a revision.
            let collector = self.collections.tap(&record.spec, &live.meters);
            let deployment = Deployment::new(name.clone(), Arc::clone(&live.meters), serving)
                .with_collector(collector);
            (name.clone(), Arc::new(deployment))
        });
        let deployments = deployments.collect();
        Endpoint::new(EndpointParts {
            spec: &record.spec,
            callers: self.anonymous_callers.callers(record, &self.secret),
            shadow: self.tap(record, &deployments),
            deployments,
        })
    }

    /// Forgets comparisons of endpoints that are gone.
    pub(super) fn keep(&self, is_there: impl Fn(&EndpointName) -> bool) {
        self.shadows.keep(is_there);
    }

    /// Where the mirror's answers are compared with those of the endpoint's baseline; none where one of the two does not serve.
    fn tap(
        &self,
        record: &EndpointRecord,
        deployments: &BTreeMap<DeploymentName, Arc<Deployment>>,
    ) -> Option<Arc<ShadowTap>> {
        let spec = &record.spec;
        let mirror = spec.mirror().ok().flatten()?;
        let roles = record.deployments.iter();
        let baseline = baseline(
            roles.map(|(name, record)| (name, record.spec.role)),
            &spec.traffic,
        )?;
        let party = |name: &DeploymentName| {
            let deployment = deployments.get(name)?;
            Some(Party {
                deployment: deployment.name(),
                revision: deployment.serving()?,
                meters: deployment.meters(),
            })
        };
        let parties = [party(baseline)?, party(&mirror.target)?];
        Some(self.shadows.tap(&spec.name, parties, &spec.shadow))
    }
}
