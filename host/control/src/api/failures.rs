//! What became of the requests and starts that a deployment's scorers failed.

use std::sync::Arc;

use axum::extract::State;
use mlwasm_types::failure::FailurePage;
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, At, Settings},
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
    Ok(body::shown(&page))
}
