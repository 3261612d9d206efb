//! The live traffic's shares and the mirror.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
};
use http::StatusCode;
use mlwasm_types::{DeploymentName, Mirror, Percent, TrafficSplit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    precondition::expected,
    problem::ProblemKind,
    views::EndpointPath,
};
use crate::{
    author::Author,
    store::{Change, DesiredState},
};

/// The mirror's target and its share in percent, 0 to 50. Without an entry above 0 there is no mirror.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct MirrorShares(BTreeMap<DeploymentName, Percent>);

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    traffic(&path, &api.store.read())
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Traffic,
        "show_traffic",
        "Show the shares of the live traffic",
    )
    .answers::<TrafficSplit>(StatusCode::OK, "Percents by deployment")
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
    let traffic: TrafficSplit = body::read(body::json(&parts.headers, bytes).await?)?;
    let endpoint = path.endpoint.clone();
    let change = Change::SetTraffic { endpoint, traffic };
    let expected = expected(&parts.headers)?;
    let committed = api.change(change, expected, author).await?;
    self::traffic(&path, &committed.after)
}

/// [`put`], for those who call it.
pub(crate) fn putting() -> Operation {
    Operation::new(
        Tag::Traffic,
        "put_traffic",
        "Set the shares of the live traffic",
    )
    .takes::<TrafficSplit>()
    .changes_if_as_expected()
    .answers::<TrafficSplit>(StatusCode::OK, "The shares that requests are routed by now")
    .tagged()
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
        ProblemKind::RolloutActive,
    ])
}

pub(crate) async fn show_mirror(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    mirror(&path, &api.store.read())
}

/// [`show_mirror`], for those who call it.
pub(crate) fn showing_mirror() -> Operation {
    Operation::new(Tag::Traffic, "show_mirror", "Show the mirror")
        .answers::<MirrorShares>(
            StatusCode::OK,
            "The target and its share; empty if there is no mirror",
        )
        .tagged()
        .fails(&[ProblemKind::EndpointNotFound])
}

pub(crate) async fn put_mirror(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let MirrorShares(shares) = body::read(body::json(&parts.headers, bytes).await?)?;
    let endpoint = path.endpoint.clone();
    let change = Change::SetMirror { endpoint, shares };
    let expected = expected(&parts.headers)?;
    let committed = api.change(change, expected, author).await?;
    mirror(&path, &committed.after)
}

/// [`put_mirror`], for those who call it.
pub(crate) fn putting_mirror() -> Operation {
    Operation::new(Tag::Traffic, "put_mirror", "Set or end the mirror")
        .takes::<MirrorShares>()
        .changes_if_as_expected()
        .answers::<MirrorShares>(
            StatusCode::OK,
            "The target and its share; empty if there is no mirror",
        )
        .tagged()
        .fails(&[
            ProblemKind::EndpointNotFound,
            ProblemKind::DeploymentNotFound,
            ProblemKind::RolloutActive,
        ])
}

fn traffic(path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    Ok(body::object(&record.spec.traffic, record.generation))
}

fn mirror(path: &EndpointPath, state: &DesiredState) -> Answer {
    let record = path.find(state)?;
    let mirror = record.spec.mirror().ok().flatten();
    let shares = mirror.as_ref().map(Mirror::to_shares).unwrap_or_default();
    Ok(body::object(&MirrorShares(shares), record.generation))
}
