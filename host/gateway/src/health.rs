//! Whether the process is alive, and whether it takes requests.

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

use crate::respond::{Answer, AnswerBody};

/// What decides whether requests are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// A table is loaded and the server is not shutting down.
    Ready,
    /// No table yet.
    Starting,
    /// On the way out.
    Draining,
}

/// The answer to `/livez`: whoever can answer is alive.
pub(crate) fn live() -> Answer {
    plain(StatusCode::OK, "alive\n")
}

/// The answer to `/readyz`.
pub(crate) fn ready(readiness: Readiness) -> Answer {
    match readiness {
        Readiness::Ready => plain(StatusCode::OK, "ready\n"),
        Readiness::Starting => plain(StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Readiness::Draining => plain(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(AnswerBody::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
