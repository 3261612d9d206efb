//! Every limit holds at its very number: below it and at it all is well, one above is refused.

mod bombs;
mod log_lines;
mod sandbox;

use mlwasm_harness::{Platform, Setup, guests};
use reqwest::Method;

use crate::support::{busy, platform_with};

/// The default of the largest request body, and the default of the most header fields.
const MAX_BODY: usize = 16 << 20;
const MAX_HEADERS: usize = 100;

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let platform = platform_with("whoami").await;
    for size in [0, 1, MAX_BODY - 1, MAX_BODY] {
        let answer = platform.score("e", vec![b'x'; size]).await;
        assert_eq!(answer.status(), 200, "{size}: {}", answer.text());
        assert_eq!(answer.json()["body_bytes"], size);
    }
    let answer = platform.score("e", vec![b'x'; MAX_BODY + 1]).await;
    assert_eq!(answer.status(), 413);
    assert!(answer.problem().detail.contains(&MAX_BODY.to_string()));
}

#[tokio::test]
async fn the_limit_of_bodies_is_the_operators_and_counts_chunks_too() {
    let platform = Platform::start_with(Setup {
        config: Some("[gateway]\nmax_body_bytes = 1000\n".to_owned()),
        ..Setup::default()
    })
    .await;
    platform
        .deploy(guests::path("whoami"))
        .to("e", "blue")
        .run()
        .await;
    let key = platform.key("e").await;
    for (size, status) in [(999, 200), (1_000, 200), (1_001, 413)] {
        assert_eq!(platform.score("e", vec![b'x'; size]).await.status(), status);
        let request = head(&key, "transfer-encoding: chunked\r\n")
            + &format!("{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size));
        let answer = platform.raw(request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{size}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_refused_before_it_comes() {
    let platform = platform_with("whoami").await;
    let key = platform.key("e").await;
    // No byte of the body is ever sent: a server that waits for it gives no answer.
    let answer = platform
        .raw(head(&key, "content-length: 999999999999\r\n"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_request_has_as_many_header_fields_as_the_limit() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    // The head of `head` has three fields already.
    for (fields, status) in [
        (MAX_HEADERS - 1, 200),
        (MAX_HEADERS, 200),
        (MAX_HEADERS + 1, 431),
    ] {
        let more: String = (3..fields).map(|n| format!("x-{n}: y\r\n")).collect();
        let answer = platform.raw(head(&key, &more)).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{fields}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_head_may_be_as_large_as_the_limit() {
    let platform = Platform::start_with(Setup {
        config: Some("[gateway]\nmax_header_bytes = 8192\n".to_owned()),
        ..Setup::default()
    })
    .await;
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
    let key = platform.key("e").await;
    for (size, status) in [(8_191, 200), (8_192, 200), (8_193, 431)] {
        let empty = head(&key, "x-fill: \r\n").len();
        let request = head(&key, &format!("x-fill: {}\r\n", "y".repeat(size - empty)));
        assert_eq!(request.len(), size);
        let answer = platform.raw(request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{size}: {answer}"
        );
    }
}

/// One sandbox, which takes two requests at once: one that runs and one that waits.
async fn narrow(queue_wait_ms: u64) -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .instances(1)
        .set("request_settings.request_timeout_ms", 60_000)
        .set("request_settings.max_queue_wait_ms", queue_wait_ms)
        .run()
        .await;
    platform
}

#[tokio::test]
async fn one_request_more_than_a_deployment_takes_is_told_to_come_back() {
    let platform = narrow(60_000).await;
    let call = async |mode: &str| platform.scoring("e").await.query(&format!("mode={mode}"));
    let running = call("spin").await.send();
    tokio::pin!(running);
    // Below the limit: the first runs.
    tokio::select! {
        answer = &mut running => panic!("a loop ended: {answer:?}"),
        () = busy(&platform, 1) => {}
    }
    // At the limit: of two more, one is let in and waits; above it: the other is refused at once.
    let (one, other) = (call("ok").await.send(), call("ok").await.send());
    tokio::pin!(one, other);
    let (refused, one_waits) = tokio::select! {
        answer = &mut one => (answer, false),
        answer = &mut other => (answer, true),
    };
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    refused.problem();

    // The client of the first hangs up; the one that waited is served.
    running.set(call("ok").await.send());
    let waited = if one_waits { one.await } else { other.await };
    assert_eq!((waited.status(), waited.deployment()), (200, "blue"));
}

#[tokio::test]
async fn a_wait_for_a_sandbox_has_an_end() {
    let platform = narrow(50).await;
    let call = async |mode: &str| platform.scoring("e").await.query(&format!("mode={mode}"));
    let running = call("spin").await.send();
    tokio::pin!(running);
    tokio::select! {
        answer = &mut running => panic!("a loop ended: {answer:?}"),
        () = busy(&platform, 1) => {}
    }
    let waited = call("ok").await.send().await;
    assert_eq!(waited.status(), 429);
    assert_eq!(waited.header("retry-after"), Some("1"));
    assert!(waited.problem().detail.contains("50ms"), "{waited:?}");
}

#[tokio::test]
async fn a_request_that_comes_too_slowly_is_given_up() {
    let platform = Platform::start_with(Setup {
        config: Some(
            "[gateway]\nheader_timeout_ms = 200\nbody_timeout_ms = 200\nidle_timeout_ms = 200\n"
                .to_owned(),
        ),
        ..Setup::default()
    })
    .await;
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
    let key = platform.key("e").await;
    // Each of these stops in the middle. The connection is closed, or the harness waits in vain.
    let body = platform
        .raw(head(&key, "content-length: 10\r\n") + "half")
        .await;
    assert!(body.starts_with("HTTP/1.1 408 "), "{body}");
    platform
        .raw("POST /endpoints/e/score HTTP/1.1\r\nhost: ")
        .await;
    platform.raw("").await;
    let kept = head(&key, "").replace("connection: close", "connection: keep-alive");
    let answer = platform.raw(kept).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn an_artifact_is_what_its_digest_says() {
    let platform = Platform::start().await;
    let digest = mlwasm_types::Digest::of(b"other bytes");
    let path = format!("/v1/artifacts/{digest}");
    let put = async |bytes: &'static str| {
        let call = platform.admin(Method::PUT, &path).body(bytes);
        call.send().await.status()
    };
    assert_eq!(put("bytes").await, 422);
    let head = platform.admin(Method::HEAD, &path).send().await;
    assert_eq!(head.status(), 404);
    assert_eq!(put("other bytes").await, 201);
    assert_eq!(put("other bytes").await, 200);
    let get = platform.admin(Method::GET, &path).send().await;
    assert_eq!((get.status(), get.text().as_str()), (200, "other bytes"));
}

/// The head of a scoring request with three header fields, and `more`, without a body.
fn head(key: &str, more: &str) -> String {
    format!(
        "POST /endpoints/e/score HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         connection: close\r\n{more}\r\n"
    )
}
