//! What is collected of requests: the lines, as they are in files and as the API shows them.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{CollectionName, InvalidName, text};

/// Most lines that are shown at once.
pub const MOST_COLLECTED_LINES: usize = 1_000;

/// What lines are collected under.
///
/// Written as its name: `request`, `response`, or what a scorer calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// The bodies of requests.
    #[default]
    Request,
    /// The bodies of answers.
    Response,
    /// Records that the scorer hands over itself.
    Named(CollectionName),
}

impl Collection {
    /// Those that every deployment can have, whatever its scorer does.
    pub const OF_BODIES: [Self; 2] = [Self::Request, Self::Response];

    /// The name, in settings and addresses.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Named(name) => name.as_str(),
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Collection {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "request" => Ok(Self::Request),
            "response" => Ok(Self::Response),
            name => CollectionName::new(name).map(Self::Named),
        }
    }
}

impl Serialize for Collection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Collection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::parsed(deserializer)
    }
}

/// One body, or one record of a scorer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollectedLine {
    /// When the scorer was about to be asked, or had answered.
    pub time: Timestamp,
    /// The request, as the client or the server named it.
    pub request_id: String,
    /// Shared by the bodies and the records of one run, and by nothing else.
    pub correlation_id: String,
    /// Whether the request was a copy of a live one, whose answer no client got.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mirror: bool,
    /// The media type, as it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The answer's status; none for anything else.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollectedPage {
    /// Which one.
    pub collection: Collection,
    /// Every collection of the deployment that has lines.
    pub collections: Vec<Collection>,
    /// The lines.
    pub lines: Vec<CollectedLine>,
}
