//! What a scorer prints is found again.

use mlwasm_harness::{Platform, guests};
use mlwasm_types::api::{LogLine, LogPage, LogStream};
use reqwest::Method;

use crate::support::platform_with;

const PATH: &str = "/v1/endpoints/e/deployments/blue/logs";

async fn chat(platform: &Platform, id: &str, lines: u32) {
    let call = platform.scoring("e").await.id(id);
    let answer = call.query(&format!("lines={lines}")).send().await;
    assert_eq!(answer.status(), 200);
}

async fn page(platform: &Platform, query: &str) -> LogPage {
    let path = format!("{PATH}?{query}");
    platform.admin(Method::GET, &path).send().await.read()
}

fn of(page: &LogPage, stream: LogStream) -> Vec<&LogLine> {
    let is_of = |line: &&LogLine| line.stream == stream;
    page.lines.iter().filter(is_of).collect()
}

#[tokio::test]
async fn both_streams_are_kept_with_time_and_request() {
    let platform = platform_with("chatty").await;
    chat(&platform, "r-1", 2).await;
    chat(&platform, "r-2", 1).await;

    let page = page(&platform, "lines=1000").await;

    for (stream, word) in [(LogStream::Stdout, "out"), (LogStream::Stderr, "err")] {
        let lines: Vec<_> = of(&page, stream)
            .into_iter()
            .map(|line| (line.request_id.as_deref().unwrap(), line.text.clone()))
            .collect();
        let expected = [
            ("r-1", format!("{word} 0")),
            ("r-1", format!("{word} 1")),
            ("r-2", format!("{word} 0")),
        ];
        assert_eq!(lines, expected);
    }
    let sequences = page.lines.iter().map(|line| line.sequence);
    assert!(sequences.is_sorted_by(|one, next| one < next));
    assert!(page.lines.is_sorted_by_key(|line| line.time));
}

#[tokio::test]
async fn a_page_has_the_last_lines_and_the_next_one_goes_on() {
    let platform = platform_with("chatty").await;
    chat(&platform, "r-1", 10).await;

    let first = page(&platform, "lines=4").await;
    assert_eq!(first.lines.len(), 4);
    assert_eq!(first.lines[3].text, "err 9");
    assert_eq!(first.next_after, first.lines[3].sequence);

    chat(&platform, "r-2", 1).await;
    let query = format!("lines=1000&after={}", first.next_after);
    let next = page(&platform, &query).await;
    let texts: Vec<_> = next.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["out 0", "err 0"]);
}

#[tokio::test]
async fn the_command_prints_what_the_scorer_printed() {
    let platform = platform_with("chatty").await;
    chat(&platform, "r-1", 3).await;

    let logs = [
        "deployment",
        "logs",
        "-e",
        "e",
        "-n",
        "blue",
        "--lines",
        "2",
    ];
    let output = platform.cli(&logs).await.ok();

    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{output:#?}");
    assert!(lines[0].contains("out 2") && lines[1].contains("err 2"));
}

#[tokio::test]
async fn a_log_can_be_followed() {
    let platform = platform_with("chatty").await;
    let logs = [
        "deployment",
        "logs",
        "-e",
        "e",
        "-n",
        "blue",
        "-f",
        "-o",
        "json",
    ];
    let following = platform.follow(&logs);
    for n in 0..3 {
        let id = format!("r-{n}");
        chat(&platform, &id, 1).await;
        following.line_with(&id);
    }
}

#[tokio::test]
async fn a_message_of_a_failing_start_is_in_the_log() {
    let platform = Platform::start().await;
    let deploy = platform.deploy(guests::path("trap_init")).to("e", "blue");
    assert_eq!(deploy.attempt().await.code, 1);

    let page = page(&platform, "lines=1000").await;

    let lines = of(&page, LogStream::Stderr);
    let has_message = lines
        .iter()
        .any(|line| line.text.contains("trapped in init"));
    assert!(has_message, "{page:?}");
    assert!(lines.iter().all(|line| line.request_id.is_none()));
}

#[tokio::test]
async fn a_flood_of_lines_is_bounded_and_the_scorer_goes_on() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("chatty"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    chat(&platform, "flood", 20_000).await;
    chat(&platform, "after", 1).await;

    let page = page(&platform, "lines=1000000").await;

    assert!(page.lines.len() < 40_000, "{}", page.lines.len());
    assert!(
        page.lines
            .iter()
            .any(|line| line.sequence >= 40_000 || line.stream == LogStream::Host)
    );
}

#[tokio::test]
async fn a_log_survives_a_hot_swap() {
    let platform = platform_with("chatty").await;
    chat(&platform, "before", 1).await;
    platform
        .deploy(guests::path("chatty"))
        .to("e", "blue")
        .env("A", "b")
        .run()
        .await;
    chat(&platform, "after", 1).await;

    let page = page(&platform, "lines=1000").await;
    let ids: Vec<_> = of(&page, LogStream::Stdout)
        .into_iter()
        .map(|line| line.request_id.as_deref().unwrap())
        .collect();
    assert_eq!(ids, ["before", "after"]);
}
