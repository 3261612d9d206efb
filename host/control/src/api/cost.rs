//! What deployments cost.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use mlwasm_types::{EndpointName, cost::check_window};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, Settings},
    problem::Failure,
    since,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    endpoint: Option<EndpointName>,
    #[serde(default, deserialize_with = "since::read")]
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
