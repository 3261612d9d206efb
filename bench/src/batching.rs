//! Dynamic batching on against off: many clients of one model whose weights do not fit the nearest cache.

use mlwasm_harness::guests;

use crate::{
    Options,
    client::{Body, Request},
    dense::Dense,
    load::{self, Answers, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    report::{Measure, Report},
    served::Served,
};

const CLIENTS: u32 = 32;
const WIDTH: u32 = 1024;

/// Measures requests a second and the 99th percentile.
///
/// # Errors
///
/// If a server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    let on = deploy(
        &served,
        "on",
        &["--set", "models.model.batching.max_batch_size=32"],
    )?;
    let off = deploy(&served, "off", &[])?;
    let rounds = pair::interleaved(
        options.duration(),
        [&mut || one_turn(&on), &mut || one_turn(&off)],
    )?;
    let load = format!("3 × {WIDTH} MLP, {CLIENTS} clients, batching on ÷ off");
    let rates = pair::turns(&rounds, [0, 1], Answers::a_second);
    let measure = Measure::new(format!("{load}: requests/s"), "/s");
    report.ratio(measure.at_least(3.0), &rates);
    let latencies = pair::turns(&rounds, [0, 1], |answers| answers.latency_ms(0.99));
    let measure = Measure::new(format!("{load}: p99"), "ms");
    report.ratio(measure.at_most(1.5), &latencies);
    Ok(())
}

fn deploy(served: &Served, endpoint: &str, further: &[&str]) -> anyhow::Result<Request> {
    let dense = Dense {
        layers: 3,
        width: WIDTH,
        rows: None,
    };
    served.with(async |platform| {
        let model = platform.file("mlp.onnx", dense.to_onnx());
        platform
            .deploy(guests::path("peer_forward"))
            .to(endpoint, "blue")
            .model("model", &model)
            .instances(CLIENTS)
            .set("request_settings.max_queue_wait_ms", 5_000)
            .arguments(further)
            .run()
            .await;
    });
    let row: Vec<u8> = (0..WIDTH).flat_map(|_| 0.5_f32.to_le_bytes()).collect();
    served.request(endpoint, Body::floats(&row))
}

fn one_turn(request: &Request) -> anyhow::Result<Answers> {
    let load = Load {
        connections: CLIENTS,
        pace: Pace::Closed,
        extent: Extent::For(TURN),
        thread: Thread::Sleeps,
    };
    load::run(request, load)?.all_good()
}
