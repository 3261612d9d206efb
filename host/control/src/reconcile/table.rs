//! The routing table: what is wanted, as far as it is ready.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_routing::{Deployment, Endpoint, EndpointParts};
use mlwasm_types::DeploymentName;

use super::live::LiveDeployment;
use crate::{anonymous::AnonymousCallers, secret::Secret, store::EndpointRecord};

/// Makes the endpoints of the table.
pub(super) struct TableMaker {
    secret: Secret,
    anonymous_callers: AnonymousCallers,
}

impl TableMaker {
    pub(super) fn new(secret: Secret, anonymous_callers: AnonymousCallers) -> Self {
        Self {
            secret,
            anonymous_callers,
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
            .keys()
            .filter_map(|name| Some((name, live.get(name)?)));
        let deployments = begun.map(|(name, live)| {
            let serving = live.serving.as_ref().map(|ready| ready.revision.clone());
            let deployment = Deployment::new(name.clone(), Arc::clone(&live.meters), serving);
            (name.clone(), Arc::new(deployment))
        });
        Endpoint::new(EndpointParts {
            spec: &record.spec,
            callers: self.anonymous_callers.callers(record, &self.secret),
            deployments: deployments.collect(),
        })
    }
}
