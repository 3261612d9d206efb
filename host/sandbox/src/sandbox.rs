//! One sandbox: a store with one instance of the scorer, `init` already run.
//!
//! The guest runs on a stack of its own and gives its thread back at every tick of the epoch clock, so that a busy guest
//! delays the other requests of that thread by one tick at most. Past the deadline the tick ends it instead.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::SandboxSettings;
use tokio::task::yield_now;
use wasmtime::{Store, UpdateDeadline, component::TypedFunc};

use crate::{
    bindings::{RequestView, Response, ScoreError},
    component::CompiledScorer,
    cost::{CostMeter, Tally},
    error::{RunError, StartError},
    failures::{RevisionFailures, Trace},
    fault::{Fault, fault},
    guard::{Halt, guarded},
    headers,
    host_state::{HostState, Models, Stop},
    limits::{Limit, RESPONSE_SLACK},
    log::{DeploymentLog, shortened},
    request::{self, ScoringRequest, ScoringResponse},
    wear::Wear,
};

type Init = TypedFunc<(), (Result<(), String>,)>;
type Run = TypedFunc<(RequestView<'static>,), (Result<Response, ScoreError>,)>;

/// What every sandbox of a pool is made from.
pub(crate) struct Recipe {
    pub(crate) scorer: Arc<CompiledScorer>,
    pub(crate) settings: SandboxSettings,
    pub(crate) environment: Arc<[(String, String)]>,
    pub(crate) models: Arc<Models>,
    pub(crate) log: Arc<DeploymentLog>,
    pub(crate) failures: RevisionFailures,
    pub(crate) costs: Arc<CostMeter>,
}

/// See the module.
pub(crate) struct Sandbox {
    store: Store<HostState>,
    run: Run,
    max_response_bytes: u64,
    pub(crate) wear: Wear,
    // Dropped after the store: memory is the sandbox's until then.
    pub(crate) tally: Tally,
}

/// How one run ended.
pub(crate) struct Ran {
    pub(crate) outcome: Result<ScoringResponse, RunError>,
    pub(crate) infer: Duration,
    /// Where the guest was, if it did not return.
    pub(crate) trace: Trace,
    /// Why the sandbox must not be used again; none if it may.
    pub(crate) spoiled: Option<Spoiled>,
}

/// Why a sandbox is discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoiled {
    Trap,
    Deadline,
    Cancelled,
    Limit(Limit),
    HostError,
}

impl Sandbox {
    /// A new sandbox, its `init` done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the guest and frees everything.
    pub(crate) async fn start(recipe: &Recipe) -> Result<Self, StartError> {
        let limit = recipe.settings.init_timeout();
        let begun = Instant::now();
        let deadline = begun + limit;
        let mut tally = recipe.costs.open();
        let mut store = new_store(recipe, &tally);
        store.data_mut().begin(deadline);
        store.set_epoch_deadline(1);
        tally.begin(begun);
        let started = {
            let instance = pin!(instantiate(&mut store, &recipe.scorer));
            guarded(deadline, pin!(tally.counted(instance))).await
        };
        tally.end(Instant::now());
        tally.hold(store.data().limiter.granted());
        store.data().output.end();
        let (error, trace) = match started {
            Ok(Ok(run)) => {
                let wear = Wear::new(begun, store.data().limiter.granted());
                return Ok(Self {
                    store,
                    run,
                    max_response_bytes: recipe.settings.max_response_bytes,
                    wear,
                    tally,
                });
            }
            Ok(Err(message)) => {
                let message = shortened(message);
                (StartError::InitFailed { message }, Trace::default())
            }
            Err(halt) => {
                let trace = Trace::of(&halt);
                (start_error(&store, halt, limit), trace)
            }
        };
        recipe.failures.start(&error, &trace);
        Err(error)
    }

