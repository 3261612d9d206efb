//! A request as a line: JSON, with the columns of Azure's `AMLOnlineEndpointTrafficLog` and a few of our own.
//!
//! What a client sent is in a string of JSON, so nothing that it sends can end a line or begin another one.

use std::{borrow::Cow, time::Duration};

use http::Version;
use serde::Serialize;

use crate::record::{self, Entry, ModelStatus};

/// Longest user agent that is kept, in characters.
const LONGEST_AGENT: usize = 256;
/// What nobody saw: the client had left. nginx writes the same in its logs.
const CLIENT_LEFT: u16 = 499;

/// The columns. What is not known of a request is null.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    time_generated: jiff::Timestamp,
    method: &'a str,
    path: &'a str,
    protocol: &'a str,
    response_code: u16,
    response_code_reason: &'a str,
    model_status_code: Option<u16>,
    model_status_reason: Option<&'a str>,
    request_payload_size: u64,
    response_payload_size: u64,
    user_agent: Option<Cow<'a, str>>,
    x_request_id: &'a str,
    total_duration_ms: f64,
    request_duration_ms: Option<f64>,
    response_duration_ms: Option<f64>,
    queue_duration_ms: f64,
    guest_duration_ms: f64,
    infer_duration_ms: f64,
    endpoint_name: Option<&'a str>,
    deployment_name: Option<&'a str>,
    auth_type: Option<&'a str>,
}

/// Adds the line of `entry` to `lines`, with its end.
pub(super) fn write(entry: &Entry, lines: &mut Vec<u8>) {
    // A line is plain data: it always has a JSON form, and memory takes all that is written to it.
    if serde_json::to_writer(&mut *lines, &line(entry)).is_ok() {
        lines.push(b'\n');
    }
}

fn line(entry: &Entry) -> Line<'_> {
    let since =
        |moment: std::time::Instant| milliseconds(moment.saturating_duration_since(entry.arrived));
    let answer = entry.seen();
    let model = answer.and_then(|answer| answer.model);
    Line {
        time_generated: entry.time,
        method: entry.method.as_str(),
        path: &entry.path,
        protocol: protocol(entry.version),
        response_code: answer.map_or(CLIENT_LEFT, |answer| answer.status),
        response_code_reason: answer.map_or(record::CLIENT_LEFT, |answer| answer.reason),
        model_status_code: model.map(|model| model.status),
        model_status_reason: model.map(reason),
        request_payload_size: entry.request_bytes,
        response_payload_size: answer.map_or(0, |answer| answer.bytes),
        user_agent: entry
            .user_agent
            .as_ref()
            .map(|agent| short(agent.as_bytes())),
        x_request_id: entry.id.as_str(),
        total_duration_ms: since(entry.ended),
        request_duration_ms: entry.received.map(since),
        response_duration_ms: entry.timings.ended.map(since),
        queue_duration_ms: milliseconds(entry.timings.queue),
        guest_duration_ms: milliseconds(entry.timings.guest),
        infer_duration_ms: milliseconds(entry.timings.infer),
        endpoint_name: entry.endpoint.as_deref(),
        deployment_name: entry.deployment.as_ref().map(|it| it.name().as_str()),
        auth_type: entry.auth.map(mlwasm_types::AuthMode::as_str),
    }
}

fn reason(model: ModelStatus) -> &'static str {
    if !model.reason.is_empty() {
        return model.reason;
    }
    let status = http::StatusCode::from_u16(model.status);
    status
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("")
}

/// With three decimals: microseconds.
fn milliseconds(duration: Duration) -> f64 {
    // Longer than any request lasts, and exact in a float.
    let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    f64::from(micros) / 1_000.0
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP",
    }
}

fn short(agent: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(agent);
    match text.char_indices().nth(LONGEST_AGENT) {
        Some((end, _)) => Cow::Owned(text[..end].to_owned()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_between_characters() {
        for (given, kept) in [
            (0, 0),
            (LONGEST_AGENT, LONGEST_AGENT),
            (LONGEST_AGENT + 1, LONGEST_AGENT),
        ] {
            let text = "ü".repeat(given);
            assert_eq!(short(text.as_bytes()).chars().count(), kept);
        }
        assert_eq!(short(b"a\xff"), "a\u{fffd}");
    }

    #[test]
    fn durations_have_microseconds() {
        for (micros, text) in [(0, "0.0"), (1, "0.001"), (12_345, "12.345")] {
            let duration = milliseconds(Duration::from_micros(micros));
            assert_eq!(serde_json::to_string(&duration).unwrap(), text);
        }
    }
}
