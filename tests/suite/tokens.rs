//! An endpoint with `auth_mode: aml_token` is opened by tokens that the server issues, until they expire or are revoked.

use mlwasm_harness::{Answer, Platform, guests};
use mlwasm_types::access::ScoringToken;
use reqwest::Method;
use serde_json::json;

const ROUTE: &str = "/endpoints/e/score";

/// A platform whose endpoint `e` asks for tokens.
async fn platform() -> Platform {
    let platform = Platform::start().await;
    platform
        .cli(&["endpoint", "create", "e", "--auth-mode", "aml_token"])
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

async fn token(platform: &Platform, arguments: &[&str]) -> ScoringToken {
    let output = platform
        .cli(&[&["token", "e", "-o", "json"], arguments].concat())
        .await;
    output.ok().read()
}

async fn score(platform: &Platform, token: &str) -> Answer {
    let call = platform.scoring_call(Method::POST, ROUTE).id("r-1");
    call.key(token).body("hello").send().await
}

#[tokio::test]
async fn a_token_opens_its_endpoint_and_says_how_long() {
    let platform = platform().await;
    let hour = token(&platform, &[]).await;
    let answer = score(&platform, &hour.access_token).await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "hello"));
    let refresh = hour.expiry_time_utc - hour.refresh_after_time_utc;
    assert_eq!(refresh, 1_800);

    for (ttl, half) in [("1m", 30), ("24h", 43_200)] {
        let token = token(&platform, &["--ttl", ttl]).await;
        let refresh = token.expiry_time_utc - token.refresh_after_time_utc;
        assert_eq!(refresh, half, "{ttl}");
        assert_eq!(score(&platform, &token.access_token).await.status(), 200);
    }
    for ttl in ["59s", "24h 1s", "soon"] {
        let output = platform.cli(&["token", "e", "--ttl", ttl]).await;
        assert_eq!(output.code, 2, "{output:?}");
        let call = platform.admin(Method::POST, "/v1/endpoints/e/tokens");
        let query = format!("ttl={}", ttl.replace(' ', "%20"));
        assert_eq!(call.query(&query).send().await.status(), 400, "{ttl}");
    }
    let invoked = platform.cli(&["invoke", "e", "--data", "hello"]).await;
    assert_eq!(invoked.ok().stdout, "hello");
    let credentials = platform
        .cli(&["endpoint", "get-credentials", "e", "-o", "json"])
        .await;
    assert!(credentials.ok().json()["accessToken"].is_string());
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_the_answer_is_the_same() {
    let platform = platform().await;
    platform
        .cli(&["endpoint", "create", "f", "--auth-mode", "aml_token"])
        .await
        .succeeded();
    let good = token(&platform, &[]).await.access_token;
    let other = platform.cli(&["token", "f", "-o", "json"]).await.ok();
    let other: ScoringToken = other.read();
    let (body, signature) = good.rsplit_once('.').unwrap();
    let none = platform.scoring_call(Method::POST, ROUTE).id("r-1");
    let none = none.body("hello").send().await;
    assert_eq!(none.status(), 401);
    for wrong in [
        &other.access_token,
        &good[..good.len() - 2],
        &format!("{body}."),
        &format!("{body}.{}", signature.to_uppercase()),
        "mlw_wrong",
        &platform.admin_token(),
    ] {
        let answer = score(&platform, wrong).await;
        assert_eq!(answer.status(), 401, "{wrong}");
        assert_eq!(answer.body(), none.body());
        assert_eq!(answer.headers().len(), none.headers().len());
    }
}

#[tokio::test]
async fn regenerating_a_key_revokes_all_tokens() {
    let mut platform = platform().await;
    for slot in ["primary", "secondary"] {
        let old = token(&platform, &[]).await.access_token;
        let output = platform.cli(&["keys", "e", "regenerate", slot]).await;
        assert!(output.ok().stderr.contains("revoked all tokens"));
        assert_eq!(score(&platform, &old).await.status(), 401);
        let new = token(&platform, &[]).await.access_token;
        assert_eq!(score(&platform, &new).await.status(), 200);
    }
    // Tokens are signed, not kept: a restart revokes none.
    let kept = token(&platform, &[]).await.access_token;
    platform.kill9();
    platform.restart().await;
    assert_eq!(score(&platform, &kept).await.status(), 200);
}

#[tokio::test]
async fn another_mode_is_a_patch_and_changes_what_opens() {
    let platform = platform().await;
    let token = token(&platform, &[]).await.access_token;
    platform
        .cli(&["keys", "e"])
        .await
        .refused(1, &["aml_token", "mlwasm token e"]);
    let switch = async |mode: &str| {
        let patch = json!({"auth_mode": mode});
        let call = platform
            .admin(Method::PATCH, "/v1/endpoints/e")
            .json(&patch);
        call.send().await
    };
    assert_eq!(switch("key").await.status(), 200);
    assert_eq!(score(&platform, &token).await.status(), 401);
    let key = platform.key("e").await;
    assert_eq!(score(&platform, &key).await.status(), 200);
    platform
        .cli(&["token", "e"])
        .await
        .refused(1, &["auth_mode key", "mlwasm keys e"]);

    assert_eq!(switch("aml_token").await.status(), 200);
    assert_eq!(score(&platform, &key).await.status(), 401);
    assert_eq!(score(&platform, &token).await.status(), 200);

    let entra = switch("aad_token").await;
    assert_eq!(entra.status(), 422);
    let detail = entra.problem().detail;
    assert!(detail.contains("use aml_token"), "{detail}");
}
