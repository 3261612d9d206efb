//! What became of the requests and starts that a deployment's scorers failed.
//!
//! Bodies are apart: who may see that something failed may not see what a client sent.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::IntoResponse as _};
use http::{HeaderName, HeaderValue, StatusCode, header};
use mlwasm_types::{DeploymentName, EndpointName, failure::FailurePage};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{At, Settings, shown},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
    views::DeploymentPath,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// How many at the most; without it, all that are kept.
    #[serde(default = "all")]
    #[param(value_type = Option<u64>)]
    last: usize,
}

fn all() -> usize {
    usize::MAX
}

/// The last failures that are kept, oldest first.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<DeploymentPath>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    // A deployment that was stored a moment ago has not failed yet.
    let page = api
        .live()
        .deployment(record)
        .map_or_else(FailurePage::default, |live| live.failures.page(wanted.last));
    Ok(shown(&page))
}

/// The address of the body of a request that failed.
#[derive(Deserialize)]
pub(crate) struct BodyPath {
    endpoint: EndpointName,
    deployment: DeploymentName,
    sequence: u64,
}

/// Tells the length of the whole body: it may be more than was kept.
const WHOLE: HeaderName = HeaderName::from_static("mlwasm-body-bytes");

/// What is kept of the body of a request that failed, as the client sent it.
pub(crate) async fn body(State(api): State<Arc<Api>>, At(path): At<BodyPath>) -> Answer {
    let BodyPath {
        endpoint,
        deployment,
        sequence,
    } = path;
    let path = DeploymentPath {
        endpoint,
        deployment,
    };
    let state = api.store.read();
    let record = path.find(&state)?;
    let view = api.live();
    let live = view.deployment(record);
    let kept = live.and_then(|live| live.failures.body(sequence));
    let Some(kept) = kept else {
        return Err(Failure::new(
            ProblemKind::BodyNotKept,
            format!(
                "nothing is kept of the body of failure {sequence}: it is for failures of requests while \
                 data_collector.collections.request is on, and until there are too many"
            ),
        ));
    };
    let mut response = Body::from(kept.body).into_response();
    let headers = response.headers_mut();
    // As the client sent it, and yet not of its type: a browser that got it would carry it out.
    let bytes = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, bytes);
    headers.insert(WHOLE, kept.bytes.into());
    Ok(response)
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "show_failures",
        "Show the last failures of the scorers, with backtraces",
    )
    .query::<Wanted>()
    .answers::<FailurePage>(StatusCode::OK, "The failures, oldest first")
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}

/// [`body`], for those who call it.
pub(crate) fn reading_body() -> Operation {
    Operation::new(
        Tag::Deployments,
        "read_failed_body",
        "Read what is kept of the body of a request that failed",
    )
    .detail("`mlwasm-body-bytes` tells the length of the whole body, of which less may be kept.")
    .answers_bytes(
        "application/octet-stream",
        "The body, as the client sent it",
    )
    .fails(&[
        ProblemKind::BodyNotKept,
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}
