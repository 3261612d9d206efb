//! Every kind of problem that the administration API answers with: the list that programs may rely on.
//!
//! A kind has one status. Its word stays as it is, since scripts compare it; `docs/problems.md` shows them all.

use http::StatusCode;

/// What is wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProblemKind {
    InvalidRequest,
    Unauthorized,
    ScopeTooSmall,
    HostNotAllowed,
    OriginNotAllowed,
    RouteNotFound,
    EndpointNotFound,
    DeploymentNotFound,
    RevisionNotFound,
    ModelNotFound,
    ArtifactNotFound,
    RolloutNotFound,
    ShadowReportNotFound,
    TokenNotFound,
    BodyNotKept,
    MethodNotAllowed,
    BodyTimeout,
    UploadStalled,
    Conflict,
    DeploymentInUse,
    NoFormerRevision,
    RolloutActive,
    RolloutConflict,
    OtherAuthMode,
    TokenConflict,
    RestoreGoesOn,
    OtherSecret,
    PreconditionFailed,
    BodyTooLarge,
    ArtifactTooLarge,
    UnsupportedMediaType,
    InvalidSpec,
    ArtifactMissing,
    NotAScorer,
    DigestMismatch,
    NotABackup,
    ControlTaken,
    InternalError,
    CollectionUnreadable,
    StateUnavailable,
    ArtifactsUnavailable,
    NoBackup,
    DiskFull,
}

