//! What one request leaves behind for the next: nothing with a sandbox of its own, and something without, so that
//! the scorer is known to look.

use std::{cell::Cell, rc::Rc};

use anyhow::{Context as _, ensure};
use mlwasm_harness::guests;
use serde::Deserialize;
use tokio::task::{LocalSet, spawn_local};

use crate::{
    Options,
    client::{Body, Client, Request},
    report::{Measure, Report},
    served::Served,
};

const REQUESTS: u32 = 200_000;
/// Few are enough to show that the scorer sees what is there.
const CONTROLS: u32 = 2_000;
const CONNECTIONS: u32 = 16;

/// What the scorer says of its memory.
#[derive(Deserialize)]
struct Sighting {
    /// Bytes of other requests' secrets.
    seen: u64,
}

/// Measures the bytes that requests see of others.
///
/// # Errors
///
/// If the server does not start, or answers with anything but 200.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    let requests = options.scaled(REQUESTS);
    let seen = seen(&served, "request", requests)?;
    let name = format!("{requests} canary requests at isolation: request: bytes seen of others");
    report.figure(Measure::new(name, "").at_most(0.0), &[seen]);
    let controls = options.scaled(CONTROLS);
    let seen = self::seen(&served, "deployment", controls)?;
    let name = format!("the control, {controls} requests at isolation: deployment");
    report.figure(Measure::new(name, "").at_least(1.0), &[seen]);
    Ok(())
}

/// Sends so many requests, each with a secret of its own, and adds up what they saw.
fn seen(served: &Served, isolation: &str, requests: u32) -> anyhow::Result<f64> {
    served.with(async |platform| {
        platform
            .deploy(guests::path("canary"))
            .to(isolation, "blue")
            .instances(CONNECTIONS)
            .set("sandbox.isolation", isolation)
            .set("request_settings.max_queue_wait_ms", 5_000)
            .run()
            .await;
    });
    let request = Rc::new(served.request_with(isolation, "?secret=0", Body::json(b""))?);
    let next = Rc::new(Cell::new(0));
    let seen = served.with(async |_| {
        let all = LocalSet::new();
        all.run_until(async {
            let connection = |_| {
                let (request, next) = (Rc::clone(&request), Rc::clone(&next));
                spawn_local(one_connection(request, next, requests))
            };
            let connections: Vec<_> = (0..CONNECTIONS).map(connection).collect();
            let mut seen = 0;
            for connection in connections {
                seen += connection.await??;
            }
            anyhow::Ok(seen)
        })
        .await
    })?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "0 or far from it is what counts"
    )]
    Ok(seen as f64)
}

async fn one_connection(
    request: Rc<Request>,
    next: Rc<Cell<u32>>,
    requests: u32,
) -> anyhow::Result<u64> {
    let mut client = Client::connect(request.address).await?;
    let text = str::from_utf8(&request.bytes)?;
    let (before, after) = text
        .split_once("secret=0")
        .context("a request without a secret")?;
    let mut seen = 0;
    while next.get() < requests {
        let secret = next.replace(next.get() + 1);
        let bytes = format!("{before}secret={secret}{after}");
        let status = client.exchange(bytes.as_bytes()).await?;
        ensure!(status == 200, "status {status}");
        let sighting: Sighting = serde_json::from_slice(client.body())?;
        seen += sighting.seen;
    }
    Ok(seen)
}
