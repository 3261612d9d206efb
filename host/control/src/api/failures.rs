//! What became of the requests and starts that a deployment's scorers failed.
//!
//! Bodies are apart: who may see that something failed may not see what a client sent.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::IntoResponse as _};
use http::{HeaderName, HeaderValue, StatusCode, header};
use mlwasm_types::{DeploymentName, EndpointName, failure::FailurePage};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{At, Settings, shown},
    problem::Failure,
    views::DeploymentPath,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    #[serde(default = "all")]
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
            StatusCode::NOT_FOUND,
            "body-not-kept",
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
