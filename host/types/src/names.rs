//! Names of endpoints, deployments and models.
//!
//! The constructors check; whoever holds a name need not check again, so a name is safe in a path, a header,
//! a label and a file name. Rule: `^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$`, 1 to 32 characters; models may also
//! hold `_` and `.`, as the files they come from do, and collections `_`.

use std::{borrow::Borrow, fmt, marker::PhantomData, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a name names; chooses the rule and the word in the error.
pub trait Kind {
    /// The noun, for messages.
    const NOUN: &'static str;
    /// What goes before the noun.
    const ARTICLE: &'static str = "a";
    /// A name that is allowed.
    const EXAMPLE: &'static str;
    /// Characters allowed after the first, besides letters, digits and `-`.
    const EXTRA: &'static str = "";
    /// Names that mean something else in a route.
    const RESERVED: &'static [&'static str] = &[];
}

/// Marks a [`Name`] as that of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointKind {}
/// Marks a [`Name`] as that of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeploymentKind {}
/// Marks a [`Name`] as that of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelKind {}

/// Marks a [`Name`] as that of an administration token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminTokenKind {}
/// Marks a [`Name`] as that of an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceTypeKind {}
/// Marks a [`Name`] as that of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollectionKind {}

impl Kind for EndpointKind {
    const NOUN: &'static str = "endpoint";
    const ARTICLE: &'static str = "an";
    const EXAMPLE: &'static str = "iris";
    // Segments of the Open Inference Protocol's routes, where an endpoint's name would stand.
    const RESERVED: &'static [&'static str] = &["stats", "ready", "config", "infer", "versions"];
}
impl Kind for DeploymentKind {
    const NOUN: &'static str = "deployment";
    const EXAMPLE: &'static str = "blue";
}
impl Kind for ModelKind {
    const NOUN: &'static str = "model";
    const EXAMPLE: &'static str = "iris";
    const EXTRA: &'static str = "_.";
}
impl Kind for AdminTokenKind {
    const NOUN: &'static str = "token";
    const EXAMPLE: &'static str = "pipeline";
    const EXTRA: &'static str = "_.";
    // The token of the data folder.
    const RESERVED: &'static [&'static str] = &["admin"];
}
impl Kind for InstanceTypeKind {
    const NOUN: &'static str = "instance type";
    const ARTICLE: &'static str = "an";
    const EXAMPLE: &'static str = "small";
    const EXTRA: &'static str = "_.";
}
impl Kind for CollectionKind {
    const NOUN: &'static str = "collection";
    const EXAMPLE: &'static str = "features";
    const EXTRA: &'static str = "_";
    // Those that the server fills by itself.
    const RESERVED: &'static [&'static str] = &["request", "response"];
}

/// The name of an endpoint.
pub type EndpointName = Name<EndpointKind>;
/// The name of a deployment, unique within its endpoint.
pub type DeploymentName = Name<DeploymentKind>;
/// The name by which a scorer opens a model.
pub type ModelName = Name<ModelKind>;
/// The name of an administration token.
pub type AdminTokenName = Name<AdminTokenKind>;
/// The name of a profile of limits.
pub type InstanceTypeName = Name<InstanceTypeKind>;
/// The name of a collection that a scorer fills.
pub type CollectionName = Name<CollectionKind>;

/// Longest name, in characters.
pub const MAX_LENGTH: usize = 32;

/// A checked name of one kind. Cheap to clone.
pub struct Name<K> {
    text: Arc<str>,
    kind: PhantomData<fn() -> K>,
}

/// A name that breaks the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Empty, too long, or with a character that is not allowed where it stands.
    #[error(
        "{noun} name {name:?} is not allowed: use 1 to {MAX_LENGTH} letters, digits{extra} or `-`, \
         beginning with a letter and ending with a letter or digit"
    )]
    Malformed {
        /// Which kind of name was wanted.
        noun: &'static str,
        /// Further characters the kind allows, worded for the message.
        extra: &'static str,
        /// What came, cut to a readable length.
        name: String,
    },
    /// A word that routes use.
    #[error("{noun} name {name:?} is reserved: choose another")]
    Reserved {
        /// Which kind of name was wanted.
        noun: &'static str,
        /// What came.
        name: String,
    },
}

