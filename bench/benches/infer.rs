//! One call of `infer` from a sandbox: the smallest model, and one with a large input.

use std::{
    fs,
    time::{Duration, Instant},
};

use criterion::Criterion;
use mlwasm_bench::{PoolOf, onnx_runtime, run};
use mlwasm_harness::{guests, workspace};
use mlwasm_inference::InferenceBackend as _;
use mlwasm_types::Isolation;
use tokio::runtime::Runtime;

/// Calls in one request, so that the request's own cost vanishes.
const CALLS: u32 = 1_000;

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    let onnx = onnx_runtime().expect("ONNX Runtime loads");
    let mut group = criterion.benchmark_group("infer");
    for (name, model) in [("4→16→3", "classifier"), ("602 KB", "image")] {
        let file = workspace().join(format!("host/inference/tests/models/{model}.onnx"));
        let model = fs::read(file).expect("the model is there");
        let pool = PoolOf {
            scorer: guests::path("many_infer"),
            instances: 1,
            isolation: Isolation::Deployment,
            model: Some(onnx.load(&model).expect("the model loads")),
        };
        let pool = runtime.block_on(pool.start()).expect("the scorer starts");
        let query = format!("times={CALLS}");
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let requests = u32::try_from(times.div_ceil(CALLS.into())).unwrap_or(u32::MAX);
                let took = runtime.block_on(async {
                    let start = Instant::now();
                    for _ in 0..requests {
                        run(&pool, &query, &[]).await.expect("the model runs");
                    }
                    start.elapsed()
                });
                share(took, times, u64::from(requests) * u64::from(CALLS))
            });
        });
    }
    group.finish();
}

/// What `times` of `calls` took: criterion asks for fewer than a request makes.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn share(took: Duration, times: u64, calls: u64) -> Duration {
    took.mul_f64(times as f64 / calls as f64)
}
