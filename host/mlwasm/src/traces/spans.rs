//! A record as spans: one for the request, and one below it for each part of its time.
//!
//! # Source
//!
//! OpenTelemetry's semantic conventions for HTTP servers, <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.

use std::{borrow::Cow, str::FromStr as _, sync::LazyLock, time::Duration};

use mlwasm_gateway::{RequestTrace, Span, SpanId, Step, TraceId, TraceRole, TracedExchange};
use opentelemetry::{
    InstrumentationScope, KeyValue, TraceFlags, Value,
    trace::{Link, SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

static SCOPE: LazyLock<InstrumentationScope> = LazyLock::new(|| {
    InstrumentationScope::builder("mlwasm")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
});

/// The spans of one record, the request's own first.
pub(super) fn of(record: &RequestTrace) -> Vec<SpanData> {
    let steps = record.steps.iter().map(|step| child(record, step));
    std::iter::once(root(record)).chain(steps).collect()
}

fn root(record: &RequestTrace) -> SpanData {
    let span = &record.span;
    let (verb, kind) = match record.role {
        TraceRole::Live => ("POST", SpanKind::Server),
        TraceRole::Mirror => ("mirror", SpanKind::Internal),
        TraceRole::Replay => ("replay", SpanKind::Internal),
    };
    let mut data = blank(record, span.id, (Duration::ZERO, record.took));
    data.name = Cow::Owned(format!("{verb} {}", span.route));
    data.span_kind = kind;
    if let Some(parent) = span.parent {
        data.parent_span_id = id_of_span(parent);
        data.parent_span_is_remote = true;
    }
    data.attributes = attributes(record);
    data.status = status(record);
    if let Some((trace, live)) = span.copy_of {
        let live = context(trace, live, TraceState::default());
        let marked = vec![KeyValue::new("mlwasm.link", "live")];
        data.links.links.push(Link::new(live, marked, 0));
    }
    data
}

fn child(record: &RequestTrace, step: &Step) -> SpanData {
    let mut data = blank(record, step.id, (step.after, step.took));
    data.name = Cow::Borrowed(step.kind.name());
    data.parent_span_id = id_of_span(record.span.id);
    data
}

/// A span of the record's trace that begins so long after the record and takes so long.
fn blank(record: &RequestTrace, id: SpanId, (after, took): (Duration, Duration)) -> SpanData {
    let start = record.started + after;
    SpanData {
        span_context: context(record.span.trace, id, state(&record.span)),
        parent_span_id: opentelemetry::trace::SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(""),
        start_time: start,
        end_time: start + took,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: SCOPE.clone(),
    }
}

fn context(trace: TraceId, span: SpanId, state: TraceState) -> SpanContext {
    let trace = opentelemetry::trace::TraceId::from(trace.0);
    SpanContext::new(trace, id_of_span(span), TraceFlags::SAMPLED, false, state)
}

fn id_of_span(span: SpanId) -> opentelemetry::trace::SpanId {
    opentelemetry::trace::SpanId::from(span.0)
}

/// What the client's systems say; nothing, where it is malformed.
fn state(span: &Span) -> TraceState {
    let state = span.state.as_deref().map(TraceState::from_str);
    state.and_then(Result::ok).unwrap_or_default()
}

fn attributes(record: &RequestTrace) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("mlwasm.endpoint", record.span.endpoint.clone()),
        KeyValue::new("mlwasm.request_id", record.request_id.clone()),
        KeyValue::new("mlwasm.outcome", record.outcome),
    ];
    let mut add = |key: &'static str, value: Option<Value>| {
        all.extend(value.map(|value| KeyValue::new(key, value)));
    };
    let deployment = record.deployment.as_ref();
    let name = deployment.map(|deployment| deployment.name().to_string().into());
    add("mlwasm.deployment", name);
    let revision = deployment.and_then(|deployment| deployment.serving());
    add("mlwasm.revision", revision.map(|it| whole(it.number.0)));
    let role = match record.role {
        TraceRole::Live => None,
        TraceRole::Mirror => Some("mirror"),
        TraceRole::Replay => Some("replay"),
    };
    add("mlwasm.copy", role.map(Value::from));
    add("error.type", error_type(record).map(Value::from));
    let status = record.status.map(|status| whole(status.into()));
    let call = rpc(record.span.route);
    // A copy has no status of HTTP's own, and that of a call is 200 whatever becomes of it.
    if record.exchange.is_some() && call.is_none() {
        add("http.response.status_code", status);
    } else {
        add("mlwasm.status_code", status);
    }
    if let Some(exchange) = &record.exchange {
        add("http.route", Some(record.span.route.into()));
        all.extend(http_attributes(exchange));
    }
    all.extend(call.into_iter().flatten());
    all
}

