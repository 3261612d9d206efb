//! What comparing a mirror's answers with the live ones has shown.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeploymentName, RevisionNumber, ShadowSettings};

/// Whether the mirror's target may replace the live deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShadowVerdict {
    /// It may: its answers are those of the live deployment, as far as the settings ask for it.
    Promote,
    /// Not known yet.
    Hold,
    /// It may not.
    Reject,
}

impl fmt::Display for ShadowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::Reject => "reject",
        })
    }
}

/// How the answers of two revisions compare, since the first request that both answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowReport {
    /// Whether the target may replace the live deployment.
    pub verdict: ShadowVerdict,
    /// Why, in a sentence.
    pub reason: String,
    /// About how many more comparisons would decide, if that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_comparisons: Option<u64>,
    /// Whose answers the clients got.
    pub live: ShadowSide,
    /// Whose answers nobody got.
    pub mirror: ShadowSide,
    /// When counting began.
    pub since: Timestamp,
    /// What was counted.
    pub counts: ShadowCounts,
    /// The share of the answers that were the same, but for noise.
    pub agreement: Estimate,
    /// The share of the answers that were not.
    pub mismatch: Estimate,
    /// The share of the answers whose status was another.
    pub status_mismatch: Estimate,
    /// Failures of the two.
    pub errors: ErrorComparison,
    /// The fields that differed, the worst first.
    pub fields: Vec<FieldDifference>,
    /// How long the two took; none before both have answered a request well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencyComparison>,
    /// The last requests whose answers differed, newest first.
    pub samples: Vec<ShadowSample>,
    /// The endpoint's settings by which this was judged.
    pub settings: ShadowSettings,
}

/// One of the two that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShadowSide {
    /// The deployment.
    pub deployment: DeploymentName,
    /// Which of its revisions.
    pub revision: RevisionNumber,
}

/// How many requests came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShadowCounts {
    /// Both answers were compared: the sum of the next four.
    pub comparisons: u64,
    /// They were the same.
    pub equal: u64,
    /// They differed only where two answers of the live deployment differ too.
    pub noise: u64,
    /// They differed otherwise, with the same status.
    pub different: u64,
    /// They had another status.
    pub status: u64,
    /// Mirrored, but one of the answers was none of the scorer's own: overload, deadline, a client that went away.
    pub uncompared: u64,
    /// Both answered, but pairs came faster than they could be compared.
    pub dropped: u64,
    /// Requests that the live deployment was asked twice, to learn what is noise.
    pub replays: u64,
}

/// A share, and where the true one is with 95 % confidence. Between 0 and 1; a difference of shares may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Estimate {
    /// As counted.
    pub rate: f64,
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// Answers that were failures: a status of 500 and above, 424, or 408.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorComparison {
    /// Of the live deployment.
    pub live: u64,
    /// Of the mirror's target.
    pub mirror: u64,
    /// How much larger the target's share is.
    pub excess: Estimate,
}

/// What kind of difference a field shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Another HTTP status.
    Status,
    /// Another content type.
    ContentType,
    /// Only the live answer has the field.
    Missing,
    /// Only the mirror's answer has the field.
    Added,
    /// The values are of different JSON types.
    Type,
    /// The arrays have different lengths.
    Length,
    /// The numbers are further apart than the tolerance.
    Number,
    /// Another class: a text, a small whole number, a truth value, or the most likely of some probabilities.
    Label,
    /// Other bytes.
    Bytes,
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Status => "status",
            Self::ContentType => "content_type",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Type => "type",
            Self::Length => "length",
            Self::Number => "number",
            Self::Label => "label",
            Self::Bytes => "bytes",
        })
    }
}

/// One field in which answers differed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldDifference {
    /// Where: a path into the JSON, all items of an array in one place, or `(status)`, `(content type)`, `(body)`.
    pub path: String,
    /// How, at the first time.
    pub kind: DifferenceKind,
    /// In how many comparisons.
    pub count: u64,
    /// In how many replays, where the live deployment differed from itself.
    pub replayed: u64,
    /// Whether this is noise: the live deployment differs from itself there about as often.
    pub noise: bool,
    /// The live answer's value, at the first time; cut.
    pub live: String,
    /// The mirror's, beside it.
    pub mirror: String,
}

/// How long runs took, in the scorer's own code and in native runs; waiting for a sandbox is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LatencyComparison {
    /// How many requests both answered well.
    pub requests: u64,
    /// Of the live deployment.
    pub live: Latency,
    /// Of the mirror's target.
    pub mirror: Latency,
    /// The medians, the target's divided by the live one's.
    pub p50_ratio: Ratio,
    /// The times that one run in a hundred exceeds, likewise.
    pub p99_ratio: Ratio,
}

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Latency {
    /// The median.
    pub p50_ms: f64,
    /// What one run in a hundred exceeds.
    pub p99_ms: f64,
    /// The median of the time in the scorer's own code.
    pub guest_p50_ms: f64,
    /// What one run in a hundred exceeds of it.
    pub guest_p99_ms: f64,
    /// The median of the time in native runs.
    pub infer_p50_ms: f64,
    /// What one run in a hundred exceeds of it.
    pub infer_p99_ms: f64,
}

/// A ratio, and where the true one is with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ratio {
    /// As measured.
    pub ratio: f64,
    /// Not below this; none while too little is known.
    pub low: Option<f64>,
    /// Not above this; none while too little is known.
    pub high: Option<f64>,
}

/// A request whose answers differed. Nothing of the request but its id is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowSample {
    /// The request.
    pub request_id: String,
    /// When it was compared.
    pub time: Timestamp,
    /// Where the answers differed; of several places the first that is no noise.
    pub path: String,
    /// The live answer's value there; cut.
    pub live: String,
    /// The mirror's; cut.
    pub mirror: String,
}
