//! The administration API, as programs use it.

use mlwasm_harness::{Answer, Platform, guests};
use mlwasm_types::{Digest, api::ServerStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{blue_and_green, platform_with};

async fn call(platform: &Platform, method: Method, path: &str, body: &Value) -> Answer {
    platform.admin(method, path).json(body).send().await
}

#[tokio::test]
async fn what_is_put_is_made_once_and_replaced_later() {
    let platform = Platform::start().await;
    let spec = json!({"name": "e", "description": "flowers"});

    let made = call(&platform, Method::PUT, "/v1/endpoints/e", &spec).await;
    let again = call(&platform, Method::PUT, "/v1/endpoints/e", &spec).await;

    assert_eq!((made.status(), again.status()), (201, 200));
    assert_eq!(made.json()["description"], "flowers");
    let generation = made.json()["generation"].as_u64().unwrap();
    assert_eq!(
        made.header("etag"),
        Some(format!("\"{generation}\"").as_str())
    );
}

#[tokio::test]
async fn a_deployment_is_made_of_artifacts_that_are_there() {
    let platform = platform_with("echo").await;
    let component = Digest::of(&std::fs::read(guests::path("echo")).unwrap());
    let absent = Digest::of(b"nobody sent this");
    let path = "/v1/endpoints/e/deployments/green";
    let put = async |spec: Value| call(&platform, Method::PUT, path, &spec).await;

    for spec in [
        json!({"component": absent}),
        json!({"component": component, "models": {"model": absent}}),
    ] {
        let answer = put(spec).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.problem().detail.contains(&absent.to_string()));
    }
    assert_eq!(platform.admin(Method::GET, path).send().await.status(), 404);
    assert_eq!(put(json!({"component": component})).await.status(), 201);

    // Waiting is for the server to do: one request, answered when the deployment is settled.
    let settled = platform.admin(Method::GET, &format!("{path}?wait_ms=20000"));
    assert_eq!(
        settled.send().await.json()["provisioning_state"],
        "Succeeded"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said() {
    let platform = blue_and_green().await;
    let cases = [
        (Method::PUT, "/v1/endpoints/f", json!({"name": "g"}), "g"),
        (
            Method::PUT,
            "/v1/endpoints/f",
            json!({"name": "f", "nmae": 1}),
            "nmae",
        ),
        (Method::PUT, "/v1/endpoints/f", json!([]), "object"),
        (
            Method::PUT,
            "/v1/endpoints/e/traffic",
            json!({"blue": 99}),
            "99",
        ),
        (
            Method::PUT,
            "/v1/endpoints/e/traffic",
            json!({"blue": 101}),
            "101",
        ),
        (
            Method::PUT,
            "/v1/endpoints/e/traffic",
            json!({"blue": 99.5, "green": 0.5}),
            "99.5",
        ),
        (
            Method::PUT,
            "/v1/endpoints/e/mirror",
            json!({"green": 51}),
            "51",
        ),
        (
            Method::PATCH,
            "/v1/endpoints/e",
            json!({"sticky_header": "two words"}),
            "two words",
        ),
        (
            Method::PATCH,
            "/v1/endpoints/e/deployments/blue",
            json!({"sandbox": {"memory_limit_mb": 0}}),
            "sandbox.memory_limit_mb",
        ),
    ];
    for (method, path, body, word) in cases {
        let answer = call(&platform, method, path, &body).await;
        assert!(matches!(answer.status(), 400 | 422), "{body}: {answer:?}");
        assert!(answer.problem().detail.contains(word), "{body}: {answer:?}");
    }
    for body in ["", "{", "\u{0}"] {
        let answer = platform
            .admin(Method::PUT, "/v1/endpoints/f")
            .body(body)
            .send()
            .await;
        assert_eq!(answer.status(), 400, "{body:?}");
        answer.problem();
    }
    assert_eq!(platform.score("e", "").await.text(), "blue");
}

#[tokio::test]
async fn names_in_addresses_obey_the_rule_too() {
    let platform = Platform::start().await;
    let too_long = "a".repeat(33);
    for name in ["9a", "a-", "a.b", "%2e%2e", "a%2fb", "stats", &too_long] {
        let path = format!("/v1/endpoints/{name}");
        let answer = call(&platform, Method::PUT, &path, &json!({})).await;
        assert!(
            matches!(answer.status(), 400 | 404 | 422),
            "{name}: {answer:?}"
        );
        answer.problem();
    }
    let all = platform.admin(Method::GET, "/v1/endpoints").send().await;
    assert_eq!(all.json(), json!([]));
}

#[tokio::test]
async fn addresses_that_are_none_are_told_in_the_same_form() {
    let platform = Platform::start().await;
    let cases = [
        (Method::GET, "/v1/nothing", 404),
        (Method::GET, "/", 404),
        (Method::GET, "/v1/endpoints/e", 404),
        (Method::DELETE, "/v1/endpoints/e", 404),
        (Method::GET, "/v1/endpoints/e/deployments", 404),
        (Method::POST, "/v1/endpoints/e/keys/primary/regenerate", 404),
        (Method::DELETE, "/v1/status", 405),
    ];
    for (method, path, status) in cases {
        let answer = platform.admin(method, path).send().await;
        assert_eq!(answer.status(), status, "{path}");
        answer.problem();
    }
}

#[tokio::test]
async fn the_server_says_what_it_is_and_has() {
    let platform = blue_and_green().await;
    let status: ServerStatus = platform
        .admin(Method::GET, "/v1/status")
        .send()
        .await
        .read();
    assert_eq!((status.endpoints, status.deployments), (1, 2));
    assert_eq!(status.live_generation, status.generation);
    assert_eq!(status.data_plane, platform.server().scoring());
    assert!(status.inference.contains("1."), "{status:?}");
}

#[tokio::test]
async fn a_key_slot_is_one_of_two() {
    let platform = blue_and_green().await;
    let path = "/v1/endpoints/e/keys/third/regenerate";
    let answer = platform.admin(Method::POST, path).send().await;
    assert!(matches!(answer.status(), 400 | 404), "{answer:?}");
    answer.problem();
}
