//! Scenarios `mlp` and `vision`: floats in, the model's one output out.

use mlwasm_sdk::{
    ElementType, InitError, Model, Request, Response, ScoreError, Scorer, Tensor, TensorSpec,
};
use serde::{Deserialize, Serialize};

/// Answers rows in the form in which they come: `{"y": [[…]]}`, a list for each row, to `{"data": [[…]]}`; to little-endian
/// floats the same, behind a head in JSON as in the binary extension of the Open Inference Protocol.
#[derive(Debug)]
pub struct Forward {
    model: Model,
    input: String,
    /// The shape of one row of the input.
    row: Vec<u32>,
    /// Bytes of one row of the input.
    row_bytes: usize,
}

#[derive(Deserialize)]
struct Rows {
    data: Vec<Vec<f32>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    y: Vec<&'a [f32]>,
}

impl Scorer for Forward {
    fn init() -> Result<Self, InitError> {
        let model = Model::open("model")?;
        let inputs = model.inputs();
        let [TensorSpec { name, shape, .. }] = inputs.as_slice() else {
            return Err("the model must have one input".into());
        };
        let row: Option<Vec<u32>> = shape.iter().skip(1).copied().collect();
        let row = row.ok_or("only the first dimension of the input may be open")?;
        let elements: usize = row.iter().map(|size| *size as usize).product();
        Ok(Self {
            input: name.clone(),
            row_bytes: elements * size_of::<f32>(),
            row,
            model,
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let is_binary = request.content_type.as_deref() == Some("application/octet-stream");
        let bytes = if is_binary {
            request.body
        } else {
            bytes_of(&request.json()?)
        };
        let rows = bytes.len() / self.row_bytes;
        let is_whole = rows > 0 && bytes.len() == rows * self.row_bytes;
        let (true, Ok(count)) = (is_whole, u32::try_from(rows)) else {
            return Err(ScoreError::bad_request(format!(
                "{} bytes are no rows of {}",
                bytes.len(),
                self.row_bytes
            )));
        };
        let shape = [&[count], self.row.as_slice()].concat();
        let input = Tensor::from_bytes(&self.input, ElementType::Float32, shape, bytes);
        let outputs = self.model.infer(&[input])?;
        let [output] = outputs.as_slice() else {
            return Err(ScoreError::internal("the model must have one output"));
        };
        if is_binary {
            return Ok(binary(output));
        }
        let values = output.values::<f32>()?;
        Response::json(&Answer {
            y: values.chunks((values.len() / rows).max(1)).collect(),
        })
    }
}

fn binary(output: &Tensor) -> Response {
    let bytes = output.as_bytes();
    let head = format!(
        "{{\"outputs\":[{{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":{:?},\"parameters\":{{\"binary_data_size\":{}}}}}]}}",
        output.shape(),
        bytes.len()
    );
    let length = head.len().to_string();
    Response::new(
        "application/octet-stream",
        [head.as_bytes(), bytes].concat(),
    )
    .with_header("inference-header-content-length", length)
}

fn bytes_of(rows: &Rows) -> Vec<u8> {
    let numbers = rows.data.iter().flatten();
    numbers.flat_map(|number| number.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, FakeModel, FakeSandbox, post_json};

    /// A model that doubles rows of two.
    fn doubling() -> FakeSandbox<Forward> {
        let model = FakeModel::new(|inputs| {
            let mut values = inputs[0].values::<f32>().unwrap();
            values.iter_mut().for_each(|value| *value *= 2.0);
            Ok(vec![
                Tensor::new("y", &[values.len() / 2, 2], &values).unwrap(),
            ])
        })
        .input(TensorSpec::new("x", ElementType::Float32, [None, Some(2)]))
        .output(TensorSpec::new("y", ElementType::Float32, [None, Some(2)]));
        let host = FakeHost::new().with_model("model", model);
        host.init::<Forward>().unwrap()
    }

    fn post_floats(values: &[f32]) -> Request {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        Request {
            content_type: Some("application/octet-stream".to_owned()),
            body: bytes,
            ..Request::default()
        }
    }

    #[test]
    fn json_is_answered_in_json_and_floats_in_floats() {
        let mut sandbox = doubling();
        let answer = sandbox.run(post_json("{\"data\": [[1, 2.5], [0.1, 4]]}"));
        assert_eq!(answer.unwrap().body, b"{\"y\":[[2.0,5.0],[0.2,8.0]]}");

        let answer = sandbox.run(post_floats(&[1.0, 2.5, 0.1, 4.0])).unwrap();
        let head = b"{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2, 2],\"parameters\":{\"binary_data_size\":16}}]}";
        let floats = post_floats(&[2.0, 5.0, 0.2, 8.0]).body;
        assert_eq!(answer.body, [&head[..], &floats].concat());
        let length = ("inference-header-content-length", head.len().to_string());
        let is_there = |header: &mlwasm_sdk::Header| {
            header.name == length.0 && header.value == length.1.as_bytes()
        };
        assert!(answer.headers.iter().any(is_there), "{:?}", answer.headers);
    }

    #[test]
    fn half_a_row_and_no_row_are_refused() {
        let mut sandbox = doubling();
        for values in [&[][..], &[1.0], &[1.0, 2.0, 3.0]] {
            let refusal = sandbox.run(post_floats(values)).unwrap_err();
            assert!(matches!(refusal, ScoreError::BadRequest(_)), "{values:?}");
        }
    }
}
