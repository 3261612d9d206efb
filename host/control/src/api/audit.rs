//! The audit log.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use jiff::Timestamp;
use mlwasm_types::{EndpointName, audit::MOST_AUDIT_LINES};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, Settings},
    since,
};
use crate::audit::AuditQuery;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    endpoint: Option<EndpointName>,
    #[serde(default, deserialize_with = "since::read")]
    since: Option<Duration>,
    before: Option<u64>,
    #[serde(default = "usual")]
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
