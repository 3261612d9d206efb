//! Who may score, and who may administer.

use mlwasm_harness::{Platform, guests};
use reqwest::Method;

use crate::support::platform_with;

const ROUTE: &str = "/endpoints/e/score";

#[tokio::test]
async fn no_key_a_wrong_key_and_another_endpoints_key_are_refused_alike() {
    let platform = platform_with("echo").await;
    platform
        .deploy(guests::path("echo"))
        .to("other", "blue")
        .run()
        .await;
    // With one id for all, whole bodies can be compared.
    let call = || platform.scoring_call(Method::POST, ROUTE).id("r-1");
    let key = platform.key("e").await;

    let none = call().send().await;
    let answers = [
        call().key("mlw_wrong").send().await,
        call().key(&platform.key("other").await).send().await,
        call().key(&platform.admin_token()).send().await,
        call().key(&key[..key.len() - 1]).send().await,
        call().key(&format!("{key}x")).send().await,
        call()
            .header("authorization", format!("Basic {key}"))
            .send()
            .await,
        call().header("authorization", &key).send().await,
    ];

    assert_eq!(none.status(), 401);
    assert_eq!(none.problem().request_id.as_deref(), Some("r-1"));
    // RFC 9110, 11.6.1: a 401 says how to do better.
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    for answer in answers {
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.body(), none.body());
        assert_eq!(answer.headers().len(), none.headers().len());
    }
    assert_eq!(call().key(&key).send().await.status(), 200);
}

#[tokio::test]
async fn a_missing_deployment_is_told_to_callers_with_a_key_only() {
    let platform = platform_with("echo").await;
    let call = platform.scoring_call(Method::POST, ROUTE).deployment("red");
    assert_eq!(call.send().await.status(), 401);
}

#[tokio::test]
async fn each_of_the_two_keys_opens_and_a_regenerated_one_no_longer_does() {
    let platform = platform_with("echo").await;
    let status = async |key: &str| {
        let call = platform.scoring_call(Method::POST, ROUTE).key(key);
        call.send().await.status()
    };
    let before = platform.keys("e").await;
    assert_eq!(status(&before.primary_key).await, 200);
    assert_eq!(status(&before.secondary_key).await, 200);

    platform
        .cli(&["keys", "e", "regenerate", "primary"])
        .await
        .succeeded();

    let after = platform.keys("e").await;
    assert_eq!(status(&before.primary_key).await, 401);
    assert_eq!(status(&after.primary_key).await, 200);
    assert_eq!(after.secondary_key, before.secondary_key);
    assert_eq!(status(&after.secondary_key).await, 200);
}

#[tokio::test]
async fn a_deleted_endpoints_key_opens_no_later_one_of_its_name() {
    let platform = platform_with("echo").await;
    let old = platform.key("e").await;
    platform
        .cli(&["endpoint", "delete", "-n", "e", "--yes"])
        .await
        .succeeded();
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
    let call = platform.scoring_call(Method::POST, ROUTE).key(&old);
    assert_eq!(call.send().await.status(), 401);
}

#[tokio::test]
async fn administration_needs_the_token() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    for path in [
        "/v1/status",
        "/v1/endpoints",
        "/v1/endpoints/e/keys",
        "/v1/nothing",
    ] {
        let call = || platform.admin_without_token(Method::GET, path);
        for answer in [
            call().send().await,
            call().key("wrong").send().await,
            call().key(&key).send().await,
        ] {
            assert_eq!(answer.status(), 401, "{path}");
            answer.problem();
        }
    }
    let answer = platform.admin(Method::GET, "/v1/status").send().await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn administration_refuses_web_pages_and_foreign_host_names() {
    let platform = Platform::start().await;
    let call = || platform.admin(Method::GET, "/v1/status");
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = call().header("origin", origin).send().await;
        assert_eq!(answer.status(), 403, "{origin}");
        answer.problem();
    }
    for host in [
        "evil.example",
        "evil.example:8090",
        "127.0.0.1.evil.example",
    ] {
        let answer = call().header("host", host).send().await;
        assert_eq!(answer.status(), 403, "{host}");
        answer.problem();
    }
    let answer = call().send().await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn secrets_are_for_their_owner_and_in_no_log() {
    use std::os::unix::fs::PermissionsExt as _;

    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    platform.score("e", "hello").await;

    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&platform.data_dir()), 0o700);
    assert_eq!(mode(&platform.data_dir().join("admin.token")), 0o600);
    let log = platform.server().log();
    assert!(!log.contains(&platform.admin_token()) && !log.contains(&key));
}
