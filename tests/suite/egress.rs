//! Whom a scorer can call: those that its deployment names and its operator allows, within the request's time and limits, and
//! nobody for a copy of a request.

mod bounds;
mod trust;

use mlwasm_harness::{Answer, Deploy, Origin, Platform, Setup, eventually, guests};
use mlwasm_types::api::LogPage;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{mirror, traffic, version};

/// A server whose operator says nothing against any call.
async fn open() -> Platform {
    with_setting("allowed_origins = [\"*\"]").await
}

async fn with_setting(setting: &str) -> Platform {
    Platform::start_with(Setup {
        config: Some(format!("[egress]\n{setting}\n")),
        ..Setup::default()
    })
    .await
}

/// The scorer that calls, as `blue` of the endpoint `e`, which may call `origins`.
fn caller<'a>(platform: &'a Platform, origins: &[&str]) -> Deploy<'a> {
    let deploy = platform.deploy(guests::path("calls")).to("e", "blue");
    origins.iter().fold(deploy, |deploy, origin| {
        deploy.arguments(&["--egress", origin])
    })
}

async fn ask(platform: &Platform, plan: Value) -> Answer {
    platform.scoring("e").await.json(&plan).send().await
}

/// What came of the one call of `plan`.
async fn outcome(platform: &Platform, plan: Value) -> Value {
    let answer = ask(platform, plan).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()[0].clone()
}

async fn is_denied(platform: &Platform, url: &str) {
    let outcome = outcome(platform, json!({"url": url})).await;
    assert!(outcome["denied"].is_string(), "{url}: {outcome}");
}

/// How many calls of `deployment` ended so.
async fn calls(platform: &Platform, deployment: &str, outcome: &str) -> u64 {
    let labels = [
        ("endpoint", "e"),
        ("deployment", deployment),
        ("outcome", outcome),
    ];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_egress_requests_total", &labels)
}

/// What the host says in the log of `deployment`, with the request's id.
async fn host_lines(platform: &Platform, deployment: &str) -> Vec<(Option<String>, String)> {
    let path = format!("/v1/endpoints/e/deployments/{deployment}/logs?lines=1000");
    let page: LogPage = platform.admin(Method::GET, &path).send().await.read();
    let lines = page.lines.into_iter();
    lines.map(|line| (line.request_id, line.text)).collect()
}

