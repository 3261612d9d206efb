//! `infer` from inside a sandbox against a loop over raw ONNX Runtime: what the way out of the sandbox costs.
//!
//! The scorer calls `infer` a thousand times in one request, so that the request's own cost vanishes. Both sides
//! run the same model on the same thread count and have the outputs copied to memory of their own.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    pair::{self, TURN, Turn},
    raw_ort::RawOrt,
    table::Table,
};
use anyhow::Context as _;
use http::HeaderMap;
use mlwasm_harness::{guests, models};
use mlwasm_inference::{InferenceBackend as _, OnnxRuntime, OnnxSettings};
use mlwasm_sandbox::{
    Compiler, CostMeter, DeploymentLog, Engine, EngineSettings, Failures, PoolSettings, Recycles,
    SandboxPool, ScoringRequest, TaskGroup,
};
use mlwasm_types::{DeploymentName, Digest, ModelName, RevisionNumber, SandboxSettings};

/// Calls of `infer` in one request.
pub(crate) const CALLS: u32 = 1_000;

/// Measures microseconds a call on the iris models, one row each.
///
/// # Errors
///
/// If the library, a model or the scorer does not load, or a run fails.
pub(crate) fn measure(table: &mut Table, duration: Duration) -> anyhow::Result<()> {
    let library =
        PathBuf::from(std::env::var_os("ORT_DYLIB_PATH").context("ORT_DYLIB_PATH is not set")?);
    let settings = OnnxSettings {
        threads_per_run: NonZeroUsize::MIN,
        lanes: NonZeroUsize::MIN,
        max_output_bytes: 1 << 20,
    };
    let onnx = OnnxRuntime::open(&library, settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    for version in [1, 2] {
        let model = models::iris(version);
        let pool = runtime.block_on(start_pool(&onnx, &model))?;
        let mut raw = RawOrt::start(&model)?;
        let turns = pair::interleaved(
            duration,
            || turn(|| runtime.block_on(scorers_calls(&pool))),
            || raw.turn(),
        )?;
        let turns: Vec<_> = turns
            .iter()
            .map(|(ours, floor)| Turn {
                ours: *ours,
                floor: *floor,
            })
            .collect();
        table.pair(
            &format!("infer in a sandbox ÷ raw ort, iris-{version}, 1 row: time a call"),
            "µs",
            &turns,
        );
    }
    Ok(())
}

/// Repeats `calls`, which makes [`CALLS`] calls, for one turn. Returns microseconds a call.
pub(crate) fn turn(mut calls: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut count = 0;
    while start.elapsed() < TURN {
        calls()?;
        count += CALLS;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(count))
}

async fn start_pool(onnx: &OnnxRuntime, model: &Path) -> anyhow::Result<Arc<SandboxPool>> {
    let engine = Engine::new(EngineSettings {
        max_sandboxes: 4,
        max_memory_mb: 64,
        max_stack_kb: 512,
        max_component_bytes: 1 << 20,
        compiled_cache: None,
        compiler: Compiler::InProcess,
    })?;
    let scorer = fs::read(guests::path("many_infer"))?;
    let scorer = engine.compile(Digest::of(&scorer), || Ok(scorer))?;
    let model = onnx.load(&fs::read(model)?)?;
    let settings = PoolSettings {
        deployment: DeploymentName::new("bench")?,
        instances: 1,
        max_instances: 1,
        sandbox: SandboxSettings {
            max_infer_calls: CALLS,
            ..SandboxSettings::default()
        },
        environment: BTreeMap::new(),
        models: BTreeMap::from([(ModelName::new("model")?, model)]),
        log: DeploymentLog::new(),
        failures: Failures::new(0).of(RevisionNumber(1)),
        costs: CostMeter::new(),
        recycles: Recycles::new(),
        hunger: Arc::default(),
        tasks: TaskGroup::new(),
    };
    Ok(SandboxPool::start(scorer, settings).await?)
}

async fn scorers_calls(pool: &Arc<SandboxPool>) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let lease = pool.lease(deadline).await?;
    let query = format!("times={CALLS}");
    let request = ScoringRequest {
        id: "bench",
        deployment: "bench",
        is_mirror: false,
        queued_at: Instant::now(),
        query: &query,
        headers: &HeaderMap::new(),
        content_type: None,
        body: &[],
    };
    lease.run(request, deadline).await.outcome?;
    Ok(())
}
