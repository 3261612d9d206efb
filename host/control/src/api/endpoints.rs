//! Endpoints.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::{HeaderMap, StatusCode};
use mlwasm_types::EndpointSpec;
use serde_json::Value;

use super::{
    Answer, Api,
    body::{self, At},
    patch::patched,
    precondition::expected,
    problem::Failure,
    views::EndpointPath,
};
use crate::{
    keys::KeySalt,
    store::{Change, CommitError, Committed, Expected, Refusal},
};

/// How often a patch is made anew when another kind of change comes in between.
pub(crate) const PATCH_ATTEMPTS: usize = 8;

pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    let state = api.store.read();
    let views: Vec<_> = state
        .endpoints
        .values()
        .map(|record| api.endpoint_view(record))
        .collect();
    Ok(body::shown(&views))
}

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    Ok(body::object(&api.endpoint_view(record), record.generation))
}

pub(crate) async fn put(
    State(api): State<Arc<Api>>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let expected = expected(&parts.headers)?;
    let spec = spec(&path, body::json(bytes).await?)?;
    let salt = KeySalt::new()?;
    let committed = api
        .change(Change::PutEndpoint { spec, salt }, expected)
        .await?;
    answer(&api, &path, &committed)
}

pub(crate) async fn patch(
    State(api): State<Arc<Api>>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let given = expected(&parts.headers)?;
    let patch = body::json(bytes).await?;
    let _turn = api.patching.lock().await;
    for _ in 0..PATCH_ATTEMPTS {
        let state = api.store.read();
        let record = path.find(&state)?;
        let merged = patched(as_json(&record.spec)?, patch.clone());
        let change = Change::PutEndpoint {
            spec: spec(&path, merged)?,
            salt: record.salt,
        };
        let read_at = Expected::At(record.generation);
        let committed = match api.store.commit(change, if_read(given, read_at)).await {
            Err(CommitError::Refused(Refusal::Stale { .. })) if !is_pinned(given) => continue,
            committed => committed?,
        };
        api.live_at(committed.after.generation).await;
        return answer(&api, &path, &committed);
    }
    Err(contended())
}

pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    At(path): At<EndpointPath>,
    headers: HeaderMap,
) -> Answer {
    let expected = expected(&headers)?;
    let endpoint = path.endpoint;
    api.change(Change::DeleteEndpoint { endpoint }, expected)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
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

fn spec(path: &EndpointPath, json: Value) -> Result<EndpointSpec, Failure> {
    let json = body::without(json, &["scoring_uri", "provisioning_state", "generation"]);
    let spec: EndpointSpec = body::read(body::named(json, "name", path.endpoint.as_str())?)?;
    spec.validate()?;
    Ok(spec)
}

/// What a patch expects: what the client does, or else that nobody came between reading and writing.
pub(crate) fn if_read(given: Expected, read_at: Expected) -> Expected {
    if is_pinned(given) { given } else { read_at }
}

/// Whether the client itself says which version it changes, so that a newer one must not be changed instead.
pub(crate) fn is_pinned(given: Expected) -> bool {
    matches!(given, Expected::At(_) | Expected::Absent)
}

pub(crate) fn contended() -> Failure {
    Failure::new(
        StatusCode::CONFLICT,
        "conflict",
        "others changed it again and again at the same time: try again",
    )
}

pub(crate) fn as_json<T: serde::Serialize>(spec: &T) -> Result<Value, Failure> {
    serde_json::to_value(spec).map_err(|error| Failure::bug(&error))
}
