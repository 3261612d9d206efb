//! Why a scorer could not start, answer, or run a model.

use thiserror::Error;

use crate::TensorError;

/// Why `init` did not make a scorer: any error at all.
///
/// A boxed error, so that `?` works on every error type and `"text".into()` makes one.
pub type InitError = Box<dyn std::error::Error>;

/// Why `run` did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScoreError {
    /// The client's mistake, worded for the client: status 400.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The scorer's fault, worded for its log: status 424.
    #[error("internal error: {0}")]
    Internal(String),
}

impl ScoreError {
    /// A mistake of the client; made for `map_err(ScoreError::bad_request)`.
    pub fn bad_request(reason: impl ToString) -> Self {
        Self::BadRequest(reason.to_string())
    }

    /// A fault of the scorer; made for `map_err(ScoreError::internal)`.
    pub fn internal(reason: impl ToString) -> Self {
        Self::Internal(reason.to_string())
    }
}

/// Why a model could not be opened or run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InferenceError {
    /// The deployment has no model of this name.
    #[error("unknown model: {0}")]
    UnknownModel(String),
    /// The tensors do not fit the model. Nothing was run.
    #[error("invalid input: {0}")]
    InvalidInput(String),
    /// The model was run and failed, or could not be run.
    #[error("inference failed: {0}")]
    Failed(String),
}

/// Why a record was not taken into a [`Collection`](crate::Collection).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CollectionError {
    /// The name is no collection's, the media type is none, or the record has no JSON form.
    #[error("invalid record: {0}")]
    Invalid(String),
    /// The request has left as many records, or as many bytes, as one may.
    #[error("too many records: {0}")]
    TooMany(String),
}

// `?` on these is always the scorer's fault, even on `InvalidInput`: the names and types of tensors are the scorer's
// choice, and a client must not be blamed for them. A scorer that passes a client's shapes on checks them first,
// or says `map_err(ScoreError::bad_request)`.
impl From<InferenceError> for ScoreError {
    fn from(error: InferenceError) -> Self {
        Self::internal(error)
    }
}

impl From<CollectionError> for ScoreError {
    fn from(error: CollectionError) -> Self {
        Self::internal(error)
    }
}

impl From<TensorError> for ScoreError {
    fn from(error: TensorError) -> Self {
        Self::internal(error)
    }
}
