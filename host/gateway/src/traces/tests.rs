//! Which requests are traced, what a scorer is told, and where the time of a record goes.

use std::time::{Duration, Instant};

use http::Request;

use super::{record::Moments, *};
use crate::context::Timings;

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

fn traces(sample_ratio: f64) -> (Traces, TraceReceiver) {
    Traces::on(TraceSettings {
        sample_ratio,
        max_waiting: 2,
    })
}

fn head(path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn a_parent_decides_and_without_one_the_ratio_does() {
    for (ratio, parent, is_traced) in [
        (0.0, None, false),
        (1.0, None, true),
        (0.0, Some(SAMPLED), true),
        (1.0, Some(UNSAMPLED), false),
        (0.0, Some("malformed"), false),
        (1.0, Some("malformed"), true),
    ] {
        let headers: Vec<_> = parent
            .map(|text| ("traceparent", text))
            .into_iter()
            .collect();
        let head = head("/endpoints/e/score", &headers);
        let span = traces(ratio).0.begin(&head, Form::Own);
        assert_eq!(span.is_some(), is_traced, "{ratio} {parent:?}");
        let found = span.and_then(|span| span.parent).is_some();
        assert_eq!(found, parent == Some(SAMPLED), "{ratio} {parent:?}");
    }
    assert!(
        Traces::off()
            .begin(&head("/endpoints/e/score", &[]), Form::Own)
            .is_none()
    );
}

#[test]
fn a_share_of_the_requests_is_traced() {
    let (traces, _receiver) = traces(0.25);
    let head = head("/endpoints/e/score", &[]);
    let traced = (0..10_000)
        .filter(|_| traces.begin(&head, Form::Own).is_some())
        .count();
    // Ten standard deviations around 2,500.
    assert!((2_067..2_933).contains(&traced), "{traced}");
}

#[test]
fn only_scoring_is_traced() {
    let traces = traces(1.0).0;
    for (path, is_traced) in [
        ("/endpoints/e/score", true),
        ("/endpoints/nowhere/score", true),
        ("/livez", false),
        ("/elsewhere", false),
    ] {
        assert_eq!(
            traces.begin(&head(path, &[]), Form::Own).is_some(),
            is_traced,
            "{path}"
        );
    }
}

#[test]
fn a_scorer_is_told_of_our_span_and_of_a_state_that_has_a_parent() {
    for (parent, state) in [(SAMPLED, Some("a=1")), ("malformed", None)] {
        let mut head = head(
            "/endpoints/e/score",
            &[("traceparent", parent), ("tracestate", "a=1")],
        );
        let span = traces(1.0).0.begin(&head, Form::Own).unwrap();
        span.announce(&mut head.headers);
        let told = head.headers[TRACEPARENT].to_str().unwrap();
        let expected = format!("00-{:032x}-{:016x}-01", span.trace.0, span.id.0);
        assert_eq!(told, expected);
        assert_ne!(told, parent);
        let found = head
            .headers
            .get(TRACESTATE)
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, state);
    }
}

#[test]
fn a_copy_has_a_trace_of_its_own_that_names_the_live_one() {
    let live = traces(1.0)
        .0
        .begin(&head("/endpoints/e/score", &[]), Form::Own)
        .unwrap();
    let copy = live.copied();
    assert_ne!((copy.trace, copy.id), (live.trace, live.id));
    assert_eq!(copy.copy_of, Some((live.trace, live.id)));
}

#[test]
fn what_finds_the_queue_full_is_counted() {
    let (traces, _receiver) = traces(1.0);
    let head = head("/endpoints/e/score", &[]);
    for full in [0, 0, 1, 2] {
        traces.offer(RequestTrace {
            span: *traces.begin(&head, Form::Own).unwrap(),
            role: TraceRole::Live,
            started: std::time::SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
            steps: Vec::new(),
            deployment: None,
            request_id: String::new(),
            status: None,
            outcome: "client-left",
            exchange: None,
        });
        let counts = traces.counts().unwrap();
        assert_eq!(counts.full.load(Ordering::Relaxed), full);
    }
}

#[test]
fn steps_follow_each_other_and_end_with_the_run() {
    let ms = Duration::from_millis;
    let arrived = Instant::now();
    let timings = |[queue, guest, infer]: [u64; 3], ended: Option<u64>| Timings {
        queue: ms(queue),
        guest: ms(guest),
        infer: ms(infer),
        ended: ended.map(|at| arrived + ms(at)),
    };
    use StepKind::{Guest, Infer, Queue};
    let cases = [
        (
            timings([2, 3, 4], Some(10)),
            vec![(Queue, 1, 2), (Guest, 3, 3), (Infer, 6, 4)],
        ),
        (
            timings([0, 3, 0], Some(10)),
            vec![(Queue, 7, 0), (Guest, 7, 3)],
        ),
        // It waited, and was refused.
        (timings([9, 0, 0], None), vec![(Queue, 3, 9)]),
        // It never came so far.
        (timings([0, 0, 0], None), vec![]),
        // A client that left cut the run short of what was measured.
        (timings([20, 0, 0], None), vec![(Queue, 0, 12)]),
    ];
    for (timings, expected) in cases {
        let moments = Moments {
            arrived,
            ended: arrived + ms(12),
        };
        let steps = moments.steps(&timings);
        let found: Vec<_> = steps
            .iter()
            .map(|it| (it.kind, it.after, it.took))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(kind, after, took)| (kind, ms(after), ms(took)))
            .collect();
        assert_eq!(found, expected, "{timings:?}");
    }
}
