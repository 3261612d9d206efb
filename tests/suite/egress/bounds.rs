//! Calls end with their request, and carry no more than they may.

use mlwasm_harness::{Origin, Platform, eventually, guests};
use reqwest::Method;
use serde_json::json;

use super::{ask, caller, calls, open, outcome};

/// How many calls of requests were ended at `limit`.
async fn exceeded(platform: &Platform, limit: &str) -> u64 {
    let labels = [("endpoint", "e"), ("limit", limit)];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_limit_exceeded_total", &labels)
}

async fn all_closed(origin: &Origin) {
    eventually("the connection is closed", async || {
        (origin.open() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_ends_with_its_request() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .set("request_settings.request_timeout_ms", 400)
        .run()
        .await;

    for path in ["/hang", "/half"] {
        let answer = ask(&platform, json!({"url": origin.url(path)})).await;
        assert_eq!(answer.status(), 408, "{path}: {answer:?}");
        all_closed(&origin).await;
    }

    eventually("both are counted", async || {
        (calls(&platform, "blue", "cut").await == 2).then_some(())
    })
    .await;
    // Nothing half read is used again.
    let fresh = outcome(&platform, json!({"url": origin.url("/a")})).await;
    assert_eq!(fresh["answer"]["body"], "/a");
}

#[tokio::test]
async fn a_call_that_a_scorer_keeps_ends_with_the_request_that_began_it() {
    let platform = open().await;
    let origin = Origin::http();
    platform
        .deploy(guests::path("keeps_call"))
        .to("e", "blue")
        .instances(1)
        .arguments(&["--egress", origin.address()])
        .run()
        .await;

    let url = origin.url("/hang");
    let begun = platform.score("e", url.replace("http://", "")).await;

    assert_eq!((begun.status(), begun.text().as_str()), (200, "begun"));
    eventually("the call is counted", async || {
        (calls(&platform, "blue", "cut").await == 1).then_some(())
    })
    .await;
    all_closed(&origin).await;
    // The same sandbox, which has the handle still: it is told, and does not wait for ever.
    let told = platform.score("e", "").await;
    assert_eq!(told.status(), 200, "{told:?}");
    assert!(told.text().starts_with("failed: "), "{}", told.text());
}

#[tokio::test]
async fn a_call_ends_when_the_client_goes() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    let call = platform.scoring("e").await;
    let call = call.json(&json!({"url": origin.url("/hang")}));
    {
        let asking = call.send();
        tokio::pin!(asking);
        tokio::select! {
            answer = &mut asking => unreachable!("{answer:?}"),
            () = eventually("the origin is asked", async || (!origin.requests().is_empty()).then_some(())) => {}
        }
    }
    all_closed(&origin).await;
}

#[tokio::test]
async fn a_scorer_may_wait_for_less() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    for path in ["/hang", "/half"] {
        let plan = json!({"url": origin.url(path), "timeout_ms": 100});
        let late = outcome(&platform, plan).await;
        assert!(late["timed_out"].is_string(), "{path}: {late}");
        all_closed(&origin).await;
    }
    let broken = outcome(&platform, json!({"url": origin.url("/broken")})).await;
    assert!(broken["failed"].is_string(), "{broken}");
    assert_eq!(calls(&platform, "blue", "failed").await, 3);
}

#[tokio::test]
async fn a_request_makes_so_many_calls() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()]).run().await;
    for (times, status) in [(15, 200), (16, 200), (17, 424)] {
        let plan = json!({"url": origin.url("/"), "times": times});
        let answer = ask(&platform, plan).await;
        assert_eq!(answer.status(), status, "{times}: {answer:?}");
        if status == 424 {
            let says = answer.text();
            assert!(says.contains("max_egress_calls"), "{says}");
        }
    }
    assert_eq!(origin.requests().len(), 15 + 16 + 16);
    assert_eq!(exceeded(&platform, "max_egress_calls").await, 1);
    // Denied ones count: they are lines of the log.
    let plan = json!({"url": "http://other", "times": 17});
    assert_eq!(ask(&platform, plan).await.status(), 424);
}

#[tokio::test]
async fn the_bodies_of_a_request_s_calls_have_so_many_bytes() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .set("sandbox.max_egress_bytes", 100_000)
        .run()
        .await;
    for (path, body, times, status) in [
        ("/large/99999", 0, 1, 200),
        ("/large/100000", 0, 1, 200),
        ("/large/100001", 0, 1, 424),
        // Both ways, and all calls together.
        ("/echo", 25_000, 2, 200),
        ("/echo", 25_001, 2, 424),
        ("/status/200", 100_001, 1, 424),
    ] {
        let body = "x".repeat(body);
        let plan = json!({"url": origin.url(path), "method": "POST", "body": body, "times": times});
        let answer = ask(&platform, plan).await;
        assert_eq!(answer.status(), status, "{path} {times}: {answer:?}");
        if status == 424 {
            assert!(answer.text().contains("max_egress_bytes"), "{answer:?}");
        }
    }
    eventually("they are counted", async || {
        (exceeded(&platform, "max_egress_bytes").await == 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_body_without_end_costs_the_server_nothing() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .set("sandbox.max_egress_bytes", 1 << 30)
        .set("sandbox.memory_limit_mb", 16)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    let answer = ask(&platform, json!({"url": origin.url("/endless")})).await;
    assert_eq!(answer.status(), 424, "{answer:?}");
    assert!(answer.text().contains("memory_limit_mb"), "{answer:?}");
    all_closed(&origin).await;
}

#[tokio::test]
async fn connections_are_used_again_and_none_is_left_behind() {
    let platform = open().await;
    let origin = Origin::http();
    caller(&platform, &[origin.address()])
        .instances(1)
        .run()
        .await;
    let server = platform.server().id();
    let open_files = || {
        std::fs::read_dir(format!("/proc/{server}/fd"))
            .unwrap()
            .count()
    };
    ask(&platform, json!({"url": origin.url("/")})).await;
    let before = open_files();

    for n in 0..1_000 {
        let path = if n % 10 == 0 {
            "/close"
        } else {
            "/large/20000"
        };
        let answer = outcome(&platform, json!({"url": origin.url(path)})).await;
        assert_eq!(answer["answer"]["status"], 200, "{n}: {answer}");
    }

    assert_eq!(origin.requests().len(), 1_001);
    // Each that was closed was replaced by one.
    assert!(origin.connections() <= 120, "{}", origin.connections());
    assert!(open_files() <= before + 4, "{before} {}", open_files());
    let path = "/v1/endpoints/e/deployments/blue?force=true";
    let deleted = platform.admin(Method::DELETE, path).send().await;
    assert_eq!(deleted.status(), 204, "{deleted:?}");
    all_closed(&origin).await;
}