#[tokio::test]
async fn whom_the_deployment_names_answers() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()]).run().await;

    let url = origin.url("/echo?a=b");
    let plan =
        json!({"url": url, "method": "POST", "body": "ping", "headers": [["x-team", "risk"]]});
    let outcome = outcome(&platform, plan).await;

    assert_eq!(outcome["answer"]["status"], 200, "{outcome}");
    let heard = origin.requests();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].line, "POST /echo?a=b");
    assert_eq!(heard[0].body, b"ping");
    assert_eq!(heard[0].headers["x-team"], "risk");
    assert_eq!(
        heard[0].headers["host"],
        origin.address()["http://".len()..]
    );
    // Of any status: that is the scorer's to judge.
    let refused = self::outcome(&platform, json!({"url": origin.url("/status/503")})).await;
    assert_eq!(refused["answer"]["status"], 503);
    eventually("both calls are counted", async || {
        (calls(&platform, "blue", "answered").await == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whom_it_does_not_name_is_not_even_looked_up() {
    let platform = open().await;
    let (granted, other) = (Origin::http(), Origin::http());
    caller(&platform, &[granted.address()]).run().await;
    let port = granted.address().rsplit(':').next().unwrap();
    let urls = [
        // Another port, another scheme, another name of the same host, a user, and a name that would take long to look up.
        other.url("/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{port}@127.0.0.1:{port}/"),
        "http://features.invalid/".to_owned(),
        "http://127.0.0.1/".to_owned(),
    ];

    for url in &urls {
        is_denied(&platform, url).await;
    }
    let tunnel = json!({"url": granted.url("/"), "method": "CONNECT"});
    let tunnel = outcome(&platform, tunnel).await;
    assert!(tunnel["denied"].is_string(), "{tunnel}");
    let host = json!({"url": granted.url("/"), "headers": [["host", "other"]]});
    let host = outcome(&platform, host).await;
    assert!(
        host["failed"].as_str().unwrap().contains("platform"),
        "{host}"
    );
    let upgrade = json!({"url": granted.url("/"), "headers": [["upgrade", "websocket"]]});
    let upgrade = outcome(&platform, upgrade).await;
    assert!(upgrade["failed"].is_string(), "{upgrade}");

    assert_eq!((granted.connections(), other.connections()), (0, 0));
    assert_eq!(calls(&platform, "blue", "denied").await, 7);
    let call = platform.scoring("e").await.id("who-asked");
    let url = other.url("/secret?of=mine");
    call.json(&json!({"url": url})).send().await;
    let line = format!(
        "refused a call to {}: egress of the deployment does not name it",
        other.address()
    );
    let lines = host_lines(&platform, "blue").await;
    assert!(
        lines.contains(&(Some("who-asked".to_owned()), line)),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_leads_nowhere_else() {
    let platform = open().await;
    let (granted, other) = (Origin::http(), Origin::http());
    caller(&platform, &[granted.address()]).run().await;

    let redirect = granted.url(&format!("/to/{}", other.url("/")));
    let answer = outcome(&platform, json!({"url": redirect})).await;

    assert_eq!(answer["answer"]["status"], 302);
    is_denied(&platform, &other.url("/")).await;
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_copy_of_a_request_calls_nobody() {
    let platform = open().await;
    let origin = Origin::http();
    version(&platform, "live", "live").await;
    caller(&platform, &[origin.address()]).run().await;
    traffic(&platform, "live=100").await;
    mirror(&platform, "blue=50").await;

    for _ in 0..40 {
        ask(&platform, json!({"url": origin.url("/")})).await;
    }

    eventually("copies are denied", async || {
        (calls(&platform, "blue", "denied").await > 0).then_some(())
    })
    .await;
    let lines = host_lines(&platform, "blue").await;
    let words = "a copy of a live request calls nobody";
    assert!(
        lines.iter().any(|(_, line)| line.contains(words)),
        "{lines:?}"
    );
    assert_eq!(origin.connections(), 0);
    // The same scorer calls for a request of its own.
    let live = platform.scoring("e").await.deployment("blue");
    let live = live.json(&json!({"url": origin.url("/")})).send().await;
    assert_eq!(live.json()[0]["answer"]["status"], 200, "{live:?}");
    assert_eq!(origin.requests().len(), 1);
}

#[tokio::test]
async fn sandboxes_that_copies_use_up_are_made_anew_with_their_calls() {
    let platform = open().await;
    let origin = Origin::http();
    version(&platform, "live", "live").await;
    caller(&platform, &[origin.address()])
        .env("INIT_URL", &origin.url("/threshold"))
        .set("sandbox.isolation", "request")
        .run()
        .await;
    traffic(&platform, "live=100").await;
    mirror(&platform, "blue=50").await;
    let made = origin.requests().len();

    eventually("copies use up sandboxes, and others are made", async || {
        platform.score("e", "").await;
        (origin.requests().len() > made + 10).then_some(())
    })
    .await;
    mirror(&platform, "blue=0").await;
    // Once the last copies have left room for it.
    let told = eventually("the target answers by name", async || {
        let answer = platform.scoring("e").await.deployment("blue").send().await;
        (answer.status() == 200).then(|| answer.json())
    })
    .await;
    assert_eq!(told["answer"]["body"], "/threshold", "{told}");
}

#[tokio::test]
async fn init_may_call_too() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .env("INIT_URL", &origin.url("/threshold"))
        .run()
        .await;
    let answer = platform.score("e", "").await.json();
    assert_eq!(answer["answer"]["body"], "/threshold", "{answer}");
}

#[tokio::test]
async fn a_grant_that_is_taken_away_is_gone_with_the_next_revision() {
    let platform = open().await;
    let origin = Origin::http();
    let granted = caller(&platform, &[origin.address()]).run().await;
    let url = json!({"url": origin.url("/")});
    assert_eq!(
        outcome(&platform, url.clone()).await["answer"]["status"],
        200
    );
    assert_eq!(granted.spec.egress[0].to_string(), origin.address());

    // Another grant: the former does not outlive it.
    let path = "/v1/endpoints/e/deployments/blue";
    let patch = json!({"egress": ["http://features.internal"]});
    let call = platform.admin(Method::PATCH, path);
    let patched = call.json(&patch).send().await;
    assert_eq!(patched.status(), 200, "{patched:?}");
    eventually("the new revision serves", async || {
        let outcome = outcome(&platform, url.clone()).await;
        outcome["denied"].is_string().then_some(())
    })
    .await;

    // None at all: then the scorer, which imports calls, is refused as it would be anew.
    for none in [json!(null), json!([])] {
        let call = platform.admin(Method::PATCH, path);
        let refused = call.json(&json!({"egress": none})).send().await;
        assert_eq!(refused.status(), 422, "{refused:?}");
        assert!(refused.text().contains("wasi:http/"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_scorer_that_imports_calls_is_refused_without_a_grant_and_told_what_to_do() {
    let platform = open().await;
    let refused = caller(&platform, &[]).attempt().await;
    refused.refused(
        1,
        &["wasi:http/", "egress: [\"https://features.internal:8443\"]"],
    );
    // One that does not may have a grant: it changes nothing.
    platform
        .deploy(guests::path("echo"))
        .to("e", "green")
        .arguments(&["--egress", "https://features.internal"])
        .run()
        .await;
}

#[tokio::test]
async fn what_is_no_origin_is_refused_with_its_place() {
    let platform = open().await;
    let at = |egress: Value| {
        let spec = json!({"component": format!("sha256:{}", "0".repeat(64)), "egress": egress});
        let path = "/v1/endpoints/e/deployments/blue";
        let call = platform.admin(Method::PUT, path).json(&spec);
        async move { call.send().await }
    };
    let many: Vec<String> = (1..=65).map(|port| format!("http://a:{port}")).collect();
    for (egress, words) in [
        (json!(["https://a", "https://a/path"]), "egress[1]"),
        (json!(["https://a", "https://A:443"]), "https://a:443 twice"),
        (json!(many), "65 origins: at most 64"),
    ] {
        let refused = at(egress).await;
        assert_eq!(refused.status(), 422, "{refused:?}");
        assert!(refused.text().contains(words), "{words}: {refused:?}");
    }
}
