//! YAML in and out: the only place that names its library.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A YAML file, read twice: checked against a type, and as it stands, to see which keys were given.
pub(crate) struct Document<T> {
    /// The file's content in its type.
    pub(crate) checked: T,
    /// The file's content as it stands.
    pub(crate) raw: Value,
}

/// Reads a file.
///
/// # Errors
///
/// Names the file, and the line and column of what is wrong.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Document<T>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    parse_file(path, &text)
}

/// Parses `text`, which stands in the file at `path`.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn parse_file<T: DeserializeOwned>(
    path: &Path,
    text: &str,
) -> anyhow::Result<Document<T>> {
    parse(text).map_err(|error| anyhow!("{}:{error:#}", path.display()))
}

/// Parses a text.
///
/// # Errors
///
/// Begins with the line and column of what is wrong, as in `2:1: unknown field`.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> anyhow::Result<Document<T>> {
    let located = |error: serde_saphyr::Error| match error.location() {
        Some(location) => anyhow!(
            "{}:{}: {}",
            location.line(),
            location.column(),
            message(&error)
        ),
        None => anyhow!(" {}", message(&error)),
    };
    let checked = serde_saphyr::from_str_with_options(text, options()).map_err(located)?;
    let raw = serde_saphyr::from_str_with_options(text, options()).map_err(located)?;
    Ok(Document { checked, raw })
}

/// Parses a text to a value: an inline map or list, a number, a word.
///
/// # Errors
///
/// Says what is wrong.
pub(crate) fn value(text: &str) -> anyhow::Result<Value> {
    serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| anyhow!("{}", message(&error)))
}

fn options() -> serde_saphyr::Options {
    // `on` and `no` are words, as in YAML 1.2: nobody who sets a variable to `on` wants `true`.
    serde_saphyr::options! { strict_booleans: true, with_snippet: false }
}

/// What is wrong, without the place.
fn message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let place = error
        .location()
        .map(|at| format!(" at line {}, column {}", at.line(), at.column()));
    let text = text.trim_end_matches(place.as_deref().unwrap_or_default());
    // The hint is for programmers of the library's users.
    text.trim_end_matches(", set DuplicateKeyPolicy in Options if acceptable")
        .to_owned()
}

/// Writes a value, ending with a line feed.
///
/// # Errors
///
/// Only if the value has no YAML form.
pub(crate) fn write(value: &impl Serialize) -> anyhow::Result<String> {
    let mut text = serde_saphyr::to_string(value).context("writing YAML")?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
