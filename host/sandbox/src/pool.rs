//! The pool of warm sandboxes of one revision.
//!
//! A sandbox is made in microseconds, but its `init` may take seconds; the pool exists for the second. Whoever comes first
//! is served first; the sandbox that was used last is used next, since its memory is in the caches. A sandbox that trapped,
//! ran late, was cancelled or hit a limit is never used again: a successor is made in the background. One that is worn
//! (`wear`) serves on until its successor is ready, so that a slow `init` makes no gap; if the server has no room for both,
//! it goes first.
//!
//! How many there should be can be changed at any time. At 0 the pool is only the recipe of its sandboxes: one is made for
//! each request that finds none, and stays for [`LINGER`](linger::LINGER) after its last use.

mod linger;
mod makers;
mod shelf;
mod waiting;
mod warm;

use std::{
    collections::BTreeMap,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Instant,
};

use mlwasm_inference::Model;
use mlwasm_types::{
    Batching, DeploymentName, ModelName, SandboxSettings, Signature, status::SandboxCounts,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::{
    shelf::{Shelf, TakenBack},
    waiting::Waiting,
};
use crate::{
    component::CompiledScorer,
    cost::CostMeter,
    egress::{Egress, GrantedEgress},
    error::{LeaseError, RunError, StartError},
    failures::{RevisionFailures, Trace},
    hunger::{Appetite, Hunger},
    imports::files::FilesFolder,
    joining::{self, Company, Joinable, JoinedCounts, Joiner, Seat},
    lease::SandboxLease,
    lock::lock,
    log::DeploymentLog,
    recycles::{RecycleCounts, Recycles},
    request::{Asked, RunReport},
    sandbox::{Recipe, Sandbox, Spoiled},
    tasks::TaskGroup,
    tensors::NamedTensor,
    wear::Worn,
};

/// What a pool is made for.
pub struct PoolSettings {
    /// The deployment, for messages.
    pub deployment: DeploymentName,
    /// How many sandboxes at first; see [`SandboxPool::resize`].
    pub instances: u32,
    /// How many there may ever be. Counts for at least `instances` and 1.
    pub max_instances: u32,
    /// The limits of each.
    pub sandbox: SandboxSettings,
    /// The environment variables of each, and no others.
    pub environment: BTreeMap<String, String>,
    /// The models that they may open, and no others.
    pub models: BTreeMap<ModelName, Arc<dyn Model>>,
    /// The folder that they may read; none if they may read nothing.
    pub files: Option<FilesFolder>,
    /// Whom they may call; none if they may call nobody.
    pub egress: Option<Egress>,
    /// Where they print.
    pub log: Arc<DeploymentLog>,
    /// Where their failures are kept.
    pub failures: RevisionFailures,
    /// Where it is counted what they cost.
    pub costs: Arc<CostMeter>,
    /// Where it is counted how many were discarded.
    pub recycles: Arc<Recycles>,
    /// Whether requests in tensors that wait at the same time are joined.
    pub infer_batching: Option<Batching>,
    /// Where it says that a request found no sandbox free.
    pub hunger: Arc<Hunger>,
    /// Where sandboxes are made.
    pub tasks: TaskGroup,
}

/// How much there is to do in a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolLoad {
    /// How many sandboxes there should be.
    pub target: usize,
    /// Sandboxes that are ready and unused.
    pub idle: usize,
    /// Sandboxes that serve a request.
    pub busy: usize,
    /// Requests that wait for a sandbox.
    pub waiting: usize,
    /// Sandboxes that are being made or are to be made.
    pub refilling: usize,
}

/// The warm sandboxes of one revision. Dropping it drops them; a lease keeps it alive.
///
/// # Concurrency
///
/// Any thread may lease, give back and resize. One lock guards the shelf; it is held for a few moves of a pointer, never
/// while a sandbox is made, dropped or handed over.
pub struct SandboxPool {
    deployment: DeploymentName,
    recipe: Arc<Recipe>,
    signature: Option<Arc<Signature>>,
    shelf: Mutex<Shelf>,
    most_makers: usize,
    recycles: Arc<Recycles>,
    appetite: Appetite,
    joiner: Option<Joiner>,
    tasks: TaskGroup,
    open: CancellationToken,
    // Ends the tasks of the pool, which do not hold it.
    _close: DropGuard,
}

