//! Registered models: a name, versions counted from 1, and how a deployment refers to one.
//!
//! A reference is a way to write a digest: it is looked up when a deployment is changed, and the revision keeps the digest.
//! So what is registered or deleted later changes no deployment.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Digest, InvalidSpec, ModelName, spec::check_people_fields};

/// Counts the versions of one registered model, from 1. A number is never given twice.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct ModelVersion(pub u64);

impl fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is registered as the next version of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelRegistration {
    /// The digest of an uploaded ONNX file.
    pub digest: Digest,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096)]
    pub description: Option<String>,
    /// For people and their tools.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl ModelRegistration {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] that names the field.
    pub fn validate(&self) -> Result<(), InvalidSpec> {
        check_people_fields(self.description.as_deref(), &self.tags)
    }
}

/// One version of a registered model, as `GET` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisteredModel {
    /// The model's name.
    pub name: ModelName,
    /// Which version.
    pub version: ModelVersion,
    /// When it was registered, to the second.
    pub created_at: Timestamp,
    /// The size of its file in bytes.
    pub size: u64,
    /// What was registered.
    #[serde(flatten)]
    pub model: ModelRegistration,
    /// The deployments that want or serve its file, as `ENDPOINT/DEPLOYMENT`. They keep it if it is deleted here.
    #[serde(default)]
    pub used_by: Vec<String>,
}

/// Which version a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This one.
    Version(ModelVersion),
    /// The last one, at the time it is looked up.
    Latest,
}

/// A registered model as deployments name it: `mlwasm:iris:2`, or `mlwasm:iris@latest`; `azureml:` means the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelReference {
    /// The model's name.
    pub name: ModelName,
    /// Which version of it.
    pub pick: Pick,
}

/// A text that is no reference to a registered model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} names no registered model: expected mlwasm:NAME:VERSION or mlwasm:NAME@latest, as in mlwasm:iris:2"
)]
pub struct InvalidReference {
    text: String,
}

const SCHEMES: [&str; 2] = ["mlwasm:", "azureml:"];

impl ModelReference {
    /// Whether `text` is meant as a reference: then it is one, or wrong, but never a path or a digest.
    pub fn is_meant_by(text: &str) -> bool {
        SCHEMES.iter().any(|scheme| text.starts_with(scheme))
    }
}

impl FromStr for ModelReference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let rest = SCHEMES.iter().find_map(|it| text.strip_prefix(it))?;
            let (name, pick) = match rest.strip_suffix("@latest") {
                Some(name) => (name, Pick::Latest),
                None => {
                    let (name, version) = rest.rsplit_once(':')?;
                    let version = version.parse().ok().filter(|number| *number > 0)?;
                    (name, Pick::Version(ModelVersion(version)))
                }
            };
            let name = ModelName::new(name).ok()?;
            Some(Self { name, pick })
        };
        read().ok_or_else(|| InvalidReference {
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for ModelReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.pick {
            Pick::Version(version) => write!(f, "mlwasm:{name}:{version}"),
            Pick::Latest => write!(f, "mlwasm:{name}@latest"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_version_or_the_latest() {
        for (text, written) in [
            ("mlwasm:iris:2", Some("mlwasm:iris:2")),
            ("azureml:iris:2", Some("mlwasm:iris:2")),
            ("azureml:iris@latest", Some("mlwasm:iris@latest")),
            ("mlwasm:iris_v.2:10", Some("mlwasm:iris_v.2:10")),
            ("mlwasm:iris", None),
            ("mlwasm:iris:", None),
            ("mlwasm:iris:0", None),
            ("mlwasm:iris:-1", None),
            ("mlwasm:iris:two", None),
            ("mlwasm::2", None),
            ("mlwasm:iris@newest", None),
            ("iris:2", None),
        ] {
            let read = text.parse::<ModelReference>().ok();
            let read = read.map(|reference| reference.to_string());
            assert_eq!(read.as_deref(), written, "{text}");
        }
        assert!(ModelReference::is_meant_by("mlwasm:nonsense"));
        assert!(!ModelReference::is_meant_by("./iris.onnx"));
        assert!(!ModelReference::is_meant_by("sha256:00"));
    }
}
