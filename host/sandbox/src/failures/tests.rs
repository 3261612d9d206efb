use http::HeaderMap;

use super::*;
use crate::{error::Opening, keep::Keep};

fn request<'a>(headers: &'a HeaderMap, body: &'a [u8], queued_at: Instant) -> Asked<'a> {
    Asked {
        id: "r-1",
        is_mirror: true,
        queued_at,
        query: "a=b",
        headers: Some(headers),
        payload: Payload::Body(body),
        keep: Keep::default(),
        requests: 1,
    }
}

fn fail(failures: &RevisionFailures, error: &RunError, body: &[u8]) {
    let queued_at = Instant::now();
    let begun = queued_at + Duration::from_micros(1_500);
    let report = RunReport::<()> {
        outcome: Err(error.clone()),
        begun,
        ended: begun + Duration::from_millis(5),
        infer: Duration::from_millis(3),
    };
    let headers = HeaderMap::new();
    let request = request(&headers, body, queued_at);
    failures.run(&request, error, &Trace::default(), &report);
}

fn trapped() -> RunError {
    RunError::Trapped {
        message: "unreachable".to_owned(),
    }
}

fn sequences(failures: &Failures, last: usize) -> Vec<u64> {
    let page = failures.page(last);
    page.failures.iter().map(|kept| kept.sequence).collect()
}

#[test]
fn a_failure_tells_of_its_request_and_not_its_body() {
    let failures = Failures::new(1);
    fail(&failures.of(RevisionNumber(3)), &trapped(), b"abc");

    let page = failures.page(10);
    assert_eq!(page.total, 1);
    let failure = &page.failures[0];
    assert_eq!(
        (failure.revision, failure.kind),
        (RevisionNumber(3), FailureKind::Trap)
    );
    assert_eq!(failure.message, "unreachable");
    let request = failure.request.as_ref().unwrap();
    assert_eq!((request.id.as_str(), request.is_mirror), ("r-1", true));
    assert_eq!((request.query_bytes, request.body_bytes), (3, 3));
    assert_eq!(request.body_digest, Some(Digest::of(b"abc")));
    let timings = FailureTimings {
        queue_ms: 1.5,
        guest_ms: 2.0,
        infer_ms: 3.0,
    };
    assert_eq!(request.timings, timings);
}

#[test]
fn the_last_failures_are_kept_oldest_first() {
    for (kept, last, shown) in [
        (3, 10, vec![3, 4, 5]),
        (3, 2, vec![4, 5]),
        (3, 0, vec![]),
        (4, 10, vec![2, 3, 4, 5]),
        (0, 10, vec![]),
    ] {
        let failures = Failures::new(kept);
        for _ in 0..5 {
            fail(&failures.of(RevisionNumber(1)), &trapped(), b"");
        }
        assert_eq!(sequences(&failures, last), shown, "{kept} {last}");
        assert_eq!(failures.page(last).total, 5);
    }
}

#[test]
fn failures_that_cross_are_kept_in_the_order_in_which_they_were_counted() {
    let failures = Failures::new(2);
    let now = Instant::now();
    let looks = [(); 3].map(|()| failures.admit(now, 0).unwrap().sequence);
    fail(&failures.of(RevisionNumber(1)), &trapped(), b"");
    let template = failures.page(1).failures.remove(0);
    for sequence in [looks[2], looks[0], looks[1]] {
        let failure = Failure {
            sequence,
            ..template.clone()
        };
        failures.keep(Kept {
            failure,
            body: None,
        });
    }
    assert_eq!(sequences(&failures, 10), [3, 4]);
}

#[test]
fn a_clients_mistake_and_a_full_server_are_no_failures_of_the_scorer() {
    let failures = Failures::new(9);
    let of = failures.of(RevisionNumber(1));
    fail(&of, &RunError::BadRequest("no".to_owned()), b"");
    of.start(&StartError::NoRoom, &Trace::default());
    assert_eq!(failures.page(9).total, 0);
}

#[test]
fn each_kind_of_failure_is_named() {
    let text = || "x".to_owned();
    let failures = Failures::new(9);
    let of = failures.of(RevisionNumber(1));
    fail(&of, &RunError::Internal(text()), b"");
    fail(&of, &RunError::DeadlineExceeded, b"");
    fail(&of, &RunError::InvalidResponse { message: text() }, b"");
    fail(&of, &RunError::Host { message: text() }, b"");
    of.start(
        &StartError::InitFailed { message: text() },
        &Trace::default(),
    );
    let trapped = StartError::Trapped {
        call: Opening::Init,
        message: text(),
    };
    of.start(&trapped, &Trace::default());
    let kinds: Vec<_> = failures
        .page(9)
        .failures
        .iter()
        .map(|kept| (kept.kind.to_string(), kept.request.is_some()))
        .collect();
    let expected = [
        ("internal", true),
        ("deadline", true),
        ("invalid_response", true),
        ("host_error", true),
        ("internal", false),
        ("trap", false),
    ];
    assert_eq!(kinds, expected.map(|(kind, run)| (kind.to_owned(), run)));
}

#[test]
fn a_storm_is_counted_and_only_so_many_of_a_second_are_looked_at() {
    let failures = Failures::new(usize::MAX);
    let now = Instant::now();
    let looked_at = |now| {
        let looks = (0..LOOKS_PER_SECOND + 1).filter_map(|_| failures.admit(now, 0));
        u32::try_from(looks.count()).unwrap()
    };
    assert_eq!(looked_at(now), LOOKS_PER_SECOND);
    assert_eq!(looked_at(now + WINDOW - Duration::from_nanos(1)), 0);
    assert_eq!(looked_at(now + WINDOW), LOOKS_PER_SECOND);
    assert_eq!(
        failures.page(0).total,
        u64::from(3 * (LOOKS_PER_SECOND + 1))
    );
}

#[test]
fn so_many_bytes_of_a_second_are_digested() {
    for (first, second) in [
        (DIGESTED_PER_SECOND - 1, Body::Digest),
        (DIGESTED_PER_SECOND, Body::Measure),
        (usize::MAX, Body::Measure),
    ] {
        let failures = Failures::new(1);
        let now = Instant::now();
        let body = |bytes| failures.admit(now, bytes).unwrap().body;
        assert_eq!((body(first), body(1)), (Body::Digest, second), "{first}");
    }
}

#[test]
fn a_message_has_a_limit_and_can_not_speak_to_a_terminal() {
    let failures = Failures::new(1);
    let message = "\u{1b}[31m".repeat(10_000);
    fail(
        &failures.of(RevisionNumber(1)),
        &RunError::Trapped { message },
        b"",
    );
    let kept = failures.page(1).failures.remove(0).message;
    assert!(
        kept.len() < 5_000 && !kept.contains('\u{1b}'),
        "{}",
        kept.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_has_the_same_digest_wherever_it_is_computed() {
    let body = vec![7; LARGE_BODY + 1];
    let expected = Digest::of(&body);
    let task = tokio::task::spawn_blocking(move || digest(Payload::Body(&body)));
    assert_eq!(task.await.unwrap(), expected);
    let body = vec![7; LARGE_BODY + 1];
    assert_eq!(digest(Payload::Body(&body)), expected);
}
