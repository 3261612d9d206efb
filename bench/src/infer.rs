//! `infer` from inside a sandbox against a loop over raw ONNX Runtime: what the way out of the sandbox costs.
//!
//! The scorer calls `infer` a thousand times in one request, so that the request's own cost vanishes. Both sides
//! run the same model on the same thread count and have the outputs copied to memory of their own.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Options,
    pair::{self, TURN},
    raw_ort::RawOrt,
    report::{Measure, Report},
};
use http::HeaderMap;
use mlwasm_harness::{guests, onnxruntime, workspace};
use mlwasm_inference::{InferenceBackend as _, OnnxRuntime, OnnxSettings};
use mlwasm_sandbox::{
    Compiler, CostMeter, DeploymentLog, Engine, EngineSettings, Failures, PoolSettings, Recycles,
    SandboxPool, ScoringRequest, TaskGroup,
};
use mlwasm_types::{DeploymentName, Digest, ModelName, RevisionNumber, SandboxSettings};

/// Calls of `infer` in one request.
pub(crate) const CALLS: u32 = 1_000;

/// Measures microseconds a call on a model so small that nothing but the call counts, and on one whose input is large.
///
/// # Errors
///
/// If the library, a model or the scorer does not load, or a run fails.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let settings = OnnxSettings {
        threads_per_run: NonZeroUsize::MIN,
        lanes: NonZeroUsize::MIN,
        max_output_bytes: 1 << 20,
    };
    let onnx = OnnxRuntime::open(&onnxruntime(), settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let turns_on = |model: &str| {
        let model = workspace().join(format!("host/inference/tests/models/{model}.onnx"));
        let pool = runtime.block_on(start_pool(&onnx, &model))?;
        let mut raw = RawOrt::start(&model)?;
        let rounds = pair::interleaved(
            options.duration(),
            [
                &mut || turn(|| runtime.block_on(scorers_calls(&pool))),
                &mut || raw.turn(),
            ],
        )?;
        anyhow::Ok(pair::turns(&rounds, [0, 1], |microseconds| *microseconds))
    };
    let small = "infer in a sandbox - raw ort, 4→16→3, 1 row: time a call";
    let turns = turns_on("classifier")?;
    report.difference(Measure::new(small, "µs").at_most(1.0), &turns);
    let large = "infer in a sandbox ÷ raw ort, largest of 3×224×224 (602 KB): time a call";
    let turns = turns_on("image")?;
    report.ratio(Measure::new(large, "µs").at_most(1.10), &turns);
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
