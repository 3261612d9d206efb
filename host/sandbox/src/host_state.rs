//! What the host keeps for one sandbox, beside the guest's own memory.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_inference::Model;
use mlwasm_types::{ModelName, SandboxSettings};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::{
    cost::Page,
    imports::{collection::Recorded, files::FilesFolder, http::Http, wasi},
    keep::Recorder,
    limits::Limiter,
    log::{LineLimits, Output},
    sandbox::Recipe,
};

/// The models that a deployment's scorers may open.
pub(crate) type Models = BTreeMap<ModelName, Arc<dyn Model>>;

/// The data of a sandbox's store.
pub(crate) struct HostState {
    // Made when it is asked for: many scorers never do, and some sandboxes live for one request.
    wasi: Option<Box<WasiCtx>>,
    environment: Arc<[(String, String)]>,
    pub(crate) table: ResourceTable,
    pub(crate) limiter: Limiter,
    pub(crate) models: Arc<Models>,
    pub(crate) output: Arc<Output>,
    pub(crate) call: Call,
    /// None if the deployment may call nobody.
    http: Option<Box<Http>>,
    /// Where native runs are counted.
    pub(crate) page: Arc<Page>,
    pub(crate) settings: SandboxSettings,
}

/// The call that is being made: `init`, or one request.
#[derive(Debug)]
pub(crate) struct Call {
    /// The moment at which it ends.
    pub(crate) deadline: Instant,
    /// Time spent in native runs.
    pub(crate) infer: Duration,
    /// Why the host is ending it; none if the guest ends by itself.
    pub(crate) stop: Option<Stop>,
    infer_calls: u32,
    egress_calls: u32,
    /// Whether the request is a copy of a live one.
    pub(crate) is_mirror: bool,
    /// Where the scorer's records go.
    pub(crate) recorder: Option<Arc<dyn Recorder>>,
    /// What it has recorded.
    pub(crate) recorded: Recorded,
}

/// Why the host ends a call. Kept here rather than read off an error, since errors pass through the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Its time is up.
    Deadline,
    /// It asked for more native runs than it may.
    InferCalls,
    /// It made more calls to others than it may.
    EgressCalls,
    /// These calls carried more than they may.
    EgressBytes,
}

impl HostState {
    /// The state of a new sandbox.
    pub(crate) fn new(recipe: &Recipe, page: Arc<Page>) -> Self {
        let settings = recipe.settings.clone();
        let output = Output::new(Arc::clone(&recipe.log), LineLimits::of(&settings));
        let mut table = ResourceTable::new();
        table.set_max_capacity(settings.max_handles as usize);
        Self {
            wasi: None,
            environment: Arc::clone(&recipe.environment),
            table,
            limiter: Limiter::new(&settings),
            models: Arc::clone(&recipe.models),
            output,
            call: Call::until(Instant::now()),
            http: recipe.egress.clone().map(Http::granted),
            page,
            settings,
        }
    }

    /// Opens the folder of files, before the guest runs: a request must not be the first to learn that it can not be.
    ///
    /// # Errors
    ///
    /// If it can not be opened.
    pub(crate) fn open_files(&mut self, folder: &FilesFolder) -> wasmtime::Result<()> {
        let wasi = wasi::context_with_files(&self.environment, &self.output, folder)?;
        self.wasi = Some(Box::new(wasi));
        Ok(())
    }

    /// A call begins that ends at `deadline`.
    pub(crate) fn begin(&mut self, deadline: Instant) {
        self.call = Call::until(deadline);
        self.limiter.forget();
    }

    /// The call has ended: whatever it has asked of others ends with it, and it holds on to nothing of a request.
    pub(crate) fn end(&mut self) {
        self.call.recorder = None;
        if let Some(http) = &mut self.http {
            http.end();
        }
    }

    /// What the scorer's calls to others go through. Of a deployment that grants none it refuses them all.
    pub(crate) fn http_and_table(&mut self) -> (&mut Http, &mut ResourceTable) {
        let http = self.http.get_or_insert_with(Http::refused);
        (http, &mut self.table)
    }

    /// Why the call is to be ended besides its deadline; none if it is not.
    pub(crate) fn stop(&self) -> Option<Stop> {
        let exceeded = self.http.as_ref().is_some_and(|http| http.has_exceeded());
        self.call.stop.or(exceeded.then_some(Stop::EgressBytes))
    }

    /// Counts a native run; false if it is one too many.
    pub(crate) fn count_infer(&mut self) -> bool {
        if self.call.infer_calls == self.settings.max_infer_calls {
            self.call.stop = Some(Stop::InferCalls);
            return false;
        }
        self.call.infer_calls += 1;
        true
    }

    /// Counts a call to others; false if it is one too many.
    pub(crate) fn count_egress(&mut self) -> bool {
        if self.call.egress_calls == self.settings.max_egress_calls {
            self.call.stop = Some(Stop::EgressCalls);
            return false;
        }
        self.call.egress_calls += 1;
        true
    }
}

impl Call {
    fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            infer: Duration::ZERO,
            stop: None,
            infer_calls: 0,
            egress_calls: 0,
            is_mirror: false,
            recorder: None,
            recorded: Recorded::default(),
        }
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (environment, output) = (&self.environment, &self.output);
        let wasi = self
            .wasi
            .get_or_insert_with(|| Box::new(wasi::context(environment, output)));
        WasiCtxView {
            ctx: wasi,
            table: &mut self.table,
        }
    }
}
