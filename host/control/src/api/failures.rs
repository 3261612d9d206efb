//! What became of the requests and starts that a deployment's scorers failed.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::failure::FailurePage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, At, Settings},
    openapi::{Operation, Tag},
    problem::ProblemKind,
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
    Ok(body::shown(&page))
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