impl<K: Kind> Name<K> {
    /// Checks `text` against the rule of its kind.
    ///
    /// # Errors
    ///
    /// [`InvalidName`], which quotes the text and states the rule.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        if !is_well_formed(text, K::EXTRA) {
            return Err(InvalidName::Malformed {
                noun: K::NOUN,
                extra: match K::EXTRA {
                    "" => "",
                    "_" => ", `_`",
                    _ => ", `_`, `.`",
                },
                name: text.chars().take(2 * MAX_LENGTH).collect(),
            });
        }
        if K::RESERVED.contains(&text) {
            return Err(InvalidName::Reserved {
                noun: K::NOUN,
                name: text.to_owned(),
            });
        }
        Ok(Self {
            text: text.into(),
            kind: PhantomData,
        })
    }
}

impl<K> Name<K> {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_well_formed(text: &str, extra: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    bytes.len() <= MAX_LENGTH
        && first.is_ascii_alphabetic()
        && last.is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|&b| b.is_ascii_alphanumeric() || b == b'-' || extra.as_bytes().contains(&b))
}

// Written out rather than derived: a derive would ask the same of the marker `K`.
impl<K> Clone for Name<K> {
    fn clone(&self) -> Self {
        Self {
            text: Arc::clone(&self.text),
            kind: PhantomData,
        }
    }
}
impl<K> PartialEq for Name<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for Name<K> {}
impl<K> PartialOrd for Name<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Name<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> std::hash::Hash for Name<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // As `str` hashes, so that a map can be asked with a `&str`.
        self.text.hash(state);
    }
}
impl<K> Borrow<str> for Name<K> {
    fn borrow(&self) -> &str {
        &self.text
    }
}
impl<K> fmt::Debug for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}
impl<K> fmt::Display for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
impl<K: Kind> FromStr for Name<K> {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}
impl<K> Serialize for Name<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Name<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule() {
        let longest = "a".repeat(MAX_LENGTH);
        let too_long = "a".repeat(MAX_LENGTH + 1);
        let cases: &[(&str, bool)] = &[
            ("e", true),
            ("iris", true),
            ("iris-2", true),
            ("I9", true),
            (&longest, true),
            (&too_long, false),
            ("", false),
            ("9iris", false),
            ("-iris", false),
            ("iris-", false),
            ("iris_2", false),
            ("iris.2", false),
            ("../etc", false),
            ("%2e", false),
            ("a b", false),
            ("a\0", false),
            ("größe", false),
        ];
        for (text, allowed) in cases {
            assert_eq!(EndpointName::new(text).is_ok(), *allowed, "{text:?}");
            assert_eq!(DeploymentName::new(text).is_ok(), *allowed, "{text:?}");
        }
        assert!(ModelName::new("iris_v2.1").is_ok());
        assert!(ModelName::new("..").is_err());
        assert!(CollectionName::new("model_inputs").is_ok());
        for refused in ["model.inputs", "../x", "request", "response"] {
            assert!(CollectionName::new(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn words_of_routes_are_no_endpoints() {
        for word in EndpointKind::RESERVED {
            assert!(matches!(
                EndpointName::new(word),
                Err(InvalidName::Reserved { .. })
            ));
            assert!(DeploymentName::new(word).is_ok());
        }
    }

    #[test]
    fn the_error_quotes_the_name_and_states_the_rule() {
        let error = DeploymentName::new("gre en").unwrap_err().to_string();
        assert_eq!(
            error,
            "deployment name \"gre en\" is not allowed: use 1 to 32 letters, digits or `-`, \
             beginning with a letter and ending with a letter or digit"
        );
    }
}