/// What a call over gRPC is besides; none of other requests.
///
/// # Source
///
/// <https://opentelemetry.io/docs/specs/semconv/rpc/grpc/>.
fn rpc(route: &'static str) -> Option<[KeyValue; 3]> {
    let (service, method) = route.strip_prefix('/')?.split_once('/')?;
    service.contains('.').then(|| {
        [
            KeyValue::new("rpc.system", "grpc"),
            KeyValue::new("rpc.service", service),
            KeyValue::new("rpc.method", method),
        ]
    })
}

fn http_attributes(exchange: &TracedExchange) -> Vec<KeyValue> {
    let agent = exchange.user_agent.clone();
    let version = match format!("{:?}", exchange.version).as_str() {
        "HTTP/1.0" => "1.0",
        "HTTP/2.0" => "2",
        _ => "1.1",
    };
    let mut all = vec![
        KeyValue::new("http.request.method", "POST"),
        KeyValue::new("url.path", exchange.path.clone()),
        KeyValue::new("network.protocol.name", "http"),
        KeyValue::new("network.protocol.version", version),
        KeyValue::new("http.request.body.size", whole(exchange.request_bytes)),
        KeyValue::new("http.response.body.size", whole(exchange.response_bytes)),
    ];
    all.extend(agent.map(|agent| KeyValue::new("user_agent.original", agent)));
    all
}

fn whole(number: u64) -> Value {
    Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}

/// What failed: the platform's word for it, or the scorer's status. None if nothing that is the server's to mend.
fn error_type(record: &RequestTrace) -> Option<String> {
    let status = record.status?;
    // Of 4xx these two are the scorer's doing, the others the caller's.
    let is_error = status >= 500 || matches!(status, 408 | 424);
    is_error.then(|| match record.outcome {
        "scorer" => status.to_string(),
        reason => reason.to_owned(),
    })
}

fn status(record: &RequestTrace) -> Status {
    error_type(record).map_or(Status::Unset, Status::error)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use mlwasm_gateway::StepKind;

    use super::*;

    fn record(status: Option<u16>, outcome: &'static str) -> RequestTrace {
        RequestTrace {
            span: Span {
                trace: TraceId(7),
                id: SpanId(8),
                parent: Some(SpanId(9)),
                state: Some("a=1".to_owned()),
                copy_of: None,
                route: "/endpoints/{endpoint}/score",
                endpoint: "e".to_owned(),
            },
            role: TraceRole::Live,
            started: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
            took: Duration::from_millis(10),
            steps: vec![Step {
                kind: StepKind::Guest,
                id: SpanId(10),
                after: Duration::from_millis(2),
                took: Duration::from_millis(3),
            }],
            deployment: None,
            request_id: "r-1".to_owned(),
            status,
            outcome,
            exchange: None,
        }
    }

    #[test]
    fn what_is_the_servers_to_mend_is_an_error() {
        for (status, outcome, expected) in [
            (Some(200), "scorer", None),
            (Some(404), "unknown-endpoint", None),
            (Some(429), "too-many-requests", None),
            (Some(408), "timeout", Some("timeout")),
            (Some(424), "scorer-fault", Some("scorer-fault")),
            (Some(500), "scorer", Some("500")),
            (Some(503), "shutting-down", Some("shutting-down")),
            (None, "client-left", None),
        ] {
            let found = root(&record(status, outcome)).status;
            let expected = expected.map_or(Status::Unset, Status::error);
            assert_eq!(found, expected, "{status:?} {outcome}");
        }
    }

    #[test]
    fn a_part_lies_within_its_request() {
        let spans = of(&record(Some(200), "scorer"));
        let [whole, part] = spans.as_slice() else {
            unreachable!("{spans:?}")
        };
        assert_eq!(part.parent_span_id, whole.span_context.span_id());
        assert_eq!(whole.parent_span_id, id_of_span(SpanId(9)));
        assert_eq!(whole.span_context.trace_state().header(), "a=1");
        let start = |span: &SpanData| span.start_time.duration_since(whole.start_time).unwrap();
        let took = |span: &SpanData| span.end_time.duration_since(span.start_time).unwrap();
        assert_eq!(start(part), Duration::from_millis(2));
        assert_eq!(
            (took(part), took(whole)),
            (Duration::from_millis(3), Duration::from_millis(10))
        );
    }

    #[test]
    fn a_copy_is_marked_and_linked() {
        let mut copy = record(Some(200), "scorer");
        copy.role = TraceRole::Mirror;
        copy.span.copy_of = Some((TraceId(1), SpanId(2)));
        let span = root(&copy);
        assert_eq!(span.links.len(), 1);
        assert!(
            span.attributes
                .contains(&KeyValue::new("mlwasm.copy", "mirror"))
        );
    }
}
