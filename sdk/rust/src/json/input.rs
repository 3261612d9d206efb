//! One input: what the client gave for it, checked against what the scorer takes.

use serde_json::{Map, Value};

use super::elements;
use super::nested::{self, Ragged};
use crate::{ScoreError, Tensor, TensorSpec};

/// Makes the tensor. Every mistake names the input and what was expected.
pub(super) fn read(spec: &TensorSpec, given: &Value) -> Result<Tensor, ScoreError> {
    let tensor = match given {
        Value::Object(members) => read_described(spec, members, &["shape", "data", "datatype"]),
        nested => read_nested(spec, nested),
    };
    blamed(spec, tensor)
}

/// Makes the tensor of an input in the Open Inference Protocol.
pub(crate) fn read_protocol(
    spec: &TensorSpec,
    members: &Map<String, Value>,
) -> Result<Tensor, ScoreError> {
    let known = ["name", "shape", "datatype", "parameters", "data"];
    blamed(spec, read_described(spec, members, &known))
}

fn blamed(spec: &TensorSpec, tensor: Result<Tensor, String>) -> Result<Tensor, ScoreError> {
    tensor.map_err(|reason| {
        let expected = describe(spec);
        ScoreError::BadRequest(format!(
            "input `{}`: {reason}, expected {expected}",
            spec.name
        ))
    })
}

/// Such as `FP32 [?, 4]`, where `?` is any size.
pub(super) fn describe(spec: &TensorSpec) -> String {
    format!("{} {}", spec.element.datatype(), spec.shown_shape())
}

/// `{"shape": …, "data": …}`, where the data may be flat.
fn read_described(
    spec: &TensorSpec,
    members: &Map<String, Value>,
    known: &[&str],
) -> Result<Tensor, String> {
    if let Some(stranger) = members.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("unknown member `{stranger}`"));
    }
    if let Some(datatype) = members
        .get("datatype")
        .filter(|datatype| **datatype != spec.element.datatype())
    {
        return Err(format!("datatype is {datatype}"));
    }
    let data = members.get("data").ok_or("`data` is missing")?;
    let Some(shape) = members.get("shape") else {
        return read_nested(spec, data);
    };
    let shape = read_shape(shape)?;
    check_shape(spec, &shape)?;
    let (_, leaves) = nested::flatten(data).map_err(|Ragged| RAGGED.to_owned())?;
    // As u64, so that the product of a large shape is not cut off on a 32-bit machine.
    let expected = shape.iter().try_fold(1_u64, |count, size| {
        count.checked_mul(u64::try_from(*size).ok()?)
    });
    if expected != u64::try_from(leaves.len()).ok() {
        return Err(format!(
            "shape {shape:?} does not hold the {} elements of `data`",
            leaves.len()
        ));
    }
    elements::to_tensor(spec, &shape, &leaves)
}

/// `[[…], […]]`, which tells its shape itself.
fn read_nested(spec: &TensorSpec, data: &Value) -> Result<Tensor, String> {
    let (shape, leaves) = nested::flatten(data).map_err(|Ragged| RAGGED.to_owned())?;
    check_shape(spec, &shape)?;
    elements::to_tensor(spec, &shape, &leaves)
}

const RAGGED: &str = "arrays of the same depth have different lengths";

fn read_shape(shape: &Value) -> Result<Vec<usize>, String> {
    let size = |size: &Value| size.as_u64().and_then(|size| usize::try_from(size).ok());
    let sizes = shape
        .as_array()
        .and_then(|sizes| sizes.iter().map(size).collect());
    sizes.ok_or_else(|| format!("shape is {shape}"))
}

fn check_shape(spec: &TensorSpec, shape: &[usize]) -> Result<(), String> {
    let sizes: Option<Vec<u32>> = shape.iter().map(|size| u32::try_from(*size).ok()).collect();
    if sizes.is_some_and(|sizes| spec.accepts_shape(&sizes)) {
        return Ok(());
    }
    Err(format!("shape is {shape:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementType;
    use serde_json::json;

    #[test]
    fn every_mistake_is_a_bad_request_that_names_the_input_and_what_was_expected() {
        let spec = TensorSpec::new("x", ElementType::Float32, [None, Some(2)]);
        let cases = [
            (
                json!([[1, 2], [3]]),
                "arrays of the same depth have different lengths",
            ),
            (
                json!([[1, 2], 3]),
                "arrays of the same depth have different lengths",
            ),
            (json!([1, 2]), "shape is [2]"),
            (json!([[1, 2, 3]]), "shape is [1, 3]"),
            (json!(5), "shape is []"),
            (json!([]), "shape is [0]"),
            (json!([[1, "two"]]), "element [0][1] is \"two\""),
            (json!([[1, null]]), "element [0][1] is null"),
            (json!([[1, {}]]), "element [0][1] is {}"),
            (json!({"shape": [1, 2]}), "`data` is missing"),
            (
                json!({"shape": [1, 2], "data": [1, 2], "dtype": "f4"}),
                "unknown member `dtype`",
            ),
            (
                json!({"shape": [1, 2], "data": [1, 2], "datatype": "INT64"}),
                "datatype is \"INT64\"",
            ),
            (
                json!({"shape": [2, 2], "data": [1, 2]}),
                "shape [2, 2] does not hold the 2 elements of `data`",
            ),
            (
                json!({"shape": [1, 3], "data": [1, 2, 3]}),
                "shape is [1, 3]",
            ),
            (json!({"shape": [-1, 2], "data": [1, 2]}), "shape is [-1,2]"),
            (json!({"shape": 2, "data": [1, 2]}), "shape is 2"),
            (
                json!({"shape": [4294967295_u32, 2], "data": []}),
                "shape [4294967295, 2] does not hold the 0 elements of `data`",
            ),
        ];
        for (given, reason) in cases {
            let expected = format!("input `x`: {reason}, expected FP32 [?, 2]");
            assert_eq!(
                read(&spec, &given),
                Err(ScoreError::BadRequest(expected)),
                "{given}"
            );
        }
    }
}
