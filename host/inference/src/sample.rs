//! Inputs to warm a model up with: a sample of the operator's, or zeros.
//!
//! A sample is what an inference client would send in the Open Inference Protocol's JSON:
//!
//! ```json
//! {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [5.1, 3.5, 1.4, 0.2]}]}
//! ```

use mlwasm_types::{ElementType, TensorSpec, tensor::element_count};
use serde::Deserialize;
use serde_json::Value;

use crate::{backend::InputView, error::LoadError};

/// The most bytes that zeros are made of: a model of larger inputs is warmed up by its first request.
const MOST_BYTES: usize = 256 << 20;

/// All inputs of a run.
pub(crate) struct Sample(Vec<Input>);

struct Input {
    name: String,
    element: ElementType,
    shape: Vec<u32>,
    data: Vec<u8>,
}

#[derive(Deserialize)]
struct Body {
    inputs: Vec<RawInput>,
}

#[derive(Deserialize)]
struct RawInput {
    name: String,
    datatype: String,
    shape: Vec<u32>,
    data: Value,
}

impl Sample {
    /// Reads a sample. Whether it fits the model shows when it runs.
    ///
    /// # Errors
    ///
    /// [`LoadError::BadSample`] names the input and what is wrong with it.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, LoadError> {
        let bad = |reason| LoadError::BadSample { reason };
        let body: Body = serde_json::from_slice(json).map_err(|error| bad(error.to_string()))?;
        let inputs = body.inputs.into_iter().map(|raw| {
            let name = raw.name.clone();
            read(raw).map_err(|reason| bad(format!("input {name:?}: {reason}")))
        });
        inputs.collect::<Result<_, _>>().map(Self)
    }

    /// Zeros, or empty strings, in the shapes of the model; 1 where a dimension is open, one element where the shape is. None
    /// if that takes too much memory.
    pub(crate) fn zeros(expected: &[TensorSpec]) -> Option<Self> {
        let mut room = MOST_BYTES;
        let zeros = |input: &TensorSpec| {
            let shape: Vec<u32> = if input.is_of_any_shape() {
                Vec::new()
            } else {
                input.shape.iter().map(|it| it.unwrap_or(1)).collect()
            };
            // An empty string is four bytes too: its length.
            let size = input.element.size_in_bytes().unwrap_or(4);
            let bytes = element_count(&shape)?.checked_mul(size)?;
            room = room.checked_sub(bytes)?;
            Some(Input {
                name: input.name.clone(),
                element: input.element,
                shape,
                data: vec![0; bytes],
            })
        };
        expected.iter().map(zeros).collect::<Option<_>>().map(Self)
    }

    /// The rows that all inputs have, if they have the same number.
    pub(crate) fn rows(&self) -> Option<u32> {
        let rows = *self.0.first()?.shape.first()?;
        let is_same = |input: &Input| input.shape.first() == Some(&rows);
        (rows > 0 && self.0.iter().all(is_same)).then_some(rows)
    }

    /// The same rows, `times` times behind each other. None if that takes too much memory.
    pub(crate) fn repeated(&self, times: u32) -> Option<Self> {
        let mut room = MOST_BYTES;
        let repeat = |input: &Input| {
            room = room.checked_sub(input.data.len().checked_mul(times as usize)?)?;
            let mut shape = input.shape.clone();
            let rows = shape.first_mut()?;
            *rows = rows.checked_mul(times)?;
            Some(Input {
                name: input.name.clone(),
                element: input.element,
                shape,
                data: input.data.repeat(times as usize),
            })
        };
        self.0.iter().map(repeat).collect::<Option<_>>().map(Self)
    }

    pub(crate) fn views(&self) -> Vec<InputView<'_>> {
        self.0.iter().map(Input::view).collect()
    }
}

impl Input {
    fn view(&self) -> InputView<'_> {
        InputView {
            name: &self.name,
            element: self.element,
            shape: &self.shape,
            data: &self.data,
        }
    }
}

fn read(raw: RawInput) -> Result<Input, String> {
    let element = element(&raw.datatype)?;
    let count = element_count(&raw.shape).ok_or("the shape has too many elements")?;
    let mut data = Vec::new();
    let found = encode_all(element, &raw.data, &mut data)?;
    if found != count {
        return Err(format!(
            "the shape asks for {count} elements, data has {found}"
        ));
    }
    Ok(Input {
        name: raw.name,
        element,
        shape: raw.shape,
        data,
    })
}

fn element(datatype: &str) -> Result<ElementType, String> {
    Ok(match datatype {
        "BOOL" => ElementType::Boolean,
        "UINT8" => ElementType::Uint8,
        "INT8" => ElementType::Int8,
        "UINT16" => ElementType::Uint16,
        "INT16" => ElementType::Int16,
        "UINT32" => ElementType::Uint32,
        "INT32" => ElementType::Int32,
        "UINT64" => ElementType::Uint64,
        "INT64" => ElementType::Int64,
        "FP32" => ElementType::Float32,
        "FP64" => ElementType::Float64,
        "BYTES" => ElementType::Bytes,
        "FP16" | "BF16" => return Err(format!("{datatype} has no form in JSON")),
        _ => {
            return Err(format!(
                "{datatype:?} is not a datatype, as in FP32, INT64, BYTES"
            ));
        }
    })
}

