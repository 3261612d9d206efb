//! Artifacts on their way in and out.

use axum::body::Body;
use http::{Method, StatusCode, header};
use http_body_util::BodyExt as _;
use mlwasm_types::Digest;
use serde_json::json;

use crate::server::{Answer, MOST_ARTIFACT_BYTES, Server, request};

#[tokio::test]
async fn an_artifact_is_taken_only_whole_and_within_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let most = usize::try_from(MOST_ARTIFACT_BYTES).unwrap();
    for (size, status) in [(0, 201), (most - 1, 201), (most, 201), (most + 1, 413)] {
        server.upload(&vec![7; size]).await.is(status);
    }
    let digest = Digest::of(b"hello");
    let path = format!("/v1/artifacts/{digest}");
    server.ask(Method::PUT, &path, "hullo").await.is(422);
    server.get(&path).await.is(404);
    assert_eq!(
        server.upload(b"hello").await.is(201).body,
        json!({"digest": digest, "size": 5})
    );

    let head = server
        .send(request(Method::HEAD, &path).body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (head.status(), &head.headers()[header::CONTENT_LENGTH]),
        (StatusCode::OK, &"5".parse().unwrap())
    );
    let got = server
        .send(request(Method::GET, &path).body(Body::empty()).unwrap())
        .await;
    assert_eq!(got.into_body().collect().await.unwrap().to_bytes(), "hello");
    server.get("/v1/artifacts/sha256:00").await.is(400);
}

#[tokio::test]
async fn an_artifact_of_unknown_length_is_cut_off_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let bytes = vec![7; 2 * usize::try_from(MOST_ARTIFACT_BYTES).unwrap()];
    let path = format!("/v1/artifacts/{}", Digest::of(&bytes));
    let pieces: Vec<_> = bytes
        .chunks(100)
        .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
        .collect();
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let answer = server
        .send(request(Method::PUT, &path).body(body).unwrap())
        .await;
    Answer::of(answer).await.is(413);
    let left = std::fs::read_dir(folder.path().join("data/artifacts/unfinished")).unwrap();
    assert_eq!(left.count(), 0);
}
