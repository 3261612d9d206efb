//! What deployments cost is counted, and the counts agree with what the system says of the process.

use std::{path::PathBuf, time::Instant};

use futures_util::{StreamExt as _, stream};
use mlwasm_harness::{Answer, Platform, guests, models, workspace};
use mlwasm_types::{Cost, CostReport};
use reqwest::Method;
use serde_json::json;

use crate::support::{base16, platform_with};

/// Processor time that the host may take for one request, in a debug build: HTTP, routing, counting.
const HOST_SECONDS: f64 = 0.002;

/// What was used until a moment.
struct Reading {
    report: CostReport,
    /// Processor time of the process, by the system's own account.
    process: f64,
}

async fn report(platform: &Platform, query: &str) -> CostReport {
    let path = format!("/v1/cost{query}");
    let answer = platform.admin(Method::GET, &path).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.read()
}

/// User and system time of the server's process, in seconds.
fn process_seconds(platform: &Platform) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", platform.server().id())).unwrap();
    // The name in parentheses may hold anything; the two are the 12th and 13th field after it, in hundredths.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

fn of(report: &CostReport, endpoint: &str) -> Cost {
    let mut found = report
        .deployments
        .iter()
        .filter(|row| row.endpoint.as_str() == endpoint);
    found.next().unwrap().cost
}

/// Does `work`, of so many requests, and fails unless what deployments were charged is what the process used.
async fn charged(platform: &Platform, requests: u32, work: impl Future<Output = ()>) -> CostReport {
    // The process is read around the reports, so that it can not be charged for less than they hold.
    let process = process_seconds(platform);
    let before = report(platform, "").await;
    work.await;
    let after = Reading {
        report: report(platform, "").await,
        process: process_seconds(platform),
    };
    let process = after.process - process;
    let sum = after.report.sum.cpu_seconds() - before.sum.cpu_seconds();
    let host = HOST_SECONDS * f64::from(requests);
    assert!(process > 5.0 * host, "{process} s is too little to tell");
    let told = format!("charged {sum} s of {process} s: {:#?}", after.report);
    // A hundredth of a second is what the system counts in.
    assert!(sum <= process + 0.03, "{told}");
    assert!(sum >= 0.9 * process - host - 0.03, "{told}");
    after.report
}

async fn toil(platform: &Platform, rounds: u64) -> Answer {
    let query = format!("rounds={rounds}&bytes=1");
    let answer = platform.scoring("toil").await.query(&query).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer
}

/// A native run of so many rounds, of a microsecond or so each.
async fn run_natively(platform: &Platform, rounds: i64) {
    let body = json!({"model": "model", "inputs": [
        {"name": "rounds", "element": "int64", "shape": [], "data": base16(rounds.to_le_bytes())},
        {"name": "x", "element": "float32", "shape": [1], "data": base16(0_f32.to_le_bytes())},
    ]});
    let call = platform.scoring("native").await;
    let answer = call.json(&body).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert!(answer.json()["outputs"].is_array(), "{answer:?}");
}

/// `count` times `work`, four at a time.
async fn four_at_a_time<F: Future>(count: u32, work: impl Fn() -> F) {
    let calls = stream::iter(0..count).map(|_| work());
    calls.buffer_unordered(4).for_each(async |_| ()).await;
}

fn looping_model() -> PathBuf {
    workspace().join("host/inference/tests/models/loop.onnx")
}

/// A platform whose endpoint `toil` computes in the guest, and whose endpoint `native` does in a model.
async fn workers() -> Platform {
    let platform = Platform::start().await;
    for (endpoint, guest) in [("toil", "toil"), ("native", "infer")] {
        let deploy = platform.deploy(guests::path(guest)).to(endpoint, "blue");
        let deploy = match endpoint {
            "native" => deploy.model("model", &looping_model()),
            _ => deploy,
        };
        deploy
            .instances(4)
            .set("request_settings.request_timeout_ms", 60_000)
            .set("request_settings.max_queue_wait_ms", 60_000)
            .run()
            .await;
    }
    platform
}

