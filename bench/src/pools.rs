//! A pool of sandboxes without a server around it.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use http::HeaderMap;
use mlwasm_harness::onnxruntime;
use mlwasm_inference::{Model, OnnxRuntime, OnnxSettings};
use mlwasm_sandbox::{
    Compiler, CostMeter, DeploymentLog, Engine, EngineSettings, Failures, Keep, PoolSettings,
    Recycles, SandboxPool, ScoringRequest, TaskGroup,
};
use mlwasm_types::{DeploymentName, Digest, Isolation, ModelName, RevisionNumber, SandboxSettings};

/// What a pool is of.
#[derive(Clone)]
pub struct PoolOf {
    /// The component.
    pub scorer: PathBuf,
    /// How many sandboxes.
    pub instances: u32,
    /// Which requests may meet in one.
    pub isolation: Isolation,
    /// What the scorer opens as `model`.
    pub model: Option<Arc<dyn Model>>,
}

impl PoolOf {
    /// Compiles the scorer and initialises the sandboxes. An engine of its own, so that pools do not share one's room.
    ///
    /// # Errors
    ///
    /// If the scorer does not compile, or its `init` fails.
    pub async fn start(self) -> anyhow::Result<Arc<SandboxPool>> {
        let engine = Engine::new(EngineSettings {
            // Twice as many: with `isolation: request`, the next ones are made while these are in use.
            max_sandboxes: 2 * self.instances + 2,
            max_memory_mb: 64,
            max_stack_kb: 512,
            max_component_bytes: 1 << 20,
            compiled_cache: None,
            compiler: Compiler::InProcess,
        })?;
        let scorer = fs::read(&self.scorer)?;
        let scorer = engine.compile(Digest::of(&scorer), || Ok(scorer))?;
        let name = ModelName::new("model")?;
        let settings = PoolSettings {
            deployment: DeploymentName::new("bench")?,
            instances: self.instances,
            max_instances: self.instances,
            sandbox: SandboxSettings {
                isolation: self.isolation,
                max_infer_calls: 1_000_000,
                ..SandboxSettings::default()
            },
            environment: BTreeMap::new(),
            files: None,
            egress: None,
            models: self
                .model
                .into_iter()
                .map(|model| (name.clone(), model))
                .collect(),
            log: DeploymentLog::new(),
            failures: Failures::new(0).of(RevisionNumber(1)),
            costs: CostMeter::new(),
            recycles: Recycles::new(),
            infer_batching: None,
            hunger: Arc::default(),
            tasks: TaskGroup::new(),
        };
        Ok(SandboxPool::start(scorer, settings).await?)
    }
}

/// ONNX Runtime as a server has it by default, with one lane.
///
/// # Errors
///
/// If the library does not load.
pub fn onnx_runtime() -> anyhow::Result<OnnxRuntime> {
    let settings = OnnxSettings {
        threads_per_run: NonZeroUsize::MIN,
        lanes: NonZeroUsize::MIN,
        max_output_bytes: 1 << 20,
    };
    Ok(OnnxRuntime::open(&onnxruntime(), settings)?)
}

/// Runs one request in a sandbox of the pool.
///
/// # Errors
///
/// If no sandbox is free for ten seconds, or the scorer fails.
pub async fn run(pool: &Arc<SandboxPool>, query: &str, body: &[u8]) -> anyhow::Result<()> {
    static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
    let start = Instant::now();
    let deadline = start + Duration::from_secs(10);
    let lease = pool.lease(deadline).await?;
    let request = ScoringRequest {
        id: "bench",
        deployment: "bench",
        is_mirror: false,
        queued_at: start,
        query,
        headers: &NO_HEADERS,
        content_type: None,
        body,
        keep: Keep::default(),
    };
    lease.run(request, deadline).await.outcome?;
    Ok(())
}
