//! Each status of the contract is earned by a request, and each refusal is told in the same form.

use mlwasm_harness::{Answer, Platform, guests};
use reqwest::Method;

use crate::support::{busy, platform_with};

/// A refusal with this status: problem+json with the request's id, in the body and in the header.
#[track_caller]
fn is_refusal(answer: &Answer, status: u16) {
    assert_eq!(answer.status(), status, "{answer:?}");
    let problem = answer.problem();
    assert!(
        problem.kind.starts_with("urn:mlwasm:problem:"),
        "{problem:?}"
    );
    assert_eq!(problem.request_id.as_deref(), Some("r-1"));
    assert_eq!(answer.header("x-request-id"), Some("r-1"));
}

async fn with(guest: &str, settings: &[(&str, u32)]) -> Platform {
    let platform = Platform::start().await;
    let mut deploy = platform.deploy(guests::path(guest)).to("e", "blue");
    for (setting, value) in settings {
        deploy = deploy.set(setting, value);
    }
    deploy.run().await;
    platform
}

#[tokio::test]
async fn the_scorers_own_status_is_the_answers() {
    let platform = platform_with("status").await;
    for code in [200, 201, 302, 400, 404, 418, 429, 500, 503, 599] {
        let call = platform.scoring("e").await.query(&format!("code={code}"));
        let answer = call.send().await;
        assert_eq!(answer.status(), code);
        assert_eq!(answer.header("x-guest"), Some("status"));
        assert_eq!(answer.header("location"), Some("/elsewhere"));
        assert_eq!(answer.deployment(), "blue");
    }
}

#[tokio::test]
async fn malformed_http_is_400() {
    let platform = Platform::start().await;
    for request in [
        "NONSENSE\r\n\r\n",
        "POST /endpoints/e/score HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /endpoints/e/score HTTP/1.1\r\nhost: x\r\nbad header: y\r\n\r\n",
        "POST /endpoints/e/score HTTP/9.9\r\nhost: x\r\n\r\n",
    ] {
        let answer = platform.raw(request).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 "),
            "{request:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_scorers_bad_request_is_400() {
    let platform = platform_with("bad_request").await;
    let call = platform.scoring("e").await.id("r-1");
    is_refusal(&call.send().await, 400);
}

#[tokio::test]
async fn a_missing_key_is_401() {
    let platform = platform_with("echo").await;
    let call = platform.scoring_call(Method::POST, "/endpoints/e/score");
    is_refusal(&call.id("r-1").send().await, 401);
}

#[tokio::test]
async fn no_endpoint_no_deployment_and_no_traffic_are_404() {
    let platform = platform_with("echo").await;
    let nowhere = platform.scoring_call(Method::POST, "/endpoints/nowhere/score");
    is_refusal(&nowhere.id("r-1").send().await, 404);

    let named = platform.scoring("e").await.deployment("red");
    is_refusal(&named.id("r-1").send().await, 404);

    platform.cli(&["traffic", "e", "blue=0"]).await.succeeded();
    let off = platform.scoring("e").await.id("r-1");
    is_refusal(&off.send().await, 404);
}

#[tokio::test]
async fn a_request_over_its_time_is_408() {
    let settings = [("request_settings.request_timeout_ms", 300)];
    let platform = with("spin", &settings).await;
    let call = platform.scoring("e").await.id("r-1");
    is_refusal(&call.send().await, 408);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_headers_over_it_are_431() {
    let platform = platform_with("echo").await;
    let call = platform.scoring("e").await.id("r-1");
    is_refusal(&call.body(vec![0; (16 << 20) + 1]).send().await, 413);

    let mut call = platform.scoring("e").await.id("r-1");
    for n in 0..100 {
        call = call.header(&format!("x-{n}"), "y");
    }
    assert_eq!(call.send().await.status(), 431);
}

#[tokio::test]
async fn a_fault_of_the_scorer_is_424() {
    for guest in ["trap", "internal"] {
        let platform = platform_with(guest).await;
        let call = platform.scoring("e").await.id("r-1");
        is_refusal(&call.send().await, 424);
    }
}

#[tokio::test]
async fn a_deployment_that_is_full_is_429() {
    let settings = [
        ("instance_count", 1),
        ("request_settings.max_queue_wait_ms", 0),
        ("request_settings.request_timeout_ms", 60_000),
    ];
    let platform = with("spin", &settings).await;
    let running = platform.score("e", "");
    tokio::pin!(running);
    tokio::select! {
        answer = &mut running => panic!("a loop ended: {answer:?}"),
        () = busy(&platform, 1) => {}
    }
    let answer = platform.scoring("e").await.id("r-1").send().await;
    is_refusal(&answer, 429);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[tokio::test]
async fn a_deployment_that_never_came_up_is_503() {
    let platform = platform_with("echo").await;
    let failed = platform.deploy(guests::path("fail_init")).to("e", "green");
    assert_eq!(failed.attempt().await.code, 1);

    let call = platform.scoring("e").await.deployment("green");
    let answer = call.id("r-1").send().await;

    is_refusal(&answer, 503);
    assert!(answer.header("retry-after").is_some());
}
