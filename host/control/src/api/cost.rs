//! What deployments cost.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::{CostReport, EndpointName, cost::parse_window};
use serde::{Deserialize, Deserializer, de};
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, Settings},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only this endpoint.
    endpoint: Option<EndpointName>,
    /// How far to look back, as in `90m`; up to `24h`. Without it, to the server's start.
    #[serde(default, deserialize_with = "window")]
    #[param(value_type = Option<String>, example = "1h")]
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

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(Tag::Server, "show_cost", "Show what deployments cost")
        .query::<Wanted>()
        .answers::<CostReport>(StatusCode::OK, "What was used")
        .fails(&[ProblemKind::EndpointNotFound])
}
