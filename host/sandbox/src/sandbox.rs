//! One sandbox: a store with one instance of the scorer, `init` already run.
//!
//! The guest runs on a stack of its own and gives its thread back at every tick of the epoch clock, so that a busy guest
//! delays the other requests of that thread by one tick at most. Past the deadline the tick ends it instead.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::{SandboxSettings, Signature, Tensor};
use tokio::task::yield_now;
use wasmtime::{
    Store, UpdateDeadline,
    component::{Instance, TypedFunc},
};

use crate::{
    bindings::{
        RequestView, Response, ScoreError,
        tensor_scorer::{self, LentTensor},
    },
    component::{CompiledScorer, TensorExports},
    cost::{CostMeter, Tally},
    egress::GrantedEgress,
    error::{Opening, RunError, StartError},
    failures::{RevisionFailures, Trace},
    fault::{Fault, exceeded, fault},
    guard::{Halt, guarded},
    headers,
    host_state::{HostState, Models, Stop},
    imports::files::FilesFolder,
    limits::{Limit, RESPONSE_SLACK},
    log::{DeploymentLog, shortened},
    places::Places,
    request::{self, Asked, ScoringRequest, ScoringResponse},
    tensors::{self, TensorRequest},
    wear::Wear,
};

type Init = TypedFunc<(), (Result<(), String>,)>;
type Run = TypedFunc<(RequestView<'static>,), (Result<Response, ScoreError>,)>;
type Describe = TypedFunc<(), (tensor_scorer::Signature,)>;
type Infer<'a> =
    TypedFunc<(&'a [LentTensor<'a>],), (Result<Vec<tensor_scorer::Tensor>, ScoreError>,)>;

/// What every sandbox of a pool is made from.
pub(crate) struct Recipe {
    pub(crate) scorer: Arc<CompiledScorer>,
    pub(crate) settings: SandboxSettings,
    pub(crate) environment: Arc<[(String, String)]>,
    pub(crate) models: Arc<Models>,
    pub(crate) files: Option<FilesFolder>,
    pub(crate) egress: Option<Arc<GrantedEgress>>,
    pub(crate) log: Arc<DeploymentLog>,
    pub(crate) failures: RevisionFailures,
    pub(crate) costs: Arc<CostMeter>,
}

/// See the module.
pub(crate) struct Sandbox {
    store: Store<HostState>,
    functions: Functions,
    max_response_bytes: u64,
    pub(crate) wear: Wear,
    places: Arc<Places>,
    // Dropped after the store: memory is the sandbox's until then.
    pub(crate) tally: Tally,
}

/// What requests call.
#[derive(Clone, Copy)]
struct Functions {
    run: Run,
    /// None of a raw scorer.
    infer: Option<Infer<'static>>,
}

