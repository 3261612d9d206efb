//! Scorers for the tests of the platform: one behaviour each, most of them bad. The guests are the examples of this
//! package; here is only what several of them need.

use std::str::FromStr;

use mlwasm_sdk::{Request, ScoreError};

/// A query parameter as a value of type `T`.
///
/// # Errors
///
/// [`ScoreError::BadRequest`] if it is missing or is no `T`.
pub fn param<T: FromStr>(request: &Request, name: &str) -> Result<T, ScoreError> {
    let text = request
        .query_param(name)
        .ok_or_else(|| ScoreError::bad_request(format!("no parameter `{name}`")))?;
    text.parse()
        .map_err(|_| ScoreError::bad_request(format!("parameter `{name}` is `{text}`")))
}
