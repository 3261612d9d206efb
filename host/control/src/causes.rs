//! Errors as text: our error types leave their source out of their own text, so somebody has to add it.

use std::error::Error;

/// `error` and everything that caused it, outermost first.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
