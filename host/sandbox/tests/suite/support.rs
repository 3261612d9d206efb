//! Guests, pools and requests, with as few words as a test can have.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use http::HeaderMap;
use mlwasm_inference::Model;
use mlwasm_sandbox::{
    CompiledScorer, Compiler, CostMeter, DeploymentLog, Engine, EngineSettings, Failures, Keep,
    LogQuery, PoolSettings, Recycles, RunError, RunReport, SandboxPool, ScoringRequest,
    ScoringResponse, StartError, TaskGroup,
};
use mlwasm_types::{DeploymentName, Digest, RevisionNumber, SandboxSettings, api::LogLine};

/// Longer than any test: a limit that must not be reached.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A deadline that must not be reached.
pub(crate) fn later() -> Instant {
    Instant::now() + PATIENCE
}

/// The bytes of a guest.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/scorers/wasm32-wasip2/scorer/examples");
    let path = folder.join(name).with_extension("wasm");
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no guest {name} ({error}): run `cargo xtask plugins` first")
    })
}

/// An engine with room for `max_sandboxes`.
pub(crate) fn engine(max_sandboxes: u32) -> Engine {
    Engine::new(EngineSettings {
        max_sandboxes,
        max_memory_mb: 64,
        max_stack_kb: 512,
        max_component_bytes: 1 << 20,
        compiled_cache: None,
        compiler: Compiler::InProcess,
    })
    .unwrap()
}

/// The guest as a scorer of `engine`.
pub(crate) fn scorer(engine: &Engine, name: &str) -> Arc<CompiledScorer> {
    let bytes = guest(name);
    engine.compile(Digest::of(&bytes), || Ok(bytes)).unwrap()
}

/// Settings of one sandbox, all by default.
pub(crate) fn settings() -> PoolSettings {
    PoolSettings {
        deployment: DeploymentName::new("blue").unwrap(),
        instances: 1,
        max_instances: 8,
        sandbox: SandboxSettings::default(),
        environment: BTreeMap::new(),
        models: BTreeMap::new(),
        files: None,
        egress: None,
        log: DeploymentLog::new(),
        failures: Failures::new(20).of(RevisionNumber(1)),
        costs: CostMeter::new(),
        recycles: Recycles::new(),
        infer_batching: None,
        hunger: Arc::default(),
        tasks: TaskGroup::new(),
    }
}

/// Settings of one sandbox whose scorer may open `model`.
pub(crate) fn with_model(model: Arc<dyn Model>) -> PoolSettings {
    PoolSettings {
        models: BTreeMap::from([("model".parse().unwrap(), model)]),
        ..settings()
    }
}

/// A pool of the guest on an engine of its own.
pub(crate) async fn pool(name: &str, settings: PoolSettings) -> Arc<SandboxPool> {
    try_pool(name, settings).await.unwrap()
}

/// As [`pool`], for guests that may not start.
pub(crate) async fn try_pool(
    name: &str,
    settings: PoolSettings,
) -> Result<Arc<SandboxPool>, StartError> {
    SandboxPool::start(scorer(&engine(8), name), settings).await
}

/// The outcome of a request with this query, from the next free sandbox.
pub(crate) async fn ask(pool: &Arc<SandboxPool>, query: &str) -> Result<ScoringResponse, RunError> {
    report(pool, query, PATIENCE).await.outcome
}

/// As [`ask`], for no longer than `limit`, with all there is to know of it.
pub(crate) async fn report(pool: &Arc<SandboxPool>, query: &str, limit: Duration) -> RunReport {
    let headers = HeaderMap::new();
    let request = ScoringRequest {
        query,
        ..request(&headers)
    };
    let lease = pool.lease(later()).await.unwrap();
    // Taken last, so that a slow machine does not spend it before the guest begins.
    lease.run(request, Instant::now() + limit).await
}

/// A plain request.
pub(crate) fn request(headers: &HeaderMap) -> ScoringRequest<'_> {
    ScoringRequest {
        id: "r1",
        deployment: "blue",
        is_mirror: false,
        queued_at: Instant::now(),
        query: "",
        headers,
        content_type: None,
        body: b"",
        keep: Keep::default(),
    }
}

/// The body of a response as text.
pub(crate) fn text(outcome: Result<ScoringResponse, RunError>) -> String {
    String::from_utf8(outcome.unwrap().body.to_vec()).unwrap()
}

/// Lets the others go on until `is_so`.
pub(crate) async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = later();
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        tokio::task::yield_now().await;
    }
}

/// Everything in the log.
pub(crate) fn lines(log: &DeploymentLog) -> Vec<LogLine> {
    let everything = LogQuery {
        after: None,
        lines: usize::MAX,
    };
    log.page(everything).lines
}
