//! What live requests notice of a mirror whose target is in trouble.

use std::time::Duration;

use mlwasm_harness::guests;

use crate::{
    Options,
    client::{Body, Request},
    load::{self, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    report::{Measure, Report},
    served::Served,
};

/// A hundred times as long as the live deployment takes, and more.
const SLOW_MS: u32 = 20;

/// Measures the 99th percentile of live requests with half of them mirrored, against the same without a mirror, and that
/// against itself, which shows how much of the difference is the machine's.
///
/// # Errors
///
/// If the server does not start.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    let plain = endpoint(&served, "plain", None)?;
    for (name, guest, trouble) in [
        ("slow", "unsteady", format!("takes {SLOW_MS} ms")),
        ("traps", "trap", "traps".to_owned()),
    ] {
        let mirrored = endpoint(&served, name, Some(guest))?;
        let rounds = pair::interleaved(
            options.duration(),
            [
                &mut || load::run(&mirrored, paced()),
                &mut || load::run(&plain, paced()),
                &mut || load::run(&plain, paced()),
            ],
        )?;
        let name = format!("1,000 requests/s, half mirrored to one that {trouble}");
        let latencies = pair::turns(&rounds, [0, 1], |answers| answers.latency_ms(0.99));
        let measure = Measure::new(format!("{name} ÷ no mirror: p99"), "ms");
        report.ratio(measure.at_most(1.05), &latencies);
        let same = pair::turns(&rounds, [2, 1], |answers| answers.latency_ms(0.99));
        let measure = Measure::new("no mirror ÷ no mirror, beside it: p99", "ms");
        report.ratio(measure, &same);
        let medians = pair::turns(&rounds, [0, 1], |answers| answers.latency_ms(0.5));
        report.ratio(
            Measure::new(format!("{name} ÷ no mirror: median"), "ms"),
            &medians,
        );
        let errors: Vec<_> = rounds.iter().map(|[beside, ..]| beside.errors()).collect();
        let measure = Measure::new(format!("{name}: errors in a turn"), "");
        report.worst(measure.at_most(0.0), &errors);
    }
    Ok(())
}

/// An endpoint whose live deployment answers at once, and mirrors half of it to `target`.
fn endpoint(served: &Served, name: &str, target: Option<&str>) -> anyhow::Result<Request> {
    served.with(async |platform| {
        let live = platform.deploy(guests::path("unsteady")).to(name, "blue");
        live.instances(8).run().await;
        if let Some(guest) = target {
            let target = platform.deploy(guests::path(guest)).to(name, "green");
            let target = target.instances(8).env("SLEEP_MS", &SLOW_MS.to_string());
            target.run().await;
            platform
                .cli(&["mirror", name, "green=50"])
                .await
                .succeeded();
        }
    });
    served.request(name, Body::json(b"{}"))
}

fn paced() -> Load {
    Load {
        connections: 16,
        pace: Pace::Every(Duration::from_millis(16)),
        extent: Extent::For(TURN),
        thread: Thread::Sleeps,
    }
}
