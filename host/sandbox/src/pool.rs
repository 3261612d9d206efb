//! The pool of warm sandboxes of one revision.
//!
//! A sandbox is made in microseconds, but its `init` may take seconds; the pool exists for the second. Whoever comes first
//! is served first; the sandbox that was used last is used next, since its memory is in the caches. A sandbox that trapped,
//! ran late, was cancelled or hit a limit is never used again: a successor is made in the background.

mod refill;
mod warm;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Instant,
};

use mlwasm_inference::Model;
use mlwasm_types::{DeploymentName, ModelName, SandboxSettings, status::SandboxCounts};
use tokio::{sync::oneshot, time::timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    component::CompiledScorer,
    error::{LeaseError, StartError},
    failures::RevisionFailures,
    lease::SandboxLease,
    lock::lock,
    log::DeploymentLog,
    recycles::{RecycleCounts, Recycles},
    sandbox::{Recipe, Sandbox, Spoiled},
    tasks::TaskGroup,
};

/// What a pool is made for.
pub struct PoolSettings {
    /// The deployment, for messages.
    pub deployment: DeploymentName,
    /// How many sandboxes.
    pub instance_count: NonZeroU32,
    /// The limits of each.
    pub sandbox: SandboxSettings,
    /// The environment variables of each, and no others.
    pub environment: BTreeMap<String, String>,
    /// The models that they may open, and no others.
    pub models: BTreeMap<ModelName, Arc<dyn Model>>,
    /// Where they print.
    pub log: Arc<DeploymentLog>,
    /// Where their failures are kept.
    pub failures: RevisionFailures,
    /// Where it is counted how many were discarded.
    pub recycles: Arc<Recycles>,
    /// Where successors are made.
    pub tasks: TaskGroup,
}

/// The warm sandboxes of one revision. Dropping it drops them; a lease keeps it alive.
///
/// # Concurrency
///
/// Any thread may lease and give back. One lock guards the shelf; it is held for a few moves of a pointer, never while a
/// sandbox is made, dropped or handed over.
pub struct SandboxPool {
    deployment: DeploymentName,
    recipe: Arc<Recipe>,
    target: usize,
    shelf: Mutex<Shelf>,
    recycles: Arc<Recycles>,
    tasks: TaskGroup,
    open: CancellationToken,
    // Ends the making of successors, which does not hold the pool.
    _close: DropGuard,
}

/// Where the sandboxes are. What is on it or out adds up to the pool's target.
#[derive(Default)]
struct Shelf {
    idle: Vec<Sandbox>,
    /// Who waits for a sandbox, first come first. Nobody does while one is idle.
    waiting: VecDeque<oneshot::Sender<SandboxLease>>,
    busy: usize,
    /// Successors being made for the first time.
    hopeful: usize,
    /// Successors that could not be made so far.
    failing: usize,
}

impl SandboxPool {
    /// A pool whose sandboxes are all ready.
    ///
    /// # Errors
    ///
    /// [`StartError`] if `init` fails, or takes too long, or there is no room.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the sandboxes and frees everything.
    pub async fn start(
        scorer: Arc<CompiledScorer>,
        settings: PoolSettings,
    ) -> Result<Arc<Self>, StartError> {
        let recipe = Arc::new(Recipe {
            scorer,
            settings: settings.sandbox,
            environment: settings.environment.into_iter().collect(),
            models: Arc::new(settings.models),
            log: settings.log,
            failures: settings.failures,
        });
        let idle = warm::sandboxes(&recipe, settings.instance_count, &settings.tasks).await?;
        let open = CancellationToken::new();
        Ok(Arc::new(Self {
            deployment: settings.deployment,
            recipe,
            target: idle.len(),
            shelf: Mutex::new(Shelf {
                idle,
                ..Shelf::default()
            }),
            recycles: settings.recycles,
            tasks: settings.tasks,
            _close: open.clone().drop_guard(),
            open,
        }))
    }