/// Encodes arrays within arrays, in their order, and counts the elements.
fn encode_all(element: ElementType, value: &Value, data: &mut Vec<u8>) -> Result<usize, String> {
    match value {
        // JSON that was parsed is nested no deeper than its parser goes.
        Value::Array(values) => values
            .iter()
            .map(|value| encode_all(element, value, data))
            .sum(),
        value => {
            encode(element, value, data).ok_or_else(|| format!("{value} is not {element}"))?;
            Ok(1)
        }
    }
}

fn encode(element: ElementType, value: &Value, data: &mut Vec<u8>) -> Option<()> {
    let unsigned = || value.as_u64();
    let signed = || value.as_i64();
    match element {
        ElementType::Boolean => data.push(value.as_bool()?.into()),
        ElementType::Uint8 => data.push(unsigned()?.try_into().ok()?),
        ElementType::Uint16 => data.extend(u16::try_from(unsigned()?).ok()?.to_le_bytes()),
        ElementType::Uint32 => data.extend(u32::try_from(unsigned()?).ok()?.to_le_bytes()),
        ElementType::Uint64 => data.extend(unsigned()?.to_le_bytes()),
        ElementType::Int8 => data.extend(i8::try_from(signed()?).ok()?.to_le_bytes()),
        ElementType::Int16 => data.extend(i16::try_from(signed()?).ok()?.to_le_bytes()),
        ElementType::Int32 => data.extend(i32::try_from(signed()?).ok()?.to_le_bytes()),
        ElementType::Int64 => data.extend(signed()?.to_le_bytes()),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "JSON has one kind of number"
        )]
        ElementType::Float32 => data.extend((value.as_f64()? as f32).to_le_bytes()),
        ElementType::Float64 => data.extend(value.as_f64()?.to_le_bytes()),
        ElementType::Bytes => {
            let text = value.as_str()?;
            data.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
            data.extend(text.as_bytes());
        }
        ElementType::Float16 | ElementType::Bfloat16 => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(input: Value) -> Result<Sample, String> {
        let body = json!({"inputs": [input]}).to_string();
        Sample::parse(body.as_bytes()).map_err(|error| error.to_string())
    }

    fn input(datatype: &str, shape: &[u32], data: &Value) -> Value {
        json!({"name": "x", "datatype": datatype, "shape": shape, "data": data})
    }

    #[test]
    fn elements_are_read_flat_or_nested() {
        for (datatype, data, bytes) in [
            (
                "FP32",
                json!([1.0, 2]),
                [1_f32, 2.0].map(f32::to_le_bytes).concat(),
            ),
            (
                "FP64",
                json!([[1.0], [2]]),
                [1_f64, 2.0].map(f64::to_le_bytes).concat(),
            ),
            (
                "INT16",
                json!([-1, 2]),
                [-1_i16, 2].map(i16::to_le_bytes).concat(),
            ),
            (
                "UINT64",
                json!([1, u64::MAX]),
                [1, u64::MAX].map(u64::to_le_bytes).concat(),
            ),
            ("BOOL", json!([true, false]), vec![1, 0]),
            ("BYTES", json!(["a", ""]), b"\x01\0\0\0a\0\0\0\0".to_vec()),
        ] {
            let sample = parse(input(datatype, &[2, 1], &data)).unwrap();
            assert_eq!(sample.views()[0].data, bytes, "{datatype}");
            assert_eq!(sample.rows(), Some(2));
            let thrice = sample.repeated(3).unwrap();
            assert_eq!(thrice.views()[0].shape, [6, 1]);
            assert_eq!(thrice.views()[0].data, bytes.repeat(3), "{datatype}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_input() {
        for (input, words) in [
            (
                input("FP32", &[2], &json!([1])),
                "input \"x\": the shape asks for 2 elements, data has 1",
            ),
            (
                input("FP32", &[1], &json!(["a"])),
                "input \"x\": \"a\" is not float32",
            ),
            (input("INT8", &[1], &json!([128])), "128 is not int8"),
            (input("UINT8", &[1], &json!([-1])), "-1 is not uint8"),
            (input("FP16", &[1], &json!([1])), "FP16 has no form in JSON"),
            (
                input("float", &[1], &json!([1])),
                "\"float\" is not a datatype",
            ),
            (json!({"name": "x"}), "missing field `datatype`"),
        ] {
            let error = parse(input.clone()).map(|_| ()).unwrap_err();
            assert!(error.starts_with("sample: "), "{error}");
            assert!(error.contains(words), "{input}: {error}");
        }
    }
}
