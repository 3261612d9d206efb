//! What others get to see of what is live.

use std::{collections::BTreeMap, sync::Arc};

use mlwasm_sandbox::{CostMeter, DeploymentLog, Failures};
use mlwasm_types::{
    DeploymentName, DeploymentStatus, EndpointName, Generation, ProvisioningState, RevisionNumber,
    status::SandboxCounts,
};

use super::{
    live::{Key, LiveDeployment, LiveEndpoint},
    progress::ProgressBoard,
};
use crate::{
    autoscale::Scaled,
    store::{DeploymentRecord, EndpointRecord, Target},
};

/// What is live, as of one pass of the reconciler. Endpoints that did not change are shared between views.
#[derive(Default)]
pub(crate) struct LiveView {
    /// The generation that the data plane serves.
    pub(crate) generation: Generation,
    /// Whether everything that served before the process started serves again, or can not.
    pub(crate) is_restored: bool,
    endpoints: BTreeMap<EndpointName, Arc<EndpointStatus>>,
}

/// What is live of one endpoint.
#[derive(Default)]
pub(crate) struct EndpointStatus {
    is_restored: bool,
    deployments: BTreeMap<DeploymentName, LiveStatus>,
}

/// What is live of one deployment.
pub(crate) struct LiveStatus {
    created: Generation,
    serving: Option<(RevisionNumber, Scaled)>,
    progress: Option<ProgressBoard>,
    failed: BTreeMap<Target, String>,
    pub(crate) log: Arc<DeploymentLog>,
    pub(crate) failures: Arc<Failures>,
    costs: Arc<CostMeter>,
}

impl LiveView {
    pub(super) fn new(
        generation: Generation,
        endpoints: BTreeMap<EndpointName, Arc<EndpointStatus>>,
    ) -> Self {
        Self {
            generation,
            is_restored: endpoints.values().all(|endpoint| endpoint.is_restored),
            endpoints,
        }
    }

    /// What is live of this deployment; none if the reconciler has not seen it yet.
    pub(crate) fn deployment(&self, record: &DeploymentRecord) -> Option<&LiveStatus> {
        self.endpoints
            .get(&record.spec.endpoint_name)?
            .deployment(record)
    }

    /// The revision that serves for this deployment.
    pub(crate) fn serving_of(
        &self,
        record: &DeploymentRecord,
    ) -> Option<(RevisionNumber, &Scaled)> {
        let (number, scaled) = self.deployment(record)?.serving.as_ref()?;
        Some((*number, scaled))
    }

    /// Every deployment that serves, as far as it may be scaled.
    pub(crate) fn serving(&self) -> impl Iterator<Item = (Key, &Scaled)> {
        self.deployments().filter_map(|(key, status)| {
            let (_, scaled) = status.serving.as_ref()?;
            Some((key, scaled))
        })
    }

    /// What counts the costs of each deployment, and since which generation.
    pub(crate) fn costs(&self) -> impl Iterator<Item = (Key, Generation, &Arc<CostMeter>)> {
        self.deployments()
            .map(|(key, live)| (key, live.created, &live.costs))
    }

    fn deployments(&self) -> impl Iterator<Item = (Key, &LiveStatus)> {
        self.endpoints.iter().flat_map(|(endpoint, status)| {
            let key = |name: &DeploymentName| (endpoint.clone(), name.clone());
            status
                .deployments
                .iter()
                .map(move |(name, live)| (key(name), live))
        })
    }
}

impl EndpointStatus {
    pub(super) fn new(record: &EndpointRecord, live: &LiveEndpoint) -> Self {
        let deployments = live.deployments().iter();
        let mut status = Self {
            is_restored: false,
            deployments: deployments
                .map(|(name, live)| (name.clone(), LiveStatus::of(live)))
                .collect(),
        };
        status.is_restored = record
            .deployments
            .values()
            .all(|record| status.is_back(record));
        status
    }

    fn deployment(&self, record: &DeploymentRecord) -> Option<&LiveStatus> {
        let status = self.deployments.get(&record.spec.name)?;
        (status.created == record.created).then_some(status)
    }

    fn is_back(&self, record: &DeploymentRecord) -> bool {
        let Some(target) = record.serving_target() else {
            return true;
        };
        self.deployment(record)
            .is_some_and(|live| live.serving.is_some() || live.failed.contains_key(&target))
    }
}

