//! Endpoints.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::{HeaderMap, StatusCode};
use mlwasm_types::{EndpointSpec, Generation, api::EndpointView};
use serde_json::Value;

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    patching::{self, Patchable, as_json},
    precondition::expected,
    problem::{Failure, ProblemKind},
    views::EndpointPath,
};
use crate::{
    author::Author,
    keys::KeySalt,
    store::{Change, Committed, DesiredState},
};

pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    let state = api.store.read();
    let views: Vec<_> = state
        .endpoints
        .values()
        .map(|record| api.endpoint_view(record))
        .collect();
    Ok(body::shown(&views))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(Tag::Endpoints, "list_endpoints", "List all endpoints")
        .answers_list::<EndpointView>(StatusCode::OK, "The endpoints, by name")
}

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    Ok(body::object(&api.endpoint_view(record), record.generation))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(Tag::Endpoints, "show_endpoint", "Show an endpoint")
        .answers::<EndpointView>(StatusCode::OK, "The endpoint")
        .tagged()
        .fails(&[ProblemKind::EndpointNotFound])
}

pub(crate) async fn put(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let expected = expected(&parts.headers)?;
    let spec = spec(&api, &path, body::json(&parts.headers, bytes).await?)?;
    let salt = KeySalt::new()?;
    let change = Change::PutEndpoint { spec, salt };
    let committed = api.change(change, expected, author).await?;
    answer(&api, &path, &committed)
}

/// [`put`], for those who call it.
pub(crate) fn putting() -> Operation {
    Operation::new(Tag::Endpoints, "put_endpoint", "Create or replace an endpoint")
        .detail("The name may be left out, and what only the server writes is passed over: what `GET` answered can be sent back.")
        .takes::<EndpointSpec>()
        .changes_if_as_expected()
        .answers::<EndpointView>(StatusCode::OK, "It was changed, or was so already")
        .answers::<EndpointView>(StatusCode::CREATED, "It was created")
        .tagged()
        .fails(&[ProblemKind::RolloutActive, ProblemKind::DeploymentNotFound])
}

pub(crate) async fn patch(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let committed = patching::carry_out(&api, &path, author, request).await?;
    answer(&api, &path, &committed)
}

/// [`patch`], for those who call it.
pub(crate) fn patching() -> Operation {
    Operation::new(
        Tag::Endpoints,
        "patch_endpoint",
        "Change some settings of an endpoint",
    )
    .detail("`traffic` and `mirror_traffic` are replaced whole.")
    .patches::<EndpointSpec>(&super::patch::WHOLE)
    .changes_if_as_expected()
    .answers::<EndpointView>(StatusCode::OK, "It was changed, or was so already")
    .tagged()
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::RolloutActive,
        ProblemKind::DeploymentNotFound,
    ])
}

impl Patchable for EndpointPath {
    fn current(&self, state: &DesiredState) -> Result<(Value, Generation), Failure> {
        let record = self.find(state)?;
        Ok((as_json(&record.spec)?, record.generation))
    }

    async fn change(&self, api: &Api, merged: Value) -> Result<Change, Failure> {
        Ok(Change::PutEndpoint {
            spec: spec(api, self, merged)?,
            salt: self.find(&api.store.read())?.salt,
        })
    }
}

pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    headers: HeaderMap,
) -> Answer {
    let expected = expected(&headers)?;
    let endpoint = path.endpoint;
    let change = Change::DeleteEndpoint { endpoint };
    api.change(change, expected, author).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// [`delete`], for those who call it.
pub(crate) fn deleting() -> Operation {
    Operation::new(
        Tag::Endpoints,
        "delete_endpoint",
        "Delete an endpoint with all its deployments",
    )
    .changes_if_as_expected()
    .answers_nothing("It is gone")
    .fails(&[ProblemKind::EndpointNotFound])
}

/// The endpoint after a change: 201 if the change made it.
pub(crate) fn answer(api: &Api, path: &EndpointPath, committed: &Committed) -> Answer {
    let record = path.find(&committed.after)?;
    let response = body::object(&api.endpoint_view(record), record.generation);
    let existed = committed.before.endpoint(&path.endpoint).is_some();
    Ok(if existed {
        response
    } else {
        body::created(response)
    })
}

fn spec(api: &Api, path: &EndpointPath, json: Value) -> Result<EndpointSpec, Failure> {
    let json = body::without(
        json,
        &[
            "scoring_uri",
            "swagger_uri",
            "provisioning_state",
            "generation",
        ],
    );
    let spec: EndpointSpec = body::read(body::named(json, "name", path.endpoint.as_str())?)?;
    spec.validate()?;
    if api.anonymous_callers.permit(spec.auth_mode) {
        Ok(spec)
    } else {
        Err(Failure::invalid(
            "auth_mode: none would let anyone call, and this server was not started for that: set \
             gateway.allow_anonymous = true in its settings, or use auth_mode: key",
        ))
    }
}
