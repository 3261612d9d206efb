//! What deployments cost that nobody calls, what live sandboxes cost, and whether many of either slow down one.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use mlwasm_harness::plugins;
use serde_json::{Value, json};

use crate::{
    Options,
    client::{Body, Client, Request},
    core,
    load::{self, Answers, Extent, Load, Pace, Thread},
    pair::{self, TURN},
    process,
    report::{Measure, Report},
    served::Served,
};

const ENDPOINTS: u32 = 50;
const DEPLOYMENTS: u32 = 100;
const LIVE: u32 = 1_000;
/// One sandbox for each live deployment, and those of the busy one.
const CONFIG: &str = "[sandbox]\nmax_sandboxes = 1100\n";

/// Measures memory a deployment, memory a sandbox, and the rate of a busy deployment among the idle ones.
///
/// # Errors
///
/// If a server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let ((one, many), _apart) = core::starting_servers(|| {
        let start = || Served::start(options.binary(), CONFIG);
        Ok((start()?, start()?))
    })?;
    let [alone, among] = [&one, &many].map(|served| {
        let echo = async |platform: &mlwasm_harness::Platform| {
            let deploy = platform.deploy(plugins::path("echo"));
            serde_json::to_value(deploy.to("busy", "blue").instances(16).run().await.spec)
        };
        let spec = served.with(echo)?;
        anyhow::Ok((spec, served.request("busy", Body::json(&[b'x'; 100]))?))
    });
    let ((_, alone), (spec, among)) = (alone?, among?);
    // Buffers and arenas of the threads that serve are no deployment's.
    one_turn(&among)?;

    let before = settled_kib(&many)?;
    let endpoints = options.scaled(ENDPOINTS).max(2);
    create(&many, &spec, endpoints)?;
    let idle = settled_kib(&many)?;
    let rounds = pair::interleaved(
        options.duration(),
        [&mut || one_turn(&among), &mut || one_turn(&alone)],
    )?;
    let quiet = settled_kib(&many)?;
    let waking = LIVE.min(endpoints * DEPLOYMENTS);
    wake(&many, waking)?;
    let live = settled_kib(&many)?;

    let count = endpoints * DEPLOYMENTS;
    let size = std::fs::metadata(plugins::path("echo"))?.len() / 1000;
    let name =
        format!("{count} idle deployments of one {size} KB scorer, min_instances: 0: RSS each");
    let each = (idle - before) / f64::from(count);
    report.figure(Measure::new(name, "KiB").at_most(40.0), &[each]);
    let name = format!("then {waking} live sandboxes: RSS each");
    let each = (live - quiet) / f64::from(waking);
    report.figure(Measure::new(name, "KiB").at_most(120.0), &[each]);
    let name = format!("echo among {count} deployments ÷ alone: requests/s");
    let rates = pair::turns(&rounds, [0, 1], Answers::a_second);
    report.ratio(Measure::new(name, "/s").at_least(0.95), &rates);
    Ok(())
}

/// Makes all idle deployments, of the component of `spec`, by the API: a command each would take minutes.
fn create(served: &Served, spec: &Value, endpoints: u32) -> anyhow::Result<()> {
    let component = spec.get("component").context("a spec without component")?;
    let scale = json!({"type": "target_utilization", "min_instances": 0, "max_instances": 1});
    for endpoint in 0..endpoints {
        let path = format!("/v1/endpoints/idle{endpoint}");
        served.put(&path, &json!({}))?;
        for number in 0..DEPLOYMENTS {
            let deployment = json!({"component": component, "scale_settings": scale});
            served.put(&format!("{path}/deployments/d{number}"), &deployment)?;
        }
        served.wait_until_served(&format!("{path}/deployments/d{}", DEPLOYMENTS - 1))?;
    }
    Ok(())
}

/// Sends one request to each of the first `count` idle deployments.
fn wake(served: &Served, count: u32) -> anyhow::Result<()> {
    let address = served.address()?;
    for endpoint in 0..count / DEPLOYMENTS {
        let request = served.request(&format!("idle{endpoint}"), Body::json(b"{}"))?;
        served.with(async |_| {
            let mut client = Client::connect(address).await?;
            for number in 0..DEPLOYMENTS {
                let named = for_deployment(&request, &format!("d{number}"))?;
                let status = client.exchange(&named).await?;
                ensure!(status == 200, "idle{endpoint}/d{number}: status {status}");
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The request with the header that names the deployment.
fn for_deployment(request: &Request, name: &str) -> anyhow::Result<Vec<u8>> {
    let text = str::from_utf8(&request.bytes)?;
    let (first, rest) = text.split_once("\r\n").context("a request of one line")?;
    Ok(format!("{first}\r\nazureml-model-deployment: {name}\r\n{rest}").into_bytes())
}

/// Resident memory once nothing is in flight any more, in KiB.
fn settled_kib(served: &Served) -> anyhow::Result<f64> {
    served.with(async |_| tokio::time::sleep(Duration::from_secs(2)).await);
    Ok(process::held(served.id())?.resident_kib.into())
}

fn one_turn(request: &Request) -> anyhow::Result<Answers> {
    let load = Load {
        connections: 16,
        pace: Pace::Closed,
        extent: Extent::For(TURN),
        thread: Thread::Awake,
    };
    load::run(request, load)?.all_good()
}