/// How one run ended.
pub(crate) struct Ran<T> {
    pub(crate) outcome: Result<T, RunError>,
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
        let (sandbox, _) = Self::open(recipe, Opening::Init).await?;
        Ok(sandbox)
    }

    /// As [`Sandbox::start`], and what the scorer takes and gives, if it is a typed one: for a pool's first sandbox.
    pub(crate) async fn first(recipe: &Recipe) -> Result<(Self, Option<Signature>), StartError> {
        Self::open(recipe, Opening::Describe).await
    }

    /// A new sandbox, the calls up to `last` done.
    async fn open(recipe: &Recipe, last: Opening) -> Result<(Self, Option<Signature>), StartError> {
        let limit = recipe.settings.init_timeout();
        let begun = Instant::now();
        let deadline = begun + limit;
        let mut tally = recipe.costs.open();
        let mut store = new_store(recipe, &tally);
        open_files(recipe, &mut store)?;
        store.data_mut().begin(deadline);
        store.set_epoch_deadline(1);
        tally.begin(begun);
        // The call that the guest is in.
        let mut call = Opening::Init;
        let started = {
            let opening = pin!(open(&mut store, &recipe.scorer, last, &mut call));
            guarded(deadline, pin!(tally.counted(opening))).await
        };
        tally.end(Instant::now());
        tally.hold(store.data().limiter.granted());
        let words = store.data().output.end();
        let overrun = exceeded(store.data());
        store.data_mut().end();
        let places = recipe.scorer.places();
        let (error, trace) = match started {
            Ok(Ok(_)) if let Some((limit, message)) = overrun => {
                let error = StartError::LimitExceeded {
                    call,
                    limit,
                    message,
                };
                (error, Trace::default())
            }
            Ok(Ok((functions, signature))) => {
                let wear = Wear::new(begun, store.data().limiter.granted());
                let sandbox = Self {
                    store,
                    functions,
                    max_response_bytes: recipe.settings.max_response_bytes,
                    wear,
                    places: Arc::clone(places),
                    tally,
                };
                return Ok((sandbox, signature));
            }
            Ok(Err(error)) => (error, Trace::default()),
            Err(halt) => {
                let trace = Trace::of(&halt, places);
                let error = match start_fault(&store, halt) {
                    None => StartError::NoRoom,
                    Some(fault) => start_error(fault.told(words, &trace), call, limit),
                };
                if let Some(calls) = trace.author_calls() {
                    recipe.log.host(format!("{error}; in {calls}"));
                }
                (error, trace)
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
    pub(crate) async fn run(
        &mut self,
        request: &ScoringRequest<'_>,
        deadline: Instant,
    ) -> Ran<ScoringResponse> {
        self.begin(&request.into(), deadline);
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
        let run: TypedFunc<(RequestView<'_>,), _> = self.functions.run;
        let result = {
            let call = pin!(run.call_async(&mut self.store, (view,)));
            guarded(deadline, pin!(self.tally.counted(call))).await
        };
        let most = self.max_response_bytes;
        self.end(result, |response| request::checked(response, most))
    }

    /// Runs one request in tensors until `deadline`, and holds the answer to `signature`, which is the scorer's own. A raw
    /// scorer, which has none, does not see the request.
    ///
    /// # Cancel safety
    ///
    /// As [`Sandbox::run`].
    pub(crate) async fn infer(
        &mut self,
        request: &TensorRequest<'_>,
        signature: Option<&Signature>,
        deadline: Instant,
    ) -> Ran<Vec<Tensor>> {
        self.begin(&request.into(), deadline);
        let (Some(infer), Some(signature)) = (self.functions.infer, signature) else {
            return self.end(Ok((Ok(()),)), |()| Err(raw()));
        };
        let lent: Vec<LentTensor<'_>> = request.inputs.iter().map(LentTensor::from).collect();
        // As in `run`.
        let infer: Infer<'_> = infer;
        let result = {
            let call = pin!(infer.call_async(&mut self.store, (&lent,)));
            guarded(deadline, pin!(self.tally.counted(call))).await
        };
        let most = self.max_response_bytes;
        self.end(result, |outputs| tensors::checked(outputs, signature, most))
    }

    /// Writes down what a call has cost that `ended` just now and was answered with so many bytes; with none if its requests
    /// are asked again.
    pub(crate) fn charge(&mut self, asked: &Asked<'_>, answered: Option<usize>, ended: Instant) {
        self.tally.end(ended);
        if let Some(answered) = answered {
            let bytes = asked.payload.bytes();
            self.tally.requests(asked.requests, bytes, answered);
        }
        self.tally.hold(self.store.data().limiter.granted());
    }

    /// The bytes of the guest's memories.
    pub(crate) fn memory(&self) -> usize {
        self.store.data().limiter.granted()
    }

    fn begin(&mut self, asked: &Asked<'_>, deadline: Instant) {
        let state = self.store.data_mut();
        state.begin(deadline);
        state.call.recorder = asked.keep.recorder.cloned();
        state.call.is_mirror = asked.is_mirror;
        state.output.begin(asked.into());
        self.store.set_epoch_deadline(1);
    }

    /// What a call comes to. What the guest returned becomes an answer if `check` lets it.
    fn end<A, T>(
        &mut self,
        result: Result<(Result<A, ScoreError>,), Halt>,
        check: impl FnOnce(A) -> Result<T, RunError>,
    ) -> Ran<T> {
        let state = self.store.data_mut();
        let words = state.output.end();
        let infer = state.call.infer;
        let (outcome, spoiled, trace) = match result {
            Ok((answer,)) => {
                let outcome = match exceeded(state) {
                    Some((limit, message)) => Err(RunError::LimitExceeded { limit, message }),
                    None => answer.map_err(refused).and_then(check),
                };
                let spoiled = match &outcome {
                    Err(RunError::LimitExceeded { limit, .. }) => Some(Spoiled::Limit(*limit)),
                    Ok(_) | Err(_) => None,
                };
                (outcome, spoiled, Trace::default())
            }
            Err(halt) => {
                let trace = Trace::of(&halt, &self.places);
                let (error, spoiled) = failed(fault(&self.store, halt).told(words, &trace));
                (Err(error), Some(spoiled), trace)
            }
        };
        // Last: what was exceeded is known of the calls until then.
        self.store.data_mut().end();
        Ran {
            outcome,
            infer,
            trace,
            spoiled,
        }
    }
}

/// What a fault is to the caller, and to the sandbox.
fn failed(fault: Fault) -> (RunError, Spoiled) {
    match fault {
        Fault::Deadline => (RunError::DeadlineExceeded, Spoiled::Deadline),
        Fault::Limit { limit, message } => (
            RunError::LimitExceeded { limit, message },
            Spoiled::Limit(limit),
        ),
        Fault::Trap { message } => (RunError::Trapped { message }, Spoiled::Trap),
        Fault::Host { message } => (RunError::Host { message }, Spoiled::HostError),
    }
}

/// What the scorer's own refusal is to the caller.
fn refused(error: ScoreError) -> RunError {
    match error {
        ScoreError::BadRequest(text) => RunError::BadRequest(shortened(text)),
        ScoreError::Internal(text) => RunError::Internal(shortened(text)),
    }
}

/// What whoever asks in tensors without having looked for a signature is told.
fn raw() -> RunError {
    RunError::Host {
        message: "a raw scorer was asked in tensors".to_owned(),
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
        let state = store.data_mut();
        if let Some(stop @ Stop::EgressBytes) = state.stop() {
            state.call.stop = Some(stop);
            return Ok(UpdateDeadline::Interrupt);
        }
        let call = &mut state.call;
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

fn open_files(recipe: &Recipe, store: &mut Store<HostState>) -> Result<(), StartError> {
    let Some(folder) = &recipe.files else {
        return Ok(());
    };
    let opened = store.data_mut().open_files(folder);
    opened.map_err(|error| StartError::Host {
        message: format!("the folder of files can not be opened: {error:#}"),
    })
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

/// A sandbox's functions, the calls up to `last` done, and the signature if that was asked for. `call` tells where it is.
async fn open(
    store: &mut Store<HostState>,
    scorer: &CompiledScorer,
    last: Opening,
    call: &mut Opening,
) -> wasmtime::Result<Result<(Functions, Option<Signature>), StartError>> {
    let instance = scorer.instantiate(store).await?;
    let init: Init = instance.get_typed_func(&mut *store, scorer.init())?;
    let functions = Functions {
        run: instance.get_typed_func(&mut *store, scorer.run())?,
        infer: match scorer.tensors() {
            None => None,
            Some(exports) => Some(instance.get_typed_func(&mut *store, exports.infer)?),
        },
    };
    let (done,) = init.call_async(&mut *store, ()).await?;
    if let Err(message) = done {
        let message = shortened(message);
        return Ok(Err(StartError::InitFailed { message }));
    }
    let (Opening::Describe, Some(exports)) = (last, scorer.tensors()) else {
        return Ok(Ok((functions, None)));
    };
    *call = Opening::Describe;
    let described = describe(store, instance, exports).await?;
    Ok(described.map(|signature| (functions, Some(signature))))
}

async fn describe(
    store: &mut Store<HostState>,
    instance: Instance,
    exports: TensorExports,
) -> wasmtime::Result<Result<Signature, StartError>> {
    let describe: Describe = instance.get_typed_func(&mut *store, exports.describe)?;
    let (signature,) = describe.call_async(&mut *store, ()).await?;
    let signature = Signature::from(signature);
    Ok(match signature.check() {
        Ok(()) => Ok(signature),
        Err(error) => Err(StartError::InvalidSignature(error)),
    })
}

/// Why a start came to a halt; none if there is no room for another sandbox.
fn start_fault(store: &Store<HostState>, halt: Halt) -> Option<Fault> {
    if let Halt::Error(error) = &halt
        && error.is::<wasmtime::PoolConcurrencyLimitError>()
    {
        return None;
    }
    Some(fault(store, halt))
}

fn start_error(fault: Fault, call: Opening, limit: Duration) -> StartError {
    match fault {
        Fault::Deadline => StartError::DeadlineExceeded { call, limit },
        Fault::Limit { limit, message } => StartError::LimitExceeded {
            call,
            limit,
            message,
        },
        Fault::Trap { message } => StartError::Trapped { call, message },
        Fault::Host { message } => StartError::Host { message },
    }
}
