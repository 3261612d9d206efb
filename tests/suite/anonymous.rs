//! Endpoints that anyone may call: only where the server was told to allow it, and never by surprise.

use mlwasm_harness::{Platform, Setup, guests};
use reqwest::Method;
use serde_json::json;

const ALLOWED: &str = "[gateway]\nallow_anonymous = true\n";
const REFUSED: &str = "[gateway]\nallow_anonymous = false\n";

async fn platform_that_allows() -> Platform {
    let setup = Setup {
        config: Some(ALLOWED.to_owned()),
        ..Setup::default()
    };
    Platform::start_with(setup).await
}

/// A platform whose endpoint `e` asks for no key.
async fn open_endpoint() -> Platform {
    let platform = platform_that_allows().await;
    platform
        .cli(&["endpoint", "create", "e", "--auth-mode", "none"])
        .await
        .succeeded();
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .arguments(&["--all-traffic"])
        .run()
        .await;
    platform
}

/// The status of a request that shows no key.
async fn status_without_a_key(platform: &Platform, endpoint: &str) -> u16 {
    let route = format!("/endpoints/{endpoint}/score");
    let call = platform.scoring_call(Method::POST, &route).body("hello");
    call.send().await.status()
}

#[tokio::test]
async fn an_open_endpoint_answers_without_a_key_and_with_any() {
    let platform = open_endpoint().await;
    assert_eq!(status_without_a_key(&platform, "e").await, 200);

    let call = platform.scoring_call(Method::POST, "/endpoints/e/score");
    let answer = call.key("not-a-key").body("hello").send().await;
    assert_eq!(answer.text(), "hello");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn other_endpoints_of_the_server_ask_for_their_keys_all_the_same() {
    let platform = open_endpoint().await;
    platform
        .deploy(guests::path("echo"))
        .to("closed", "blue")
        .run()
        .await;
    assert_eq!(status_without_a_key(&platform, "closed").await, 401);
    assert_eq!(platform.score("closed", "hello").await.status(), 200);
}

#[tokio::test]
async fn an_open_endpoint_is_closed_and_opened_by_a_command() {
    let platform = open_endpoint().await;
    for (mode, status) in [("key", 401), ("none", 200)] {
        platform
            .cli(&["endpoint", "update", "e", "--auth-mode", mode])
            .await
            .succeeded();
        assert_eq!(status_without_a_key(&platform, "e").await, status, "{mode}");
    }
}

#[tokio::test]
async fn a_server_that_was_not_told_to_refuses_to_open_an_endpoint() {
    let platform = Platform::start().await;
    let made = platform
        .cli(&["endpoint", "create", "e", "--auth-mode", "none"])
        .await;
    made.refused(1, &["auth_mode: none", "gateway.allow_anonymous = true"]);

    platform.cli(&["endpoint", "create", "e"]).await.succeeded();
    let open = json!({"auth_mode": "none"});
    let patched = platform.admin(Method::PATCH, "/v1/endpoints/e");
    let patched = patched.json(&open).send().await;
    assert_eq!(patched.status(), 422);
    assert_eq!(patched.problem().kind, "urn:mlwasm:problem:invalid-spec");
    assert_eq!(status_without_a_key(&platform, "e").await, 401);
}

#[tokio::test]
async fn a_start_without_the_setting_closes_what_was_open() {
    let mut platform = open_endpoint().await;
    platform.terminate().await;
    platform.file("mlwasm.toml", REFUSED);
    platform.restart().await;
    assert_eq!(status_without_a_key(&platform, "e").await, 401);
    assert_eq!(platform.score("e", "hello").await.status(), 200);

    platform.terminate().await;
    platform.file("mlwasm.toml", ALLOWED);
    platform.restart().await;
    assert_eq!(status_without_a_key(&platform, "e").await, 200);
}

#[tokio::test]
async fn the_log_warns_where_anyone_may_call() {
    let warned = |platform: &Platform| {
        let log = platform.server().log();
        log.lines()
            .any(|line| line.contains("WARN") && line.contains("allow_anonymous"))
    };
    assert!(warned(&platform_that_allows().await));
    assert!(!warned(&Platform::start().await));
}
