//! What is live: the reconciler's own account of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mlwasm_routing::{DeploymentMeters, Endpoint, Revision};
use mlwasm_sandbox::{DeploymentLog, Failures};
use mlwasm_types::{DeploymentName, DeploymentSpec, EndpointName, Generation};
use tokio_util::sync::CancellationToken;

use super::{plan::Summary, progress::ProgressBoard, table::TableMaker, view::EndpointStatus};
use crate::{
    autoscale::LastChange,
    store::{DeploymentRecord, EndpointRecord, Target},
};

/// Which deployment.
pub(crate) type Key = (EndpointName, DeploymentName);

/// One endpoint: its deployments, and what was last made of them for others.
#[derive(Default)]
pub(super) struct LiveEndpoint {
    deployments: BTreeMap<DeploymentName, LiveDeployment>,
    // None once something changed.
    made: Option<Made>,
}

/// What others see of an endpoint. An endpoint that did not change is not made again: with thousands of them, their keys alone
/// would take a good part of a second for each change.
pub(super) struct Made {
    record: Arc<EndpointRecord>,
    pub(super) routed: Arc<Endpoint>,
    pub(super) status: Arc<EndpointStatus>,
}

/// One deployment, from its creation to its deletion or the end of the process.
pub(super) struct LiveDeployment {
    pub(super) created: Generation,
    pub(super) serving: Option<Ready>,
    pub(super) preparing: Option<Preparation>,
    pub(super) failed: BTreeMap<Target, String>,
    pub(super) meters: Arc<DeploymentMeters>,
    pub(super) log: Arc<DeploymentLog>,
    pub(super) failures: Arc<Failures>,
    pub(super) last_scale_change: Arc<LastChange>,
}

/// A revision that can serve, and what it was made from.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) revision: Revision,
    pub(super) spec: Arc<DeploymentSpec>,
}

/// A revision that is being made ready.
pub(super) struct Preparation {
    pub(super) target: Target,
    pub(super) cancel: CancellationToken,
    pub(super) progress: ProgressBoard,
}

impl LiveEndpoint {
    pub(super) fn deployments(&self) -> &BTreeMap<DeploymentName, LiveDeployment> {
        &self.deployments
    }

    /// To change them: what was made of them is of no use then.
    pub(super) fn deployments_mut(&mut self) -> &mut BTreeMap<DeploymentName, LiveDeployment> {
        self.made = None;
        &mut self.deployments
    }

    pub(super) fn summaries(&self) -> BTreeMap<DeploymentName, Summary> {
        let deployments = self.deployments.iter();
        deployments
            .map(|(name, live)| (name.clone(), live.summary()))
            .collect()
    }

    pub(super) fn made(&self) -> Option<&Made> {
        self.made.as_ref()
    }

    /// Whether nothing has changed since what is there was made, neither what is wanted nor what is live.
    pub(super) fn is_made_of(&self, record: &Arc<EndpointRecord>) -> bool {
        let made = self.made.as_ref();
        made.is_some_and(|made| Arc::ptr_eq(&made.record, record))
    }

    /// Makes it of `record` and what is live, unless that is what is there.
    pub(super) fn make(&mut self, record: &Arc<EndpointRecord>, table: &TableMaker) {
        if self.is_made_of(record) {
            return;
        }
        for (name, live) in &mut self.deployments {
            if let Some(record) = record.deployments.get(name) {
                live.forget_failures_but(record);
            }
        }
        self.made = Some(Made {
            record: Arc::clone(record),
            routed: Arc::new(table.endpoint(record, &self.deployments)),
            status: Arc::new(EndpointStatus::new(record, self)),
        });
    }
}

impl LiveDeployment {
    pub(super) fn new(created: Generation, kept_failures: usize) -> Self {
        Self {
            created,
            serving: None,
            preparing: None,
            failed: BTreeMap::new(),
            meters: DeploymentMeters::new(),
            log: DeploymentLog::new(),
            failures: Failures::new(kept_failures),
            last_scale_change: Arc::default(),
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            created: self.created,
            serving: self.serving.as_ref().map(|ready| ready.revision.number),
            preparing: self.preparing_target(),
            failed: self.failed.keys().copied().collect(),
        }
    }

