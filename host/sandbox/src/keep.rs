//! What is kept of a request beside its answer. Who keeps it, and for how long, is no matter of a sandbox: here is only what it
//! hands over.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_types::CollectionName;

/// Keeps what a scorer records while it answers one request.
///
/// # Concurrency
///
/// Called on the threads of requests: it must neither wait nor take long.
pub trait Recorder: fmt::Debug + Send + Sync {
    /// How many bytes of each record of `collection` are kept; none if the collection is not.
    fn keeps(&self, collection: &str) -> Option<usize>;

    /// Takes a record of a collection that is kept.
    fn record(&self, record: Record);
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which collection it belongs to.
    pub collection: CollectionName,
    /// Its media type.
    pub content_type: HeaderValue,
    /// As much of its beginning as is kept.
    pub data: Bytes,
    /// The length of the whole record in bytes.
    pub bytes: usize,
}

/// What is to be kept of one request; nothing unless it says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep<'a> {
    /// Where the scorer's records go.
    pub recorder: Option<&'a Arc<dyn Recorder>>,
    /// Bytes of the request's body that are kept with its failure, if it fails.
    pub failed_body: usize,
}
