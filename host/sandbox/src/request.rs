//! One request as the gateway hands it over, and what comes of it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use crate::{bindings, error::RunError, headers};

/// A request for a scorer. Borrowed: its only copy is the one in the guest's memory.
#[derive(Clone, Copy, Debug)]
pub struct ScoringRequest<'a> {
    /// The request's identity, for the scorer and for the log.
    pub id: &'a str,
    /// The deployment that answers.
    pub deployment: &'a str,
    /// Whether this is a copy of live traffic, whose answer nobody waits for.
    pub is_mirror: bool,
    /// How long it waited for its sandbox.
    pub queued: Duration,
    /// What follows the question mark, as sent.
    pub query: &'a str,
    /// All headers. Credentials and those of the connection are withheld from the scorer here.
    pub headers: &'a HeaderMap,
    /// The media type of the body.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// A scorer's response, checked: HTTP allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoringResponse {
    /// 200 to 599.
    pub status: u16,
    /// The media type of the body. May be empty.
    pub content_type: String,
    /// Further headers, without those that are the host's to set.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, within the deployment's limit.
    pub body: Vec<u8>,
}

/// How a run went.
#[derive(Debug)]
pub struct RunReport {
    /// The response, or why there is none.
    pub outcome: Result<ScoringResponse, RunError>,
    /// Time from the call to its end, without `infer`; whatever the guest waited for counts.
    pub guest: Duration,
    /// Time in native runs.
    pub infer: Duration,
}

/// The response as the client may get it, its body of at most `max_bytes`.
pub(crate) fn checked(
    response: bindings::Response,
    max_bytes: u64,
) -> Result<ScoringResponse, RunError> {
    let size = response.body.len() as u64;
    if size > max_bytes {
        return Err(too_large(max_bytes));
    }
    if let Some(message) = fault(&response) {
        return Err(RunError::InvalidResponse { message });
    }
    let pair = |header: bindings::Header| (header.name, header.value);
    Ok(ScoringResponse {
        status: response.status,
        content_type: response.content_type,
        headers: response.headers.into_iter().map(pair).collect(),
        body: response.body,
    })
}

/// The error of a response above `max_bytes`.
pub(crate) fn too_large(max_bytes: u64) -> RunError {
    RunError::LimitExceeded {
        limit: "max_response_bytes",
        message: format!("the response is larger than {max_bytes} bytes"),
    }
}

fn fault(response: &bindings::Response) -> Option<String> {
    let status = response.status;
    if !(200..=599).contains(&status) {
        return Some(format!("status {status} is not one of 200 to 599"));
    }
    // 205 too: a body there would be read as the beginning of the next response.
    if matches!(status, 204 | 205 | 304) && !response.body.is_empty() {
        return Some(format!("status {status} allows no body"));
    }
    if HeaderValue::from_str(&response.content_type).is_err() {
        return Some("the content type is not one that HTTP allows".to_owned());
    }
    headers::fault(&response.headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &[u8]) -> bindings::Response {
        bindings::Response {
            status,
            content_type: "text/plain".to_owned(),
            headers: Vec::new(),
            body: body.to_vec(),
        }
    }

    #[test]
    fn a_status_is_one_of_200_to_599() {
        for (status, body, allowed) in [
            (0, &b""[..], false),
            (101, b"", false),
            (199, b"", false),
            (200, b"x", true),
            (204, b"", true),
            (204, b"x", false),
            (205, b"x", false),
            (304, b"x", false),
            (418, b"x", true),
            (599, b"x", true),
            (600, b"x", false),
            (u16::MAX, b"x", false),
        ] {
            let verdict = checked(response(status, body), 100);
            assert_eq!(verdict.is_ok(), allowed, "{status}");
        }
    }

    #[test]
    fn a_body_is_held_to_its_limit() {
        for (length, allowed) in [(9, true), (10, true), (11, false)] {
            let verdict = checked(response(200, &vec![0; length]), 10);
            assert_eq!(verdict.is_ok(), allowed, "{length}");
        }
        assert_eq!(
            checked(response(200, b"12"), 1).unwrap_err().to_string(),
            "max_response_bytes: the response is larger than 1 bytes"
        );
    }

    #[test]
    fn a_content_type_can_not_smuggle_a_header() {
        let mut smuggler = response(200, b"");
        smuggler.content_type = "text/plain\r\nx: y".to_owned();
        assert!(matches!(
            checked(smuggler, 10),
            Err(RunError::InvalidResponse { .. })
        ));
    }
}
