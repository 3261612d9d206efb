//! The bodies that were collected of a deployment's requests.

use std::{io, sync::Arc};

use axum::extract::State;
use http::StatusCode;
use mlwasm_types::{CollectedPage, Collection, collection::MOST_COLLECTED_LINES};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, At, Settings},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
    views::DeploymentPath,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Which bodies.
    #[serde(default)]
    collection: Collection,
    /// How many at the most.
    #[serde(default = "a_screenful")]
    #[param(value_type = u64, minimum = 1, maximum = 1000, default = 20)]
    last: usize,
}

fn a_screenful() -> usize {
    20
}

/// The last lines of one collection, oldest first. What was collected a second ago may not be there yet.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<DeploymentPath>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    path.find(&api.store.read())?;
    let Wanted { collection, last } = wanted;
    let last = last.clamp(1, MOST_COLLECTED_LINES);
    let collections = Arc::clone(&api.collections);
    // Whole files are read and decompressed.
    let read = tokio::task::spawn_blocking(move || {
        collections.last((&path.endpoint, &path.deployment), collection, last)
    });
    let lines = read.await.map_err(|error| Failure::bug(&error))?;
    let lines = lines.map_err(|error| unreadable(&error))?;
    Ok(body::shown(&CollectedPage { collection, lines }))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "show_collected",
        "Show bodies that were collected",
    )
    .query::<Wanted>()
    .answers::<CollectedPage>(StatusCode::OK, "The last lines, oldest first")
    .fails(&[
        ProblemKind::CollectionUnreadable,
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}

fn unreadable(error: &io::Error) -> Failure {
    tracing::error!(%error, "collected bodies can not be read");
    Failure::new(
        ProblemKind::CollectionUnreadable,
        "the collected bodies can not be read: the server's log tells why".to_owned(),
    )
}
