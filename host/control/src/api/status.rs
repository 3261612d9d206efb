//! The server itself.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::api::ServerStatus;

use super::{
    Answer, Api, body,
    openapi::{Operation, Tag},
};

pub(crate) async fn show(State(api): State<Arc<Api>>) -> Answer {
    let state = api.store.read();
    Ok(body::shown(&ServerStatus {
        version: api.about.version.clone(),
        generation: state.generation,
        live_generation: api.live().generation,
        endpoints: state.endpoints.len() as u64,
        deployments: state.deployments().count() as u64,
        data_plane: api.about.scoring_base.clone(),
        inference: api.about.inference.clone(),
    }))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Server,
        "show_status",
        "Show the server's version, addresses and counts",
    )
    .answers::<ServerStatus>(StatusCode::OK, "The server")
}
