//! `--set key=value`: one setting of a deployment or an endpoint, by its path in the YAML.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::{merge::Patch, yaml};

/// One `--set` of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    path: Vec<String>,
    value: Value,
}

/// Maps from text to text: what follows the first dot is the key, dots and all, and the value is taken as it stands.
const TEXT_MAPS: [&str; 3] = ["environment_variables", "secrets", "tags"];

/// What has a better way to be set.
const NOT_HERE: [(&str, &str); 7] = [
    ("model", "use --model FILE"),
    ("models", "use --model NAME=FILE"),
    (
        "component",
        "`mlwasm deploy SCORER.wasm` replaces the scorer",
    ),
    (
        "code_configuration",
        "`mlwasm deploy SCORER.wasm` replaces the scorer",
    ),
    ("traffic", "use `mlwasm traffic`"),
    ("name", "a deployment can not be renamed"),
    ("endpoint_name", "a deployment can not be moved"),
];

/// One `--set` of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointAssignment(Assignment);

/// What of an endpoint has a better way to be set.
const NOT_HERE_ON_ENDPOINTS: [(&str, &str); 5] = [
    ("traffic", "use `mlwasm traffic`"),
    ("mirror_traffic", "use `mlwasm mirror`"),
    ("routes", "use --route"),
    ("name", "an endpoint can not be renamed"),
    ("deployments", "use `mlwasm deployment`"),
];

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text, &NOT_HERE)
    }
}

impl FromStr for EndpointAssignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Assignment::read(text, &NOT_HERE_ON_ENDPOINTS).map(Self)
    }
}

impl Assignment {
    fn read(text: &str, not_here: &[(&str, &str)]) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .ok_or("expected KEY=VALUE, as in instance_count=2 or tags.team=risk")?;
        let first = path.split('.').next().unwrap_or_default();
        if let Some((_, advice)) = not_here.iter().find(|(key, _)| *key == first)
            && !is_model_option(path)
        {
            return Err((*advice).to_owned());
        }
        match path.split_once('.') {
            Some((map, key)) if TEXT_MAPS.contains(&map) && !key.is_empty() => Ok(Self {
                path: vec![map.to_owned(), key.to_owned()],
                value: text_or_null(value),
            }),
            _ => Ok(Self {
                path: segments(path)?,
                value: yaml::value(value).map_err(|error| format!("{value:?}: {error}"))?,
            }),
        }
    }
}

/// `models.iris.sessions` is an option of a model that is there; `models.iris` would be the model itself.
fn is_model_option(path: &str) -> bool {
    path.starts_with("models.") && path.split('.').count() > 2
}

fn segments(path: &str) -> Result<Vec<String>, String> {
    let segments: Vec<String> = path.split('.').map(str::to_owned).collect();
    if segments.iter().any(String::is_empty) {
        return Err(format!(
            "{path:?} is not a path: expected words with dots between them"
        ));
    }
    Ok(segments)
}

fn text_or_null(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        text => Value::String(text.to_owned()),
    }
}

impl EndpointAssignment {
    /// The merge patch that makes this one change.
    pub(crate) fn into_patch(self) -> Patch {
        self.0.into_patch()
    }
}

impl Assignment {
    /// The merge patch that makes this one change.
    pub(crate) fn into_patch(self) -> Patch {
        let mut path = self.path.into_iter().rev();
        let mut patch = Map::new();
        let last = path.next().unwrap_or_default();
        patch.insert(last, self.value);
        path.fold(patch, |inner, key| {
            Map::from_iter([(key, Value::Object(inner))])
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_becomes_a_patch_with_its_yaml_value() {
        for (text, patch) in [
            ("instance_count=3", json!({"instance_count": 3})),
            (
                "request_settings.request_timeout_ms=250",
                json!({"request_settings": {"request_timeout_ms": 250}}),
            ),
            (
                "sandbox={memory_limit_mb: 8}",
                json!({"sandbox": {"memory_limit_mb": 8}}),
            ),
            (
                "description=all right = good",
                json!({"description": "all right = good"}),
            ),
            ("description='3'", json!({"description": "3"})),
            ("description=null", json!({"description": null})),
            ("description=", json!({"description": null})),
            ("description=on", json!({"description": "on"})),
            (
                "models.iris.batching.max_batch_size=16",
                json!({"models": {"iris": {"batching": {"max_batch_size": 16}}}}),
            ),
            ("x.y.z=true", json!({"x": {"y": {"z": true}}})),
            ("x=[1, 2.5]", json!({"x": [1, 2.5]})),
        ] {
            let assignment: Assignment = text.parse().unwrap();
            assert_eq!(Value::Object(assignment.into_patch()), patch, "{text}");
        }
    }

    #[test]
    fn variables_and_tags_are_texts_whatever_they_look_like() {
        for (text, patch) in [
            (
                "environment_variables.THRESHOLD=0.5",
                json!({"environment_variables": {"THRESHOLD": "0.5"}}),
            ),
            (
                "environment_variables.A=",
                json!({"environment_variables": {"A": ""}}),
            ),
            (
                "environment_variables.A=null",
                json!({"environment_variables": {"A": null}}),
            ),
            (
                "tags.example.com/team=1",
                json!({"tags": {"example.com/team": "1"}}),
            ),
            ("tags={team: risk}", json!({"tags": {"team": "risk"}})),
        ] {
            let assignment: Assignment = text.parse().unwrap();
            assert_eq!(Value::Object(assignment.into_patch()), patch, "{text}");
        }
    }

    #[test]
    fn what_is_no_setting_is_refused_with_advice() {
        for (text, words) in [
            ("instance_count", "expected KEY=VALUE"),
            ("=3", "is not a path"),
            ("sandbox..x=3", "is not a path"),
            ("sandbox.=3", "is not a path"),
            ("x={a: ", "x"),
            ("models.iris=iris.onnx", "--model NAME=FILE"),
            ("name=green", "can not be renamed"),
            ("traffic=5", "mlwasm traffic"),
        ] {
            let error = text.parse::<Assignment>().unwrap_err();
            assert!(error.contains(words) || words == "x", "{text}: {error}");
        }
        for (text, words) in [
            ("routes=[]", "use --route"),
            ("name=green", "an endpoint can not be renamed"),
            ("traffic.blue=5", "mlwasm traffic"),
        ] {
            let error = text.parse::<EndpointAssignment>().unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        let sticky: EndpointAssignment = "sticky_cookie=user".parse().unwrap();
        assert_eq!(
            Value::Object(sticky.into_patch()),
            json!({"sticky_cookie": "user"})
        );
    }
}
