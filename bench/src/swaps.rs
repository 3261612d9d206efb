//! Thousands of hot swaps under a steady load: what fails, and whether each answer is of a revision that may give it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use mlwasm_harness::guests;
use serde_json::json;
use tokio::time::sleep_until;

use crate::{
    Options,
    client::{Body, Client, Request},
    report::{Measure, Report},
    served::Served,
};

const SWAPS: u32 = 2_000;
const CONNECTIONS: u32 = 8;
/// Each connection's, so that all of them make 500 requests a second.
const GAP: Duration = Duration::from_millis(16);

const DEPLOYMENT: &str = "/v1/endpoints/version/deployments/blue";

/// Measures failures, answers out of their time, answers out of order, and how long a swap takes.
///
/// # Errors
///
/// If the server does not start, or refuses a swap.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let served = Served::start(options.binary(), "")?;
    served.with(async |platform| {
        let version = platform.deploy(guests::path("version"));
        let version = version.to("version", "blue").instances(CONNECTIONS);
        version.env("VERSION", "0").run().await;
    });
    let request = served.request("version", Body::json(b""))?;
    let swaps = options.scaled(SWAPS).max(10);
    let course = Course::default();
    let (seen, took) = thread::scope(|scope| {
        let load = scope.spawn(|| watch(&request, &course));
        let took = swap(&served, u64::from(swaps), &course);
        course.is_over.store(true, Ordering::SeqCst);
        (load.join(), took)
    });
    let seen = seen.map_err(|_panic| anyhow!("the load panicked"))??;
    let name = format!("{swaps} hot swaps at 500 requests/s");
    let none = |what: &str| Measure::new(format!("{name}: {what}"), "").at_most(0.0);
    report.figure(none("failed requests"), &[seen.failed]);
    report.figure(
        none("answers of a revision that may not answer"),
        &[seen.out_of_time],
    );
    report.figure(
        none("answers older than one before, on a connection"),
        &[seen.out_of_order],
    );
    report.figure(
        Measure::new(format!("{name}: good answers"), ""),
        &[seen.good],
    );
    let measure = Measure::new(format!("{name}: from the PATCH until it serves"), "ms");
    report.figure(measure, &took?);
    Ok(())
}

/// Which revisions may answer.
#[derive(Default)]
struct Course {
    /// Nothing older may answer a request that is sent from now on.
    acknowledged: AtomicU64,
    /// Nothing newer may have answered yet.
    begun: AtomicU64,
    is_over: AtomicBool,
}

/// Milliseconds of each swap.
fn swap(served: &Served, swaps: u64, course: &Course) -> anyhow::Result<Vec<f64>> {
    let mut took = Vec::new();
    for number in 1..=swaps {
        course.begun.store(number, Ordering::SeqCst);
        let change = json!({"environment_variables": {"VERSION": number.to_string()}});
        let start = Instant::now();
        served.patch(DEPLOYMENT, &change)?;
        served.wait_until_served(DEPLOYMENT)?;
        took.push(start.elapsed().as_secs_f64() * 1e3);
        course.acknowledged.store(number, Ordering::SeqCst);
    }
    Ok(took)
}

/// How many answers were what.
#[derive(Clone, Copy, Default)]
struct Seen {
    good: f64,
    failed: f64,
    out_of_time: f64,
    out_of_order: f64,
}

fn watch(request: &Request, course: &Course) -> anyhow::Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let connections = (0..CONNECTIONS).map(|number| one_connection(request, course, number));
        let all = futures_util::future::try_join_all(connections).await?;
        Ok(all.into_iter().fold(Seen::default(), |sum, one| Seen {
            good: sum.good + one.good,
            failed: sum.failed + one.failed,
            out_of_time: sum.out_of_time + one.out_of_time,
            out_of_order: sum.out_of_order + one.out_of_order,
        }))
    })
}

async fn one_connection(request: &Request, course: &Course, number: u32) -> anyhow::Result<Seen> {
    let mut client = Client::connect(request.address).await?;
    let mut due = Instant::now() + GAP * number / CONNECTIONS;
    let (mut seen, mut last) = (Seen::default(), 0);
    while !course.is_over.load(Ordering::SeqCst) {
        sleep_until(due.into()).await;
        due += GAP;
        let oldest = course.acknowledged.load(Ordering::SeqCst);
        let status = client.exchange(&request.bytes).await;
        let newest = course.begun.load(Ordering::SeqCst);
        if status.is_err() {
            client = Client::connect(request.address).await?;
        }
        let version = str::from_utf8(client.body())
            .ok()
            .and_then(|text| text.parse::<u64>().ok());
        match version.filter(|_| matches!(status, Ok(200))) {
            None => seen.failed += 1.0,
            Some(version) if !(oldest..=newest).contains(&version) => seen.out_of_time += 1.0,
            Some(version) if version < last => seen.out_of_order += 1.0,
            Some(version) => {
                last = version;
                seen.good += 1.0;
            }
        }
    }
    Ok(seen)
}