const ROUNDS_IN_GUEST: u64 = 30_000_000;
const ROUNDS_IN_MODEL: i64 = 30_000;

#[tokio::test]
async fn work_in_guests_is_charged_as_the_process_is() {
    let platform = workers().await;
    let work = four_at_a_time(24, || toil(&platform, ROUNDS_IN_GUEST));
    let report = charged(&platform, 24, work).await;
    let cost = of(&report, "toil");
    assert_eq!(cost.requests, 24);
    assert!(cost.native_cpu_seconds == 0.0, "{cost:?}");
}

#[tokio::test]
async fn work_in_models_is_charged_as_the_process_is() {
    let platform = workers().await;
    let work = four_at_a_time(24, || run_natively(&platform, ROUNDS_IN_MODEL));
    let report = charged(&platform, 24, work).await;
    let cost = of(&report, "native");
    // A guest that only hands tensors over does little.
    assert!(
        cost.guest_cpu_seconds < 0.2 * cost.native_cpu_seconds,
        "{cost:?}"
    );
}

#[tokio::test]
async fn short_runs_of_models_are_charged_once() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("many_infer"))
        .to("e", "blue")
        .model("model", &models::iris(1))
        .set("sandbox.max_infer_calls", 1_000_000)
        .set("request_settings.request_timeout_ms", 60_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    let ask = || async {
        let call = platform.scoring("e").await.query("times=5000");
        assert_eq!(call.send().await.status(), 200);
    };
    let report = charged(&platform, 10, four_at_a_time(10, ask)).await;
    let cost = of(&report, "e");
    assert!(
        cost.native_cpu_seconds > 0.0 && cost.guest_cpu_seconds > 0.0,
        "{cost:?}"
    );
}

#[tokio::test]
async fn deployments_that_compete_for_the_processors_are_charged_no_more_than_they_used() {
    let platform = workers().await;
    let work = async {
        tokio::join!(
            four_at_a_time(16, || toil(&platform, ROUNDS_IN_GUEST)),
            four_at_a_time(16, || run_natively(&platform, ROUNDS_IN_MODEL)),
        );
    };
    let report = charged(&platform, 32, work).await;
    for endpoint in ["toil", "native"] {
        assert!(of(&report, endpoint).cpu_seconds() > 0.0, "{report:?}");
    }
}

#[tokio::test]
async fn a_run_that_was_stopped_is_charged_until_then() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("spin"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 1_000)
        .run()
        .await;
    let work = async {
        let (one, other) = tokio::join!(platform.score("e", ""), platform.score("e", ""));
        assert_eq!((one.status(), other.status()), (408, 408));
    };
    charged(&platform, 2, work).await;
}

#[tokio::test]
async fn bytes_and_requests_are_counted_exactly() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("toil"))
        .to("e", "blue")
        .run()
        .await;
    for (query, body, status) in [
        ("rounds=1&bytes=5", 10, 200),
        ("rounds=1&bytes=7", 100_000, 200),
        ("rounds=1&bytes=0", 0, 200),
        // An error's body is the platform's own.
        ("rounds=none", 1, 400),
    ] {
        let call = platform.scoring("e").await.query(query);
        let answer = call.body(vec![b'y'; body]).send().await;
        assert_eq!(answer.status(), status, "{query}");
    }
    // Never ran, so cost the deployment nothing.
    platform.scoring("e").await.key("wrong").send().await;

    let cost = of(&report(&platform, "").await, "e");
    assert_eq!(
        (cost.requests, cost.request_bytes, cost.response_bytes),
        (4, 100_011, 12)
    );

    let metrics = platform.metrics().await;
    let labels = [("endpoint", "e"), ("deployment", "blue")];
    for (name, value) in [
        ("mlwasm_request_bytes_total", 100_011),
        ("mlwasm_response_bytes_total", 12),
    ] {
        assert_eq!(metrics.kind(name), Some("counter"));
        assert_eq!(metrics.count(name, &labels), value);
    }
    for (name, at_least) in [
        ("mlwasm_guest_cpu_seconds_total", cost.guest_cpu_seconds),
        ("mlwasm_native_cpu_seconds_total", 0.0),
        ("mlwasm_memory_mib_seconds_total", cost.mib_seconds),
    ] {
        assert_eq!(metrics.kind(name), Some("counter"));
        // The report came as JSON, whose reader may be off in a number's last bit.
        let found = metrics.sum(name, &labels);
        assert!(found >= at_least - 1e-9, "{name}: {found} after {at_least}");
    }
}

