//! Schemas as the types derive them, made fit for the document.
//!
//! A type that holds another one flattened derives "all of" both. If one of them refuses members that it does not know,
//! nothing fits both: so those are merged into one object, and only bodies of requests refuse unknown members.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::{ToSchema, openapi::path::Parameter};

/// The reference to a schema of the document.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("{PREFIX}{name}")})
}

const PREFIX: &str = "#/components/schemas/";

/// A reference to the schema of `T`, which goes into `all` with those that it refers to.
pub(super) fn collect<T: ToSchema>(all: &mut BTreeMap<String, Value>) -> Value {
    let mut found = Vec::new();
    T::schemas(&mut found);
    for (name, schema) in found {
        all.insert(name, json!(schema));
    }
    let name = T::name();
    all.insert(name.clone().into_owned(), json!(T::schema()));
    reference(&name)
}

/// A parameter as the document shows it. It can be left out, but it can not be null.
pub(super) fn parameter(parameter: &Parameter) -> Value {
    let mut parameter = json!(parameter);
    if let Some(schema) = parameter.get_mut("schema") {
        *schema = without_null(schema.take());
    }
    parameter
}

fn without_null(mut schema: Value) -> Value {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|it| it != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("oneOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [only] = choices.as_slice() {
            return only.clone();
        }
    }
    schema
}

/// Every schema of `all`, those that are "all of" some objects merged into one.
pub(super) fn flattened(all: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    all.iter()
        .map(|(name, schema)| (name.clone(), flat(schema, all)))
        .collect()
}

fn flat(schema: &Value, all: &BTreeMap<String, Value>) -> Value {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
        return schema.clone();
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        let part = flat(resolved(part, all), all);
        if let Some(more) = part["properties"].as_object() {
            properties.extend(more.clone());
        }
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
    }
    let mut merged = json!({"type": "object", "properties": properties, "required": required});
    if let Some(description) = schema.get("description") {
        merged["description"] = description.clone();
    }
    merged
}

fn resolved<'a>(schema: &'a Value, all: &'a BTreeMap<String, Value>) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str);
    let name = target.and_then(|target| target.strip_prefix(PREFIX));
    name.and_then(|name| all.get(name)).unwrap_or(schema)
}

/// The schema of a merge patch of the object `name`: every member may be left out or null, at every level, but those that
/// are replaced `whole`.
pub(super) fn patch(name: &str, whole: &[&str], all: &BTreeMap<String, Value>) -> Value {
    let target = all.get(name).cloned().unwrap_or_default();
    let mut patch = partial(&target, all);
    for member in whole {
        if let Some(schema) = target["properties"].get(*member) {
            patch["properties"][*member] = or_null(schema.clone());
        }
    }
    patch["description"] = json!(format!("What shall be different in {name}."));
    patch
}

// As deep as the settings, which is a few levels.
fn partial(schema: &Value, all: &BTreeMap<String, Value>) -> Value {
    let mut schema = resolved(schema, all).clone();
    let Some(members) = schema.as_object_mut() else {
        return schema;
    };
    members.remove("required");
    members.remove("default");
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        for property in properties.values_mut() {
            *property = or_null(partial(property, all));
        }
    }
    if let Some(values @ Value::Object(_)) = members.get_mut("additionalProperties") {
        *values = or_null(partial(values, all));
    }
    for choices in ["oneOf", "anyOf", "allOf"] {
        for choice in members
            .get_mut(choices)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            *choice = partial(choice, all);
        }
    }
    schema
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> BTreeMap<String, Value> {
        let inner = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"type": "integer", "default": 1}},
        });
        let outer = json!({
            "description": "Both.",
            "allOf": [reference("Inner"), {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}],
        });
        BTreeMap::from([("Inner".to_owned(), inner), ("Outer".to_owned(), outer)])
    }

    #[test]
    fn what_is_flattened_becomes_one_object_that_takes_other_members() {
        let flattened = flattened(&all());
        assert_eq!(flattened["Inner"], all()["Inner"]);
        assert_eq!(
            flattened["Outer"],
            json!({
                "type": "object", "description": "Both.", "required": ["a", "b"],
                "properties": {"a": {"type": "integer", "default": 1}, "b": {"type": "string"}},
            })
        );
    }

    #[test]
    fn a_patch_may_leave_out_and_remove_at_every_level() {
        let mut all = all();
        let spec = json!({
            "type": "object", "required": ["inner"],
            "properties": {"inner": reference("Inner"), "whole": reference("Inner")},
        });
        all.insert("Spec".to_owned(), spec);
        let patch = patch("Spec", &["whole"], &all);
        assert_eq!(patch.get("required"), None);
        let inner = &patch["properties"]["inner"]["anyOf"];
        assert_eq!(inner[1], json!({"type": "null"}));
        assert_eq!(inner[0].get("required"), None);
        assert_eq!(
            inner[0]["properties"]["a"],
            or_null(json!({"type": "integer"}))
        );
        assert_eq!(patch["properties"]["whole"], or_null(reference("Inner")));
    }

    #[test]
    fn a_parameter_is_never_null() {
        for (schema, wanted) in [
            (
                json!({"type": ["integer", "null"], "minimum": 0}),
                json!({"type": "integer", "minimum": 0}),
            ),
            (
                json!({"oneOf": [{"type": "null"}, reference("Inner")]}),
                reference("Inner"),
            ),
            (json!({"type": "string"}), json!({"type": "string"})),
        ] {
            assert_eq!(without_null(schema), wanted);
        }
    }
}
