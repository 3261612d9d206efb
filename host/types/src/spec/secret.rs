//! Where the value of a secret is: a reference, never the value.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text;

/// Where the server finds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretReference {
    /// `env:NAME`: a variable of the server's own environment.
    Environment(String),
    /// `file:/path`: a file in the server's folder of secrets, by its absolute path.
    File(String),
    /// `mount:NAME`: a file in the server's folder of secrets, by its path within.
    Mount(String),
}

/// A text that refers to no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecretReference {
    /// None of the three forms. The text is not quoted: it may be the secret itself.
    #[error("expected env:NAME, file:/path or mount:NAME, not the secret itself")]
    Form,
    /// A path that leads elsewhere than it seems to.
    #[error("{text:?} is not allowed: a path has no empty, `.` or `..` part")]
    Path {
        /// What came.
        text: String,
    },
}

/// The longest path or name.
const LONGEST: usize = 1_024;

impl FromStr for SecretReference {
    type Err = InvalidSecretReference;

    fn from_str(text: &str) -> Result<Self, InvalidSecretReference> {
        let (kind, place) = text.split_once(':').ok_or(InvalidSecretReference::Form)?;
        if place.is_empty() || place.len() > LONGEST || place.contains(['\0', '\n']) {
            return Err(InvalidSecretReference::Form);
        }
        let checked = |path: &str| {
            let mut parts = path.split('/');
            if parts.any(|part| matches!(part, "" | "." | "..")) {
                return Err(InvalidSecretReference::Path {
                    text: text.to_owned(),
                });
            }
            Ok(place.to_owned())
        };
        match (kind, place.strip_prefix('/')) {
            ("env", None) => Ok(Self::Environment(place.to_owned())),
            ("file", Some(path)) => checked(path).map(Self::File),
            ("mount", None) => checked(place).map(Self::Mount),
            _ => Err(InvalidSecretReference::Form),
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Mount(name) => write!(f, "mount:{name}"),
        }
    }
}

impl Serialize for SecretReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_of_three_forms() {
        for (text, is_reference) in [
            ("env:RISK_API_KEY", true),
            ("file:/run/secrets/x", true),
            ("mount:risk/api-key", true),
            ("env:", false),
            ("env:/x", false),
            ("file:x", false),
            ("file:/", false),
            ("file:/run/../etc/passwd", false),
            ("file:/run//x", false),
            ("mount:/x", false),
            ("mount:../x", false),
            ("mount:a/./b", false),
            ("vault:x", false),
            ("hunter2", false),
            ("", false),
        ] {
            let read = text.parse::<SecretReference>();
            assert_eq!(read.is_ok(), is_reference, "{text:?}");
            if let Ok(reference) = read {
                assert_eq!(reference.to_string(), text);
            }
        }
    }

    #[test]
    fn a_secret_that_stands_where_a_reference_should_is_not_repeated() {
        let error = serde_json::from_str::<SecretReference>("\"hunter2\"").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
