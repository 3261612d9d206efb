//! From a `ModelInferRequest` to the protocol's REST form: JSON, and the tensors' bytes behind it.
//!
//! The bytes are copied once; all checks are those of the REST form, and so are the words of what is wrong.

use std::collections::HashMap;

use bytes::Bytes;
use mlwasm_types::ElementType;
use prost::Message as _;
use serde_json::{Map, Value, json};

use super::{
    frame::only_message,
    generated::inference::{
        InferParameter, InferTensorContents, ModelInferRequest, infer_parameter::ParameterChoice,
        model_infer_request::InferInputTensor,
    },
    weight::is_bearable,
};
use crate::{
    form::Received,
    rejection::Rejection,
    v2::{Coding, MOST_TENSORS, Malformed, unknown_datatype},
};

/// The request in `body`, a framed message of at most `most` bytes once it is opened.
pub(crate) fn open_request(
    body: &Bytes,
    coding: Option<Coding>,
    most: u64,
) -> Result<Received, Rejection> {
    let message = only_message(body, coding, most)?;
    if !is_bearable(&message) {
        return Err(Rejection::Malformed(
            "the message is no ModelInferRequest, or has too many fields for its size".to_owned(),
        ));
    }
    let request = ModelInferRequest::decode(message)
        .map_err(|error| Rejection::Malformed(format!("the message: {error}")))?;
    in_rest_form(request).map_err(|Malformed(text)| Rejection::Malformed(text))
}

fn in_rest_form(request: ModelInferRequest) -> Result<Received, Malformed> {
    let inputs = request.inputs.len();
    if inputs > MOST_TENSORS || request.outputs.len() > MOST_TENSORS {
        return Err(Malformed(format!(
            "inputs: more than {MOST_TENSORS} tensors"
        )));
    }
    let raw = &request.raw_input_contents;
    if !raw.is_empty() && raw.len() != inputs {
        return Err(Malformed(format!(
            "raw_input_contents: expected {inputs}, one for each input, or none; found {}",
            raw.len()
        )));
    }
    let mut data = Vec::with_capacity(inputs);
    let mut described = Vec::with_capacity(inputs);
    for (index, input) in request.inputs.into_iter().enumerate() {
        let place = format!("inputs[{index}]");
        let bytes = match (raw.get(index), &input.contents) {
            (Some(_), Some(_)) => {
                return Err(Malformed::at(
                    &place,
                    "has both contents and raw_input_contents",
                ));
            }
            (Some(raw), None) => raw.clone(),
            (None, contents) => typed(&input, contents.as_ref(), &place)?.into(),
        };
        described.push(describe(input, bytes.len()));
        data.push(bytes);
    }
    let outputs: Vec<_> = request
        .outputs
        .into_iter()
        .map(|output| json!({"name": output.name, "parameters": parameters(output.parameters)}))
        .collect();
    let mut all = parameters(request.parameters);
    // An answer's tensors go into a message as bytes.
    all.insert("binary_data_output".to_owned(), Value::Bool(true));
    let mut message = json!({"parameters": all, "inputs": described, "outputs": outputs});
    if !request.id.is_empty() {
        message["id"] = Value::String(request.id);
    }
    // Values always have a JSON form.
    let mut body = serde_json::to_vec(&message).unwrap_or_default();
    let json_length = body.len();
    body.reserve_exact(data.iter().map(Bytes::len).sum());
    for bytes in &data {
        body.extend_from_slice(bytes);
    }
    Ok(Received {
        endpoint: request.model_name,
        body: body.into(),
        json_length: Some(json_length),
    })
}

fn describe(input: InferInputTensor, length: usize) -> Value {
    let mut parameters = parameters(input.parameters);
    parameters.insert("binary_data_size".to_owned(), length.into());
    json!({
        "name": input.name,
        "datatype": input.datatype,
        "shape": input.shape,
        "parameters": parameters,
    })
}

fn parameters(given: HashMap<String, InferParameter>) -> Map<String, Value> {
    let value = |parameter: InferParameter| match parameter.parameter_choice {
        None => Value::Null,
        Some(ParameterChoice::BoolParam(value)) => value.into(),
        Some(ParameterChoice::Int64Param(value)) => value.into(),
        Some(ParameterChoice::StringParam(value)) => value.into(),
        Some(ParameterChoice::DoubleParam(value)) => value.into(),
        Some(ParameterChoice::Uint64Param(value)) => value.into(),
    };
    given
        .into_iter()
        .map(|(name, parameter)| (name, value(parameter)))
        .collect()
}

