//! What a scorer is given, and what comes back.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use mlwasm_sandbox::{PoolSettings, RunError, ScoringRequest};
use mlwasm_types::api::LogStream;
use serde_json::{Value, json};

use crate::support::{ask, later, lines, pool, report, request, settings, text};

#[tokio::test]
async fn a_body_goes_in_and_comes_out_unchanged() {
    let pool = pool("echo", settings()).await;
    let headers = HeaderMap::new();
    let large = vec![0xa5; 1 << 20];
    for body in [&b""[..], b"x", b"\0\xff not text", &large] {
        let request = ScoringRequest {
            content_type: Some("application/x-own"),
            body,
            ..request(&headers)
        };
        let lease = pool.lease(later()).await.unwrap();
        let response = lease.run(request, later()).await.outcome.unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(response.content_type.unwrap(), "application/x-own");
        assert!(response.body == body, "{} bytes", body.len());
    }
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn a_scorer_sees_its_request_and_its_own_environment() {
    let environment = [("LABEL", "one"), ("EMPTY", "")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = PoolSettings {
        environment: BTreeMap::from(environment),
        ..settings()
    };
    let pool = pool("whoami", settings).await;
    let headers: HeaderMap = [
        ("accept", "*/*"),
        ("authorization", "Bearer key"),
        ("x-own", "1"),
    ]
    .map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    })
    .into_iter()
    .collect();
    let request = ScoringRequest {
        id: "r7",
        is_mirror: true,
        query: "a=1&b=%20",
        content_type: Some("text/plain"),
        body: b"four",
        ..request(&headers)
    };
    let lease = pool.lease(later()).await.unwrap();
    let answer = text(lease.run(request, later()).await.outcome);

    let answer: Value = serde_json::from_str(&answer).unwrap();
    let expected = json!({
        "label": "one",
        "deployment": "blue",
        "is_mirror": true,
        "id": "r7",
        "query": "a=1&b=%20",
        "content_type": "text/plain",
        "headers": [["accept", "*/*"], ["x-own", "1"]],
        "body_bytes": 4,
        "env": {"EMPTY": "", "LABEL": "one"},
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_scorer_has_no_files_no_network_and_no_arguments() {
    let pool = pool("reads_files", settings()).await;
    let answer: Value = serde_json::from_str(&text(ask(&pool, "").await)).unwrap();
    let attempts = answer.as_object().unwrap();
    assert_eq!(attempts["args"], json!([]));
    for (attempt, result) in attempts.iter().filter(|(name, _)| *name != "args") {
        assert_eq!(result["granted"], json!(false), "{attempt}: {result}");
    }
    assert_eq!(attempts.len(), 9);
}

#[tokio::test]
async fn errors_of_a_scorer_are_told_apart_and_cost_no_sandbox() {
    let bad = pool("bad_request", settings()).await;
    let bad_request = RunError::BadRequest("the body is not to my taste".to_owned());
    assert_eq!(ask(&bad, "").await, Err(bad_request));

    let internal = pool("internal", settings()).await;
    assert_eq!(
        ask(&internal, "").await,
        Err(RunError::Internal("boom".to_owned()))
    );

    for pool in [bad, internal] {
        assert_eq!(pool.counts().idle, 1);
        assert_eq!(pool.recycles(), Default::default());
    }
}

#[tokio::test]
async fn a_sandbox_serves_one_request_after_another() {
    let pool = pool("counter", settings()).await;
    for runs in 1..=3 {
        assert_eq!(text(ask(&pool, "").await), format!("{{\"runs\":{runs}}}"));
    }
}

#[tokio::test]
async fn a_response_that_http_does_not_allow_is_the_scorer_s_fault() {
    let pool = pool("status", settings()).await;
    let response = ask(&pool, "code=418").await.unwrap();
    assert_eq!(response.status, 418);
    let own = (
        HeaderName::from_static("x-guest"),
        HeaderValue::from_static("status"),
    );
    assert!(response.headers.contains(&own), "{:?}", response.headers);

    for query in [
        "code=199",
        "code=600",
        "code=204",
        "code=200&header=content-length&value=1",
        "code=200&header=Transfer-Encoding&value=chunked",
        "code=200&header=a%20b&value=1",
        "code=200&header=x&value=a%0d%0ab",
    ] {
        let outcome = ask(&pool, query).await;
        assert!(
            matches!(outcome, Err(RunError::InvalidResponse { .. })),
            "{query}: {outcome:?}"
        );
    }
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn what_a_scorer_prints_is_kept_with_its_request() {
    let settings = settings();
    let log = std::sync::Arc::clone(&settings.log);
    let pool = pool("chatty", settings).await;
    ask(&pool, "lines=2").await.unwrap();

    let printed: Vec<_> = lines(&log)
        .into_iter()
        .map(|line| (line.stream, line.request_id, line.text))
        .collect();
    let line = |stream, text: &str| (stream, Some("r1".to_owned()), text.to_owned());
    let expected = [
        line(LogStream::Stdout, "out 0"),
        line(LogStream::Stderr, "err 0"),
        line(LogStream::Stdout, "out 1"),
        line(LogStream::Stderr, "err 1"),
    ];
    assert_eq!(printed, expected);
}

#[tokio::test]
async fn a_scorer_that_prints_without_end_is_cut_short() {
    let settings = settings();
    let log = std::sync::Arc::clone(&settings.log);
    let pool = pool("chatty", settings).await;
    ask(&pool, "lines=2000").await.unwrap();
    // 100 a second: the run may have seen two of them, and the notice of what was dropped.
    let kept = lines(&log).len();
    assert!((100..1_000).contains(&kept), "{kept}");
}

#[tokio::test]
async fn a_request_whose_deadline_has_passed_does_not_reach_the_scorer() {
    let pool = pool("counter", settings()).await;
    let late = report(&pool, "", Duration::ZERO).await;
    assert_eq!(late.outcome, Err(RunError::DeadlineExceeded));
    assert_eq!(text(ask(&pool, "").await), "{\"runs\":1}");
    assert_eq!(pool.recycles(), Default::default());
}
