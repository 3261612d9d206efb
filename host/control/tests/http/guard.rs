//! Who is let in.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;

use crate::server::{Answer, Server, request};

#[tokio::test]
async fn without_the_token_every_address_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    server.put("/v1/endpoints/iris", json!({})).await.is(201);
    for path in [
        "/v1/status",
        "/v1/endpoints/iris",
        "/v1/endpoints/none",
        "/v1/nothing",
        "/",
        "/v1/endpoints/iris/keys",
    ] {
        let request = Request::get(path)
            .header(header::HOST, "localhost")
            .body(Body::empty())
            .unwrap();
        let response = server.send(request).await;
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        let answer = Answer::of(response).await.is(401);
        assert!(
            answer
                .detail()
                .starts_with("the administration token is missing or wrong")
        );
    }
}

#[tokio::test]
async fn a_web_page_is_refused_even_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let from_page =
        request(Method::GET, "/v1/status").header(header::ORIGIN, "http://evil.example");
    let rebound = Request::get("/v1/status")
        .header(header::HOST, "evil.example")
        .header(header::AUTHORIZATION, "Bearer an-admin-token-for-tests");
    for request in [from_page, rebound] {
        let response = server.send(request.body(Body::empty()).unwrap()).await;
        assert!(
            !response
                .headers()
                .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        );
        Answer::of(response).await.is(403);
    }
    let named = Request::get("/v1/status")
        .header(header::HOST, "admin.example")
        .header(header::AUTHORIZATION, "Bearer an-admin-token-for-tests");
    Answer::of(server.send(named.body(Body::empty()).unwrap()).await)
        .await
        .is(200);
}
