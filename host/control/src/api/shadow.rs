//! How a mirror's answers compare with the live ones.

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse as _};
use http::StatusCode;
use mlwasm_types::{EndpointName, ShadowReport};

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
    views::EndpointPath,
};

/// What was counted since the first request that both revisions answered.
pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    let report = api.shadows.report(&path.endpoint, &record.spec.shadow);
    let report = report.ok_or_else(|| nothing_compared(&path.endpoint))?;
    Ok(body::shown(&report))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Traffic,
        "show_shadow_report",
        "Show how the mirror's answers compare with the live ones",
    )
    .answers::<ShadowReport>(StatusCode::OK, "The report")
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::ShadowReportNotFound,
    ])
}

/// Begins anew.
pub(crate) async fn reset(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    path.find(&api.store.read())?;
    let reset = api.shadows.reset(&path.endpoint);
    reset.ok_or_else(|| nothing_compared(&path.endpoint))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// [`reset`], for those who call it.
pub(crate) fn resetting() -> Operation {
    Operation::new(Tag::Traffic, "reset_shadow_report", "Begin comparing anew")
        .answers_nothing("It began anew")
        .fails(&[
            ProblemKind::EndpointNotFound,
            ProblemKind::ShadowReportNotFound,
        ])
}

fn nothing_compared(endpoint: &EndpointName) -> Failure {
    Failure::new(
        ProblemKind::ShadowReportNotFound,
        format!(
            "endpoint {endpoint} has compared no answers since the server started: that begins when a mirror is on, \
             `mlwasm mirror {endpoint} DEPLOYMENT=PERCENT`, and it and the deployment with the most traffic both serve"
        ),
    )
}
