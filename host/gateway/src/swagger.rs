//! `swagger.json`: what scoring at an endpoint takes and gives, as OpenAPI 3.1 made of the scorer's own signature.
//!
//! It describes the plain JSON that a typed scorer takes by itself (the SDK's `TensorScorer::run`); an author who answers
//! JSON in another way has to say so elsewhere. The Open Inference Protocol's form is left to the protocol.

use bytes::Bytes;
use mlwasm_routing::Revision;
use mlwasm_types::{AuthMode, ElementType, Signature, TensorSpec};
use serde_json::{Map, Value, json};

use crate::{choose::Chosen, rejection::Rejection};

/// The description of the deployment that was chosen.
pub(crate) fn document(endpoint: &str, chosen: &Chosen) -> Result<Bytes, Rejection> {
    let deployment = || chosen.deployment().name().to_string();
    let revision = chosen.deployment().serving();
    let revision = revision.ok_or_else(|| Rejection::NotReady {
        deployment: deployment(),
    })?;
    let signature = revision.pool.signature();
    let signature = signature.ok_or_else(|| Rejection::NoSignature {
        deployment: deployment(),
    })?;
    let mut document = described(endpoint, signature);
    document["info"] = info(endpoint, &deployment(), revision);
    if chosen.auth() != Some(AuthMode::None) {
        document["components"]["securitySchemes"] =
            json!({"key": {"type": "http", "scheme": "bearer"}});
        document["security"] = json!([{"key": []}]);
    }
    // A document is plain data: it always has a JSON form.
    Ok(serde_json::to_vec(&document).unwrap_or_default().into())
}

fn info(endpoint: &str, deployment: &str, revision: &Revision) -> Value {
    json!({
        "title": endpoint,
        "description": format!("Scoring at endpoint {endpoint}, as deployment {deployment} takes and gives it."),
        "version": revision.number.to_string(),
    })
}

/// All but who describes itself here, and who may call.
fn described(endpoint: &str, signature: &Signature) -> Value {
    let content = |schema: &str| {
        let schema = format!("#/components/schemas/{schema}");
        json!({"application/json": {"schema": {"$ref": schema}}})
    };
    let problem =
        json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({"description": "The answer", "content": content("Answer")}),
    );
    for (status, description) in REFUSALS {
        let refusal = json!({"description": description, "content": &problem});
        responses.insert((*status).to_owned(), refusal);
    }
    let name = json!({
        "name": "azureml-model-deployment",
        "in": "header",
        "description": "The deployment that shall answer, whatever its share of traffic",
        "schema": {"type": "string"},
    });
    let post = json!({
        "operationId": "score",
        "summary": "Score one request",
        "parameters": [name],
        "requestBody": {"required": true, "content": content("Request")},
        "responses": responses,
    });
    json!({
        "openapi": "3.1.0",
        "paths": {format!("/endpoints/{endpoint}/score"): {"post": post}},
        "components": {"schemas": {
            "Request": request(&signature.inputs),
            "Answer": answer(&signature.outputs),
            "Problem": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            },
        }},
    })
}

/// What a client may get instead of an answer.
const REFUSALS: &[(&str, &str)] = &[
    ("400", "The request does not fit the scorer's inputs"),
    ("401", "No valid key of the endpoint"),
    ("404", "No such endpoint or deployment"),
    ("408", "The request took too long"),
    ("413", "The body is too large"),
    ("424", "The scorer failed"),
    ("429", "The deployment is busy"),
    ("503", "The deployment is not ready"),
];

/// Inputs by name, or the data of the only one.
fn request(inputs: &[TensorSpec]) -> Value {
    let properties = by_name(inputs, |spec| {
        let described = json!({
            "type": "object",
            "properties": {
                "datatype": {"const": spec.element.datatype()},
                "shape": shape(spec),
                "data": {"type": "array"},
            },
            "required": ["data"],
        });
        json!({"anyOf": [nested(spec), described]})
    });
    let named = json!({
        "type": "object",
        "properties": {"inputs": object(inputs, properties)},
        "required": ["inputs"],
        "additionalProperties": false,
    });
    let [only] = inputs else { return named };
    let data = json!({
        "type": "object",
        "properties": {"data": nested(only)},
        "required": ["data"],
        "additionalProperties": false,
    });
    json!({"oneOf": [named, data]})
}

fn answer(outputs: &[TensorSpec]) -> Value {
    let properties = by_name(outputs, |spec| {
        json!({
            "type": "object",
            "properties": {
                "datatype": {"const": spec.element.datatype()},
                "shape": shape(spec),
                "data": {"type": "array", "items": element(spec.element)},
            },
            "required": ["datatype", "shape", "data"],
        })
    });
    json!({
        "type": "object",
        "properties": {"outputs": object(outputs, properties)},
        "required": ["outputs"],
    })
}