#[tokio::test]
async fn memory_is_charged_for_as_long_as_a_sandbox_has_it() {
    const MIB: f64 = 10.0;
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("consume"))
        .to("e", "blue")
        .instances(1)
        .run()
        .await;
    let call = platform.scoring("e").await;
    let answer = call.query("what=memory&amount=160").send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");

    // (before it was asked for, after it was answered, what it was)
    let reading = async || {
        let before = Instant::now();
        let report = report(&platform, "").await;
        (before, Instant::now(), of(&report, "e").mib_seconds)
    };
    let first = reading().await;
    for _ in 0..20 {
        platform.metrics().await;
    }
    let last = reading().await;

    let held = last.2 - first.2;
    let least = MIB * (last.0 - first.1).as_secs_f64();
    let most = MIB * (last.1 - first.0).as_secs_f64();
    assert!((least..=most).contains(&held), "{least} {held} {most}");
}

#[tokio::test]
async fn what_a_deleted_deployment_cost_is_still_in_the_sum() {
    let platform = workers().await;
    toil(&platform, ROUNDS_IN_GUEST).await;
    run_natively(&platform, 1).await;
    let before = of(&report(&platform, "").await, "toil");
    let delete = ["endpoint", "delete", "toil", "--yes"];
    platform.cli(&delete).await.succeeded();

    let after = report(&platform, "").await;

    assert!(
        after
            .deployments
            .iter()
            .all(|row| row.endpoint.as_str() != "toil")
    );
    let deleted = after.deleted.unwrap();
    assert_eq!(deleted.requests, before.requests);
    assert_eq!(after.sum.requests, before.requests + 1);
    assert!(deleted.guest_cpu_seconds >= before.guest_cpu_seconds);
    assert!(after.sum.guest_cpu_seconds >= before.guest_cpu_seconds);
}

#[tokio::test]
async fn the_command_prints_a_row_a_deployment_and_what_they_add_up_to() {
    let platform = workers().await;
    toil(&platform, ROUNDS_IN_GUEST).await;

    let output = platform.cli(&["cost"]).await.ok();
    let rows: Vec<Vec<&str>> = output
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let first: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(
        first,
        ["ENDPOINT", "native", "toil", "sum", "process", "host"],
        "{output:#?}"
    );

    for arguments in [
        vec!["cost", "toil", "-o", "json"],
        vec!["cost", "toil", "--since", "1h 30m", "-o", "json"],
    ] {
        let output = platform.cli(&arguments).await.ok();
        let report: CostReport = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report.deployments.len(), 1);
        assert_eq!(report.sum.requests, 1);
        assert!(report.process.is_none() && report.since < report.until);
    }
}

#[tokio::test]
async fn what_can_not_be_asked_for_is_refused() {
    let platform = platform_with("echo").await;
    for (arguments, code) in [
        (["cost", "nobody", "--since", "1h"], 3),
        (["cost", "e", "--since", "25h"], 2),
        (["cost", "e", "--since", "soon"], 2),
    ] {
        assert_eq!(platform.cli(&arguments).await.code, code, "{arguments:?}");
    }
    for (query, status) in [
        ("since=24h", 200),
        ("since=25h", 400),
        ("since=0s", 400),
        ("until=1h", 400),
        ("endpoint=nobody", 404),
    ] {
        let path = format!("/v1/cost?{query}");
        let answer = platform.admin(Method::GET, &path).send().await;
        assert_eq!(answer.status(), status, "{query}");
    }
}