impl SandboxPool {
    /// A pool whose sandboxes are all ready. If there are to be none, one is made all the same, as a proof that it can be.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the scorer wants to call others and may call nobody; if `init` fails, or takes too long, or there is no
    /// room; if a typed scorer does not describe itself; or if requests are to be joined and the scorer's can not be.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the sandboxes and frees everything.
    pub async fn start(
        scorer: Arc<CompiledScorer>,
        settings: PoolSettings,
    ) -> Result<Arc<Self>, StartError> {
        if let (Some(import), None) = (scorer.by_egress(), &settings.egress) {
            let import = import.to_owned();
            return Err(StartError::NotGranted { import });
        }
        let tasks = &settings.tasks;
        let egress = settings.egress;
        let recipe = Arc::new(Recipe {
            scorer,
            settings: settings.sandbox,
            environment: settings.environment.into_iter().collect(),
            models: Arc::new(settings.models),
            files: settings.files,
            egress: egress.map(|egress| Arc::new(GrantedEgress::new(egress, tasks))),
            log: settings.log,
            failures: settings.failures,
            costs: settings.costs,
        });
        // One alone first: most faults show in each of them, and one report is enough.
        let (first, signature) = Sandbox::first(&recipe).await?;
        let joiner = settings.infer_batching.map(|joining| {
            joining::check(signature.as_ref()).map_err(StartError::NotJoinable)?;
            Ok::<_, StartError>(Joiner::new(joining, most_joined(&recipe.settings)))
        });
        let joiner = joiner.transpose()?;
        let idle = match NonZeroU32::new(settings.instances) {
            Some(count) => warm::sandboxes(&recipe, first, count, &settings.tasks).await?,
            None => {
                makers::bury(first).await;
                Vec::new()
            }
        };
        let open = settings.tasks.token();
        Ok(Arc::new(Self {
            deployment: settings.deployment,
            recipe,
            signature: signature.map(Arc::new),
            shelf: Mutex::new(Shelf::new(idle, settings.max_instances as usize)),
            most_makers: makers::most(),
            recycles: settings.recycles,
            appetite: Appetite::new(settings.hunger),
            joiner,
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
        let (receiver, more) = {
            let mut shelf = lock(&self.shelf);
            if let Some(sandbox) = shelf.lend() {
                return Ok(SandboxLease::new(sandbox, Arc::clone(self)));
            }
            let receiver = shelf.queue().ok_or(LeaseError::NoLiveSandbox)?;
            // A pool whose target is 0 makes one now.
            (receiver, shelf.call_makers(self.most_makers))
        };
        let waiting = Waiting::new(receiver, self);
        self.appetite.feel();
        self.start_makers(more);
        waiting.until(until).await
    }

    /// A sandbox, if one is free.
    pub(crate) fn lease_at_once(self: &Arc<Self>) -> Option<SandboxLease> {
        let sandbox = lock(&self.shelf).lend()?;
        Some(SandboxLease::new(sandbox, Arc::clone(self)))
    }

    /// A request with these inputs, for [`SandboxPool::seat`]; none if it can not be joined, or requests of this pool are not.
    pub fn joinable(&self, inputs: &Arc<[NamedTensor]>, company: Company) -> Option<Joinable> {
        self.joiner.as_ref()?.joinable(inputs, company)
    }

    /// Where a request is answered that is over at `deadline`: as [`SandboxPool::lease`], and if it can be joined, maybe
    /// together with others that wait.
    ///
    /// # Errors
    ///
    /// As [`SandboxPool::lease`].
    ///
    /// # Cancel safety
    ///
    /// As [`SandboxPool::lease`].
    pub async fn seat(
        self: &Arc<Self>,
        request: Option<Joinable>,
        until: Instant,
        deadline: Instant,
    ) -> Result<Seat, LeaseError> {
        match (&self.joiner, request) {
            (Some(joiner), Some(request)) => {
                joining::seat(self, joiner, request, (until, deadline)).await
            }
            _ => self.lease(until).await.map(Seat::Own),
        }
    }

    /// The joined calls so far; none if requests are not joined.
    pub fn joined(&self) -> Option<JoinedCounts> {
        self.joiner.as_ref().map(Joiner::counts)
    }

    /// From now on there should be `instances` sandboxes, but never more than `max_instances` of the settings.
    ///
    /// Returns at once. More are made in the background; of too many, idle ones are dropped there, the one first that has
    /// been idle longest, and busy ones when they come back. At 0 a request still gets a sandbox, made for it. Asking for
    /// what is so already changes nothing.
    pub fn resize(self: &Arc<Self>, instances: u32) {
        let more = {
            let mut shelf = lock(&self.shelf);
            shelf.resize(instances as usize);
            shelf.call_makers(self.most_makers)
        };
        self.start_makers(more);
    }

    /// Where the sandboxes are now, and who waits for them.
    pub fn load(&self) -> PoolLoad {
        lock(&self.shelf).load()
    }

    /// Whether there should be sandboxes, none is alive and none is on its way, since the last try to make one failed.
    pub fn is_dead(&self) -> bool {
        let shelf = lock(&self.shelf);
        // One that is to be empty is not dead: a request would have a sandbox made.
        shelf.load().target > 0 && shelf.is_dead()
    }

    /// The most requests that had or waited for a sandbox at once since the last call. For one caller.
    pub fn take_peak(&self) -> usize {
        lock(&self.shelf).take_peak()
    }

    /// Whether a request found no sandbox free since the pool was last fed.
    pub fn is_hungry(&self) -> bool {
        self.appetite.is_hungry()
    }

    /// From now on the next request that finds no sandbox free says so. For whoever looks at the load next.
    pub fn feed(&self) {
        self.appetite.feed();
    }

    /// Where the sandboxes are now.
    pub fn counts(&self) -> SandboxCounts {
        let load = self.load();
        SandboxCounts {
            idle: load.idle as u64,
            busy: load.busy as u64,
            refilling: load.refilling as u64,
        }
    }

    /// The models that the scorer may open.
    pub fn models(&self) -> &BTreeMap<ModelName, Arc<dyn Model>> {
        &self.recipe.models
    }

    /// What the scorer takes and gives, as it has said itself; none if it is a raw one.
    pub fn signature(&self) -> Option<&Arc<Signature>> {
        self.signature.as_ref()
    }

    /// How many sandboxes the deployment has discarded so far.
    pub fn recycles(&self) -> RecycleCounts {
        self.recycles.counts()
    }

    /// What joins requests; none if they are not joined.
    pub(crate) fn joiner(&self) -> Option<&Joiner> {
        self.joiner.as_ref()
    }

    /// The tasks of the process.
    pub(crate) fn tasks(&self) -> &TaskGroup {
        &self.tasks
    }

    /// The deployment, for messages.
    pub(crate) fn deployment(&self) -> &DeploymentName {
        &self.deployment
    }

    /// The limits of the pool's sandboxes.
    pub(crate) fn sandbox_settings(&self) -> &SandboxSettings {
        &self.recipe.settings
    }

    /// Where the pool's sandboxes print.
    pub fn log(&self) -> &DeploymentLog {
        &self.recipe.log
    }

    /// Where the failures of the pool's sandboxes are kept.
    pub(crate) fn failures(&self) -> &RevisionFailures {
        &self.recipe.failures
    }

    /// Tells the deployment's author of a fault, in the log and among the failures. The client's own mistakes are the client's
    /// to hear of.
    pub(crate) fn tell<T>(
        &self,
        asked: &Asked<'_>,
        error: &RunError,
        trace: &Trace,
        report: &RunReport<T>,
    ) {
        let mut text = match error {
            RunError::BadRequest(_) => return,
            RunError::Internal(text) => format!("the scorer failed: {text}"),
            RunError::DeadlineExceeded => "stopped at the request's deadline".to_owned(),
            RunError::Trapped { message } => format!("trapped: {message}"),
            RunError::LimitExceeded { .. } => format!("stopped at {error}"),
            RunError::InvalidResponse { message } => format!("invalid response: {message}"),
            RunError::Host { message } => {
                let deployment = &self.deployment;
                tracing::error!(request.id = asked.id, %deployment, error = message, "the host failed");
                format!("the host failed: {message}")
            }
        };
        if asked.requests > 1 {
            // Each of them is told of, once it has failed alone.
            let requests = asked.requests;
            return self
                .log()
                .host(format!("{requests} joined requests: {text}"));
        }
        if let Some(calls) = trace.author_calls() {
            text = format!("{text}; in {calls}");
        }
        self.log().host_about(asked.into(), &text);
        self.failures().run(asked, error, trace, report);
    }

    /// Takes back a busy sandbox that may be used again.
    pub(crate) fn give_back(self: &Arc<Self>, mut sandbox: Sandbox) {
        loop {
            let taken = lock(&self.shelf).take_back(sandbox);
            let (returned, waiter) = match taken {
                TakenBack::Idle => return,
                TakenBack::IdleUnwatched => return self.watch_idle(),
                TakenBack::Spent => return self.call_makers(),
                TakenBack::Owed(returned, waiter) => (returned, waiter),
            };
            // It stays busy: only its holder changes.
            match waiter.send(SandboxLease::new(returned, Arc::clone(self))) {
                Ok(()) => return,
                Err(refused) => match refused.into_sandbox() {
                    Some(unused) => sandbox = unused,
                    None => return,
                },
            }
        }
    }

    /// Takes back a busy sandbox that is worn. It serves on until its successor is ready.
    pub(crate) fn wear_out(self: &Arc<Self>, sandbox: Sandbox, reason: Worn) {
        self.recycles.worn(reason);
        let more = {
            let mut shelf = lock(&self.shelf);
            shelf.wear_out();
            shelf.call_makers(self.most_makers)
        };
        self.give_back(sandbox);
        self.start_makers(more);
    }

    /// Takes back a busy sandbox that a request has broken.
    pub(crate) fn discard(self: &Arc<Self>, sandbox: Sandbox, reason: Spoiled) {
        // One that is worn has been counted.
        if !sandbox.wear.is_worn() {
            self.recycles.spoiled(reason);
        }
        self.spend(sandbox);
    }

    /// Takes back a busy sandbox that must not be used again.
    pub(crate) fn spend(self: &Arc<Self>, sandbox: Sandbox) {
        let more = {
            let mut shelf = lock(&self.shelf);
            shelf.spend(sandbox);
            shelf.call_makers(self.most_makers)
        };
        self.start_makers(more);
    }

    fn call_makers(self: &Arc<Self>) {
        let more = lock(&self.shelf).call_makers(self.most_makers);
        self.start_makers(more);
    }
}

/// The bytes of inputs that one call joins at the most: a scorer needs room for what it makes of them, too.
fn most_joined(settings: &SandboxSettings) -> usize {
    usize::try_from(settings.memory_limit_bytes() / 4).unwrap_or(usize::MAX)
}

impl fmt::Debug for SandboxPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxPool")
            .field("deployment", &self.deployment)
            .field("load", &self.load())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PoolSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the environment: secrets are in it.
        f.debug_struct("PoolSettings")
            .field("deployment", &self.deployment)
            .field("instances", &self.instances)
            .field("max_instances", &self.max_instances)
            .field("sandbox", &self.sandbox)
            .field("models", &self.models.keys())
            .finish_non_exhaustive()
    }
}
