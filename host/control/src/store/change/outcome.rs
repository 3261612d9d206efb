//! What became of a revision, noted in the state. Nothing else is wanted than before.

use std::sync::Arc;

use mlwasm_types::{DeploymentName, EndpointName, Generation};

use crate::store::desired::{DeploymentRecord, DesiredState, EndpointRecord, Target};

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
            Ok(()) => {
                let made = record.revisions.get_mut(&self.target.revision)?;
                made.error = None;
                record.serving = Some(self.target.revision);
                if record.wanted == self.target.revision {
                    record.error = None;
                }
            }
            Err(error) if record.wanted_target() == self.target => {
                let made = record.revisions.get_mut(&self.target.revision)?;
                made.error = Some(error.clone());
                record.error = Some(error);
            }
            Err(_) => {}
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
