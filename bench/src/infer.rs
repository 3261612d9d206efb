//! `infer` from inside a sandbox against a loop over raw ONNX Runtime: what the way out of the sandbox costs.
//!
//! The scorer calls `infer` a thousand times in one request, so that the request's own cost vanishes. Both sides
//! run the same model on the same thread count and have the outputs copied to memory of their own.

use std::{fs, time::Instant};

use mlwasm_bench::{PoolOf, onnx_runtime, run};
use mlwasm_harness::{guests, workspace};
use mlwasm_inference::InferenceBackend as _;
use mlwasm_types::Isolation;

use crate::{
    Options,
    pair::{self, TURN},
    raw_ort::RawOrt,
    report::{Measure, Report},
};

/// Calls of `infer` in one request.
pub(crate) const CALLS: u32 = 1_000;

/// Measures microseconds a call on a model so small that nothing but the call counts, and on one whose input is large.
///
/// # Errors
///
/// If the library, a model or the scorer does not load, or a run fails.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let onnx = onnx_runtime()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let turns_on = |model: &str| {
        let model = workspace().join(format!("host/inference/tests/models/{model}.onnx"));
        let pool = PoolOf {
            scorer: guests::path("many_infer"),
            instances: 1,
            isolation: Isolation::Deployment,
            model: Some(onnx.load(&fs::read(&model)?)?),
        };
        let pool = runtime.block_on(pool.start())?;
        let query = format!("times={CALLS}");
        let mut raw = RawOrt::start(&model)?;
        let rounds = pair::interleaved(
            options.duration(),
            [
                &mut || turn(|| runtime.block_on(run(&pool, &query, &[]))),
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
