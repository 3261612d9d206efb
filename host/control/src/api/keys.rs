//! The keys of an endpoint.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use mlwasm_types::{EndpointName, api::KeySlot};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, At},
    precondition::expected,
    views::EndpointPath,
};
use crate::{
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

/// Makes a new key; the former one is refused as soon as this has answered.
pub(crate) async fn regenerate(
    State(api): State<Arc<Api>>,
    At(KeyPath { endpoint, slot }): At<KeyPath>,
    headers: HeaderMap,
) -> Answer {
    let path = EndpointPath {
        endpoint: endpoint.clone(),
    };
    let change = Change::RotateKey { endpoint, slot };
    let committed = api.change(change, expected(&headers)?).await?;
    keys(&api, &path, &committed.after)
}

fn keys(api: &Api, path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    let keys = keys_of(
        api.data.secret(),
        &path.endpoint,
        record.salt,
        record.counters,
    );
    Ok(body::object(&keys, record.generation))
}
