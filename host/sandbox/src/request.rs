//! One request as the gateway hands it over, and what comes of it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mlwasm_types::Digest;

use crate::{
    bindings,
    error::RunError,
    headers,
    keep::Keep,
    limits::Limit,
    tensors::{TensorInput, TensorRequest},
};

/// A request for a scorer. Borrowed: its only copy is the one in the guest's memory.
#[derive(Clone, Copy, Debug)]
pub struct ScoringRequest<'a> {
    /// The request's identity, for the scorer and for the log.
    pub id: &'a str,
    /// The deployment that answers.
    pub deployment: &'a str,
    /// Whether this is a copy of live traffic, whose answer nobody waits for.
    pub is_mirror: bool,
    /// The moment from which it waited for its sandbox.
    pub queued_at: Instant,
    /// What follows the question mark, as sent.
    pub query: &'a str,
    /// All headers. Credentials and those of the connection are withheld from the scorer here.
    pub headers: &'a HeaderMap,
    /// The media type of the body.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
    /// What is to be kept of the request.
    pub keep: Keep<'a>,
}

/// A scorer's response, checked: HTTP allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoringResponse {
    /// 200 to 599.
    pub status: StatusCode,
    /// The media type of the body, if the scorer gave one.
    pub content_type: Option<HeaderValue>,
    /// Further headers, none of which concerns the connection.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body, within the deployment's limit.
    pub body: Bytes,
}

/// How a run went.
#[derive(Debug)]
pub struct RunReport<T = ScoringResponse> {
    /// What the scorer answered, or why there is nothing.
    pub outcome: Result<T, RunError>,
    /// When the guest was called.
    pub begun: Instant,
    /// When the call had ended.
    pub ended: Instant,
    /// Time in native runs.
    pub infer: Duration,
}

impl<T> RunReport<T> {
    /// Time from the call to its end, without native runs; whatever else the guest waited for counts.
    pub fn guest(&self) -> Duration {
        self.ended
            .saturating_duration_since(self.begun)
            .saturating_sub(self.infer)
    }
}

/// What the log, the failures and the costs are told of a request, whatever its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) id: &'a str,
    pub(crate) is_mirror: bool,
    pub(crate) queued_at: Instant,
    pub(crate) query: &'a str,
    /// None of a request in tensors: the scorer sees none.
    pub(crate) headers: Option<&'a HeaderMap>,
    pub(crate) payload: Payload<'a>,
    pub(crate) keep: Keep<'a>,
    /// The requests that a call answers: more than one where they are joined.
    pub(crate) requests: u32,
}

/// What a scorer is to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    Body(&'a [u8]),
    Tensors(&'a [TensorInput<'a>]),
}

impl Payload<'_> {
    /// Its size in bytes; of tensors, that of their elements.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Body(body) => body.len(),
            Self::Tensors(tensors) => tensors.iter().map(|tensor| tensor.data.len()).sum(),
        }
    }

    /// The digest of the body; of tensors, that of their elements, one tensor after the other.
    pub(crate) fn digest(self) -> Digest {
        match self {
            Self::Body(body) => Digest::of(body),
            Self::Tensors(tensors) => Digest::of_parts(tensors.iter().map(|tensor| tensor.data)),
        }
    }
}

impl<'a> From<&ScoringRequest<'a>> for Asked<'a> {
    fn from(request: &ScoringRequest<'a>) -> Self {
        Self {
            id: request.id,
            is_mirror: request.is_mirror,
            queued_at: request.queued_at,
            query: request.query,
            headers: Some(request.headers),
            payload: Payload::Body(request.body),
            keep: request.keep,
            requests: 1,
        }
    }
}

impl<'a> From<&TensorRequest<'a>> for Asked<'a> {
    fn from(request: &TensorRequest<'a>) -> Self {
        Self {
            id: request.id,
            is_mirror: request.is_mirror,
            queued_at: request.queued_at,
            query: "",
            headers: None,
            payload: Payload::Tensors(request.inputs),
            keep: request.keep,
            requests: 1,
        }
    }
}

/// The response as the client may get it, its body of at most `max_bytes`.
pub(crate) fn checked(
    response: bindings::Response,
    max_bytes: u64,
) -> Result<ScoringResponse, RunError> {
    let size = response.body.len() as u64;
    if size > max_bytes {
        return Err(RunError::LimitExceeded {
            limit: Limit::ResponseBytes,
            message: too_large(max_bytes),
        });
    }
    let invalid = |message| RunError::InvalidResponse { message };
    Ok(ScoringResponse {
        status: checked_status(&response).map_err(invalid)?,
        content_type: checked_type(response.content_type).map_err(invalid)?,
        headers: headers::checked(response.headers).map_err(invalid)?,
        body: response.body.into(),
    })
}

/// What is said of a response above `max_bytes`.
pub(crate) fn too_large(max_bytes: u64) -> String {
    format!("the response is larger than {max_bytes} bytes")
}

fn checked_status(response: &bindings::Response) -> Result<StatusCode, String> {
    let status = response.status;
    let known = StatusCode::from_u16(status)
        .ok()
        .filter(|_| (200..=599).contains(&status))
        .ok_or_else(|| format!("status {status} is not one of 200 to 599"))?;
    // 205 too: a body there would be read as the beginning of the next response.
    if matches!(status, 204 | 205 | 304) && !response.body.is_empty() {
        return Err(format!("status {status} allows no body"));
    }
    Ok(known)
}

fn checked_type(content_type: String) -> Result<Option<HeaderValue>, String> {
    if content_type.is_empty() {
        return Ok(None);
    }
    HeaderValue::from_maybe_shared(Bytes::from(content_type))
        .map(Some)
        .map_err(|_| "the content type is not one that HTTP allows".to_owned())
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
            "max_response_bytes: the response is larger than 1 bytes; raise sandbox.max_response_bytes of the deployment"
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
