//! Which input of the scorer gets which part of the request's body.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::input;
use crate::{ScoreError, Tensor, TensorSpec};

/// The form of a request, in which it is answered.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    /// Inputs by name, or the data of the only one.
    Plain,
    /// The Open Inference Protocol's.
    Protocol(Asked),
}

/// What a request in the Open Inference Protocol says besides its inputs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Comes back in the answer.
    pub(super) id: Option<String>,
    /// The outputs that the client wants; all of them if it names none.
    pub(super) outputs: Vec<String>,
}

/// One tensor for each of the scorer's inputs, in the scorer's order, and the form in which they came.
pub(super) fn read(body: &Value, specs: &[TensorSpec]) -> Result<(Vec<Tensor>, Form), ScoreError> {
    let Some(members) = body.as_object() else {
        return Err(refuse("the body is no JSON object", specs));
    };
    if let Some(Value::Array(inputs)) = members.get("inputs") {
        return Ok((
            read_protocol(inputs, specs)?,
            Form::Protocol(asked(members)?),
        ));
    }
    if let Some(stranger) = members
        .keys()
        .find(|key| !matches!(key.as_str(), "inputs" | "data"))
    {
        return Err(refuse(&format!("unknown member `{stranger}`"), specs));
    }
    let tensors = match (members.get("inputs"), members.get("data")) {
        (Some(Value::Object(inputs)), None) => read_named(inputs, specs),
        (Some(_), None) => Err(refuse("`inputs` is no JSON object", specs)),
        (None, Some(data)) => read_only(data, specs),
        (Some(_), Some(_)) => Err(refuse("the body has both `inputs` and `data`", specs)),
        (None, None) => Err(refuse("the body has neither `inputs` nor `data`", specs)),
    };
    Ok((tensors?, Form::Plain))
}

/// `[{"name": …, "datatype": …, "shape": …, "data": …}]`.
fn read_protocol(inputs: &[Value], specs: &[TensorSpec]) -> Result<Vec<Tensor>, ScoreError> {
    let mut named = BTreeMap::new();
    for (index, input) in inputs.iter().enumerate() {
        let name = input.get("name").and_then(Value::as_str);
        let (Some(name), Some(members)) = (name, input.as_object()) else {
            return Err(refuse(&format!("inputs[{index}] has no name"), specs));
        };
        if named.insert(name, members).is_some() {
            return Err(refuse(&format!("input `{name}` is given twice"), specs));
        }
    }
    refuse_strangers(named.keys().copied(), specs)?;
    let read = |spec: &TensorSpec| {
        let given = named.get(spec.name.as_str());
        input::read_protocol(spec, given.ok_or_else(|| missing(spec, specs))?)
    };
    specs.iter().map(read).collect()
}

fn asked(members: &Map<String, Value>) -> Result<Asked, ScoreError> {
    let outputs = match members.get("outputs") {
        None => Vec::new(),
        Some(outputs) => outputs
            .as_array()
            .and_then(|outputs| {
                let name = |output: &Value| Some(output.get("name")?.as_str()?.to_owned());
                outputs.iter().map(name).collect()
            })
            .ok_or_else(|| ScoreError::bad_request("`outputs` is no array of named outputs"))?,
    };
    Ok(Asked {
        id: members.get("id").and_then(Value::as_str).map(str::to_owned),
        outputs,
    })
}

fn read_named(
    inputs: &Map<String, Value>,
    specs: &[TensorSpec],
) -> Result<Vec<Tensor>, ScoreError> {
    refuse_strangers(inputs.keys().map(String::as_str), specs)?;
    let read = |spec: &TensorSpec| {
        let given = inputs.get(&spec.name);
        input::read(spec, given.ok_or_else(|| missing(spec, specs))?)
    };
    specs.iter().map(read).collect()
}

fn refuse_strangers<'a>(
    mut names: impl Iterator<Item = &'a str>,
    specs: &[TensorSpec],
) -> Result<(), ScoreError> {
    match names.find(|name| specs.iter().all(|spec| spec.name != *name)) {
        None => Ok(()),
        Some(stranger) => Err(refuse(&format!("unknown input `{stranger}`"), specs)),
    }
}

fn missing(spec: &TensorSpec, specs: &[TensorSpec]) -> ScoreError {
    refuse(&format!("input `{}` is missing", spec.name), specs)
}

fn read_only(data: &Value, specs: &[TensorSpec]) -> Result<Vec<Tensor>, ScoreError> {
    let [spec] = specs else {
        return Err(refuse("`data` is for scorers of one input", specs));
    };
    Ok(vec![input::read(spec, data)?])
}

/// Every refusal tells what the scorer takes: the client may have nothing else to read.
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
    use crate::ElementType;
    use serde_json::json;

    #[test]
    fn every_mistake_is_a_bad_request_that_says_what_the_scorer_takes() {
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
            (json!({"inputs": 1}), "`inputs` is no JSON object"),
            (json!({"inputs": [1]}), "inputs[0] has no name"),
            (
                json!({"inputs": [{"name": "b"}, {"name": "b"}]}),
                "input `b` is given twice",
            ),
            (json!({"inputs": [{"name": "c"}]}), "unknown input `c`"),
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
                "`data` is for scorers of one input",
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