fn by_name(specs: &[TensorSpec], schema: impl Fn(&TensorSpec) -> Value) -> Map<String, Value> {
    let named = |spec: &TensorSpec| (spec.name.clone(), schema(spec));
    specs.iter().map(named).collect()
}

fn object(specs: &[TensorSpec], properties: Map<String, Value>) -> Value {
    let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

/// Arrays within arrays, one within the other for each dimension; the element itself for none.
fn nested(spec: &TensorSpec) -> Value {
    if spec.is_of_any_shape() {
        // Lists of lists of any depth are more than a schema without a name can say.
        return json!({"anyOf": [element(spec.element), {"type": "array"}]});
    }
    let mut schema = element(spec.element);
    for size in spec.shape.iter().rev() {
        schema = json!({"type": "array", "items": schema});
        if let Some(size) = size {
            schema["minItems"] = json!(size);
            schema["maxItems"] = json!(size);
        }
    }
    schema
}

/// The sizes of a tensor's dimensions.
fn shape(spec: &TensorSpec) -> Value {
    if spec.is_of_any_shape() {
        return json!({"type": "array", "items": {"type": "integer", "minimum": 0}});
    }
    let size = |size: &Option<u32>| match size {
        Some(size) => json!({"const": size}),
        None => json!({"type": "integer", "minimum": 0}),
    };
    let sizes: Vec<Value> = spec.shape.iter().map(size).collect();
    let mut schema = json!({"type": "array", "minItems": sizes.len(), "maxItems": sizes.len()});
    // The list must not be empty.
    if !sizes.is_empty() {
        schema["prefixItems"] = sizes.into();
    }
    schema
}

fn element(element: ElementType) -> Value {
    let integer =
        |least: i64, most: u64| json!({"type": "integer", "minimum": least, "maximum": most});
    match element {
        ElementType::Boolean => json!({"type": "boolean"}),
        ElementType::Uint8 => integer(0, u8::MAX.into()),
        ElementType::Uint16 => integer(0, u16::MAX.into()),
        ElementType::Uint32 => integer(0, u32::MAX.into()),
        ElementType::Uint64 => integer(0, u64::MAX),
        ElementType::Int8 => integer(i8::MIN.into(), i8::MAX.unsigned_abs().into()),
        ElementType::Int16 => integer(i16::MIN.into(), i16::MAX.unsigned_abs().into()),
        ElementType::Int32 => integer(i32::MIN.into(), i32::MAX.unsigned_abs().into()),
        ElementType::Int64 => integer(i64::MIN, i64::MAX.unsigned_abs()),
        // JSON has no number for the last three.
        ElementType::Float16
        | ElementType::Bfloat16
        | ElementType::Float32
        | ElementType::Float64 => {
            json!({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]})
        }
        ElementType::Bytes => json!({"type": "string"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(name: &str, element: ElementType, shape: &[Option<u32>]) -> TensorSpec {
        TensorSpec {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn a_dimension_of_a_fixed_size_is_an_array_of_that_size() {
        let rows = spec("x", ElementType::Boolean, &[None, Some(2)]);
        assert_eq!(
            nested(&rows),
            json!({
                "type": "array",
                "items": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2},
            })
        );
        assert_eq!(
            shape(&rows),
            json!({
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "prefixItems": [{"type": "integer", "minimum": 0}, {"const": 2}],
            })
        );
        let scalar = spec("x", ElementType::Bytes, &[]);
        assert_eq!(nested(&scalar), json!({"type": "string"}));
        assert_eq!(
            shape(&scalar),
            json!({"type": "array", "minItems": 0, "maxItems": 0})
        );
        let any = spec("x", ElementType::Bytes, &TensorSpec::ANY_SHAPE);
        assert_eq!(
            nested(&any),
            json!({"anyOf": [{"type": "string"}, {"type": "array"}]})
        );
        assert_eq!(
            shape(&any),
            json!({"type": "array", "items": {"type": "integer", "minimum": 0}})
        );
    }

    #[test]
    fn the_data_alone_is_for_one_input() {
        let one = [spec("x", ElementType::Int64, &[None])];
        let two = [one[0].clone(), spec("y", ElementType::Int64, &[None])];
        assert!(request(&one)["oneOf"][1]["properties"]["data"].is_object());
        let named = &request(&two)["properties"]["inputs"];
        assert_eq!(named["required"], json!(["x", "y"]));
    }

    #[test]
    fn whole_numbers_are_those_that_the_type_holds() {
        for (kind, least, most) in [
            (ElementType::Int8, json!(-128), json!(127)),
            (ElementType::Uint64, json!(0), json!(u64::MAX)),
            (ElementType::Int64, json!(i64::MIN), json!(i64::MAX)),
        ] {
            let schema = element(kind);
            assert_eq!((&schema["minimum"], &schema["maximum"]), (&least, &most));
        }
    }
}