    /// Runs one request until `deadline`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the guest. The sandbox must not be used again.
    pub(crate) async fn run(&mut self, request: &ScoringRequest<'_>, deadline: Instant) -> Ran {
        let state = self.store.data_mut();
        state.begin(deadline);
        state.call.recorder = request.keep.recorder.cloned();
        state.output.begin(request.into());
        self.store.set_epoch_deadline(1);
        let headers = headers::visible(request.headers);
        let view = RequestView {
            id: request.id,
            deployment: request.deployment,
            is_mirror: request.is_mirror,
            query: request.query,
            headers: &headers,
            content_type: request.content_type,
            body: request.body,
        };
        // The type of a function names no lifetime but this one, so the handle is made to fit the request.
        let run: TypedFunc<(RequestView<'_>,), _> = self.run;
        let result = {
            let call = pin!(run.call_async(&mut self.store, (view,)));
            guarded(deadline, pin!(self.tally.counted(call))).await
        };
        let state = self.store.data_mut();
        state.output.end();
        // A sandbox that waits holds on to nothing of a request.
        state.call.recorder = None;
        let infer = state.call.infer;
        let ((outcome, spoiled), trace) = match result {
            Ok((answer,)) => (self.answered(answer), Trace::default()),
            Err(halt) => {
                let trace = Trace::of(&halt);
                (self.failed(halt), trace)
            }
        };
        Ran {
            outcome,
            infer,
            trace,
            spoiled,
        }
    }

    /// Writes down what a run has cost that `ended` just now.
    pub(crate) fn charge(&mut self, request: &ScoringRequest<'_>, ran: &Ran, ended: Instant) {
        let answered = ran
            .outcome
            .as_ref()
            .map_or(0, |response| response.body.len());
        self.tally.end(ended);
        self.tally.request(request.body.len(), answered);
        self.tally.hold(self.store.data().limiter.granted());
    }

    /// The bytes of the guest's memories.
    pub(crate) fn memory(&self) -> usize {
        self.store.data().limiter.granted()
    }

    fn answered(
        &self,
        answer: Result<Response, ScoreError>,
    ) -> (Result<ScoringResponse, RunError>, Option<Spoiled>) {
        let outcome = match answer {
            Ok(response) => request::checked(response, self.max_response_bytes),
            Err(ScoreError::BadRequest(text)) => Err(RunError::BadRequest(shortened(text))),
            Err(ScoreError::Internal(text)) => Err(RunError::Internal(shortened(text))),
        };
        let spoiled = match &outcome {
            Err(RunError::LimitExceeded { limit, .. }) => Some(Spoiled::Limit(*limit)),
            Ok(_) | Err(_) => None,
        };
        (outcome, spoiled)
    }

    fn failed(&self, halt: Halt) -> (Result<ScoringResponse, RunError>, Option<Spoiled>) {
        let (error, spoiled) = match fault(&self.store, halt) {
            Fault::Deadline => (RunError::DeadlineExceeded, Spoiled::Deadline),
            Fault::Limit { limit, message } => (
                RunError::LimitExceeded { limit, message },
                Spoiled::Limit(limit),
            ),
            Fault::Trap { message } => (RunError::Trapped { message }, Spoiled::Trap),
            Fault::Host { message } => (RunError::Host { message }, Spoiled::HostError),
        };
        (Err(error), Some(spoiled))
    }
}

fn new_store(recipe: &Recipe, tally: &Tally) -> Store<HostState> {
    let state = HostState::new(recipe, tally.page());
    let mut store = Store::new(recipe.scorer.engine(), state);
    store.limiter(|state| &mut state.limiter);
    // Twice: a handle that is lent for a call counts for two meanwhile. The table of resources holds to the limit itself.
    store.set_max_component_handles(2 * recipe.settings.max_handles as usize);
    store.set_hostcall_fuel(transfer_limit(recipe));
    store.epoch_deadline_callback(|mut store| {
        let call = &mut store.data_mut().call;
        if Instant::now() < call.deadline {
            // Behind those who wait for I/O: the runtime's own yield looks for news of sockets first, wasmtime's does not.
            let yielding = Box::pin(yield_now());
            return Ok(UpdateDeadline::YieldCustom(1, yielding));
        }
        call.stop = Some(Stop::Deadline);
        Ok(UpdateDeadline::Interrupt)
    });
    store
}

/// The bytes that a guest may hand to the host in one call or answer: wasmtime counts them before it copies.
///
/// It has one number for both. Where a scorer has no models and makes no records, nothing else that it may hand over is larger than
/// a response, which is then refused before it is copied. Where it has, a response between its own limit and that of a call is
/// copied and refused then. To hold it to its own limit before the copy would take a `Lift` of our own: unsafe code on what
/// wasmtime keeps to itself, from where the store and so the limit can not be seen.
fn transfer_limit(recipe: &Recipe) -> usize {
    let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let call = bytes(recipe.settings.max_hostcall_bytes);
    if recipe.models.is_empty() && !recipe.scorer.imports_collection() {
        let response = bytes(recipe.settings.max_response_bytes).saturating_add(RESPONSE_SLACK);
        return call.min(response);
    }
    call
}

async fn instantiate(
    store: &mut Store<HostState>,
    scorer: &CompiledScorer,
) -> wasmtime::Result<Result<Run, String>> {
    let instance = scorer.instantiate(store).await?;
    let init: Init = instance.get_typed_func(&mut *store, scorer.init())?;
    let run: Run = instance.get_typed_func(&mut *store, scorer.run())?;
    let (done,) = init.call_async(&mut *store, ()).await?;
    Ok(done.map(|()| run))
}

fn start_error(store: &Store<HostState>, halt: Halt, limit: Duration) -> StartError {
    if let Halt::Error(error) = &halt
        && error.is::<wasmtime::PoolConcurrencyLimitError>()
    {
        return StartError::NoRoom;
    }
    match fault(store, halt) {
        Fault::Deadline => StartError::InitDeadlineExceeded { limit },
        Fault::Limit { limit, message } => StartError::LimitExceeded { limit, message },
        Fault::Trap { message } => StartError::Trapped { message },
        Fault::Host { message } => StartError::Host { message },
    }
}
