//! What a deployment's scorers print, and what the host says of them.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use http::StatusCode;
use mlwasm_sandbox::{DeploymentLog, LogQuery};
use mlwasm_types::api::LogPage;
use serde::Deserialize;
use tokio::time::sleep;
use utoipa::IntoParams;

use super::{
    Answer, Api, LONGEST_WAIT,
    body::{self, At, Settings},
    openapi::{Operation, Tag},
    problem::ProblemKind,
    views::DeploymentPath,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// How many at the most.
    #[serde(default = "a_screenful")]
    #[param(value_type = u64, default = 100)]
    lines: usize,
    /// Only lines after this sequence number.
    after: Option<u64>,
    /// How long to wait for the first of them, in milliseconds; longer ones count as a minute.
    #[serde(default)]
    #[param(value_type = u64, maximum = 60000, default = 0)]
    wait_ms: u64,
}

fn a_screenful() -> usize {
    100
}

/// The last lines, or those after a sequence number; waits for the first of them if asked to.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<DeploymentPath>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    let log = {
        let state = api.store.read();
        let record = path.find(&state)?;
        // A deployment that was stored a moment ago has no log yet, and nothing to say.
        let log = api
            .live()
            .deployment(record)
            .map(|live| Arc::clone(&live.log));
        log.unwrap_or_else(DeploymentLog::new)
    };
    if log.has_former_lines() {
        let log = Arc::clone(&log);
        // If it ended badly, the lines since the start are shown all the same.
        tokio::task::spawn_blocking(move || log.recall()).await.ok();
    }
    let query = || LogQuery {
        after: wanted.after,
        lines: wanted.lines,
    };
    let page = log.page(query());
    let wait = Duration::from_millis(wanted.wait_ms).min(LONGEST_WAIT);
    if !page.lines.is_empty() || wait.is_zero() {
        return Ok(body::shown(&page));
    }
    let after = wanted.after.unwrap_or(page.next_after);
    // Which of these it was, the page says.
    tokio::select! {
        () = log.wait_past(after) => {}
        () = sleep(wait) => {}
        () = api.tasks.cancelled() => {}
    }
    Ok(body::shown(&log.page(query())))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "show_logs",
        "Show what the scorers print, or wait for more of it",
    )
    .query::<Wanted>()
    .answers::<LogPage>(StatusCode::OK, "Some lines, oldest first")
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}
