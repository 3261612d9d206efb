//! A span as tests look at it.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, status::StatusCode},
};

/// A span that was exported. Ids are hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectedSpan {
    /// Its name.
    pub name: String,
    /// The trace that it is part of.
    pub trace: String,
    /// Itself.
    pub id: String,
    /// The span above it; empty if there is none.
    pub parent: String,
    /// What came as `tracestate`.
    pub state: String,
    /// As in the protocol: 1 internal, 2 server.
    pub kind: i32,
    /// When it began, since 1970.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// Its attributes, numbers as text.
    pub attributes: BTreeMap<String, String>,
    /// The traces and spans that it is linked with.
    pub links: Vec<(String, String)>,
    /// What failed, if its status is an error.
    pub error: Option<String>,
    /// What is said of the server that exported it.
    pub resource: BTreeMap<String, String>,
}

impl CollectedSpan {
    /// How long it took.
    pub fn took(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Whether an attribute has this value.
    pub fn is(&self, attribute: &str, value: &str) -> bool {
        self.attributes.get(attribute).is_some_and(|it| it == value)
    }

    /// Whether it has an attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.contains_key(attribute)
    }
}

/// The spans of one export.
pub(super) fn of(request: &ExportTraceServiceRequest) -> Vec<CollectedSpan> {
    let resources = request.resource_spans.iter();
    resources
        .flat_map(|spans| {
            let resource = spans.resource.as_ref();
            let resource = resource.map(|it| texts(&it.attributes)).unwrap_or_default();
            let spans = spans.scope_spans.iter().flat_map(|scope| &scope.spans);
            spans.map(move |span| collected(span, resource.clone()))
        })
        .collect()
}

fn collected(span: &Span, resource: BTreeMap<String, String>) -> CollectedSpan {
    let failed = |code: i32| code == StatusCode::Error as i32;
    let status = span.status.as_ref();
    let links = span.links.iter();
    CollectedSpan {
        name: span.name.clone(),
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        state: span.trace_state.clone(),
        kind: span.kind,
        start: Duration::from_nanos(span.start_time_unix_nano),
        end: Duration::from_nanos(span.end_time_unix_nano),
        attributes: texts(&span.attributes),
        links: links
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect(),
        error: status
            .filter(|status| failed(status.code))
            .map(|status| status.message.clone()),
        resource,
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    };
    let attributes = attributes.iter();
    attributes
        .map(|it| (it.key.clone(), text(&it.value).unwrap_or_default()))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
