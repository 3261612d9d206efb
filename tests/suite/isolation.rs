//! What one request leaves in a sandbox, and who gets to see it.
//!
//! The guest `canary` fills its memory with the request's secret and says how many bytes of others' secrets it found there.

use mlwasm_harness::{Answer, Deploy, Platform, eventually, guests};

use crate::support::{busy, sandboxes};

/// The canary as `blue` of the endpoint `e`, with so many sandboxes and this isolation.
fn canary<'p>(platform: &'p Platform, isolation: &str, instances: u32) -> Deploy<'p> {
    platform
        .deploy(guests::path("canary"))
        .to("e", "blue")
        .instances(instances)
        .set("sandbox.isolation", isolation)
        .set("request_settings.max_queue_wait_ms", 60_000)
}

/// A platform with the canary.
async fn platform_with(isolation: &str, instances: u32) -> Platform {
    let platform = Platform::start().await;
    canary(&platform, isolation, instances)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    platform
}

/// Sends the request number `secret`, which ends as `then` says.
async fn send(platform: &Platform, secret: u32, then: &str) -> Answer {
    let call = platform.scoring("e").await;
    let query = format!("secret={secret}&then={then}");
    call.query(&query).send().await
}

/// The bytes of other requests' secrets that a request saw.
fn seen(answer: &Answer) -> u64 {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["seen"].as_u64().unwrap()
}

#[tokio::test]
async fn a_request_with_a_sandbox_of_its_own_sees_nothing_of_any_other() {
    let platform = platform_with("request", 2).await;
    let mut secret = 0;
    for round in 0..30 {
        // Ends that leave the sandbox in any state come between those that look.
        let then = if round % 3 == 0 { "trap" } else { "answer" };
        secret += 1;
        let ended = send(&platform, secret, then).await;
        let status = if then == "trap" { 424 } else { 200 };
        assert_eq!(ended.status(), status, "{}", ended.text());
        for _ in 0..9 {
            secret += 1;
            assert_eq!(seen(&send(&platform, secret, "").await), 0);
        }
    }
}

#[tokio::test]
async fn what_a_stopped_request_leaves_is_seen_by_nobody() {
    let platform = Platform::start().await;
    canary(&platform, "request", 1)
        .set("request_settings.request_timeout_ms", 200)
        .run()
        .await;
    for secret in 0..3 {
        assert_eq!(send(&platform, secret, "spin").await.status(), 408);
        assert_eq!(seen(&send(&platform, 100 + secret, "").await), 0);
    }
}

#[tokio::test]
async fn what_an_abandoned_request_leaves_is_seen_by_nobody() {
    let platform = platform_with("request", 1).await;
    for secret in 0..3 {
        tokio::select! {
            answer = send(&platform, secret, "spin") => panic!("a loop ended: {answer:?}"),
            () = busy(&platform, 1) => {}
        }
        assert_eq!(seen(&send(&platform, 100 + secret, "").await), 0);
    }
}

/// The control: the guest does see what there is to see.
#[tokio::test]
async fn a_sandbox_that_is_reused_shows_what_earlier_requests_left() {
    let platform = platform_with("deployment", 1).await;
    assert_eq!(seen(&send(&platform, 1, "").await), 0);
    // Static, kept and freed memory at least.
    assert!(seen(&send(&platform, 2, "").await) > 3 * 60_000);
}

#[tokio::test]
async fn more_requests_at_once_than_sandboxes_are_all_served_apart() {
    let platform = platform_with("request", 4).await;
    // As many as the deployment takes.
    let batch = async |first: u32| {
        let requests = (first..first + 8).map(|secret| send(&platform, secret, ""));
        futures_util::future::join_all(requests).await
    };
    for round in 0..10 {
        for answer in batch(8 * round).await {
            assert_eq!(seen(&answer), 0);
        }
    }
    eventually("the pool is whole again", async || {
        (sandboxes(&platform, "idle").await == 4).then_some(())
    })
    .await;
    assert_eq!(sandboxes(&platform, "busy").await, 0);
    // A sandbox that has served its request is no loss.
    let recycles = platform
        .metrics()
        .await
        .count("mlwasm_sandbox_recycles_total", &[("endpoint", "e")]);
    assert_eq!(recycles, 0);
}
