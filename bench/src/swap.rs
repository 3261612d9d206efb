//! How soon a new revision answers, and how soon a deployment answers that has no sandbox.

use std::time::Instant;

use anyhow::ensure;
use mlwasm_harness::{guests, plugins};
use serde_json::json;

use crate::{
    Options,
    client::{Body, Client, Request},
    report::{Measure, Report},
    served::Served,
};

const SWAPS: usize = 20;
const COLD_STARTS: usize = 50;

/// Measures live swaps of a revision whose machine code is there, and first requests from `min_instances: 0`.
///
/// # Errors
///
/// If the server does not start, or answers wrongly.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    let swaps = swaps(&served)?;
    let name = "live swap of a cached revision, from the PATCH to its first answer";
    report.figure(Measure::new(name, "ms").at_most(20.0), &swaps);
    let (cold, warm) = cold_starts(&served)?;
    let measure = Measure::new("first request from min_instances: 0", "ms");
    report.figure(measure.at_most(2.0), &cold);
    report.figure(Measure::new("the request after that", "ms"), &warm);
    Ok(())
}

fn swaps(served: &Served) -> anyhow::Result<Vec<f64>> {
    served.with(async |platform| {
        let version = platform.deploy(guests::path("version"));
        version
            .to("version", "blue")
            .env("VERSION", "0")
            .run()
            .await;
    });
    let request = served.request("version", Body::json(b""))?;
    let mut samples = Vec::new();
    for swap in 1..=SWAPS {
        let version = swap.to_string();
        let change = json!({"environment_variables": {"VERSION": version}});
        let start = Instant::now();
        served.patch("/v1/endpoints/version/deployments/blue", &change)?;
        served.with(async |_| until(&request, version.as_bytes()).await)?;
        samples.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(samples)
}

/// Asks until the answer is `wanted`.
async fn until(request: &Request, wanted: &[u8]) -> anyhow::Result<()> {
    let mut client = Client::connect(request.address).await?;
    loop {
        let status = client.exchange(&request.bytes).await?;
        ensure!(status == 200, "status {status} during a swap");
        if client.body() == wanted {
            return Ok(());
        }
    }
}

/// Milliseconds of the first and the second request to each of many deployments that keep no sandbox.
fn cold_starts(served: &Served) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let names: Vec<_> = (0..COLD_STARTS)
        .map(|number| format!("cold{number}"))
        .collect();
    let mut samples = (Vec::new(), Vec::new());
    for name in &names {
        served.with(async |platform| {
            platform
                .deploy(plugins::path("echo"))
                .to(name, "blue")
                .set(
                    "scale_settings",
                    "{type: target_utilization, min_instances: 0, max_instances: 1}",
                )
                .run()
                .await;
        });
        let request = served.request(name, Body::json(b"{}"))?;
        let (cold, warm) = served.with(async |_| {
            // Connected before the clock runs.
            let mut client = Client::connect(request.address).await?;
            anyhow::Ok((
                timed(&mut client, &request).await?,
                timed(&mut client, &request).await?,
            ))
        })?;
        samples.0.push(cold);
        samples.1.push(warm);
    }
    Ok(samples)
}

async fn timed(client: &mut Client, request: &Request) -> anyhow::Result<f64> {
    let start = Instant::now();
    let status = client.exchange(&request.bytes).await?;
    ensure!(status == 200, "status {status}");
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