    pub(super) fn preparing_target(&self) -> Option<Target> {
        self.preparing.as_ref().map(|preparing| preparing.target)
    }

    /// Stops the preparation under way, if there is one.
    pub(super) fn cancel(&self) {
        if let Some(preparing) = &self.preparing {
            self.log.host(format!(
                "revision {}: given up, something else is wanted",
                preparing.target.revision
            ));
            preparing.cancel.cancel();
        }
    }

    /// Makes `ready` the one that serves, and returns the former.
    pub(super) fn serve(&mut self, ready: Ready) -> Option<Revision> {
        self.log
            .host(format!("revision {}: now serving", ready.revision.number));
        let former = self.serving.replace(ready);
        if former.is_some() {
            self.meters.swapped();
        }
        former.map(|former| former.revision)
    }

    /// Notes that an attempt failed.
    pub(super) fn fail(&mut self, target: Target, error: String) {
        self.log
            .host(format!("revision {}: failed: {error}", target.revision));
        self.failed.insert(target, error);
    }

    /// Forgets the failures of attempts that nobody will ask about again.
    fn forget_failures_but(&mut self, record: &DeploymentRecord) {
        let current: BTreeSet<_> = [Some(record.wanted_target()), record.serving_target()]
            .into_iter()
            .flatten()
            .collect();
        self.failed.retain(|target, _| current.contains(target));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use mlwasm_types::{Digest, EndpointSpec};

    use super::*;
    use crate::{
        anonymous::AnonymousCallers,
        collection::Collections,
        keys::{KeyCounters, KeySalt},
        secret::Secret,
        shadow::Shadows,
    };

    fn name<K: mlwasm_types::names::Kind>(text: &str) -> mlwasm_types::Name<K> {
        mlwasm_types::Name::new(text).unwrap()
    }

    fn record() -> EndpointRecord {
        let blue = DeploymentSpec::new(name("iris"), name("blue"), Digest::of(b"component"));
        let blue = DeploymentRecord::new(blue, Generation(1), Timestamp::UNIX_EPOCH);
        EndpointRecord {
            spec: EndpointSpec::named(name("iris")),
            generation: Generation(1),
            salt: KeySalt([1; 16]),
            counters: KeyCounters::default(),
            rollout: None,
            deployments: BTreeMap::from([(name("blue"), Arc::new(blue))]),
        }
    }

    #[test]
    fn an_endpoint_is_made_again_when_something_changed_and_only_then() {
        let table = TableMaker::new(
            Secret::fixed(7),
            AnonymousCallers::Refused,
            Shadows::new().0,
            Collections::open("nowhere".into(), 0, Box::new(|_, _| true))
                .unwrap()
                .0,
        );
        let mut live = LiveEndpoint::default();
        let makes = |live: &mut LiveEndpoint, record: &Arc<EndpointRecord>| {
            let former = live.made().map(|made| Arc::clone(&made.routed));
            live.make(record, &table);
            let routed = &live.made().unwrap().routed;
            former.is_none_or(|former| !Arc::ptr_eq(&former, routed))
        };
        let first = Arc::new(record());
        assert!(makes(&mut live, &first));
        assert!(!makes(&mut live, &first));

        // What is live of it changed.
        let blue = LiveDeployment::new(Generation(1), 0);
        live.deployments_mut().insert(name("blue"), blue);
        assert!(makes(&mut live, &first));
        assert!(live.made().unwrap().routed.deployment("blue").is_some());

        // What is wanted of it changed.
        let mut rotated = record();
        rotated.counters.primary += 1;
        let rotated = Arc::new(rotated);
        assert!(makes(&mut live, &rotated));
        assert!(!makes(&mut live, &rotated));
    }
}