    /// A sandbox, for one run. Waits for one until `until`, behind those who came before.
    ///
    /// # Errors
    ///
    /// [`LeaseError::QueueTimeout`] if none came free; [`LeaseError::NoLiveSandbox`], at once, if none is alive and none
    /// could be made.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the queue; a sandbox that was on its way goes to the next.
    pub async fn lease(self: &Arc<Self>, until: Instant) -> Result<SandboxLease, LeaseError> {
        let waiting = {
            let shelf = &mut *lock(&self.shelf);
            if let Some(sandbox) = shelf.idle.pop() {
                shelf.busy += 1;
                return Ok(SandboxLease::new(sandbox, Arc::clone(self)));
            }
            if shelf.is_dead() {
                return Err(LeaseError::NoLiveSandbox);
            }
            let (sender, receiver) = oneshot::channel();
            shelf.waiting.push_back(sender);
            Waiting {
                receiver,
                pool: self,
                is_served: false,
            }
        };
        waiting.until(until).await
    }

    /// Where the sandboxes are now.
    pub fn counts(&self) -> SandboxCounts {
        let shelf = lock(&self.shelf);
        SandboxCounts {
            idle: shelf.idle.len() as u64,
            busy: shelf.busy as u64,
            refilling: (shelf.hopeful + shelf.failing) as u64,
        }
    }

    /// How many sandboxes the deployment has discarded so far.
    pub fn recycles(&self) -> RecycleCounts {
        self.recycles.counts()
    }

    /// The deployment, for messages.
    pub(crate) fn deployment(&self) -> &DeploymentName {
        &self.deployment
    }

    /// Where the pool's sandboxes print.
    pub(crate) fn log(&self) -> &DeploymentLog {
        &self.recipe.log
    }

    /// Where the failures of the pool's sandboxes are kept.
    pub(crate) fn failures(&self) -> &RevisionFailures {
        &self.recipe.failures
    }

    /// Takes back a busy sandbox that may be used again.
    pub(crate) fn give_back(self: &Arc<Self>, mut sandbox: Sandbox) {
        loop {
            let waiter = {
                let shelf = &mut *lock(&self.shelf);
                match shelf.waiting.pop_front() {
                    Some(waiter) => waiter,
                    None => {
                        shelf.busy -= 1;
                        shelf.idle.push(sandbox);
                        return;
                    }
                }
            };
            // It stays busy: only its holder changes.
            match waiter.send(SandboxLease::new(sandbox, Arc::clone(self))) {
                Ok(()) => return,
                Err(refused) => match refused.into_sandbox() {
                    Some(unused) => sandbox = unused,
                    None => return,
                },
            }
        }
    }

    /// Takes back a busy sandbox that must not be used again.
    pub(crate) fn discard(self: &Arc<Self>, sandbox: Sandbox, reason: Spoiled) {
        self.recycles.count(reason);
        {
            let mut shelf = lock(&self.shelf);
            shelf.busy -= 1;
            shelf.hopeful += 1;
        }
        self.tasks.spawn(refill::replace(
            Arc::downgrade(self),
            self.open.clone(),
            sandbox,
        ));
    }
}

/// Whoever is in the queue. Leaves it when dropped.
struct Waiting<'a> {
    receiver: oneshot::Receiver<SandboxLease>,
    pool: &'a Arc<SandboxPool>,
    is_served: bool,
}

impl Waiting<'_> {
    async fn until(mut self, until: Instant) -> Result<SandboxLease, LeaseError> {
        match timeout_at(until.into(), &mut self.receiver).await {
            Ok(Ok(lease)) => {
                self.is_served = true;
                Ok(lease)
            }
            // The pool empties the queue when its last hope is gone.
            Ok(Err(_)) => Err(LeaseError::NoLiveSandbox),
            Err(_) => Err(LeaseError::QueueTimeout),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_served {
            return;
        }
        self.receiver.close();
        // Whoever left must not pile up in the queue while no sandbox comes free.
        lock(&self.pool.shelf)
            .waiting
            .retain(|waiter| !waiter.is_closed());
    }
}

impl Shelf {
    /// Whether there is nothing to wait for.
    fn is_dead(&self) -> bool {
        self.idle.is_empty() && self.busy == 0 && self.hopeful == 0
    }
}

impl fmt::Debug for SandboxPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxPool")
            .field("deployment", &self.deployment)
            .field("target", &self.target)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PoolSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the environment: secrets are in it.
        f.debug_struct("PoolSettings")
            .field("deployment", &self.deployment)
            .field("instance_count", &self.instance_count)
            .field("sandbox", &self.sandbox)
            .field("models", &self.models.keys())
            .finish_non_exhaustive()
    }
}
