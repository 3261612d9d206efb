//! How a mirror's answers compare with the live ones: counted in memory, for each pair of revisions, since the first pair.
//!
//! The reconciler asks for a tap whenever it makes an endpoint's table; the data plane offers pairs to it; one task compares
//! them, a few at a time and away from the threads that do I/O. A new revision on either side is a new comparison, and what
//! is still on its way for the old one is thrown away. Nothing of it survives a restart, as no other counter does.
//!
//! Read [`mod@compare`] for what a difference is, [`fields`] for what is noise, [`verdict`] for what follows.

mod compare;
mod fields;
mod json;
mod latency;
mod numbers;
mod report;
#[cfg(test)]
mod simulation;
mod statistics;
mod tally;
mod verdict;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use jiff::Timestamp;
use mlwasm_routing::{
    DeploymentMeters, Revision, ShadowTap,
    shadow::{PairSource, Queued, ShadowQueue, ShadowReceiver},
};
use mlwasm_sandbox::TaskGroup;
use mlwasm_types::{
    DeploymentName, EndpointName, RevisionId, ShadowReport, ShadowSettings, shadow::ShadowSide,
};

use compare::{Rules, compare};
use report::{Lost, Sides};
use tally::Tally;

/// Pairs that are compared at once: the largest take milliseconds each.
const AT_ONCE: usize = 32;

/// The comparisons of all endpoints: one each, the last that was begun.
///
/// # Concurrency
///
/// Any thread. Two locks, never held over waiting: that of all comparisons for one look, then that of one comparison's counts
/// for one pair or one report.
pub(crate) struct Shadows {
    queue: ShadowQueue,
    comparisons: Mutex<BTreeMap<EndpointName, Arc<Comparison>>>,
}

/// A deployment as one side of a comparison.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) deployment: &'a DeploymentName,
    pub(crate) revision: &'a Revision,
    pub(crate) meters: &'a Arc<DeploymentMeters>,
}

/// The comparison of two revisions.
struct Comparison {
    sides: Sides,
    ids: [RevisionId; 2],
    rules: Rules,
    tap: Arc<ShadowTap>,
    counted: Mutex<Counted>,
}

struct Counted {
    tally: Tally,
    /// What the tap had lost before counting began.
    lost_before: Lost,
}

impl Shadows {
    /// No comparisons, and what they will read.
    pub(crate) fn new() -> (Arc<Self>, ShadowReceiver) {
        let (queue, receiver) = mlwasm_routing::shadow::queue();
        let shadows = Arc::new(Self {
            queue,
            comparisons: Mutex::default(),
        });
        (shadows, receiver)
    }

    /// Where the pairs of `live` and `mirror` go. The same one as before, if it is the same two revisions that are compared by
    /// the same rules.
    pub(crate) fn tap(
        &self,
        endpoint: &EndpointName,
        [live, mirror]: [Party<'_>; 2],
        settings: &ShadowSettings,
    ) -> Arc<ShadowTap> {
        let (sides, rules) = (Sides::of(live, mirror), Rules::of(settings));
        let ids = [live.revision.id, mirror.revision.id];
        let mut comparisons = lock(&self.comparisons);
        let current = comparisons.get(endpoint).filter(|current| {
            current.sides == sides
                && current.ids == ids
                && current.rules == rules
                // A deployment that was deleted and made again counts anew.
                && std::ptr::eq(current.tap.meters(), mirror.meters.as_ref())
        });
        if let Some(current) = current {
            return Arc::clone(&current.tap);
        }
        let tap = ShadowTap::new(
            self.queue.clone(),
            endpoint.clone(),
            live.deployment.clone(),
            Arc::clone(mirror.meters),
        );
        let comparison = Comparison {
            sides,
            ids,
            rules,
            tap: Arc::clone(&tap),
            counted: Mutex::new(Counted::from_now(Lost::default())),
        };
        comparisons.insert(endpoint.clone(), Arc::new(comparison));
        tap
    }

    /// Forgets the comparisons of endpoints that `exists` does not know.
    pub(crate) fn keep(&self, exists: impl Fn(&EndpointName) -> bool) {
        lock(&self.comparisons).retain(|endpoint, _| exists(endpoint));
    }

    /// How the answers compare so far; none if there never was a mirror whose answers could be compared.
    pub(crate) fn report(
        &self,
        endpoint: &EndpointName,
        settings: &ShadowSettings,
    ) -> Option<ShadowReport> {
        let comparison = self.comparison(endpoint)?;
        let counted = lock(&comparison.counted);
        let lost = comparison.lost().since(counted.lost_before);
        Some(report::report(
            &counted.tally,
            lost,
            &comparison.sides,
            settings,
        ))
    }

    /// Begins anew with the endpoint's comparison, if there is one.
    pub(crate) fn reset(&self, endpoint: &EndpointName) -> Option<()> {
        let comparison = self.comparison(endpoint)?;
        *lock(&comparison.counted) = Counted::from_now(comparison.lost());
        Some(())
    }

    fn comparison(&self, endpoint: &EndpointName) -> Option<Arc<Comparison>> {
        lock(&self.comparisons).get(endpoint).map(Arc::clone)
    }

    /// Compares what comes, until the group shuts down.
    pub(crate) async fn compare(self: Arc<Self>, mut pairs: ShadowReceiver, tasks: TaskGroup) {
        loop {
            let mut some = Vec::new();
            let received = tokio::select! {
                received = pairs.receive(&mut some, AT_ONCE) => received,
                () = tasks.cancelled() => return,
            };
            if received == 0 {
                return;
            }
            let shadows = Arc::clone(&self);
            let compared = tokio::task::spawn_blocking(move || {
                some.into_iter().for_each(|queued| shadows.take(queued));
            });
            if let Err(error) = compared.await {
                // These pairs are lost; the next ones may fare better.
                tracing::error!(%error, "comparing mirrored answers failed");
            }
        }
    }

    fn take(&self, queued: Queued) {
        let Queued { pair, tap, .. } = queued;
        let current = self.comparison(tap.endpoint());
        let Some(comparison) = current.filter(|current| Arc::ptr_eq(&current.tap, &tap)) else {
            // Of revisions that are compared no longer.
            return;
        };
        let differences = compare(&pair.live, &pair.other, &comparison.rules);
        let mut counted = lock(&comparison.counted);
        if pair.arrived < counted.tally.begun {
            return;
        }
        let results = match pair.source {
            PairSource::Mirror => counted.tally.take(&pair, differences, Timestamp::now()),
            PairSource::Replay => counted.tally.take_replay(differences),
        };
        for result in results {
            tap.meters().compared(result);
        }
    }
}

impl Comparison {
    fn lost(&self) -> Lost {
        Lost {
            uncompared: self.tap.uncompared_count(),
            dropped: self.tap.dropped_count(),
        }
    }
}

impl Counted {
    fn from_now(lost_before: Lost) -> Self {
        Self {
            tally: Tally::new(Timestamp::now(), Instant::now()),
            lost_before,
        }
    }
}

impl Sides {
    fn of(live: Party<'_>, mirror: Party<'_>) -> Self {
        let [live, mirror] = [live, mirror].map(|party| ShadowSide {
            deployment: party.deployment.clone(),
            revision: party.revision.number,
        });
        Self { live, mirror }
    }
}

impl Lost {
    fn since(self, before: Self) -> Self {
        Self {
            uncompared: self.uncompared.saturating_sub(before.uncompared),
            dropped: self.dropped.saturating_sub(before.dropped),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
