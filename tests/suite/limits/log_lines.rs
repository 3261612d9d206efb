//! What a scorer prints is limited in lines a second and in bytes a line. To print more is no fault: the rest is dropped,
//! counted and told of.

use mlwasm_harness::{Platform, eventually, guests};
use mlwasm_types::api::{LogLine, LogPage, LogStream};
use reqwest::Method;

const PATH: &str = "/v1/endpoints/e/deployments/blue/logs?lines=1000000";

async fn log(platform: &Platform) -> Vec<LogLine> {
    let page: LogPage = platform.admin(Method::GET, PATH).send().await.read();
    page.lines
}

async fn printed(platform: &Platform) -> Vec<LogLine> {
    let mut lines = log(platform).await;
    lines.retain(|line| line.stream != LogStream::Host);
    lines
}

async fn dropped(platform: &Platform) -> u64 {
    let labels = [("endpoint", "e"), ("deployment", "blue")];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_log_lines_dropped_total", &labels)
}

async fn deploy(platform: &Platform, guest: &str, setting: &str, value: u32) {
    platform
        .deploy(guests::path(guest))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 60_000)
        .set(setting, value)
        .run()
        .await;
}

/// Has the guest `chatty` print so many lines to each of its two streams.
async fn chat(platform: &Platform, lines: u64) {
    let call = platform.scoring("e").await;
    let answer = call.query(&format!("lines={lines}")).send().await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
}

#[tokio::test]
async fn lines_above_the_limit_of_a_second_are_dropped_counted_and_told_of() {
    const SETTING: &str = "sandbox.max_log_lines_per_second";
    let platform = Platform::start().await;
    deploy(&platform, "chatty", SETTING, 10).await;
    chat(&platform, 4).await;
    chat(&platform, 1).await;
    // Below the limit and at it.
    assert_eq!(
        (printed(&platform).await.len(), dropped(&platform).await),
        (10, 0)
    );

    // Above it, by far: whatever the clock says, a second or two of them is not all.
    chat(&platform, 2_000).await;
    let (kept, lost) = (
        printed(&platform).await.len() as u64,
        dropped(&platform).await,
    );
    assert_eq!(kept + lost, 4_010);
    assert!(lost > 0);

    // The next revision has its own limit. What was lost before is told of.
    deploy(&platform, "chatty", SETTING, 5_000).await;
    chat(&platform, 1_000).await;
    assert_eq!(dropped(&platform).await, lost);
    assert_eq!(printed(&platform).await.len() as u64, kept + 2_000);
    let notice = eventually("the second is over", async || {
        let mut log = log(&platform).await;
        log.retain(|line| line.text.starts_with("dropped "));
        log.pop()
    })
    .await;
    assert_eq!(notice.stream, LogStream::Host);
    assert!(
        notice.text.ends_with(" lines: more than 10 in a second"),
        "{notice:?}"
    );
}

#[tokio::test]
async fn a_line_is_kept_up_to_its_limit() {
    let platform = Platform::start().await;
    deploy(&platform, "consume", "sandbox.max_log_line_bytes", 100).await;
    for bytes in [99, 100, 101, 1_000_000] {
        let call = platform.scoring("e").await;
        let answer = call
            .query(&format!("what=line&amount={bytes}"))
            .send()
            .await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
    let lines: Vec<_> = printed(&platform)
        .await
        .into_iter()
        .map(|line| line.text)
        .collect();
    let cut = "x".repeat(100) + "…";
    assert_eq!(lines, ["x".repeat(99), "x".repeat(100), cut.clone(), cut]);
    // Cut is not dropped.
    assert_eq!(dropped(&platform).await, 0);
}
