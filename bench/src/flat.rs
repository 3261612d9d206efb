//! Whether a server that has answered a million requests is the one that it was.

use std::time::Duration;

use anyhow::ensure;
use mlwasm_harness::plugins;

use crate::{
    Options,
    client::{Body, Request},
    core,
    load::{self, Extent, Load, Pace, Thread},
    pair::Turn,
    process::{self, Held},
    report::{Measure, Report},
    served::Served,
};

const REQUESTS: u32 = 1_000_000;

/// Measures memory, descriptors and maps after a tenth of the requests and after all of them.
///
/// # Errors
///
/// If the server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let (served, _apart) = core::starting_servers(|| Served::start(options.binary(), ""))?;
    served.with(async |platform| {
        let echo = platform.deploy(plugins::path("echo")).to("echo", "blue");
        echo.instances(16).run().await;
    });
    let request = served.request("echo", Body::json(&[b'x'; 100]))?;
    let requests = options.scaled(REQUESTS);
    // After a tenth, everything has been used once.
    let early = after(&served, &request, requests / 10)?;
    let late = after(&served, &request, requests - requests / 10)?;
    let turn = |figure: fn(&Held) -> u32| {
        [Turn {
            ours: figure(&late).into(),
            other: figure(&early).into(),
        }]
    };
    let name = format!("after {requests} requests ÷ after the first 10 %: RSS");
    let memory = turn(|held| held.resident_kib);
    report.ratio(Measure::new(name, "KiB").at_most(1.03), &memory);
    let descriptors = turn(|held| held.descriptors);
    let maps = turn(|held| held.maps);
    for (what, turns) in [("descriptors", descriptors), ("maps", maps)] {
        let name = format!("after {requests} requests - after the first 10 %: {what}");
        report.difference(Measure::new(name, "").at_most(0.0), &turns);
    }
    Ok(())
}

/// What the server holds after so many requests more, once their connections are gone.
fn after(served: &Served, request: &Request, requests: u32) -> anyhow::Result<Held> {
    let load = Load {
        connections: 16,
        pace: Pace::Closed,
        extent: Extent::Requests(requests.into()),
        thread: Thread::Awake,
    };
    let answers = load::run(request, load)?.all_good()?;
    ensure!(answers.good == u64::from(requests), "{answers:?}");
    served.with(async |_| tokio::time::sleep(Duration::from_secs(1)).await);
    process::held(served.id())
}
