//! How much a deployment notices of another one that computes as much as the machine can.

use std::{thread, time::Duration};

use anyhow::anyhow;
use mlwasm_harness::{guests, plugins};

use crate::{
    Options,
    client::{Body, Request},
    dense::Dense,
    load::{self, Answers, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    report::{Measure, Report},
    served::Served,
};

/// About 40 ms a run on one core of the machine that the targets are for; the table says how long it was.
const MODEL: Dense = Dense {
    layers: 3,
    width: 1024,
    rows: Some(1024),
};
const NEIGHBOURS: u32 = 8;
/// Until the neighbours' queue is full.
const RAMP: Duration = Duration::from_millis(250);

/// Measures the 99th percentile of an echo deployment, alone and beside the other one, at a fixed rate of requests.
///
/// # Errors
///
/// If the server does not start, or the neighbour fails.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    deploy(&served);
    let echo = served.request("echo", Body::json(&[b'x'; 100]))?;
    let busy = served.request_with("busy", "?times=1", Body::json(b""))?;
    let alone = load::run(&busy, closed(1, TURN))?.all_good()?;
    let run = alone.latency_ms(0.5);

    let rounds = pair::interleaved(
        options.duration(),
        [
            &mut || beside(&busy, || load::run(&echo, paced(TURN))),
            &mut || load::run(&echo, paced(TURN)),
        ],
    )?;
    let name =
        format!("echo at 1,000 requests/s beside a saturating {run:.0} ms model ÷ alone: p99");
    let latencies = pair::turns(&rounds, [0, 1], |answers| answers.latency_ms(0.99));
    report.ratio(Measure::new(name, "ms").at_most(3.0), &latencies);
    let errors: Vec<_> = rounds.iter().map(|[beside, _]| beside.errors()).collect();
    let measure = Measure::new("echo beside it: errors in a turn", "");
    report.worst(measure.at_most(0.0), &errors);
    Ok(())
}

fn deploy(served: &Served) {
    served.with(async |platform| {
        let echo = platform.deploy(plugins::path("echo")).to("echo", "blue");
        echo.instances(16).run().await;
        let model = platform.file("busy.onnx", MODEL.to_onnx());
        platform
            .deploy(guests::path("many_infer"))
            .to("busy", "blue")
            .model("model", &model)
            .instances(NEIGHBOURS)
            .set("request_settings.max_queue_wait_ms", 20_000)
            .set("request_settings.request_timeout_ms", 20_000)
            .run()
            .await;
    });
}

/// Does `work` while the neighbour is at its limit.
fn beside(
    busy: &Request,
    work: impl FnOnce() -> anyhow::Result<Answers>,
) -> anyhow::Result<Answers> {
    thread::scope(|scope| {
        let neighbour = scope.spawn(|| load::run(busy, closed(NEIGHBOURS, RAMP + TURN)));
        let ramp = load::run(busy, closed(1, RAMP))?;
        let answers = work();
        let neighbour = neighbour
            .join()
            .map_err(|_panic| anyhow!("the neighbour's load panicked"))??;
        ramp.all_good()?;
        neighbour.all_good()?;
        answers
    })
}

fn paced(duration: Duration) -> Load {
    Load {
        connections: 16,
        pace: Pace::Every(Duration::from_millis(16)),
        extent: Extent::For(duration),
        thread: Thread::Sleeps,
    }
}

fn closed(connections: u32, duration: Duration) -> Load {
    Load {
        connections,
        pace: Pace::Closed,
        extent: Extent::For(duration),
        thread: Thread::Sleeps,
    }
}
