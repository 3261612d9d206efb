//! The live traffic's shares and the mirror.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
};
use mlwasm_types::{DeploymentName, Mirror, Percent, TrafficSplit};

use super::{
    Answer, Api,
    body::{self, At},
    precondition::expected,
    views::EndpointPath,
};
use crate::{
    author::Author,
    store::{Change, DesiredState},
};

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    traffic(&path, &api.store.read())
}

pub(crate) async fn put(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let traffic: TrafficSplit = body::read(body::json(bytes).await?)?;
    let endpoint = path.endpoint.clone();
    let change = Change::SetTraffic { endpoint, traffic };
    let expected = expected(&parts.headers)?;
    let committed = api.change(change, expected, author).await?;
    self::traffic(&path, &committed.after)
}

pub(crate) async fn show_mirror(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    mirror(&path, &api.store.read())
}

pub(crate) async fn put_mirror(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let shares: BTreeMap<DeploymentName, Percent> = body::read(body::json(bytes).await?)?;
    let endpoint = path.endpoint.clone();
    let change = Change::SetMirror { endpoint, shares };
    let expected = expected(&parts.headers)?;
    let committed = api.change(change, expected, author).await?;
    mirror(&path, &committed.after)
}

fn traffic(path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    Ok(body::object(&record.spec.traffic, record.generation))
}

fn mirror(path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    let mirror = record.spec.mirror().ok().flatten();
    let shares = mirror.as_ref().map(Mirror::to_shares).unwrap_or_default();
    Ok(body::object(&shares, record.generation))
}
