//! What is collected of requests: the lines, as they are in files and as the API shows them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Most lines that are shown at once.
pub const MOST_COLLECTED_LINES: usize = 1_000;

/// One kind of bodies.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Those of requests.
    #[default]
    Request,
    /// Those of answers.
    Response,
}

impl Collection {
    /// Both, in the order of their counters.
    pub const ALL: [Self; 2] = [Self::Request, Self::Response];

    /// The name, in settings and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CollectedLine {
    /// When the scorer was about to be asked, or had answered.
    pub time: Timestamp,
    /// The request, as the client or the server named it.
    pub request_id: String,
    /// Shared by the two bodies of one run, and by nothing else.
    pub correlation_id: String,
    /// Whether the request was a copy of a live one, whose answer no client got.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
    /// The media type, as it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The answer's status; none for a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The length of the whole body in bytes.
    pub bytes: u64,
    /// Whether only its beginning was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The body, if it is JSON and whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// What was kept of it, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_base64: Option<String>,
}

/// Some lines of one collection, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CollectedPage {
    /// Which one.
    pub collection: Collection,
    /// The lines.
    pub lines: Vec<CollectedLine>,
}