/// The bytes of a tensor whose elements stand in the field of their type.
fn typed(
    input: &InferInputTensor,
    contents: Option<&InferTensorContents>,
    place: &str,
) -> Result<Vec<u8>, Malformed> {
    let element = ElementType::of_datatype(&input.datatype).ok_or_else(|| {
        Malformed(format!(
            "{place}.datatype: {}",
            unknown_datatype(&input.datatype)
        ))
    })?;
    let Some(contents) = contents else {
        // An empty tensor has no contents; how many elements the shape asks for is checked with all others.
        return Ok(Vec::new());
    };
    let beyond = || {
        Malformed::at(
            format_args!("{place}.contents"),
            format_args!("a number that no {} holds", input.datatype),
        )
    };
    let mut bytes = Vec::new();
    // A macro, since the types have no common trait for it.
    macro_rules! put {
        ($field:ident as $integer:ty) => {
            for value in &contents.$field {
                let value = <$integer>::try_from(*value).map_err(|_| beyond())?;
                bytes.extend_from_slice(&value.to_le_bytes());
            }
        };
        ($field:ident) => {
            for value in &contents.$field {
                bytes.extend_from_slice(&value.to_le_bytes());
            }
        };
    }
    match element {
        ElementType::Boolean => bytes.extend(contents.bool_contents.iter().copied().map(u8::from)),
        ElementType::Int8 => put!(int_contents as i8),
        ElementType::Int16 => put!(int_contents as i16),
        ElementType::Int32 => put!(int_contents),
        ElementType::Int64 => put!(int64_contents),
        ElementType::Uint8 => put!(uint_contents as u8),
        ElementType::Uint16 => put!(uint_contents as u16),
        ElementType::Uint32 => put!(uint_contents),
        ElementType::Uint64 => put!(uint64_contents),
        ElementType::Float32 => put!(fp32_contents),
        ElementType::Float64 => put!(fp64_contents),
        ElementType::Bytes => {
            for value in &contents.bytes_contents {
                // A message is far smaller than 4 GiB.
                let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
                bytes.extend_from_slice(&length.to_le_bytes());
                bytes.extend_from_slice(value);
            }
        }
        ElementType::Float16 | ElementType::Bfloat16 => {
            return Err(Malformed(format!(
                "{place}.contents: {} has no contents: send it in raw_input_contents",
                input.datatype
            )));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::frame::framed;

    fn input(datatype: &str, contents: Option<InferTensorContents>) -> InferInputTensor {
        InferInputTensor {
            name: "x".to_owned(),
            datatype: datatype.to_owned(),
            shape: vec![2],
            contents,
            ..InferInputTensor::default()
        }
    }

    fn opened(inputs: Vec<InferInputTensor>, raw: Vec<Bytes>) -> Result<(String, Vec<u8>), String> {
        let request = ModelInferRequest {
            model_name: "iris".to_owned(),
            id: "7".to_owned(),
            inputs,
            raw_input_contents: raw,
            ..ModelInferRequest::default()
        };
        let received = open_request(&framed(&request), None, 1 << 20).map_err(|e| e.to_string())?;
        assert_eq!(received.endpoint, "iris");
        let (json, binary) = received.body.split_at(received.json_length.unwrap());
        Ok((String::from_utf8(json.to_vec()).unwrap(), binary.to_vec()))
    }

    #[test]
    fn typed_and_raw_contents_become_bytes() {
        let contents = InferTensorContents {
            int_contents: vec![1, -1],
            uint_contents: vec![1, 255],
            bool_contents: vec![true, false],
            bytes_contents: vec!["a".into(), "".into()],
            ..InferTensorContents::default()
        };
        for (datatype, expected) in [
            ("INT8", &[1, 255][..]),
            ("INT16", &[1, 0, 255, 255]),
            ("UINT8", &[1, 255]),
            ("BOOL", &[1, 0]),
            ("BYTES", &[1, 0, 0, 0, b'a', 0, 0, 0, 0]),
        ] {
            let (json, bytes) =
                opened(vec![input(datatype, Some(contents.clone()))], vec![]).unwrap();
            assert_eq!(bytes, expected, "{datatype}");
            let size = format!(r#""binary_data_size":{}"#, expected.len());
            assert!(
                json.contains(&size) && json.contains(r#""id":"7""#),
                "{json}"
            );
        }
        let (json, bytes) =
            opened(vec![input("FP16", None)], vec![vec![1, 2, 3, 4].into()]).unwrap();
        assert_eq!(bytes, [1, 2, 3, 4]);
        assert!(json.contains(r#""binary_data_output":true"#), "{json}");
    }

    #[test]
    fn contents_that_do_not_fit_are_told_where() {
        let contents = |value| {
            Some(InferTensorContents {
                int_contents: vec![value],
                ..InferTensorContents::default()
            })
        };
        for (inputs, raw, expected) in [
            (
                vec![input("INT8", contents(128))],
                0,
                "inputs[0].contents: a number that no INT8 holds",
            ),
            (
                vec![input("FP16", contents(1))],
                0,
                "inputs[0].contents: FP16 has no contents: send it in raw_input_contents",
            ),
            (
                vec![input("FLOAT", contents(1))],
                0,
                "inputs[0].datatype: expected one of BOOL",
            ),
            (
                vec![input("INT8", contents(1))],
                1,
                "inputs[0]: has both contents and raw_input_contents",
            ),
            (
                vec![input("INT8", None)],
                2,
                "raw_input_contents: expected 1, one for each input, or none; found 2",
            ),
        ] {
            let raw = vec![Bytes::from_static(b"ab"); raw];
            let error = opened(inputs, raw).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
