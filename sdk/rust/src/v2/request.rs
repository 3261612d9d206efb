//! From a body to tensors, and what the client wants to have back.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::JSON_LENGTH;
use crate::{ElementType, Request, ScoreError, Tensor, TensorSpec, json, strings};

/// What the client wants to have back.
#[derive(Debug, Default)]
pub(super) struct Wish {
    pub(super) id: Option<String>,
    /// All of them if none is named.
    pub(super) outputs: Vec<WantedOutput>,
    /// Whether outputs are binary that do not say so themselves.
    pub(super) is_binary: bool,
}

#[derive(Debug)]
pub(super) struct WantedOutput {
    pub(super) name: String,
    pub(super) is_binary: Option<bool>,
}

#[derive(Deserialize)]
struct Body {
    id: Option<String>,
    #[serde(default)]
    parameters: Parameters,
    inputs: Vec<Map<String, Value>>,
    #[serde(default)]
    outputs: Vec<Output>,
}

#[derive(Default, Deserialize)]
struct Parameters {
    binary_data_output: Option<bool>,
    binary_data: Option<bool>,
    classification: Option<Value>,
}

#[derive(Deserialize)]
struct Output {
    name: String,
    #[serde(default)]
    parameters: Parameters,
}

pub(super) fn read(request: &Request) -> Result<(Vec<Tensor>, Wish), ScoreError> {
    let (json, mut binary) = split(request)?;
    let body: Body = serde_json::from_slice(json).map_err(ScoreError::bad_request)?;
    let mut inputs = Vec::with_capacity(body.inputs.len());
    for (index, members) in body.inputs.iter().enumerate() {
        let input = read_input(members, &mut binary);
        let input =
            input.map_err(|what| ScoreError::BadRequest(format!("inputs[{index}]: {what}")))?;
        inputs.push(input);
    }
    if !binary.is_empty() {
        let rest = binary.len();
        return Err(ScoreError::BadRequest(format!(
            "{rest} bytes follow the last tensor"
        )));
    }
    let wanted = |(index, output): (usize, Output)| match output.parameters.classification {
        None => Ok(WantedOutput {
            name: output.name,
            is_binary: output.parameters.binary_data,
        }),
        Some(_) => Err(ScoreError::BadRequest(format!(
            "outputs[{index}].parameters.classification: this scorer does not classify"
        ))),
    };
    let outputs = body.outputs.into_iter().enumerate().map(wanted);
    let wish = Wish {
        id: body.id,
        outputs: outputs.collect::<Result<_, _>>()?,
        is_binary: body.parameters.binary_data_output.unwrap_or_default(),
    };
    Ok((inputs, wish))
}

/// The body's JSON, and the binary data behind it.
fn split(request: &Request) -> Result<(&[u8], &[u8]), ScoreError> {
    let Some(length) = request.header(JSON_LENGTH) else {
        return Ok((&request.body, &[]));
    };
    let length = length.parse().ok();
    let parts = length.and_then(|length| request.body.split_at_checked(length));
    parts.ok_or_else(|| {
        ScoreError::BadRequest(format!(
            "{JSON_LENGTH}: expected a number of bytes of the body"
        ))
    })
}

fn read_input(members: &Map<String, Value>, binary: &mut &[u8]) -> Result<Tensor, String> {
    let text = |key: &str| {
        let value = members.get(key).ok_or(format!("`{key}` is missing"))?;
        value.as_str().ok_or(format!("`{key}` is no string"))
    };
    let element: ElementType = text("datatype")?
        .parse()
        .map_err(|error| format!("{error}"))?;
    let shape = read_shape(members.get("shape").ok_or("`shape` is missing")?)?;
    let name = text("name")?;
    let parameters = members.get("parameters");
    let Some(size) = parameters.and_then(|parameters| parameters.get("binary_data_size")) else {
        let spec = TensorSpec::new(
            name,
            element,
            shape.into_iter().map(Some).collect::<Vec<_>>(),
        );
        return json::read_protocol(&spec, members).map_err(|error| match error {
            ScoreError::BadRequest(text) | ScoreError::Internal(text) => text,
        });
    };
    let size = size.as_u64().and_then(|size| usize::try_from(size).ok());
    let parts = size.and_then(|size| binary.split_at_checked(size));
    let (data, rest) = parts.ok_or("binary_data_size is no number of bytes that follow")?;
    *binary = rest;
    check(element, &shape, data)?;
    Ok(Tensor::from_bytes(name, element, shape, data.to_vec()))
}

fn read_shape(shape: &Value) -> Result<Vec<u32>, String> {
    let size = |size: &Value| size.as_u64().and_then(|size| u32::try_from(size).ok());
    let sizes = shape
        .as_array()
        .and_then(|sizes| sizes.iter().map(size).collect());
    sizes.ok_or_else(|| format!("shape is {shape}, expected a list of sizes"))
}

fn check(element: ElementType, shape: &[u32], data: &[u8]) -> Result<(), String> {
    let expected = shape
        .iter()
        .try_fold(1_u64, |count, size| count.checked_mul(u64::from(*size)));
    let found = match element.size() {
        Some(size) if data.len().is_multiple_of(size) => Some(data.len() / size),
        Some(_) => None,
        None => strings::split(data).map(|strings| strings.len()),
    };
    let found = found.and_then(|found| u64::try_from(found).ok());
    if expected.is_some() && expected == found {
        return Ok(());
    }
    let (datatype, length) = (element.datatype(), data.len());
    Err(format!(
        "{length} bytes do not fill {datatype} of shape {shape:?}"
    ))
}
