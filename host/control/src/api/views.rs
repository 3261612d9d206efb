//! Objects as `GET` shows them.

use std::sync::Arc;

use mlwasm_types::{
    DeploymentName, EndpointName, ProvisioningState,
    api::{DeploymentView, EndpointView},
};
use serde::Deserialize;

use super::{Api, problem::Failure};
use crate::{
    reconcile::status_of,
    store::{DeploymentRecord, DesiredState, EndpointRecord, Refusal},
};

/// The address of an endpoint.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EndpointPath {
    pub(crate) endpoint: EndpointName,
}

/// The address of a deployment.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DeploymentPath {
    pub(crate) endpoint: EndpointName,
    pub(crate) deployment: DeploymentName,
}

impl EndpointPath {
    /// The endpoint, or 404.
    pub(crate) fn find<'a>(
        &self,
        state: &'a DesiredState,
    ) -> Result<&'a Arc<EndpointRecord>, Failure> {
        let found = state.endpoint(&self.endpoint);
        found.ok_or_else(|| Failure::no_endpoint(&self.endpoint))
    }
}

impl DeploymentPath {
    /// The deployment, or 404 that names those that exist.
    pub(crate) fn find<'a>(
        &self,
        state: &'a DesiredState,
    ) -> Result<&'a Arc<DeploymentRecord>, Failure> {
        let endpoint = state
            .endpoint(&self.endpoint)
            .ok_or_else(|| Failure::no_endpoint(&self.endpoint))?;
        let missing = || Refusal::NoDeployment {
            endpoint: self.endpoint.clone(),
            deployment: self.deployment.clone(),
            have: endpoint.deployments.keys().cloned().collect(),
        };
        Ok(endpoint
            .deployments
            .get(&self.deployment)
            .ok_or_else(missing)?)
    }
}

impl Api {
    pub(crate) fn endpoint_view(&self, record: &EndpointRecord) -> EndpointView {
        let (base, name) = (&self.about.scoring_base, &record.spec.name);
        EndpointView {
            spec: record.spec.clone(),
            scoring_uri: format!("{base}/endpoints/{name}/score"),
            swagger_uri: format!("{base}/endpoints/{name}/swagger.json"),
            provisioning_state: ProvisioningState::Succeeded,
            generation: record.generation,
        }
    }

    pub(crate) fn deployment_view(&self, record: &DeploymentRecord) -> DeploymentView {
        let live = self.live();
        let live = live.deployment(record);
        DeploymentView {
            spec: record.spec.as_ref().clone(),
            status: status_of(record, live),
            generation: record.generation,
        }
    }
}
