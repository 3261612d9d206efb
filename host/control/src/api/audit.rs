//! The audit log.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use mlwasm_types::{
    EndpointName,
    audit::{AuditPage, MOST_AUDIT_LINES},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, Settings},
    openapi::{Operation, Tag},
    problem::ProblemKind,
    since,
};
use crate::audit::AuditQuery;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Only what was done to this endpoint, which need not exist any more.
    endpoint: Option<EndpointName>,
    /// How far to look back, as in `90m`, `24h` or `30d`.
    #[serde(default, deserialize_with = "since::read")]
    #[param(value_type = Option<String>, example = "24h")]
    since: Option<Duration>,
    /// Only lines before this sequence number.
    before: Option<u64>,
    /// How many at the most.
    #[serde(default = "usual")]
    #[param(value_type = u64, minimum = 1, maximum = 1000, default = 100)]
    lines: usize,
}

fn usual() -> usize {
    100
}

/// The last lines, oldest first. An endpoint need not exist any more.
pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    let since = wanted.since.map(|since| {
        Timestamp::now()
            .checked_sub(since)
            .unwrap_or(Timestamp::MIN)
    });
    let page = api.store.audit(AuditQuery {
        endpoint: wanted.endpoint,
        since,
        before: wanted.before,
        lines: wanted.lines.clamp(1, MOST_AUDIT_LINES),
    });
    Ok(body::shown(&page.await?))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Access,
        "show_audit",
        "Show who changed what, and who was refused",
    )
    .detail("The last lines, oldest first.")
    .query::<Wanted>()
    .answers::<AuditPage>(StatusCode::OK, "Some lines")
    .fails(&[ProblemKind::StateUnavailable])
}
