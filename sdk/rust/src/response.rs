//! What `run` answers.

use serde::Serialize;

use crate::{Header, ScoreError};

/// The answer to one request: status 200 unless changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status, 200 to 599.
    pub status: u16,
    /// The media type of the body.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<Header>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of any media type.
    pub fn new(content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            content_type: content_type.into(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// An answer in JSON.
    ///
    /// # Errors
    ///
    /// [`ScoreError::Internal`] if the value has no JSON form, such as a map whose keys are not strings.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, ScoreError> {
        let body = serde_json::to_vec(value).map_err(ScoreError::internal)?;
        Ok(Self::new("application/json", body))
    }

    /// An answer in plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new("text/plain; charset=utf-8", text.into())
    }

    /// The same answer with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }
}