impl ProblemKind {
    /// Every kind, by status.
    pub(crate) const ALL: [Self; 43] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::ScopeTooSmall,
        Self::HostNotAllowed,
        Self::OriginNotAllowed,
        Self::RouteNotFound,
        Self::EndpointNotFound,
        Self::DeploymentNotFound,
        Self::RevisionNotFound,
        Self::ModelNotFound,
        Self::ArtifactNotFound,
        Self::RolloutNotFound,
        Self::ShadowReportNotFound,
        Self::TokenNotFound,
        Self::BodyNotKept,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::UploadStalled,
        Self::Conflict,
        Self::DeploymentInUse,
        Self::NoFormerRevision,
        Self::RolloutActive,
        Self::RolloutConflict,
        Self::OtherAuthMode,
        Self::TokenConflict,
        Self::RestoreGoesOn,
        Self::OtherSecret,
        Self::PreconditionFailed,
        Self::BodyTooLarge,
        Self::ArtifactTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidSpec,
        Self::ArtifactMissing,
        Self::NotAScorer,
        Self::DigestMismatch,
        Self::NotABackup,
        Self::ControlTaken,
        Self::InternalError,
        Self::CollectionUnreadable,
        Self::StateUnavailable,
        Self::ArtifactsUnavailable,
        Self::NoBackup,
        Self::DiskFull,
    ];

    /// The status that it is answered with.
    pub(crate) fn status(self) -> StatusCode {
        self.line().0
    }

    /// Its word: what follows `urn:mlwasm:problem:`.
    pub(crate) fn slug(self) -> &'static str {
        self.line().1
    }

    /// What it means, in a sentence.
    pub(crate) fn meaning(self) -> &'static str {
        self.line().2
    }

    /// The `type` of such a problem.
    pub(crate) fn uri(self) -> String {
        format!("urn:mlwasm:problem:{}", self.slug())
    }

    #[expect(clippy::too_many_lines, reason = "a table: one kind after the other")]
    fn line(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidRequest => (
                S::BAD_REQUEST,
                "invalid-request",
                "A name, a query, a header or the body can not be read.",
            ),
            Self::Unauthorized => (
                S::UNAUTHORIZED,
                "unauthorized",
                "The administration token is missing, wrong, expired or revoked.",
            ),
            Self::ScopeTooSmall => (
                S::FORBIDDEN,
                "scope-too-small",
                "The token's scope does not allow this.",
            ),
            Self::HostNotAllowed => (
                S::FORBIDDEN,
                "host-not-allowed",
                "The Host header does not name this machine.",
            ),
            Self::OriginNotAllowed => (
                S::FORBIDDEN,
                "origin-not-allowed",
                "A web page asked: requests with an Origin header are refused.",
            ),
            Self::RouteNotFound => (S::NOT_FOUND, "route-not-found", "The address is none."),
            Self::EndpointNotFound => (
                S::NOT_FOUND,
                "endpoint-not-found",
                "There is no such endpoint.",
            ),
            Self::DeploymentNotFound => (
                S::NOT_FOUND,
                "deployment-not-found",
                "The endpoint has no such deployment.",
            ),
            Self::RevisionNotFound => (
                S::NOT_FOUND,
                "revision-not-found",
                "The deployment keeps no such revision.",
            ),
            Self::ModelNotFound => (
                S::NOT_FOUND,
                "model-not-found",
                "No such model, or version of it, is registered.",
            ),
            Self::ArtifactNotFound => (
                S::NOT_FOUND,
                "artifact-not-found",
                "The server has no file of this digest.",
            ),
            Self::RolloutNotFound => (
                S::NOT_FOUND,
                "rollout-not-found",
                "The endpoint has had no rollout.",
            ),
            Self::ShadowReportNotFound => (
                S::NOT_FOUND,
                "shadow-report-not-found",
                "The endpoint has compared no answers since the server started.",
            ),
            Self::TokenNotFound => (
                S::NOT_FOUND,
                "token-not-found",
                "There is no administration token of this name.",
            ),
            Self::BodyNotKept => (
                S::NOT_FOUND,
                "body-not-kept",
                "Nothing is kept of this request's body.",
            ),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The address does not take this method; Allow lists those that it takes.",
            ),
            Self::BodyTimeout => (
                S::REQUEST_TIMEOUT,
                "body-timeout",
                "The body did not come in time.",
            ),
            Self::UploadStalled => (
                S::REQUEST_TIMEOUT,
                "upload-stalled",
                "An upload paused for too long and was given up.",
            ),
            Self::Conflict => (
                S::CONFLICT,
                "conflict",
                "Others kept changing the object at the same time: try again.",
            ),
            Self::DeploymentInUse => (
                S::CONFLICT,
                "deployment-in-use",
                "The deployment has traffic, is the mirror's target or has a route.",
            ),
            Self::NoFormerRevision => (
                S::CONFLICT,
                "no-former-revision",
                "There is no revision to roll back to.",
            ),
            Self::RolloutActive => (
                S::CONFLICT,
                "rollout-active",
                "A rollout that goes on holds what was to be changed.",
            ),
            Self::RolloutConflict => (
                S::CONFLICT,
                "rollout-conflict",
                "The rollout can not start, or not do this now.",
            ),
            Self::OtherAuthMode => (
                S::CONFLICT,
                "other-auth-mode",
                "The endpoint's auth_mode has no credentials of this kind.",
            ),
            Self::TokenConflict => (
                S::CONFLICT,
                "token-conflict",
                "There is a token of this name, or there are too many.",
            ),
            Self::RestoreGoesOn => (
                S::CONFLICT,
                "restore-goes-on",
                "Another backup is being restored.",
            ),
            Self::OtherSecret => (
                S::CONFLICT,
                "other-secret",
                "The backup is of a server with another secret.",
            ),
            Self::PreconditionFailed => (
                S::PRECONDITION_FAILED,
                "precondition-failed",
                "The object is not as If-Match or If-None-Match says.",
            ),
            Self::BodyTooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "The body is longer than 1 MiB.",
            ),
            Self::ArtifactTooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "artifact-too-large",
                "The file is longer than admin.max_artifact_bytes.",
            ),
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The Content-Type is none that this takes.",
            ),
            Self::InvalidSpec => (
                S::UNPROCESSABLE_ENTITY,
                "invalid-spec",
                "What is asked for breaks a rule; the detail names the setting.",
            ),
            Self::ArtifactMissing => (
                S::UNPROCESSABLE_ENTITY,
                "artifact-missing",
                "A file that is named is not here: upload it first.",
            ),
            Self::NotAScorer => (
                S::UNPROCESSABLE_ENTITY,
                "not-a-scorer",
                "The component is no scorer that this server runs.",
            ),
            Self::DigestMismatch => (
                S::UNPROCESSABLE_ENTITY,
                "digest-mismatch",
                "The bytes that came have another digest.",
            ),
            Self::NotABackup => (
                S::UNPROCESSABLE_ENTITY,
                "not-a-backup",
                "The body is no backup, or one of a newer version.",
            ),
            Self::ControlTaken => (
                S::UNPROCESSABLE_ENTITY,
                "control-taken",
                "Another deployment is the endpoint's control.",
            ),
            Self::InternalError => (
                S::INTERNAL_SERVER_ERROR,
                "internal-error",
                "The server has a fault; its log says which.",
            ),
            Self::CollectionUnreadable => (
                S::INTERNAL_SERVER_ERROR,
                "collection-unreadable",
                "Collected bodies can not be read; the server's log says why.",
            ),
            Self::StateUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "state-unavailable",
                "The state can not be read or written; what was served is served on.",
            ),
            Self::ArtifactsUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "artifacts-unavailable",
                "The files can not be read or written.",
            ),
            Self::NoBackup => (
                S::SERVICE_UNAVAILABLE,
                "no-backup",
                "The present state could not be backed up before a restore.",
            ),
            Self::DiskFull => (
                S::INSUFFICIENT_STORAGE,
                "disk-full",
                "The disk is full; nothing was changed.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_kind_is_listed_once_with_a_word_of_its_own() {
        let kinds: BTreeSet<_> = ProblemKind::ALL.into_iter().collect();
        let words: BTreeSet<_> = kinds.iter().map(|kind| kind.slug()).collect();
        assert_eq!(kinds.len(), ProblemKind::ALL.len());
        assert_eq!(words.len(), ProblemKind::ALL.len());
        // A variant that is missing from the list would be the last one.
        assert_eq!(ProblemKind::DiskFull as usize + 1, ProblemKind::ALL.len());
    }

    #[test]
    fn the_table_for_people_is_this_one() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = fs::read_to_string(root.join("docs/problems.md")).unwrap();
        let shown: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let lines = ProblemKind::ALL.map(|kind| {
            let status = kind.status().as_u16();
            format!("| `{}` | {status} | {} |", kind.slug(), kind.meaning())
        });
        assert_eq!(shown, lines);
    }
}
