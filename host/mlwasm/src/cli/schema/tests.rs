//! The schemas say what the readers take: the same keys at every level, and the same bounds.

use std::collections::BTreeSet;

use mlwasm_types::{DeploymentSpec, Digest, EndpointSpec};
use serde_json::{Map, json};

use super::*;
use crate::cli::{azure::Foreign, deployment_file, endpoint_file, merge, yaml};

/// Where the schema's maps are, and a document in which `@` stands for a key of that map.
const DEPLOYMENT_MAPS: [(&str, &str); 9] = [
    ("", "@"),
    ("/properties/infer_batching/anyOf/0", "infer_batching: {@}"),
    (
        "/properties/request_settings/anyOf/0",
        "request_settings: {@}",
    ),
    ("/properties/sandbox/anyOf/0", "sandbox: {@}"),
    ("/properties/code_configuration", "code_configuration: {@}"),
    ("/properties/scale_settings/anyOf/0", "scale_settings: {@}"),
    (
        "/properties/scale_settings/anyOf/0/properties/schedules/items",
        "scale_settings: {schedules: [{@}]}",
    ),
    ("/properties/model/anyOf/1", "model: {@}"),
    (
        "/properties/model/anyOf/1/properties/batching/anyOf/0",
        "model: {path: a, batching: {@}}",
    ),
];

const ENDPOINT_MAPS: [(&str, &str); 3] = [
    ("", "@"),
    ("/properties/routes/items", "routes: [{@}]"),
    ("/properties/shadow/anyOf/0", "shadow: {@}"),
];

/// The keys that a reader offers when it is given one that it does not know.
fn offered(refusal: &str) -> BTreeSet<String> {
    let (_, keys) = refusal.split_once("expected one of ").unwrap_or_else(|| {
        let (_, keys) = refusal.split_once("expected ").expect(refusal);
        ("", keys)
    });
    let keys = keys
        .split([',', ' '])
        .filter(|it| !it.is_empty() && *it != "or");
    keys.map(|key| key.trim_matches('`').to_owned()).collect()
}

fn check_keys(
    schema: &Value,
    maps: &[(&str, &str)],
    foreign: &[Foreign],
    read: impl Fn(&str) -> Option<String>,
) {
    for (pointer, document) in maps {
        let map = schema.pointer(pointer).expect(pointer);
        assert_eq!(map["additionalProperties"], false, "{pointer}");
        let mut keys: BTreeSet<String> = map["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        if pointer.is_empty() {
            for (key, _) in foreign {
                assert!(keys.remove(*key), "{key}");
            }
            assert!(keys.remove("$schema"));
        }
        let refusal = read(&document.replace('@', "nonsense: 1")).expect(document);
        assert_eq!(offered(&refusal), keys, "{pointer}: {refusal}");
    }
}

#[test]
fn each_schema_has_the_keys_that_its_reader_takes() {
    let deployment = of(Kind::Deployment).unwrap();
    check_keys(
        &deployment,
        &DEPLOYMENT_MAPS,
        deployment_file::FOREIGN,
        |text| {
            let read = yaml::parse::<deployment_file::Checked>(text);
            read.err().map(|error| error.to_string())
        },
    );
    let endpoint = of(Kind::Endpoint).unwrap();
    check_keys(&endpoint, &ENDPOINT_MAPS, endpoint_file::FOREIGN, |text| {
        let read = yaml::parse::<endpoint_file::Checked>(text);
        read.err().map(|error| error.to_string())
    });
}

/// Every bounded number of `schema`, with its path in a spec.
fn numbers(schema: &Value, path: Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    let below = |key: &str| {
        path.iter()
            .cloned()
            .chain([key.to_owned()])
            .collect::<Vec<_>>()
    };
    if schema.get("minimum").is_some() {
        found.push((path.clone(), schema.clone()));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        // The one model, as the spec has it.
        if name == "model" {
            numbers(property, vec!["models".to_owned(), "m".to_owned()], found);
        } else if name != "models" {
            numbers(property, below(name), found);
        }
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        numbers(choice, path.clone(), found);
    }
}

fn at(path: &[String], value: Value) -> Map<String, Value> {
    let nested = path.iter().rev().fold(value, |inner, key| {
        Value::Object(Map::from_iter([(key.clone(), inner)]))
    });
    nested.as_object().unwrap().clone()
}

fn check_bounds(schema: &Value, base: &Value, takes: impl Fn(Value) -> bool) -> usize {
    let mut found = Vec::new();
    numbers(schema, Vec::new(), &mut found);
    for (path, number) in &found {
        let with = |value: Value| {
            let base = base.as_object().unwrap().clone();
            Value::Object(merge::merged(base, at(path, value)))
        };
        let bound = |key: &str| number[key].clone();
        let beyond = |key: &str, by: f64| json!(number[key].as_f64().unwrap() + by);
        let [below, above] = match number[&"type"] == "number" {
            true => [beyond("minimum", -0.000_05), beyond("maximum", 0.5)],
            false => [
                json!(number["minimum"].as_i64().unwrap() - 1),
                json!(number["maximum"].as_i64().unwrap() + 1),
            ],
        };
        assert!(takes(with(bound("minimum"))), "{path:?} at its least");
        assert!(takes(with(bound("maximum"))), "{path:?} at its most");
        assert!(!takes(with(below)), "{path:?} below its least");
        assert!(!takes(with(above)), "{path:?} above its most");
    }
    found.len()
}

#[test]
fn each_bound_is_the_one_that_is_checked() {
    let digest = Digest::of(b"m");
    let deployment = json!({
        "name": "blue", "endpoint_name": "e", "component": digest, "models": {"m": {"digest": digest}},
        "scale_settings": {"type": "target_utilization", "min_instances": 0, "max_instances": 1000},
        "data_collector": {"collections": {"request": {"enabled": true}}},
    });
    let takes = |spec: Value| {
        serde_json::from_value::<DeploymentSpec>(spec).is_ok_and(|spec| spec.validate().is_ok())
    };
    assert!(takes(deployment.clone()));
    let count = check_bounds(&of(Kind::Deployment).unwrap(), &deployment, takes);
    assert_eq!(count, 30);

    let takes = |spec: Value| {
        serde_json::from_value::<EndpointSpec>(spec).is_ok_and(|spec| spec.validate().is_ok())
    };
    let endpoint = json!({"name": "e"});
    let count = check_bounds(&of(Kind::Endpoint).unwrap(), &endpoint, takes);
    assert_eq!(count, 4);
}

#[test]
fn a_schema_tells_defaults_and_what_has_no_effect() {
    let schema = of(Kind::Deployment).unwrap();
    let at = |pointer: &str| schema.pointer(pointer).unwrap().clone();
    assert_eq!(
        at("/properties/sandbox/anyOf/0/properties/memory_limit_mb/default"),
        64
    );
    assert_eq!(
        at("/properties/request_settings/anyOf/0/properties/max_queue_wait_ms/default"),
        500
    );
    assert_eq!(at("/properties/environment/deprecated"), true);
    let spec: DeploymentSpec = serde_json::from_value(json!({
        "name": "b", "endpoint_name": "e", "component": Digest::of(b""),
    }))
    .unwrap();
    assert_eq!(
        at("/properties/instance_count/default"),
        spec.instance_count.get()
    );
}
