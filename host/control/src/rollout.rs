//! Carries rollouts on: looks at them in time, decides, and has the store change split and stage together.
//!
//! One task for all endpoints. What it knows that the store does not is where a window began, and it is meant to forget that: a
//! window is one stretch of serving, so a restart, a pause or a new stage begins another. It changes nothing by itself but
//! through the store, and the store refuses what no longer fits.

mod answers;
mod decide;
mod statistics;
mod watch;
mod window;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use mlwasm_sandbox::TaskGroup;
use mlwasm_types::{
    EndpointName, Percent, Rollout, RolloutState,
    rollout::{OpenWindow, Verdict},
};
use tokio::{
    sync::watch::Receiver,
    time::{Instant, sleep_until},
};

use crate::{
    author::Actor,
    causes::with_causes,
    reconcile::LiveView,
    shadow::Shadows,
    store::{
        Change, CommitError, DesiredState, EndpointRecord, Expected, Finding, RolloutAct, Store,
    },
};
use watch::Watch;

/// The pause after a decision could not be stored.
const BREATHER: Duration = Duration::from_secs(1);

/// What others may know of the rollouts that go on.
///
/// # Concurrency
///
/// One task writes, any number of requests read. The lock is held for one look.
#[derive(Debug, Default)]
pub(crate) struct Rollouts {
    windows: Mutex<BTreeMap<EndpointName, Watch>>,
    decisions: [AtomicU64; Verdict::ALL.len()],
}

impl Rollouts {
    /// The window of the endpoint's rollout that is open; none if the rollout is over or paused, or its present stage has
    /// only begun.
    pub(crate) fn window(&self, endpoint: &EndpointName, rollout: &Rollout) -> Option<OpenWindow> {
        let watches = self.lock();
        let watch = watches.get(endpoint).filter(|watch| watch.is_of(rollout))?;
        (rollout.state == RolloutState::Running).then(|| watch.so_far(Instant::now()))
    }

    /// Counts a decision.
    pub(crate) fn decided(&self, verdict: Verdict) {
        self.decisions[verdict as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn decisions(&self) -> [(Verdict, u64); Verdict::ALL.len()] {
        Verdict::ALL.map(|verdict| {
            let count = self.decisions[verdict as usize].load(Ordering::Relaxed);
            (verdict, count)
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<EndpointName, Watch>> {
        // A watch is put in and taken out whole.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What there is to count of rollouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutCounts {
    /// The share that each rollout's candidate has, of those that go on, by endpoint.
    pub steps: Vec<(EndpointName, Percent)>,
    /// Decisions since the server started, by verdict.
    pub decisions: [(Verdict, u64); Verdict::ALL.len()],
}

impl RolloutCounts {
    pub(crate) fn of(rollouts: &Rollouts, state: &DesiredState) -> Self {
        let step = |endpoint: &Arc<EndpointRecord>| {
            let rollout = endpoint.active_rollout()?;
            Some((endpoint.spec.name.clone(), rollout.share()))
        };
        Self {
            steps: state.endpoints.values().filter_map(step).collect(),
            decisions: rollouts.decisions(),
        }
    }
}

/// The task. See the module.
pub(crate) struct Conductor {
    store: Store,
    live: Receiver<Arc<LiveView>>,
    rollouts: Arc<Rollouts>,
    shadows: Arc<Shadows>,
}

impl Conductor {
    /// Carries on what `store` keeps, by what `live` announces and `shadows` compares.
    pub(crate) fn new(
        store: Store,
        live: Receiver<Arc<LiveView>>,
        rollouts: Arc<Rollouts>,
        shadows: Arc<Shadows>,
    ) -> Self {
        Self {
            store,
            live,
            rollouts,
            shadows,
        }
    }

    /// Works until `tasks` shuts down.
    pub(crate) async fn run(mut self, tasks: TaskGroup) {
        let mut wanted = self.store.subscribe();
        let mut rests_until = None;
        loop {
            let state = Arc::clone(&wanted.borrow_and_update());
            let live = Arc::clone(&self.live.borrow_and_update());
            if rests_until.is_none_or(|until| until <= Instant::now()) {
                rests_until = None;
                for (endpoint, finding) in self.look(&state, &live) {
                    if self.follow(&endpoint, finding).await.is_err() {
                        if let Some(watch) = self.rollouts.lock().get_mut(&endpoint) {
                            watch.look_again();
                        }
                        rests_until = Some(Instant::now() + BREATHER);
                    }
                }
            }
            let due = rests_until.or_else(|| self.due());
            tokio::select! {
                biased;
                () = tasks.cancelled() => return,
                changed = wanted.changed() => if changed.is_err() {
                    return;
                },
                changed = self.live.changed() => if changed.is_err() {
                    return;
                },
                () = until(due) => {}
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        self.rollouts.lock().values().map(Watch::due).min()
    }

    /// Looks at every rollout, and returns what was found of those of which something was.
    fn look(&self, state: &DesiredState, live: &LiveView) -> Vec<(EndpointName, Finding)> {
        let now = Instant::now();
        let mut watches = self.rollouts.lock();
        let mut former = std::mem::take(&mut *watches);
        let mut found = Vec::new();
        for (name, endpoint) in &state.endpoints {
            let Some(rollout) = endpoint.active_rollout() else {
                continue;
            };
            if let Some(reason) = watch::broken(endpoint, rollout, live) {
                found.push((name.clone(), finding(rollout, Verdict::RollBack, reason)));
                continue;
            }
            // Until the split of this stage is served, what is counted is of the former one.
            let is_served = live.generation >= endpoint.generation;
            if rollout.state != RolloutState::Running || !is_served {
                continue;
            }
            let known = former.remove(name).filter(|watch| watch.is_of(rollout));
            let Some(mut watch) = known.or_else(|| Watch::begin(endpoint, rollout, live, now))
            else {
                continue;
            };
            let answers = || {
                let settings = answers::settings(&endpoint.spec.shadow, &rollout.plan);
                self.shadows.report(name, &settings)
            };
            let looked = watch.look(rollout, now, answers);
            found.extend(looked.map(|finding| (name.clone(), finding)));
            watches.insert(name.clone(), watch);
        }
        found
    }

    /// Does what was found, durably, and says so.
    async fn follow(&self, endpoint: &EndpointName, finding: Finding) -> Result<(), CommitError> {
        let (verdict, reason) = (finding.verdict, finding.reason.clone());
        let change = Change::Rollout {
            endpoint: endpoint.clone(),
            act: RolloutAct::Follow(finding),
            at: Timestamp::now(),
        };
        match self
            .store
            .commit(change, Expected::Anything, Actor::Server("rollout").into())
            .await
        {
            Ok(committed) if Arc::ptr_eq(&committed.before, &committed.after) => {}
            Ok(_) => {
                self.rollouts.decided(verdict);
                let outcome = verdict.label();
                tracing::info!(%endpoint, outcome, "rollout: {reason}");
            }
            // The endpoint was deleted meanwhile.
            Err(CommitError::Refused(_)) => {}
            Err(error) => {
                let cause = with_causes(&error);
                tracing::warn!(%endpoint, error = cause, "a rollout's decision could not be stored");
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A finding that no numbers led to.
fn finding(rollout: &Rollout, verdict: Verdict, reason: String) -> Finding {
    Finding {
        started: rollout.started,
        stage: rollout.stage,
        verdict,
        reason,
        window: None,
    }
}

/// Ends at `due`, or never.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
