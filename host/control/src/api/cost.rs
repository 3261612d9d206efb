//! What deployments cost.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::{CostReport, EndpointName, cost::check_window};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, Settings},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
    since,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only this endpoint.
    endpoint: Option<EndpointName>,
    /// How far to look back, as in `90m`; up to `24h`. Without it, to the server's start.
    #[serde(default, deserialize_with = "since::read")]
    #[param(value_type = Option<String>, example = "1h")]
    since: Option<Duration>,
}

/// The costs of one endpoint's deployments or of all, in the last hours or since the server started.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    if let Some(endpoint) = &wanted.endpoint
        && api.store.read().endpoint(endpoint).is_none()
    {
        return Err(Failure::no_endpoint(endpoint));
    }
    let since = wanted.since.map(check_window).transpose();
    let since =
        since.map_err(|error| Failure::unreadable(format!("in the query: since: {error}")))?;
    let report = api
        .ledger
        .report(&api.live, wanted.endpoint.as_ref(), since);
    Ok(body::shown(&report))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(Tag::Server, "show_cost", "Show what deployments cost")
        .query::<Wanted>()
        .answers::<CostReport>(StatusCode::OK, "What was used")
        .fails(&[ProblemKind::EndpointNotFound])
}
