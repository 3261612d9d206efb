//! What schemas are put together from.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::{azure::Foreign, views};

/// Named settings, in the order in which a reader wants them.
pub(super) type Settings<'a> = &'a [(&'a str, Value)];

/// A map with these settings and no others.
pub(super) fn object(description: &str, settings: Settings<'_>) -> Value {
    let settings = settings.iter();
    let properties: Map<_, _> = settings
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({
        "description": description,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// A whole number, bounds included.
pub(super) fn integer(description: &str, least: u64, most: u64) -> Value {
    json!({"description": description, "type": "integer", "minimum": least, "maximum": most})
}

/// A number, bounds included.
pub(super) fn number(description: &str, least: f64, most: f64) -> Value {
    json!({"description": description, "type": "number", "minimum": least, "maximum": most})
}

/// A text.
pub(super) fn text(description: &str) -> Value {
    json!({"description": description, "type": "string"})
}

/// One of some words.
pub(super) fn word(description: &str, words: &[&str]) -> Value {
    json!({"description": description, "type": "string", "enum": words})
}

/// A name of an endpoint or a deployment.
pub(super) fn name(description: &str) -> Value {
    json!({
        "description": description,
        "type": "string",
        "pattern": "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
        "maxLength": 32,
    })
}

/// A map from any key to a text; numbers and truth values are taken as they are written.
pub(super) fn texts(description: &str) -> Value {
    json!({
        "description": description,
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    })
}

/// Shares of requests by deployment, in percent.
pub(super) fn shares(description: &str, most: u64) -> Value {
    json!({
        "description": description,
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": most},
    })
}

/// A list.
pub(super) fn list(description: &str, items: Value, most: u64) -> Value {
    json!({"description": description, "type": "array", "items": items, "maxItems": most})
}

/// `schema` with an example.
pub(super) fn such_as(mut schema: Value, example: Value) -> Value {
    schema["examples"] = json!([example]);
    schema
}

/// `schema`, also fulfilled by null, which takes the setting back.
pub(super) fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// `schema` with the defaults that `settings` has for its properties.
///
/// # Errors
///
/// Only if `settings` has no JSON form.
pub(super) fn with_defaults(mut schema: Value, settings: &impl Serialize) -> anyhow::Result<Value> {
    let defaults = views::to_json(settings)?;
    let properties = schema["properties"].as_object_mut();
    for (name, property) in properties.into_iter().flatten() {
        if let Some(default) = defaults.get(name) {
            property["default"] = default.clone();
        }
    }
    Ok(schema)
}

/// The schema of a whole file, which may also hold the keys of `foreign`.
pub(super) fn file(title: &str, mut schema: Value, foreign: &[Foreign]) -> Value {
    let mut take = |key: &str, property: Value| schema["properties"][key] = property;
    take("$schema", text("Where editors find this schema"));
    for (key, advice) in foreign {
        let description = format!("Has no effect here: {advice}");
        take(key, json!({"description": description, "deprecated": true}));
    }
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["required"] = json!(["name"]);
    schema
}
