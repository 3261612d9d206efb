//! Keeps as many sandboxes as the load needs: one task for all deployments that want it.
//!
//! It sleeps until a look is due, a request finds no sandbox free below the maximum, or something else is live. Whoever is
//! not scaled costs it nothing. Requests never wait for it: it changes a pool's number, and the pool does the rest.

mod course;
mod decide;
mod schedule;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use mlwasm_routing::{DeploymentMeters, ScaleDirection};
use mlwasm_sandbox::{DeploymentLog, Hunger, SandboxPool, TaskGroup};
use mlwasm_types::{
    DeploymentSpec, ScaleKind,
    status::{ScaleChange, ScaleStatus},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::reconcile::{Key, LiveView};
use course::{Course, Now};
use decide::Seen;
use schedule::floor_at;

/// The shortest time between two looks that waiting requests ask for: short beside the half second that they wait by default,
/// long beside a look at thousands of pools.
const BREATHER: Duration = Duration::from_millis(20);

/// How a deployment's number of sandboxes last changed, over all its revisions.
pub(crate) type LastChange = Mutex<Option<ScaleChange>>;

/// One revision that serves, as far as it is scaled.
#[derive(Clone)]
pub(crate) struct Scaled {
    pub(crate) spec: Arc<DeploymentSpec>,
    pub(crate) pool: Arc<SandboxPool>,
    pub(crate) log: Arc<DeploymentLog>,
    pub(crate) meters: Arc<DeploymentMeters>,
    pub(crate) last_change: Arc<LastChange>,
}

/// The task. See the module.
pub(crate) struct Autoscaler {
    live: watch::Receiver<Arc<LiveView>>,
    hunger: Arc<Hunger>,
    origin: Instant,
    watched: BTreeMap<Key, Watched>,
}

struct Watched {
    scaled: Scaled,
    course: Course,
}

impl Autoscaler {
    /// Scales what `live` announces.
    pub(crate) fn new(live: watch::Receiver<Arc<LiveView>>, hunger: Arc<Hunger>) -> Self {
        Self {
            live,
            hunger,
            origin: Instant::now(),
            watched: BTreeMap::new(),
        }
    }

    /// Works until `tasks` shuts down.
    pub(crate) async fn run(mut self, tasks: TaskGroup) {
        let mut rests_until = Instant::now();
        loop {
            let due = self.watched.values().map(|watched| watched.course.due());
            let due = due.min();
            let hunger = Arc::clone(&self.hunger);
            tokio::select! {
                biased;
                () = tasks.cancelled() => return,
                changed = self.live.changed() => match changed {
                    Ok(()) => self.take_over(),
                    Err(_) => return,
                },
                () = until(due) => self.look_at_the_due(),
                () = async { sleep_until(rests_until).await; hunger.felt().await } => {
                    self.look_at_the_hungry();
                    rests_until = Instant::now() + BREATHER;
                }
            }
        }
    }

    /// Takes over what is live. A revision that was watched stays on its course; another one begins anew.
    fn take_over(&mut self) {
        let now = Now::read();
        let view = Arc::clone(&self.live.borrow_and_update());
        let mut former = std::mem::take(&mut self.watched);
        let is_scaled =
            |scaled: &&Scaled| scaled.spec.scale_settings.kind == ScaleKind::TargetUtilization;
        for (key, scaled) in view.serving().filter(|(_, scaled)| is_scaled(scaled)) {
            let known = former
                .remove(&key)
                .filter(|known| Arc::ptr_eq(&known.scaled.pool, &scaled.pool));
            let watched = known.unwrap_or_else(|| Watched {
                course: Course::new(&scaled.spec.scale_settings, now),
                scaled: scaled.clone(),
            });
            self.watched.insert(key, watched);
        }
    }

    fn look_at_the_due(&mut self) {
        let now = Now::read();
        for (key, watched) in &mut self.watched {
            if watched.course.due() <= now.steady {
                watched.look(key, now);
                let settings = &watched.scaled.spec.scale_settings;
                watched.course.put_off(settings, now, self.origin);
            }
        }
    }

    fn look_at_the_hungry(&mut self) {
        let now = Now::read();
        for (key, watched) in &mut self.watched {
            if watched.scaled.pool.is_hungry() {
                watched.look(key, now);
            }
        }
    }
}

impl Watched {
    fn look(&mut self, key: &Key, now: Now) {
        let Scaled { spec, pool, .. } = &self.scaled;
        let settings = &spec.scale_settings;
        let from = count(pool.load().target);
        if from < settings.max_instances.get() {
            // At the maximum it stays hungry, so that nobody is woken in vain.
            pool.feed();
        }
        let seen = Seen {
            wanted: from,
            peak: pool.take_peak() as u64,
        };
        if let Some((to, reason)) = self.course.look(settings, now, seen) {
            let change = ScaleChange {
                time: now.wall,
                from,
                to,
                reason,
            };
            // Told first: whoever sees the new number finds out why.
            self.scaled.tell(key, change);
            self.scaled.pool.resize(to);
        }
    }
}

impl Scaled {
    /// Tells everybody of a change.
    fn tell(&self, key: &Key, change: ScaleChange) {
        let ScaleChange {
            from, to, reason, ..
        } = change;
        let direction = if to > from {
            ScaleDirection::Up
        } else {
            ScaleDirection::Down
        };
        self.meters.scaled(direction);
        self.log
            .host(format!("scaled from {from} to {to} sandboxes: {reason}"));
        let (endpoint, deployment) = key;
        let outcome = format_args!("{from} to {to}");
        tracing::info!(%endpoint, %deployment, %outcome, "number of sandboxes changed");
        *lock(&self.last_change) = Some(change);
    }

    /// How many sandboxes there shall be, as of now.
    pub(crate) fn status(&self) -> ScaleStatus {
        ScaleStatus {
            wanted: count(self.pool.load().target),
            min_instances: least_at(&self.spec, Timestamp::now()),
            max_instances: self.spec.most_instances(),
            last_change: lock(&self.last_change).clone(),
        }
    }
}

/// How many sandboxes a new revision begins with: as many as the `former` one has, if it may, so that a swap under load does
/// not begin with a shortage.
pub(crate) fn first_size(spec: &DeploymentSpec, former: Option<usize>) -> u32 {
    let least = least_at(spec, Timestamp::now());
    let most = spec.most_instances();
    former.map_or(least, count).clamp(least, most)
}

fn least_at(spec: &DeploymentSpec, now: Timestamp) -> u32 {
    match spec.scale_settings.kind {
        ScaleKind::Default => spec.instance_count.get(),
        ScaleKind::TargetUtilization => floor_at(&spec.scale_settings, now).instances,
    }
}

/// A pool's number as settings have it: never above a thousand.
fn count(sandboxes: usize) -> u32 {
    u32::try_from(sandboxes).unwrap_or(u32::MAX)
}

/// Ends at `due`, or never.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn lock(last_change: &LastChange) -> MutexGuard<'_, Option<ScaleChange>> {
    // It is written whole.
    last_change.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use mlwasm_types::{DeploymentName, Digest, EndpointName};

    use super::*;

    #[test]
    fn a_new_revision_begins_as_large_as_the_former_within_its_own_bounds() {
        let mut spec = DeploymentSpec::new(
            EndpointName::new("iris").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(b"component"),
        );
        for former in [None, Some(0), Some(1), Some(7)] {
            assert_eq!(first_size(&spec, former), spec.instance_count.get());
        }
        let scale = &mut spec.scale_settings;
        scale.kind = ScaleKind::TargetUtilization;
        scale.min_instances = 2;
        scale.max_instances = NonZeroU32::new(6).unwrap();
        for (former, size) in [
            (None, 2),
            (Some(0), 2),
            (Some(2), 2),
            (Some(4), 4),
            (Some(6), 6),
            (Some(7), 6),
        ] {
            assert_eq!(first_size(&spec, former), size, "{former:?}");
        }
    }
}
