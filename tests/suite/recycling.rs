//! When a sandbox that works is replaced: after so many requests, at an age, with so much memory.

use mlwasm_harness::{Platform, eventually, guests};

use crate::support::sandboxes;

/// A platform whose endpoint `e` has one sandbox of the guest, with one setting.
async fn platform_with(guest: &str, setting: &str, value: u32) -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path(guest))
        .to("e", "blue")
        .instances(1)
        .set(setting, value)
        .run()
        .await;
    platform
}

/// How often the sandbox has run that the next request gets. Lets successors come first.
async fn runs(platform: &Platform) -> u64 {
    eventually("the pool is settled", async || {
        let states = (
            sandboxes(platform, "idle").await,
            sandboxes(platform, "refilling").await,
        );
        (states == (1, 0)).then_some(())
    })
    .await;
    let answer = platform.score("e", "").await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["runs"].as_u64().unwrap()
}

async fn recycles(platform: &Platform, reason: &str) -> u64 {
    let labels = [("endpoint", "e"), ("reason", reason)];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_sandbox_recycles_total", &labels)
}

#[tokio::test]
async fn a_sandbox_is_replaced_after_as_many_requests_as_it_may_serve() {
    let platform = platform_with("counter", "sandbox.max_requests_per_sandbox", 3).await;
    for (served, replaced) in [(1, 0), (2, 0), (3, 1), (1, 1), (2, 1), (3, 2), (1, 2)] {
        assert_eq!(runs(&platform).await, served);
        assert_eq!(recycles(&platform, "requests").await, replaced);
    }
}

#[tokio::test]
async fn a_sandbox_that_keeps_too_much_memory_is_replaced() {
    let platform = platform_with("grow", "sandbox.memory_high_water_mb", 8).await;
    // The allocator takes a little more than it is asked for.
    for (mb, replaced) in [(1, 0), (6, 0), (6, 0), (9, 1), (6, 1), (20, 2)] {
        let call = platform.scoring("e").await.query(&format!("mb={mb}"));
        assert_eq!(call.send().await.json()["mb"], mb);
        eventually("the pool is settled", async || {
            (sandboxes(&platform, "refilling").await == 0).then_some(())
        })
        .await;
        assert_eq!(recycles(&platform, "memory").await, replaced, "{mb} MiB");
    }
}

#[tokio::test]
async fn a_sandbox_is_replaced_when_it_is_old() {
    let platform = platform_with("counter", "sandbox.max_age_s", 1).await;
    eventually("a request finds the sandbox old", async || {
        runs(&platform).await;
        (recycles(&platform, "age").await > 0).then_some(())
    })
    .await;
    assert_eq!(recycles(&platform, "requests").await, 0);
}
