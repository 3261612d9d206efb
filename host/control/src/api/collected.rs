//! The bodies that were collected of a deployment's requests.

use std::{io, sync::Arc};

use axum::{Extension, extract::State};
use http::StatusCode;
use mlwasm_types::{CollectedPage, Collection, collection::MOST_COLLECTED_LINES};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, At, Settings},
    problem::Failure,
    views::DeploymentPath,
};
use crate::{audit, author::Author, collection::Removed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    #[serde(default)]
    collection: Collection,
    #[serde(default = "a_screenful")]
    last: usize,
}

fn a_screenful() -> usize {
    20
}

/// Which collection of a deployment; all of them if none is named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unwanted {
    collection: Option<Collection>,
}

/// The last lines of one collection, oldest first. What was collected a second ago may not be there yet. Of a deployment that was
/// deleted they are shown as long as they are there.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<DeploymentPath>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    let Wanted { collection, last } = wanted;
    let last = last.clamp(1, MOST_COLLECTED_LINES);
    let found = path.find(&api.store.read()).map(drop);
    let collections = Arc::clone(&api.collections);
    // Whole files are read and decompressed.
    let read = tokio::task::spawn_blocking(move || {
        let kept = collections.of(&path.endpoint, &path.deployment)?;
        let lines = collections.last((&path.endpoint, &path.deployment), &collection, last)?;
        io::Result::Ok(CollectedPage {
            collection,
            collections: kept,
            lines,
        })
    });
    let page = read.await.map_err(|error| Failure::bug(&error))?;
    let page = page.map_err(|error| unreadable(&error))?;
    if page.collections.is_empty() {
        found?;
    }
    Ok(body::shown(&page))
}

/// Removes what was collected of a deployment, there or deleted. What is collected from now on stays.
pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<DeploymentPath>,
    Settings(Unwanted { collection }): Settings<Unwanted>,
) -> Answer {
    let found = path.find(&api.store.read()).map(drop);
    let named = (&path.endpoint, &path.deployment);
    let removed = api.collections.remove(named, collection.as_ref()).await;
    let removed = removed.map_err(|error| unreadable(&error))?;
    if removed == Removed::default() {
        found?;
    }
    let of = (path.endpoint, path.deployment);
    api.store
        .note(audit::collected_removed(&author, of, &removed))
        .await?;
    Ok(body::shown(&removed))
}

fn unreadable(error: &io::Error) -> Failure {
    tracing::error!(%error, "collected bodies can not be reached");
    Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "collection-unreadable",
        "the collected bodies can not be reached: the server's log tells why".to_owned(),
    )
}
