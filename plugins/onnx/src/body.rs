//! Which input of the model gets which part of the request's body.

use mlwasm_sdk::{ScoreError, Tensor, TensorSpec};
use serde_json::{Map, Value};

use crate::input;

/// One tensor for each of the model's inputs, in the model's order.
pub(crate) fn read(body: &Value, specs: &[TensorSpec]) -> Result<Vec<Tensor>, ScoreError> {
    let Some(members) = body.as_object() else {
        return Err(refuse("the body is no JSON object", specs));
    };
    if let Some(stranger) = members
        .keys()
        .find(|key| !matches!(key.as_str(), "inputs" | "data"))
    {
        return Err(refuse(&format!("unknown member `{stranger}`"), specs));
    }
    match (members.get("inputs"), members.get("data")) {
        (Some(Value::Object(inputs)), None) => read_named(inputs, specs),
        (Some(_), None) => Err(refuse("`inputs` is no JSON object", specs)),
        (None, Some(data)) => read_only(data, specs),
        (Some(_), Some(_)) => Err(refuse("the body has both `inputs` and `data`", specs)),
        (None, None) => Err(refuse("the body has neither `inputs` nor `data`", specs)),
    }
}

fn read_named(
    inputs: &Map<String, Value>,
    specs: &[TensorSpec],
) -> Result<Vec<Tensor>, ScoreError> {
    if let Some(stranger) = inputs
        .keys()
        .find(|name| specs.iter().all(|spec| spec.name != **name))
    {
        return Err(refuse(&format!("unknown input `{stranger}`"), specs));
    }
    let read = |spec: &TensorSpec| {
        let given = inputs
            .get(&spec.name)
            .ok_or_else(|| refuse(&format!("input `{}` is missing", spec.name), specs))?;
        input::read(spec, given)
    };
    specs.iter().map(read).collect()
}

fn read_only(data: &Value, specs: &[TensorSpec]) -> Result<Vec<Tensor>, ScoreError> {
    let [spec] = specs else {
        return Err(refuse("`data` is for models of one input", specs));
    };
    Ok(vec![input::read(spec, data)?])
}

/// Every refusal tells what the model takes: the client may have nothing else to read.
fn refuse(reason: &str, specs: &[TensorSpec]) -> ScoreError {
    let inputs: Vec<String> = specs
        .iter()
        .map(|spec| format!("\"{}\": {}", spec.name, input::describe(spec)))
        .collect();
    ScoreError::bad_request(format!(
        "{reason}, expected {{\"inputs\": {{{}}}}}",
        inputs.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::ElementType;
    use serde_json::json;

    #[test]
    fn every_mistake_is_a_bad_request_that_says_what_the_model_takes() {
        let specs = [
            TensorSpec::new("a", ElementType::Float32, [None, Some(4)]),
            TensorSpec::new("b", ElementType::Int64, []),
        ];
        let cases = [
            (json!([1]), "the body is no JSON object"),
            (json!({"inputs": {}, "input": 1}), "unknown member `input`"),
            (json!({}), "the body has neither `inputs` nor `data`"),
            (
                json!({"inputs": {}, "data": []}),
                "the body has both `inputs` and `data`",
            ),
            (json!({"inputs": [1]}), "`inputs` is no JSON object"),
            (
                json!({"inputs": {"a": [[1, 2, 3, 4]], "c": 1}}),
                "unknown input `c`",
            ),
            (
                json!({"inputs": {"a": [[1, 2, 3, 4]]}}),
                "input `b` is missing",
            ),
            (
                json!({"data": [[1, 2, 3, 4]]}),
                "`data` is for models of one input",
            ),
        ];
        for (body, reason) in cases {
            let expected = format!(
                "{reason}, expected {{\"inputs\": {{\"a\": FP32 [?, 4], \"b\": INT64 []}}}}"
            );
            assert_eq!(
                read(&body, &specs),
                Err(ScoreError::BadRequest(expected)),
                "{body}"
            );
        }
    }
}
