//! An answer as far as it is compared.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

/// The longest body that is kept for comparing; of a longer one length and digest are compared.
pub const MAX_KEPT_BYTES: usize = 256 << 10;

/// What a scorer answered.
#[derive(Clone, Debug)]
pub struct ShadowAnswer {
    /// The HTTP status: its own, or what its failure means for a client.
    pub status: u16,
    /// The media type of the body.
    pub content_type: Option<HeaderValue>,
    /// The body; empty for a failure.
    pub body: ShadowBody,
    /// Time in the scorer's own code.
    pub guest: Duration,
    /// Time in native runs.
    pub infer: Duration,
}

/// A body, or what is left of one that is too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShadowBody {
    /// The body, shared with the answer to the client.
    Kept(Bytes),
    /// Only its length in bytes, and its XXH3 of 128 bits: enough to tell whether two are the same.
    Digested {
        /// In bytes.
        length: usize,
        /// Over all of it.
        digest: u128,
    },
}

impl ShadowBody {
    /// The length of the body in bytes.
    pub fn length(&self) -> usize {
        match self {
            Self::Kept(bytes) => bytes.len(),
            Self::Digested { length, .. } => *length,
        }
    }

    /// How many bytes of it are in memory.
    pub fn kept_bytes(&self) -> usize {
        match self {
            Self::Kept(bytes) => bytes.len(),
            Self::Digested { .. } => 0,
        }
    }
}
