//! What is kept of a scorer's failures: enough to find the fault, and nothing of what the client sent in confidence.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Digest, RevisionNumber};

/// Some of a deployment's failures, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailurePage {
    /// The failures that are kept, or the last of them.
    pub failures: Vec<Failure>,
    /// How many there were since the server started, kept or not.
    pub total: u64,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Counts the failures of the deployment since the server started, from 1; a gap means that some came too fast to be kept.
    pub sequence: u64,
    /// When it was noticed.
    pub time: Timestamp,
    /// The revision that failed.
    pub revision: RevisionNumber,
    /// What kind of failure.
    pub kind: FailureKind,
    /// The setting whose limit was hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// What happened, control characters escaped.
    pub message: String,
    /// The request that failed; none if `init` did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<FailedRequest>,
    /// Where the scorer was, innermost first. Empty if its code was not running.
    pub backtrace: Vec<Frame>,
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The scorer trapped, as it does when it panics.
    Trap,
    /// It was stopped at its deadline.
    Deadline,
    /// It was stopped at one of its limits.
    Limit,
    /// It said itself that it failed.
    Internal,
    /// It answered what HTTP does not allow.
    InvalidResponse,
    /// A bug of the host.
    HostError,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Trap => "trap",
            Self::Deadline => "deadline",
            Self::Limit => "limit",
            Self::Internal => "internal",
            Self::InvalidResponse => "invalid_response",
            Self::HostError => "host_error",
        })
    }
}

/// What is kept of a request that failed. Its body is, if the deployment collects requests, and is asked for by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedRequest {
    /// Its identity.
    pub id: String,
    /// Whether it was a copy of live traffic.
    pub is_mirror: bool,
    /// The bytes of its query, which is not kept.
    pub query_bytes: u64,
    /// The names of its headers, and the values of those that never hold a secret.
    pub headers: Vec<KeptHeader>,
    /// How many further headers it had, for which there was no room.
    pub headers_left_out: u64,
    /// The bytes of its body.
    pub body_bytes: u64,
    /// The digest of its body, by which the sender can find it again; none if bodies came too fast to be digested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_digest: Option<Digest>,
    /// The bytes of its body that are kept; none if nothing of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_kept: Option<u64>,
    /// Where its time went.
    pub timings: FailureTimings,
}

/// A header of a request that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptHeader {
    /// Its name.
    pub name: String,
    /// Its value; none if it might be a secret.
    pub value: Option<String>,
}

/// Where the time of a request went, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailureTimings {
    /// Waiting for a sandbox.
    pub queue_ms: f64,
    /// In the scorer's own code.
    pub guest_ms: f64,
    /// In native runs.
    pub infer_ms: f64,
}

/// One call of a backtrace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Frame {
    /// The module within the component, if it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The function as its author wrote it; none if the component was stripped of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The function's number in its module.
    pub index: u32,
    /// Where in the component's file, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The file of the source, from the project's folder; of others' code with a mark before it: `rust:`, `cargo:`, `libc++:`, `mlwasm:`. None if
    /// the component was built without debug information.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in that line, from 1, if the compiler told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Whether the compiler put the function in place of its call: then the next frame is the function that it is part of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_inlined: bool,
}
