//! The keys of an endpoint.

use std::sync::Arc;

use axum::{Extension, extract::State, response::IntoResponse as _};
use http::{HeaderMap, StatusCode};
use mlwasm_types::{
    AuthMode, EndpointName, EndpointSpec,
    api::{EndpointKeys, KeySlot},
};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    precondition::expected,
    problem::{Failure, ProblemKind},
    views::EndpointPath,
};
use crate::{
    author::Author,
    keys::keys_of,
    store::{Change, DesiredState},
};

/// The address of one key.
#[derive(Deserialize)]
pub(crate) struct KeyPath {
    endpoint: EndpointName,
    slot: KeySlot,
}

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    keys(&api, &path, &api.store.read())
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(Tag::Credentials, "show_keys", "Show the endpoint's keys")
        .answers::<EndpointKeys>(StatusCode::OK, "The keys")
        .tagged()
        .fails(&[ProblemKind::EndpointNotFound, ProblemKind::OtherAuthMode])
}

/// Makes a new key; the former one is refused as soon as this has answered. Of an endpoint with tokens it revokes all those,
/// and shows nothing.
pub(crate) async fn regenerate(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(KeyPath { endpoint, slot }): At<KeyPath>,
    headers: HeaderMap,
) -> Answer {
    let path = EndpointPath {
        endpoint: endpoint.clone(),
    };
    let change = Change::RotateKey { endpoint, slot };
    let expected = expected(&headers)?;
    let committed = api.change(change, expected, author).await?;
    if path.find(&committed.after)?.spec.auth_mode == AuthMode::AmlToken {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    keys(&api, &path, &committed.after)
}

/// [`regenerate`], for those who call it.
pub(crate) fn regenerating() -> Operation {
    Operation::new(
        Tag::Credentials,
        "regenerate_key",
        "Replace a key; the former one is refused at once",
    )
    .detail("Of an endpoint with tokens it revokes all those that were issued, and shows nothing.")
    .changes_if_as_expected()
    .answers::<EndpointKeys>(StatusCode::OK, "The keys now")
    .tagged()
    .answers_nothing("The endpoint has tokens: they are refused now")
    .fails(&[ProblemKind::EndpointNotFound])
}

fn keys(api: &Api, path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    if record.spec.auth_mode == AuthMode::AmlToken {
        return Err(other_mode(&record.spec));
    }
    let keys = keys_of(
        api.data.secret(),
        &path.endpoint,
        record.salt,
        record.counters,
    );
    Ok(body::object(&keys, record.generation))
}

/// The endpoint has no credentials of the kind that was asked for.
pub(super) fn other_mode(spec: &EndpointSpec) -> Failure {
    let name = &spec.name;
    let instead = match spec.auth_mode {
        AuthMode::Key => format!("it has keys, not tokens: see `mlwasm keys {name}`"),
        AuthMode::AmlToken => {
            format!("it has tokens, not keys: get one by `mlwasm token {name}`")
        }
        AuthMode::None => format!("it has no tokens: see `mlwasm keys {name}`"),
    };
    Failure::new(
        ProblemKind::OtherAuthMode,
        format!(
            "endpoint {name} has auth_mode {}: {instead}",
            spec.auth_mode
        ),
    )
}
