//! The profiles of limits that deployments may name: read from the server's settings, and changed there alone.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::{InstanceTypes, instance_type::UnknownInstanceType};

use super::{
    Answer, Api, body,
    openapi::{Operation, Tag},
    problem::Failure,
};

pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    Ok(body::shown(&api.instance_types))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "list_instance_types",
        "List the profiles of limits that a deployment may name as its instance_type",
    )
    .answers::<InstanceTypes>(StatusCode::OK, "The profiles, by name")
}

impl From<UnknownInstanceType> for Failure {
    fn from(unknown: UnknownInstanceType) -> Self {
        Self::invalid(unknown.to_string())
    }
}