impl LiveStatus {
    fn of(live: &LiveDeployment) -> Self {
        Self {
            created: live.created,
            serving: live.serving.as_ref().map(|ready| {
                let scaled = Scaled {
                    spec: Arc::clone(&ready.spec),
                    pool: Arc::clone(&ready.revision.pool),
                    log: Arc::clone(&live.log),
                    meters: Arc::clone(&live.meters),
                    last_change: Arc::clone(&live.last_scale_change),
                };
                (ready.revision.number, scaled)
            }),
            progress: live
                .preparing
                .as_ref()
                .map(|preparing| preparing.progress.clone()),
            failed: live.failed.clone(),
            log: Arc::clone(&live.log),
            failures: Arc::clone(&live.failures),
            costs: Arc::clone(&live.meters.costs),
        }
    }
}

/// What is true of a deployment.
pub(crate) fn status_of(record: &DeploymentRecord, live: Option<&LiveStatus>) -> DeploymentStatus {
    let serving = live.and_then(|live| live.serving.as_ref());
    let failure = live.and_then(|live| live.failed.get(&record.wanted_target()));
    let serving_revision = serving.map(|(number, _)| *number);
    let provisioning_state = if serving_revision == Some(record.wanted) {
        ProvisioningState::Succeeded
    } else if failure.is_some() || record.error.is_some() && !is_being_restored(record, live) {
        ProvisioningState::Failed
    } else if record.serving.is_some() || serving.is_some() {
        ProvisioningState::Updating
    } else {
        ProvisioningState::Creating
    };
    DeploymentStatus {
        provisioning_state,
        revision: record.wanted,
        serving_revision,
        error: (provisioning_state == ProvisioningState::Failed)
            .then(|| failure.or(record.error.as_ref()).cloned())
            .flatten(),
        progress: live
            .and_then(|live| live.progress.as_ref())
            .filter(|_| !provisioning_state.is_settled())
            .map(ProgressBoard::read),
        sandboxes: serving.map_or_else(SandboxCounts::default, |(_, scaled)| scaled.pool.counts()),
        scale: serving.map(|(_, scaled)| scaled.status()),
        signature: serving
            .and_then(|(_, scaled)| scaled.pool.signature())
            .map(|signature| signature.as_ref().into()),
    }
}

/// Whether what failed before the process started is on its way back, since it had served before that.
fn is_being_restored(record: &DeploymentRecord, live: Option<&LiveStatus>) -> bool {
    record.serving == Some(record.wanted)
        && !live.is_some_and(|live| live.failed.contains_key(&record.wanted_target()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use mlwasm_types::{DeploymentSpec, Digest};

    use super::*;

    fn record(change: impl FnOnce(&mut DeploymentRecord)) -> DeploymentRecord {
        let spec = DeploymentSpec::new(
            EndpointName::new("iris").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(b"a"),
        );
        let mut record = DeploymentRecord::new(spec, Generation(5), Timestamp::UNIX_EPOCH);
        change(&mut record);
        record
    }

    fn live(error: Option<&str>) -> LiveStatus {
        let target = record(|_| {}).wanted_target();
        LiveStatus {
            created: Generation(5),
            serving: None,
            progress: Some(ProgressBoard::new()),
            failed: error
                .map(|text| (target, text.to_owned()))
                .into_iter()
                .collect(),
            log: DeploymentLog::new(),
            failures: Failures::new(0),
            costs: CostMeter::new(),
        }
    }

    #[test]
    fn the_state_follows_from_what_is_wanted_and_what_is_live() {
        let (one, error) = (Some(RevisionNumber(1)), Some("stored".to_owned()));
        let served = |record: &mut DeploymentRecord| record.serving = one;
        let failed = |record: &mut DeploymentRecord| record.error.clone_from(&error);
        let lost = |record: &mut DeploymentRecord| {
            served(record);
            failed(record);
        };
        let cases = [
            (record(|_| {}), None, ProvisioningState::Creating, None),
            (
                record(|_| {}),
                Some(live(None)),
                ProvisioningState::Creating,
                None,
            ),
            (
                record(|_| {}),
                Some(live(Some("now"))),
                ProvisioningState::Failed,
                Some("now"),
            ),
            (
                record(failed),
                Some(live(None)),
                ProvisioningState::Failed,
                Some("stored"),
            ),
            (
                record(failed),
                Some(live(Some("now"))),
                ProvisioningState::Failed,
                Some("now"),
            ),
            // After a restart, before it serves again.
            (record(served), None, ProvisioningState::Updating, None),
            (
                record(lost),
                Some(live(None)),
                ProvisioningState::Updating,
                None,
            ),
            (
                record(lost),
                Some(live(Some("now"))),
                ProvisioningState::Failed,
                Some("now"),
            ),
        ];
        for (record, live, state, error) in cases {
            let status = status_of(&record, live.as_ref());
            assert_eq!(status.provisioning_state, state, "{record:?}");
            assert_eq!(status.error.as_deref(), error, "{record:?}");
            let is_under_way = live.is_some() && !state.is_settled();
            assert_eq!(status.progress.is_some(), is_under_way, "{record:?}");
        }
    }
}
