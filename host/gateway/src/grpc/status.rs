//! The status of a call, from the status of the request that it was.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use mlwasm_types::api::Problem;

use crate::rejection::Rejection;

/// Longest message in bytes: it travels in a header.
const LONGEST: usize = 1_024;

/// How a call ended: a code of gRPC, and words for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: u8,
    pub(super) message: String,
}

impl Status {
    pub(super) const OK: Self = Self {
        code: 0,
        message: String::new(),
    };

    /// The call went wrong inside: code 13.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self {
            code: 13,
            message: message.into(),
        }
    }

    /// The server takes no calls now: code 14.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self {
            code: 14,
            message: message.into(),
        }
    }

    /// Of a request that was answered with this status and body.
    pub(super) fn of(status: StatusCode, body: &Bytes) -> Self {
        let problem: Option<Problem> = serde_json::from_slice(body).ok();
        let is_unknown_method = problem
            .as_ref()
            .is_some_and(|problem| problem.kind.ends_with(":no-such-route"));
        Self {
            code: if is_unknown_method { 12 } else { code(status) },
            message: match problem {
                Some(problem) => problem.detail,
                // The scorer's own words.
                None => String::from_utf8_lossy(&body[..body.len().min(LONGEST)]).into_owned(),
            },
        }
    }

    /// Of a request that is refused.
    pub(super) fn of_rejection(rejection: &Rejection) -> Self {
        Self {
            code: code(rejection.kind().status()),
            message: rejection.to_string(),
        }
    }

    /// Writes the status as trailers, or as headers where there is nothing else.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        headers.insert("grpc-status", HeaderValue::from(u16::from(self.code)));
        if !self.message.is_empty()
            && let Ok(message) = HeaderValue::from_str(&encoded(&self.message))
        {
            headers.insert("grpc-message", message);
        }
    }
}

/// The code of gRPC that says what a status of HTTP says.
fn code(status: StatusCode) -> u8 {
    match status.as_u16() {
        200..=299 => 0,
        400 => 3,              // INVALID_ARGUMENT
        401 => 16,             // UNAUTHENTICATED
        403 => 7,              // PERMISSION_DENIED
        404 => 5,              // NOT_FOUND
        405 | 415 => 12,       // UNIMPLEMENTED
        408 | 504 => 4,        // DEADLINE_EXCEEDED
        409 => 10,             // ABORTED
        413 | 429 | 431 => 8,  // RESOURCE_EXHAUSTED
        503 => 14,             // UNAVAILABLE
        424 | 500..=599 => 13, // INTERNAL
        _ => 2,                // UNKNOWN
    }
}

/// Percent-encoded as gRPC wants it: what is no visible ASCII, and the percent sign.
fn encoded(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for byte in message.bytes().take(LONGEST) {
        if (b' '..=b'~').contains(&byte) && byte != b'%' {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_grpc_s_codes() {
        for (status, expected) in [
            (200, 0),
            (400, 3),
            (401, 16),
            (403, 7),
            (404, 5),
            (408, 4),
            (413, 8),
            (415, 12),
            (429, 8),
            (424, 13),
            (500, 13),
            (503, 14),
            (418, 2),
        ] {
            assert_eq!(
                code(StatusCode::from_u16(status).unwrap()),
                expected,
                "{status}"
            );
        }
    }

    #[test]
    fn a_problem_gives_its_detail_and_an_unknown_method_is_unimplemented() {
        let problem = |slug| {
            let problem = Problem::new(404, slug, "there is none");
            Bytes::from(serde_json::to_vec(&problem).unwrap())
        };
        for (slug, code) in [("no-such-route", 12), ("unknown-endpoint", 5)] {
            let status = Status::of(StatusCode::NOT_FOUND, &problem(slug));
            assert_eq!((status.code, &*status.message), (code, "there is none"));
        }
        let own = Status::of(
            StatusCode::IM_A_TEAPOT,
            &Bytes::from_static(b"short and stout"),
        );
        assert_eq!((own.code, &*own.message), (2, "short and stout"));
    }

    #[test]
    fn a_message_is_safe_in_a_header() {
        for (message, expected) in [
            ("all is well", "all is well"),
            ("100 %", "100 %25"),
            ("a\r\nb", "a%0D%0Ab"),
            ("\u{e4}", "%C3%A4"),
        ] {
            assert_eq!(encoded(message), expected);
        }
    }
}
