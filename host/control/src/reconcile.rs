//! Makes true what is wanted: prepares revisions, publishes routing tables, lets go of what was.
//!
//! One task owns everything that is live. It never waits for a revision: those are prepared beside it, and each one that
//! is done wakes it, as each change does. So a change of traffic is served at once while a slow revision is still loading,
//! and a deployment that can not be made ready holds up nobody else.

mod apply;
mod live;
mod plan;
mod progress;
mod retire;
mod table;
mod view;

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use mlwasm_routing::{RoutingTable, TablePublisher};
use mlwasm_sandbox::TaskGroup;
use mlwasm_types::{EndpointName, Generation};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    anonymous::AnonymousCallers,
    causes::with_causes,
    collection::Collections,
    logs::Logs,
    secret::Secret,
    shadow::Shadows,
    store::{DesiredState, Outcome, Store, Target},
};
use apply::PrepareError;
pub(crate) use apply::{Workshop, WorkshopParts};
pub(crate) use live::Key;
use live::{LiveDeployment, LiveEndpoint, Preparation, Ready};
use plan::Step;
use progress::ProgressBoard;
use retire::Retired;
use table::TableMaker;
pub(crate) use view::{LiveView, status_of};

/// The one writer of the routing table.
pub(crate) struct Reconciler {
    store: Store,
    workshop: Arc<Workshop>,
    table: TableMaker,
    publisher: TablePublisher,
    announcer: watch::Sender<Arc<LiveView>>,
    logs: Arc<Logs>,
    kept_failures: usize,
    tasks: TaskGroup,
    live: BTreeMap<EndpointName, LiveEndpoint>,
    preparations: FuturesUnordered<Pin<Box<dyn Future<Output = Finished> + Send>>>,
    retired: Retired,
}

/// What a reconciler works with.
pub(crate) struct Means {
    pub(crate) store: Store,
    pub(crate) workshop: Workshop,
    pub(crate) secret: Secret,
    pub(crate) anonymous_callers: AnonymousCallers,
    pub(crate) publisher: TablePublisher,
    pub(crate) shadows: Arc<Shadows>,
    pub(crate) collections: Arc<Collections>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) kept_failures: usize,
    pub(crate) tasks: TaskGroup,
}

/// The end of one preparation.
struct Finished {
    key: Key,
    created: Generation,
    target: Target,
    /// None if it was cancelled.
    result: Option<Result<Ready, PrepareError>>,
}

impl Reconciler {
    /// A reconciler that has done nothing yet, and the place where it says what is live.
    pub(crate) fn new(means: Means) -> (Self, watch::Receiver<Arc<LiveView>>) {
        let (announcer, live) = watch::channel(Arc::default());
        let reconciler = Self {
            store: means.store,
            workshop: Arc::new(means.workshop),
            table: TableMaker::new(
                means.secret,
                means.anonymous_callers,
                means.shadows,
                means.collections,
            ),
            publisher: means.publisher,
            announcer,
            logs: means.logs,
            kept_failures: means.kept_failures,
            retired: Retired::new(means.tasks.clone()),
            tasks: means.tasks,
            live: BTreeMap::new(),
            preparations: FuturesUnordered::new(),
        };
        (reconciler, live)
    }

    /// Works until the group shuts down.
    pub(crate) async fn run(mut self) {
        let mut wanted = self.store.subscribe();
        loop {
            let desired = Arc::clone(&wanted.borrow_and_update());
            self.reconcile(&desired);
            self.announce(&desired);
            if self.news(&mut wanted).await.is_none() {
                return;
            }
        }
    }

    /// Waits for what asks for another pass; none if there will be none.
    async fn news(&mut self, wanted: &mut watch::Receiver<Arc<DesiredState>>) -> Option<()> {
        let tasks = self.tasks.clone();
        loop {
            tokio::select! {
                biased;
                () = tasks.cancelled() => return None,
                Some(finished) = self.preparations.next() => {
                    self.finish(finished).await;
                    return Some(());
                }
                changed = wanted.changed() => return changed.ok(),
                () = self.retired.due() => self.retired.sweep(),
            }
        }
    }

    /// One pass: starts and stops what has to be, and publishes what is ready.
    fn reconcile(&mut self, desired: &DesiredState) {
        for (endpoint, step) in self.steps(desired) {
            self.carry_out(desired, endpoint, step);
        }
        self.publish(desired);
    }

    /// What has to be done. An endpoint that did not change, neither as it is wanted nor as it is live, is not looked at: with
    /// thousands of deployments that would take longer than most changes.
    fn steps(&self, desired: &DesiredState) -> Vec<(EndpointName, Step)> {
        let none = BTreeMap::new();
        let deleted = self
            .live
            .iter()
            .filter(|(name, _)| desired.endpoint(name).is_none());
        let deleted = deleted.map(|(name, live)| (name, plan::diff(&none, &live.summaries())));
        let changed = desired.endpoints.iter().filter_map(|(name, record)| {
            let live = self.live.get(name);
            if live.is_some_and(|live| live.is_made_of(record)) {
                return None;
            }
            let summaries = live.map(LiveEndpoint::summaries).unwrap_or_default();
            Some((name, plan::diff(&record.deployments, &summaries)))
        });
        let mut steps: Vec<_> = deleted
            .chain(changed)
            .flat_map(|(name, steps)| steps.into_iter().map(|step| (name.clone(), step)))
            .collect();
        steps.sort_by_key(|(_, step)| step.can_wait());
        steps
    }

