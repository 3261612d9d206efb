//! Scorers that never come back: when they are stopped, and what another deployment notices.

use std::{thread, time::Duration};

use anyhow::{anyhow, ensure};
use mlwasm_harness::{guests, plugins};

use crate::{
    Options,
    client::Body,
    load::{self, Extent, Load, Pace, Thread},
    report::{Measure, Report},
    served::Served,
};

const LOOPS: u32 = 8;
const DEADLINE: Duration = Duration::from_secs(1);

/// Measures when each endless loop ends, and the errors of an echo deployment meanwhile.
///
/// # Errors
///
/// If the server does not start, or a loop ends with anything but 408.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    deploy(&served);
    let echo = served.request("echo", Body::json(&[b'x'; 100]))?;
    let spin = served.request("spin", Body::json(b"{}"))?;
    let load = |connections| Load {
        connections,
        pace: Pace::Closed,
        extent: Extent::For(options.duration()),
        thread: Thread::Sleeps,
    };
    let (loops, beside) = thread::scope(|scope| {
        let loops = scope.spawn(|| load::run(&spin, load(LOOPS)));
        let beside = load::run(&echo, load(16));
        (loops.join(), beside)
    });
    let loops = loops.map_err(|_panic| anyhow!("the loops' load panicked"))??;
    let beside = beside?;
    ensure!(
        loops.good == 0 && loops.error_counts.keys().eq(["408"]),
        "loops must end with 408: {loops:?}"
    );
    let late = |quantile| loops.latency_ms(quantile) - DEADLINE.as_secs_f64() * 1e3;
    let name = format!("{LOOPS} endless loops: end after the deadline (median, and latest)");
    report.worst(
        Measure::new(name, "ms").at_most(50.0),
        &[late(0.5), late(1.0)],
    );
    let measure = Measure::new("echo beside them: errors", "");
    report.figure(measure.at_most(0.0), &[beside.errors()]);
    let measure = Measure::new("echo beside them: requests/s", "/s");
    report.figure(measure, &[beside.a_second()]);
    Ok(())
}

fn deploy(served: &Served) {
    served.with(async |platform| {
        let echo = platform.deploy(plugins::path("echo")).to("echo", "blue");
        echo.instances(16).run().await;
        platform
            .deploy(guests::path("spin"))
            .to("spin", "blue")
            .instances(LOOPS)
            .set("request_settings.request_timeout_ms", DEADLINE.as_millis())
            .run()
            .await;
    });
}
