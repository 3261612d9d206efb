//! Every error of the administration API, as the operator reads it.
#![warn(clippy::wildcard_enum_match_arm)]

mod kind;

use std::{error::Error, io};

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
pub(crate) use kind::ProblemKind;
use mlwasm_sandbox::ComponentError;
use mlwasm_types::{EndpointName, InvalidSpec, api::Problem};

use crate::{
    artifacts::ArtifactError,
    causes::with_causes,
    egress::EgressFault,
    store::{CommitError, Refusal, RolloutRefusal, StoreError},
};

/// A request that is not carried out, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    problem: Box<Problem>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Failure {
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let status = kind.status().as_u16();
        Self {
            problem: Box::new(Problem::new(status, kind.slug(), detail)),
            header: None,
        }
    }

    /// Something in the request can not be read: 400.
    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidRequest, detail)
    }

    /// What the request asks for breaks a rule: 422.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidSpec, detail)
    }

    /// The endpoint does not exist: 404.
    pub(crate) fn no_endpoint(endpoint: &EndpointName) -> Self {
        Refusal::NoEndpoint {
            endpoint: endpoint.clone(),
        }
        .into()
    }

    /// A bug of ours: 500. The operator reads that there is one, the log says which.
    pub(crate) fn bug(error: &dyn Error) -> Self {
        let error = with_causes(error);
        tracing::error!(error, "the administration API failed");
        Self::new(
            ProblemKind::InternalError,
            "the server has a fault; its log says which",
        )
    }

    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).expect("made from a status code");
        let mut response = status.into_response();
        response.headers_mut().extend(self.header);
        // `finish` writes the body: it knows the request's id.
        response.extensions_mut().insert(*self.problem);
        response
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(refusal) => refusal.into(),
            CommitError::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let kind = match &refusal {
            Refusal::NoEndpoint { .. } => ProblemKind::EndpointNotFound,
            Refusal::NoDeployment { .. } => ProblemKind::DeploymentNotFound,
            Refusal::Exists { .. } | Refusal::Stale { .. } | Refusal::Gone => {
                ProblemKind::PreconditionFailed
            }
            Refusal::HasTraffic { .. } | Refusal::IsMirror { .. } | Refusal::HasRoute { .. } => {
                ProblemKind::DeploymentInUse
            }
            Refusal::NoAdminToken { .. } => ProblemKind::TokenNotFound,
            Refusal::AdminTokenExists { .. } | Refusal::TooManyAdminTokens => {
                ProblemKind::TokenConflict
            }
            Refusal::NoRevision { .. } => ProblemKind::RevisionNotFound,
            Refusal::NoModel { .. } | Refusal::NoModelVersion { .. } => ProblemKind::ModelNotFound,
            Refusal::NoFormer { .. } => ProblemKind::NoFormerRevision,
            Refusal::ControlTaken { .. } => ProblemKind::ControlTaken,
            Refusal::Invalid(_)
            | Refusal::NoSuchReference { .. }
            | Refusal::Rollout(RolloutRefusal::Plan(_)) => ProblemKind::InvalidSpec,
            Refusal::Rollout(RolloutRefusal::None { .. }) => ProblemKind::RolloutNotFound,
            Refusal::Rollout(RolloutRefusal::Active { .. }) => ProblemKind::RolloutActive,
            Refusal::Rollout(
                RolloutRefusal::Over { .. }
                | RolloutRefusal::Already { .. }
                | RolloutRefusal::NoTraffic { .. }
                | RolloutRefusal::FirstStep { .. }
                | RolloutRefusal::IsMirror { .. }
                | RolloutRefusal::IsLive { .. }
                | RolloutRefusal::OtherMirror { .. }
                | RolloutRefusal::NotServing { .. },
            ) => ProblemKind::RolloutConflict,
        };
        Self::new(kind, refusal.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let cause = with_causes(&error);
        tracing::error!(error = cause, "a change could not be stored");
        match error {
            StoreError::DiskFull(_) => disk_full(),
            StoreError::FromTheFuture { .. }
            | StoreError::Damaged { .. }
            | StoreError::Unconfirmed(_)
            | StoreError::ForeignWriter
            | StoreError::Database(_)
            | StoreError::Io(_) => Self::new(
                ProblemKind::StateUnavailable,
                format!(
                    "the change could not be stored ({cause}); what was served before is served on"
                ),
            ),
        }
    }
}

impl From<ArtifactError> for Failure {
    fn from(error: ArtifactError) -> Self {
        match &error {
            ArtifactError::TooLarge { .. } => {
                Self::new(ProblemKind::ArtifactTooLarge, error.to_string())
            }
            ArtifactError::Mismatch { .. } => {
                Self::new(ProblemKind::DigestMismatch, error.to_string())
            }
            ArtifactError::DiskFull(_) => disk_full(),
            ArtifactError::Io(_) => {
                Self::new(ProblemKind::ArtifactsUnavailable, with_causes(&error))
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        ArtifactError::from(error).into()
    }
}

impl From<InvalidSpec> for Failure {
    fn from(error: InvalidSpec) -> Self {
        Refusal::from(error).into()
    }
}

impl From<EgressFault> for Failure {
    fn from(error: EgressFault) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<ComponentError> for Failure {
    fn from(error: ComponentError) -> Self {
        Self::new(
            ProblemKind::NotAScorer,
            format!("component: {}", with_causes(&error)),
        )
    }
}

fn disk_full() -> Failure {
    Failure::new(
        ProblemKind::DiskFull,
        "the disk is full: nothing was changed, and what was served before is served on; make room and try again",
    )
}

/// Answers an address that is none.
pub(crate) async fn no_route(uri: Uri) -> Failure {
    let path: String = uri.path().chars().take(200).collect();
    Failure::new(
        ProblemKind::RouteNotFound,
        format!(
            "there is no {path:?}; the administration API is under /v1/endpoints, /v1/models, /v1/artifacts and /v1/status"
        ),
    )
}

/// Answers a method that an address does not have.
pub(crate) async fn no_method(method: Method, uri: Uri) -> Failure {
    Failure::new(
        ProblemKind::MethodNotAllowed,
        format!("{} does not take {method}", uri.path()),
    )
}

/// Answers a request without the token, whatever is wrong with it.
pub(crate) fn unauthorized() -> Failure {
    Failure::new(
        ProblemKind::Unauthorized,
        "the administration token is missing or wrong: send it as `Authorization: Bearer TOKEN`; \
         the server's data folder holds it in admin.token",
    )
    .with_header(header::WWW_AUTHENTICATE, "Bearer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_refuses_is_not_the_callers_fault() {
        let sqlite = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let cases: [(Failure, u16); 7] = [
            (
                StoreError::from(sqlite(rusqlite::ffi::SQLITE_FULL)).into(),
                507,
            ),
            (
                StoreError::from(sqlite(rusqlite::ffi::SQLITE_IOERR)).into(),
                503,
            ),
            (
                StoreError::from(sqlite(rusqlite::ffi::SQLITE_IOERR_FSYNC)).into(),
                503,
            ),
            (StoreError::ForeignWriter.into(), 503),
            (ArtifactError::from(full()).into(), 507),
            (full().into(), 507),
            (io::Error::other("disk on fire").into(), 503),
        ];
        for (failure, status) in cases {
            assert_eq!(failure.problem.status, status, "{}", failure.problem.detail);
        }
    }
}
