//! What is refused, and how the refusal reads.

use axum::body::Body;
use http::{Method, header};
use mlwasm_types::Digest;
use serde_json::json;

use crate::server::{Answer, Server, request};

#[tokio::test]
async fn a_stale_or_unreadable_tag_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let send = async |method: Method, (name, value): (http::HeaderName, &str)| {
        let request = request(method, "/v1/endpoints/iris").header(name, value);
        let request = request.body(Body::from("{\"description\":\"x\"}")).unwrap();
        Answer::of(server.send(request).await).await
    };
    send(Method::PUT, (header::IF_MATCH, "\"1\"")).await.is(412);
    send(Method::PUT, (header::IF_NONE_MATCH, "*"))
        .await
        .is(201);
    send(Method::PUT, (header::IF_NONE_MATCH, "*"))
        .await
        .is(412);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        send(method.clone(), (header::IF_MATCH, "\"9\""))
            .await
            .is(412);
        send(method, (header::IF_MATCH, "nine")).await.is(400);
    }
    server
        .patch("/v1/endpoints/iris", json!({"description": "y"}))
        .await
        .is(200);
    let stale = send(Method::PATCH, (header::IF_MATCH, "\"1\""))
        .await
        .is(412);
    assert!(
        stale.detail().contains("generation 2"),
        "{}",
        stale.detail()
    );
    send(Method::PATCH, (header::IF_MATCH, "\"2\""))
        .await
        .is(200);
    send(Method::DELETE, (header::IF_MATCH, "*")).await.is(204);
}

/// Sends each body by `PUT` and checks the status and a piece of the detail.
async fn check(cases: &[(&str, &str, u16, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    for (path, body, status, text) in cases {
        let answer = server.ask(Method::PUT, path, body).await;
        assert_eq!(
            answer.status.as_u16(),
            *status,
            "{path} {body}: {}",
            answer.body
        );
        assert!(
            answer.detail().contains(text),
            "{path} {body}: {}",
            answer.detail()
        );
    }
    let status = server.get("/v1/status").await.body;
    assert_eq!(status["generation"], 1, "nothing changed");
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_named() {
    let iris = "/v1/endpoints/iris";
    check(&[
        (iris, "{", 400, "the body is not JSON"),
        (iris, "[]", 422, "the body is not a JSON object"),
        (iris, r#"{"nmae": "iris"}"#, 422, "nmae"),
        (
            iris,
            r#"{"name": "other"}"#,
            422,
            "the address says \"iris\"",
        ),
        (
            iris,
            r#"{"traffic": {"blue": 99}}"#,
            422,
            "traffic sums to 99 percent",
        ),
        (iris, r#"{"traffic": {"blue": 100}}"#, 404, "it has none"),
        (iris, r#"{"tags": {"a": 1}}"#, 422, "tags.a: "),
        (iris, r#"{"sticky_header": "a b"}"#, 422, "sticky_header"),
        ("/v1/endpoints/9iris", "{}", 400, "9iris"),
        ("/v1/endpoints/infer", "{}", 400, "reserved"),
        (
            "/v1/endpoints/iris/traffic",
            r#"{"blue": 101}"#,
            422,
            "blue: 101 is not a share",
        ),
        ("/v1/endpoints/iris/mirror", r#"{"blue": 51}"#, 422, "51"),
    ])
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_deployment_is_named() {
    let blue = "/v1/endpoints/iris/deployments/blue";
    let digest = Digest::of(b"x");
    let with = |more: &str| format!(r#"{{"component": "{digest}"{more}}}"#);
    check(&[
        (blue, "{}", 422, "component"),
        (blue, r#"{"component": "x"}"#, 422, "component: "),
        (blue, &with(""), 422, "is not here: upload it first"),
        (
            blue,
            &with(r#", "request_settings": {"request_timeout_ms": "5"}"#),
            422,
            "request_settings.request_timeout_ms: invalid type",
        ),
        (
            blue,
            &with(r#", "sandbox": {"memory_limit_mb": 0}"#),
            422,
            "sandbox.memory_limit_mb is 0: expected 1 to 1024",
        ),
        (
            blue,
            &with(r#", "endpoint_name": "other""#),
            422,
            "endpoint_name",
        ),
        (
            "/v1/endpoints/none/deployments/blue",
            &with(""),
            404,
            "endpoint none does not exist",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_scorer_is_refused_before_it_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    let large = vec![0; 801];
    for (bytes, text) in [
        (b"bad: no component".as_slice(), "component: "),
        (
            &large,
            "component: it has 801 bytes, at most 800 are allowed",
        ),
    ] {
        server.upload(bytes).await.is(201);
        let body = json!({"component": Digest::of(bytes)});
        let refused = server
            .put("/v1/endpoints/iris/deployments/blue", body)
            .await
            .is(422);
        assert!(refused.detail().starts_with(text), "{}", refused.detail());
    }
    let list = server.get("/v1/endpoints/iris/deployments").await.is(200);
    assert_eq!(list.body, json!([]));
    let missing = server
        .get("/v1/endpoints/iris/deployments/blue")
        .await
        .is(404);
    assert_eq!(
        missing.detail(),
        "endpoint iris has no deployment blue: it has none"
    );
    server
        .get("/v1/endpoints/iris/deployments/blue/logs")
        .await
        .is(404);
}

#[tokio::test]
async fn unknown_routes_methods_and_settings_are_problems_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    server.get("/v2/health").await.is(404);
    server.get("/v1/endpoints/iris/nothing").await.is(404);
    server.ask(Method::DELETE, "/v1/status", "").await.is(405);
    server
        .ask(Method::POST, "/v1/endpoints/iris", "{}")
        .await
        .is(405);
    server
        .get("/v1/endpoints/iris/deployments/blue?wait=5")
        .await
        .is(400);
    server
        .get("/v1/endpoints/iris/deployments/blue?wait_ms=x")
        .await
        .is(400);
    server.get("/v1/endpoints/%ff").await.is(400);
    let large = " ".repeat((1 << 20) + 1);
    server
        .ask(Method::PUT, "/v1/endpoints/iris", &large)
        .await
        .is(413);
    let at_limit = format!("{{}}{}", " ".repeat((1 << 20) - 2));
    server
        .ask(Method::PUT, "/v1/endpoints/iris", &at_limit)
        .await
        .is(200);
}
