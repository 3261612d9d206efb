//! Where in a JSON value something is, all items of an array in one place: `$.predictions[*].label`.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// Longest path that may be given, in bytes.
const MAX_BYTES: usize = 200;

/// One step on the way from a value to what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathStep<'a> {
    /// To the member of an object.
    Key(&'a str),
    /// To an item of an array, whichever.
    Items,
}

/// The path as people read it. Keys that are no plain words are written as JSON texts: `$["two words"]`.
pub fn written(steps: &[PathStep<'_>]) -> String {
    let mut text = "$".to_owned();
    for step in steps {
        // Writing to a text does not fail.
        let _ = match step {
            PathStep::Items => write!(text, "[*]"),
            PathStep::Key(key) if is_word(key) => write!(text, ".{key}"),
            PathStep::Key(key) => write!(text, "[{}]", serde_json::Value::from(*key)),
        };
    }
    text
}

/// A field that is left out of comparisons, with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    steps: Vec<Wanted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Key(String),
    AnyKey,
    Items,
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a path: expected $ and then .key, [\"any key\"], .* for every key or [*] for every item, as in $.rows[*].id"
)]
pub struct InvalidFieldPath {
    /// The text, cut to a readable length.
    pub text: String,
}

impl FieldPath {
    /// Whether what is at `steps` is this field or in it.
    pub fn covers(&self, steps: &[PathStep<'_>]) -> bool {
        self.steps.len() <= steps.len()
            && self
                .steps
                .iter()
                .zip(steps)
                .all(|(wanted, step)| match (wanted, step) {
                    (Wanted::Key(wanted), PathStep::Key(key)) => wanted == key,
                    (Wanted::AnyKey, PathStep::Key(_)) | (Wanted::Items, PathStep::Items) => true,
                    (Wanted::Key(_) | Wanted::AnyKey, PathStep::Items)
                    | (Wanted::Items, PathStep::Key(_)) => false,
                })
    }
}

impl FromStr for FieldPath {
    type Err = InvalidFieldPath;

    fn from_str(text: &str) -> Result<Self, InvalidFieldPath> {
        let invalid = || InvalidFieldPath {
            text: text.chars().take(64).collect(),
        };
        let mut rest = text
            .strip_prefix('$')
            .filter(|_| text.len() <= MAX_BYTES)
            .ok_or_else(invalid)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = first_step(rest).ok_or_else(invalid)?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { steps })
    }
}

/// The step that `text` begins with, and what follows it.
fn first_step(text: &str) -> Option<(Wanted, &str)> {
    if let Some(after) = text.strip_prefix("[*]") {
        return Some((Wanted::Items, after));
    }
    if let Some(after) = text.strip_prefix(".*") {
        return Some((Wanted::AnyKey, after));
    }
    if let Some(after) = text.strip_prefix('.') {
        let end = after.find(['.', '[']).unwrap_or(after.len());
        let (key, after) = after.split_at(end);
        return is_word(key).then(|| (Wanted::Key(key.to_owned()), after));
    }
    let quoted = text.strip_prefix('[')?;
    let mut keys = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
    let key = keys.next()?.ok()?;
    let after = quoted[keys.byte_offset()..].strip_prefix(']')?;
    Some((Wanted::Key(key), after))
}

fn is_word(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        self.steps.iter().try_for_each(|step| match step {
            Wanted::Items => f.write_str("[*]"),
            Wanted::AnyKey => f.write_str(".*"),
            Wanted::Key(key) if is_word(key) => write!(f, ".{key}"),
            Wanted::Key(key) => write!(f, "[{}]", serde_json::Value::from(key.as_str())),
        })
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for text in [
            "$",
            "$.id",
            "$.rows[*].label",
            "$[*][*]",
            "$.meta.*",
            "$[\"two words\"].x",
            "$[\"a]\\\"b\"]",
        ] {
            let path: FieldPath = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
        let longest = format!("$.{}", "a".repeat(198));
        assert!(longest.parse::<FieldPath>().is_ok());
        for text in [
            "",
            "id",
            "$id",
            "$.",
            "$..a",
            "$.a b",
            "$[0]",
            "$[",
            "$[*",
            "$[\"a\"",
            "$[\"a]",
            &format!("{longest}a"),
        ] {
            assert!(text.parse::<FieldPath>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_field_covers_itself_and_what_is_in_it() {
        use PathStep::{Items, Key};
        let at: [(&[PathStep<'_>], &str); 4] = [
            (&[], "$"),
            (&[Key("rows")], "$.rows"),
            (&[Key("rows"), Items, Key("id")], "$.rows[*].id"),
            (&[Key("two words")], "$[\"two words\"]"),
        ];
        for (steps, text) in at {
            assert_eq!(written(steps), text);
        }
        for (path, covered) in [
            ("$", [true, true, true, true]),
            ("$.rows", [false, true, true, false]),
            ("$.rows[*].id", [false, false, true, false]),
            ("$.rows[*].*", [false, false, true, false]),
            ("$.*", [false, true, true, true]),
            ("$[*]", [false; 4]),
            ("$.rows.id", [false; 4]),
        ] {
            let path: FieldPath = path.parse().unwrap();
            assert_eq!(at.map(|(steps, _)| path.covers(steps)), covered, "{path}");
        }
    }
}