    fn carry_out(&mut self, desired: &DesiredState, endpoint: EndpointName, step: Step) {
        let kept_failures = self.kept_failures;
        let live = self.live.entry(endpoint.clone()).or_default();
        let deployments = live.deployments_mut();
        match step {
            Step::Forget(name) => {
                if let Some(gone) = deployments.remove(&name) {
                    gone.cancel();
                    self.logs.forget((&endpoint, &name), gone.created);
                    self.retired
                        .extend(gone.serving.map(|ready| ready.revision));
                }
            }
            Step::Adopt(name, created) => {
                let log = self.logs.log_of((&endpoint, &name), created);
                deployments.insert(name, LiveDeployment::new(created, log, kept_failures));
            }
            Step::Cancel(name) => {
                if let Some(live) = deployments.get_mut(&name) {
                    live.cancel();
                    live.preparing = None;
                }
            }
            Step::Prepare(name, target, _) => self.prepare(desired, (endpoint, name), target),
        }
    }

    fn prepare(&mut self, desired: &DesiredState, key: Key, target: Target) {
        let live = self.live.get_mut(&key.0);
        let live = live.and_then(|live| live.deployments_mut().get_mut(&key.1));
        let (Some(record), Some(live)) = (desired.deployment(&key.0, &key.1), live) else {
            return;
        };
        let Some(spec) = record.revision(target.revision).cloned() else {
            return;
        };
        let cancel = CancellationToken::new();
        let progress = ProgressBoard::new();
        live.preparing = Some(Preparation {
            target,
            cancel: cancel.clone(),
            progress: progress.clone(),
        });
        let created = live.created;
        let (done, result) = oneshot::channel();
        let order = apply::Order {
            number: target.revision,
            spec,
            log: Arc::clone(&live.log),
            failures: live.failures.of(target.revision),
            costs: Arc::clone(&live.meters.costs),
            recycles: Arc::clone(&live.meters.recycles),
            egress: Arc::clone(&live.meters.egress),
            progress,
            former: live
                .serving
                .as_ref()
                .map(|ready| Arc::downgrade(&ready.revision.pool)),
        };
        let workshop = Arc::clone(&self.workshop);
        let tasks = self.tasks.clone();
        self.tasks.spawn(async move {
            let result = tokio::select! {
                // In this order: what fails since the server goes down is not the revision's fault.
                biased;
                () = tasks.cancelled() => None,
                () = cancel.cancelled() => None,
                result = workshop.prepare(order) => Some(result),
            };
            // Nobody waits any more if the server is going down.
            done.send(result).ok();
        });
        self.preparations.push(Box::pin(async move {
            // The sender is dropped unsent only if the task panicked.
            let result = result.await.unwrap_or(Some(Err(PrepareError::Died)));
            Finished {
                key,
                created,
                target,
                result,
            }
        }));
    }

    /// Takes in a preparation's end, publishes, and stores what became of it.
    ///
    /// It is announced after that, by the next pass: whoever is told of an outcome finds the same one after a power cut.
    async fn finish(&mut self, finished: Finished) {
        let Some(outcome) = self.take_in(finished) else {
            return;
        };
        let desired = self.store.read();
        self.reconcile(&desired);
        if let Err(error) = self.store.record(outcome).await {
            // What is live stays live. After a restart the revision is prepared again.
            let error = with_causes(&error);
            tracing::warn!(error, "what became of a revision could not be stored");
        }
    }

    /// Makes what was prepared live; none if nobody wants it any more.
    fn take_in(&mut self, finished: Finished) -> Option<Outcome> {
        let Finished {
            key,
            created,
            target,
            result,
        } = finished;
        let live = self.live.get_mut(&key.0);
        let live = live
            .and_then(|live| live.deployments_mut().get_mut(&key.1))
            .filter(|live| live.created == created && live.preparing_target() == Some(target));
        let (Some(live), Some(result)) = (live, result.as_ref()) else {
            // Superseded just as it ended.
            let unwanted = result.and_then(Result::ok);
            self.retired.extend(unwanted.map(|ready| ready.revision));
            return None;
        };
        live.preparing = None;
        let result = match result {
            Ok(ready) => {
                self.retired.extend(live.serve(ready.clone()));
                Ok(())
            }
            Err(error) => {
                let error = with_causes(error);
                live.fail(target, error.clone());
                Err(error)
            }
        };
        report(&key, target, &result);
        let (endpoint, deployment) = key;
        Some(Outcome {
            endpoint,
            deployment,
            created,
            target,
            result,
        })
    }

    fn publish(&mut self, desired: &DesiredState) {
        // Their deployments have been let go of.
        self.live
            .retain(|name, _| desired.endpoints.contains_key(name));
        for (name, record) in &desired.endpoints {
            let live = self.live.entry(name.clone()).or_default();
            live.make(record, &self.table);
        }
        self.table.keep(|name| desired.endpoints.contains_key(name));
        let made = self.live.values().filter_map(LiveEndpoint::made);
        let endpoints = made.map(|made| Arc::clone(&made.routed));
        let table = RoutingTable::new(desired.generation, endpoints);
        self.retired.push_table(self.publisher.publish(table));
        // Changes may come so fast that it is never time to look.
        self.retired.sweep();
    }

    /// Tells what is live to those who ask, as it was published.
    fn announce(&self, desired: &DesiredState) {
        let made = self
            .live
            .iter()
            .filter_map(|(name, live)| Some((name.clone(), Arc::clone(&live.made()?.status))));
        let view = LiveView::new(desired.generation, made.collect());
        self.announcer.send_replace(Arc::new(view));
    }
}

fn report(key: &Key, target: Target, result: &Result<(), String>) {
    let (endpoint, deployment, revision) = (&key.0, &key.1, target.revision);
    match result {
        Ok(()) => tracing::info!(%endpoint, %deployment, %revision, "revision serves"),
        Err(error) => tracing::warn!(%endpoint, %deployment, %revision, error, "revision failed"),
    }
}
