//! The last word on every answer: the request's id, the body of an error, the headers that browsers obey.

use std::sync::Arc;

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use mlwasm_types::api::Problem;
use tracing::Instrument as _;

use crate::secret::{hex, random};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 128;

/// The id of a request, for those who carry it out.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) Arc<str>);

/// Carries out a request and completes its answer.
pub(crate) async fn finish(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let for_handlers = RequestId(id.as_str().into());
    request.extensions_mut().insert(for_handlers);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("administration", request.id = id);
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| note(&method, &path, &response));
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        write(&mut response, problem, &id);
    }
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

fn note(method: &Method, path: &str, response: &Response) {
    let outcome = response.status().as_u16();
    if method.is_safe() {
        tracing::debug!(outcome, "{method} {path}");
    } else {
        tracing::info!(outcome, "{method} {path}");
    }
}

fn write(response: &mut Response, mut problem: Problem, id: &str) {
    problem.request_id = Some(id.to_owned());
    let body = serde_json::to_vec(&problem).expect("a problem is plain data");
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(Problem::CONTENT_TYPE),
    );
}

/// The id that the caller gave, if it is fit for a log, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    match given {
        Some(id) if !id.is_empty() && id.len() <= LONGEST_ID && is_plain(id) => id.to_owned(),
        _ => hex(&random::<16>().unwrap_or_default()),
    }
}

fn is_plain(id: &str) -> bool {
    id.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b))
}
