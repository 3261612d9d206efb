//! What deployments cost.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use mlwasm_types::{EndpointName, cost::parse_window};
use serde::{Deserialize, Deserializer, de};

use super::{
    Answer, Api,
    body::{self, Settings},
    problem::Failure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    endpoint: Option<EndpointName>,
    #[serde(default, deserialize_with = "window")]
    since: Option<Duration>,
}

fn window<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_window(&text)
        .map(Some)
        .map_err(|error| de::Error::custom(format!("since: {error}")))
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
    let report = api
        .ledger
        .report(&api.live, wanted.endpoint.as_ref(), wanted.since);
    Ok(body::shown(&report))
}
