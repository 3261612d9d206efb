//! The audit log: who changed what, from what to what, and who was refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{DeploymentName, EndpointName, Generation};

/// What came of something that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    Accepted,
    /// It was not.
    Refused,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditLine {
    /// Counts the lines, from 1; the oldest ones are forgotten.
    pub sequence: u64,
    /// When.
    pub time: Timestamp,
    /// Who: `token:NAME`, or `server:PART` for what the server does by itself.
    pub actor: String,
    /// What: a verb and a noun, as in `change endpoint`; of a refusal the request, as in `PUT /v1/endpoints/iris`.
    pub action: String,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// The endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointName>,
    /// The deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentName>,
    /// The generation that the change made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<Generation>,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AuditChange>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The request, as the server's log knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One setting that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditChange {
    /// The setting's path, as in `traffic.blue`.
    pub path: String,
    /// What it was; null if it was not there.
    pub from: Value,
    /// What it is; null if it is not there.
    pub to: Value,
}

/// Some lines of the audit log, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The lines.
    pub lines: Vec<AuditLine>,
    /// Ask for lines before this sequence number to go on; none if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}

/// Most lines of one page.
pub const MOST_AUDIT_LINES: usize = 1_000;
