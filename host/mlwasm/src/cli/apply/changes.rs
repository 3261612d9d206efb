//! What differs between two specs, setting by setting. Pure functions of JSON.

use std::fmt;

use mlwasm_types::Digest;
use serde_json::Value;

use crate::cli::{merge, output::cell, views};

/// One setting that would become another. A value that is absent is the default.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// The setting's path, as in `sandbox.memory_limit_mb`.
    pub(crate) setting: String,
    /// What it is.
    pub(crate) from: Option<Value>,
    /// What it would be.
    pub(crate) to: Option<Value>,
}

impl Change {
    /// Whether it changes where requests go.
    pub(crate) fn is_routing(&self) -> bool {
        ROUTING.contains(&self.setting.as_str())
    }
}

/// The settings of an endpoint that name deployments. They are set last, when those serve.
pub(crate) const ROUTING: [&str; 3] = ["traffic", "mirror_traffic", "routes"];

/// What makes `to` of `from`, in the order of the settings' names.
pub(crate) fn between(from: &Value, to: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    collect("", Some(from), Some(to), &mut changes);
    changes
}

fn collect(path: &str, from: Option<&Value>, to: Option<&Value>, changes: &mut Vec<Change>) {
    if from == to {
        return;
    }
    let maps = [from, to].map(|side| side.map_or(Some(None), |value| value.as_object().map(Some)));
    match maps {
        [Some(from), Some(to)] if !merge::WHOLE.contains(&path) => {
            let keys = from.into_iter().chain(to).flat_map(|map| map.keys());
            let mut keys: Vec<_> = keys.collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let below = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                let of = |map: Option<&serde_json::Map<String, Value>>| {
                    map.and_then(|map| map.get(key)).cloned()
                };
                collect(&below, of(from).as_ref(), of(to).as_ref(), changes);
            }
        }
        _ => changes.push(Change {
            setting: path.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
        }),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, from, to } = self;
        let shown = |value: &Option<Value>| value.as_ref().map_or("unset".to_owned(), in_words);
        write!(f, "{setting}: {} -> {}", shown(from), shown(to))
    }
}

/// A value for people: digests in few digits, texts as they stand unless they are empty.
fn in_words(value: &Value) -> String {
    let digest = value.as_str().and_then(|text| text.parse::<Digest>().ok());
    match (digest, cell(value)) {
        (Some(digest), _) => views::short(&digest),
        (None, text) if text.is_empty() => "none".to_owned(),
        (None, text) => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_setting_that_differs_is_one_line() {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
        for (from, to, lines) in [
            (json!({"a": 1}), json!({"a": 1}), vec![]),
            (
                json!({"instance_count": 2, "sandbox": {"x": 1, "y": 2}}),
                json!({"instance_count": 4, "sandbox": {"x": 1, "y": 3}}),
                vec!["instance_count: 2 -> 4", "sandbox.y: 2 -> 3"],
            ),
            (
                json!({"tags": {"a": "1"}}),
                json!({"tags": {"b": ""}, "description": "new"}),
                vec![
                    "description: unset -> new",
                    "tags.a: 1 -> unset",
                    "tags.b: unset -> none",
                ],
            ),
            (
                json!({"models": {"m": {"digest": digest("a")}}}),
                json!({"models": {"m": {"digest": digest("b")}}}),
                vec!["models.m.digest: aaaaaaaaaaaa -> bbbbbbbbbbbb"],
            ),
            // Shares are one value.
            (
                json!({"traffic": {"blue": 100}, "mirror_traffic": {}}),
                json!({"traffic": {"blue": 90, "green": 10}, "mirror_traffic": {"red": 5}}),
                vec![
                    "mirror_traffic: none -> red=5",
                    "traffic: blue=100 -> blue=90 green=10",
                ],
            ),
            (
                json!({"models": {}}),
                json!({"models": {"m": {"sessions": 2}}}),
                vec!["models.m.sessions: unset -> 2"],
            ),
        ] {
            let found: Vec<_> = between(&from, &to)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(found, lines);
        }
    }
}
