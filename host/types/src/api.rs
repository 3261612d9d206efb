//! The bodies of the administration API, `/v1`. The command line reads what the server writes from here.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeploymentSpec, DeploymentStatus, EndpointSpec, Generation, ProvisioningState};

/// An endpoint as `GET` shows it: what is wanted, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// What is wanted.
    #[serde(flatten)]
    pub spec: EndpointSpec,
    /// Where requests are scored.
    pub scoring_uri: String,
    /// An endpoint exists as soon as it is stored: always `Succeeded`.
    pub provisioning_state: ProvisioningState,
    /// The last change of the endpoint itself: the entity tag that `If-Match` wants.
    pub generation: Generation,
}

/// A deployment as `GET` shows it: what is wanted, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// What is wanted.
    #[serde(flatten)]
    pub spec: DeploymentSpec,
    /// What is true.
    #[serde(flatten)]
    pub status: DeploymentStatus,
    /// The last change of the deployment: the entity tag that `If-Match` wants.
    pub generation: Generation,
}

/// What a restore has made of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredView {
    /// The generation that is wanted now.
    pub generation: Generation,
    /// How many endpoints there are.
    pub endpoints: u64,
    /// How many deployments.
    pub deployments: u64,
    /// How many artifacts the backup held.
    pub artifacts: u64,
    /// The file on the server that holds the state before; none if it was the same.
    pub former: Option<String>,
}

/// The two keys of an endpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointKeys {
    /// The first key.
    pub primary_key: String,
    /// The second key, so that one can be replaced while the other is in use.
    pub secondary_key: String,
}

impl fmt::Debug for EndpointKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointKeys(not shown)")
    }
}

/// Which of an endpoint's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySlot {
    /// The first.
    Primary,
    /// The second.
    Secondary,
}

impl fmt::Display for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        })
    }
}

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    /// The server's version.
    pub version: String,
    /// The counter of the desired state.
    pub generation: Generation,
    /// The generation that the data plane serves.
    pub live_generation: Generation,
    /// How many endpoints there are.
    pub endpoints: u64,
    /// How many deployments there are.
    pub deployments: u64,
    /// Where the data plane listens.
    pub data_plane: String,
    /// The inference engine and its version.
    pub inference: String,
}

/// Where a line of a scorer's log came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// What the scorer printed.
    Stdout,
    /// What the scorer printed as a diagnostic.
    Stderr,
    /// What the host says about the deployment: revisions loaded, sandboxes discarded.
    Host,
}

impl fmt::Display for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Host => "host",
        })
    }
}

/// One line of a deployment's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Counts the lines of the deployment since the server started, from 1; a gap means lines that were dropped.
    pub sequence: u64,
    /// When it was written.
    pub time: Timestamp,
    /// Where it came from.
    pub stream: LogStream,
    /// The request during which it was written; none in `init`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether that request was a copy of a live one, whose answer no client got.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
    /// The line, without its end, control characters escaped.
    pub text: String,
}

/// Some lines of a deployment's log, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Ask for lines after this sequence number to go on.
    pub next_after: u64,
}

/// An artifact that the server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactView {
    /// Its digest.
    pub digest: crate::Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// An error body (RFC 9457), on both planes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Names the kind of problem for programs: `urn:mlwasm:problem:<kind>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Names the kind of problem for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do about it.
    pub detail: String,
    /// The request, as the server's log knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// The media type of an error body.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// A problem of the kind `slug`, a few lower-case words joined by `-`.
    pub fn new(status: u16, slug: &str, detail: impl Into<String>) -> Self {
        let mut title = slug.replace('-', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            kind: format!("urn:mlwasm:problem:{slug}"),
            title,
            status,
            detail: detail.into(),
            request_id: None,
        }
    }
}
