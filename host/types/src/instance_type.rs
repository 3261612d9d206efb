//! Instance types: limits that the operator of a server gives a name, so that deployments need not spell them out.
//!
//! A profile is laid under a deployment's settings when the deployment takes it, and the result is what is stored. So what runs is
//! never changed by a change of the server's settings, and a revision says all that it runs with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{InstanceTypeName, RequestSettings, SandboxSettings, spec::InvalidSpec};

/// A profile of limits. What it does not name, it leaves alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InstanceType {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Limits of one sandbox.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = SandboxSettings)]
    pub sandbox: Map<String, Value>,
    /// Time and queue limits of a request.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = RequestSettings)]
    pub request_settings: Map<String, Value>,
}

/// Why a profile can not be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidInstanceType {
    /// A setting that there is not, or a value that is none.
    #[error("{section}: {error}")]
    Unreadable {
        /// Where it stands.
        section: &'static str,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// A value out of its bounds.
    #[error(transparent)]
    OutOfBounds(#[from] InvalidSpec),
}

impl InstanceType {
    /// Checks the limits, each beside the defaults of those that the profile leaves alone. Returns those of a sandbox.
    ///
    /// # Errors
    ///
    /// [`InvalidInstanceType`] that names the setting.
    pub fn checked(&self) -> Result<SandboxSettings, InvalidInstanceType> {
        let unreadable = |section| move |error| InvalidInstanceType::Unreadable { section, error };
        let sandbox = SandboxSettings::deserialize(Value::Object(self.sandbox.clone()))
            .map_err(unreadable("sandbox"))?;
        sandbox.validate()?;
        RequestSettings::deserialize(Value::Object(self.request_settings.clone()))
            .map_err(unreadable("request_settings"))?
            .validate()?;
        Ok(sandbox)
    }

    fn sections(&self) -> [(&'static str, &Map<String, Value>); 2] {
        [
            ("sandbox", &self.sandbox),
            ("request_settings", &self.request_settings),
        ]
    }
}

/// The profiles of a server, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct InstanceTypes(pub BTreeMap<InstanceTypeName, InstanceType>);

/// A profile that the server does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("instance_type: the server has no profile {name:?}; {known}")]
pub struct UnknownInstanceType {
    name: String,
    known: String,
}

impl InstanceTypes {
    /// `settings`, a deployment or a merge patch of one, over the profile that they name, if they name one that `before`, the
    /// deployment as it is, does not have already: what the deployment was given besides its profile stays.
    ///
    /// # Errors
    ///
    /// [`UnknownInstanceType`], which says what there is.
    pub fn laid_under(
        &self,
        before: Option<&Value>,
        mut settings: Value,
    ) -> Result<Value, UnknownInstanceType> {
        const KEY: &str = "instance_type";
        let Some(name) = settings.get(KEY).and_then(Value::as_str) else {
            return Ok(settings);
        };
        let had = before
            .and_then(|before| before.get(KEY))
            .and_then(Value::as_str);
        if had == Some(name) {
            return Ok(settings);
        }
        let Some(profile) = self.0.get(name) else {
            return Err(UnknownInstanceType {
                name: name.chars().take(64).collect(),
                known: self.in_words(),
            });
        };
        let sections = profile.sections().into_iter();
        for (section, limits) in sections.filter(|(_, limits)| !limits.is_empty()) {
            lay_under(limits, &mut settings[section]);
        }
        Ok(settings)
    }

    /// What there is, for a message.
    pub fn in_words(&self) -> String {
        if self.0.is_empty() {
            return "it has none (instance_types of its settings)".to_owned();
        }
        let names: Vec<_> = self.0.keys().map(|name| name.as_str()).collect();
        format!("it has {}", names.join(", "))
    }
}

/// Fills in what `section` does not say.
fn lay_under(limits: &Map<String, Value>, section: &mut Value) {
    if section.is_null() {
        *section = Value::Object(Map::new());
    }
    // Something else than a map is refused by who reads it.
    if let Value::Object(section) = section {
        for (key, value) in limits {
            section.entry(key).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn types() -> InstanceTypes {
        serde_json::from_value(json!({
            "small": {"sandbox": {"memory_limit_mb": 32, "max_handles": 10}},
            "large": {"sandbox": {"memory_limit_mb": 512}, "request_settings": {"request_timeout_ms": 60000}},
        }))
        .unwrap()
    }

    #[test]
    fn a_profile_lies_under_what_is_said() {
        let small = json!({"instance_type": "small", "sandbox": {"memory_limit_mb": 32}});
        for (before, settings, expected) in [
            (
                None,
                json!({"sandbox": {"max_handles": 5}}),
                json!({"sandbox": {"max_handles": 5}}),
            ),
            (
                None,
                json!({"instance_type": "small"}),
                json!({"instance_type": "small", "sandbox": {"memory_limit_mb": 32, "max_handles": 10}}),
            ),
            (
                None,
                json!({"instance_type": "small", "sandbox": {"max_handles": 5, "max_infer_calls": 1}}),
                json!({"instance_type": "small", "sandbox": {"memory_limit_mb": 32, "max_handles": 5, "max_infer_calls": 1}}),
            ),
            // It has the profile already: what it was given since stays.
            (
                Some(&small),
                json!({"instance_type": "small", "tags": {}}),
                json!({"instance_type": "small", "tags": {}}),
            ),
            (
                Some(&small),
                json!({"instance_type": "large"}),
                json!({"instance_type": "large", "sandbox": {"memory_limit_mb": 512}, "request_settings": {"request_timeout_ms": 60000}}),
            ),
            // A patch's null asks for the default.
            (
                Some(&small),
                json!({"instance_type": "large", "request_settings": {"request_timeout_ms": null}}),
                json!({"instance_type": "large", "sandbox": {"memory_limit_mb": 512}, "request_settings": {"request_timeout_ms": null}}),
            ),
            (
                Some(&small),
                json!({"instance_type": null}),
                json!({"instance_type": null}),
            ),
            // Refused later, where its type is known.
            (
                None,
                json!({"instance_type": 7}),
                json!({"instance_type": 7}),
            ),
            (
                None,
                json!({"instance_type": "small", "sandbox": 7}),
                json!({"instance_type": "small", "sandbox": 7}),
            ),
        ] {
            assert_eq!(types().laid_under(before, settings), Ok(expected));
        }
    }

    #[test]
    fn a_profile_that_is_not_there_is_refused_with_those_that_are() {
        let settings = json!({"instance_type": "smal"});
        let refused = |types: InstanceTypes| types.laid_under(None, settings.clone()).unwrap_err();
        for (types, message) in [
            (
                types(),
                "instance_type: the server has no profile \"smal\"; it has large, small",
            ),
            (
                InstanceTypes::default(),
                "instance_type: the server has no profile \"smal\"; it has none (instance_types of its settings)",
            ),
        ] {
            assert_eq!(refused(types).to_string(), message);
        }
    }

    #[test]
    fn a_profiles_limits_are_those_of_a_deployment() {
        let checked = |profile: Value| {
            let profile: InstanceType = serde_json::from_value(profile).unwrap();
            profile.checked().map_err(|error| error.to_string())
        };
        assert_eq!(
            checked(json!({"sandbox": {"memory_limit_mb": 1024}}))
                .unwrap()
                .memory_limit_mb,
            1024
        );
        for (profile, message) in [
            (
                json!({"sandbox": {"memory_limit_mb": 1025}}),
                "sandbox.memory_limit_mb",
            ),
            (json!({"sandbox": {"memory": 1}}), "unknown field `memory`"),
            (
                json!({"request_settings": {"request_timeout_ms": 0}}),
                "request_settings.request_timeout_ms",
            ),
            (
                json!({"request_settings": {"request_timeout_ms": "x"}}),
                "request_settings: invalid type",
            ),
        ] {
            let refused = checked(profile).unwrap_err();
            assert!(refused.contains(message), "{refused}");
        }
    }
}
