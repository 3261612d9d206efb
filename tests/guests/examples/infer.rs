//! Sends the host whatever tensors the request describes, right or wrong, to the model `model`.
//!
//! ```json
//! {"inputs": [{"name": "input", "element": "float32", "shape": [1, 1], "data": "0000803f"}]}
//! ```
//!
//! `data` is base 16 and goes to the host verbatim. The answer is `{"outputs": [...]}` of the same form, or
//! `{"error": {"kind": "unknown-model" | "invalid-input" | "failed", "text": "..."}}`, both with status 200. A `model` in the
//! body opens another one, by that name.

use mlwasm_sdk::{
    InferenceError, InitError, Model, Outputs, Request, Response, ScoreError, Scorer, Tensor,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

struct Infer;

#[derive(Deserialize)]
struct Body {
    #[serde(default = "default_model")]
    model: String,
    inputs: Vec<RawTensor>,
}

fn default_model() -> String {
    "model".to_owned()
}

#[derive(Deserialize, Serialize)]
struct RawTensor {
    name: String,
    element: String,
    shape: Vec<u32>,
    data: String,
}

impl Scorer for Infer {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let body: Body = request.json()?;
        let inputs: Vec<Tensor> = body
            .inputs
            .iter()
            .map(RawTensor::to_tensor)
            .collect::<Result<_, _>>()?;
        let answer = match infer(&body.model, &inputs) {
            Ok(outputs) => {
                json!({"outputs": outputs.iter().map(RawTensor::from_tensor).collect::<Vec<_>>()})
            }
            Err(error) => {
                let (kind, text) = match &error {
                    InferenceError::UnknownModel(text) => ("unknown-model", text),
                    InferenceError::InvalidInput(text) => ("invalid-input", text),
                    InferenceError::Failed(text) => ("failed", text),
                };
                json!({"error": {"kind": kind, "text": text}})
            }
        };
        Response::json(&answer)
    }
}

fn infer(model: &str, inputs: &[Tensor]) -> Result<Outputs, InferenceError> {
    Model::open(model)?.infer(inputs)
}

impl RawTensor {
    fn to_tensor(&self) -> Result<Tensor, ScoreError> {
        let element = self.element.parse().map_err(ScoreError::bad_request)?;
        let data = from_base16(&self.data)
            .ok_or_else(|| ScoreError::bad_request("data is not base 16"))?;
        Ok(Tensor::from_bytes(
            &self.name,
            element,
            self.shape.clone(),
            data,
        ))
    }

    fn from_tensor(tensor: &Tensor) -> Self {
        Self {
            name: tensor.name().to_owned(),
            element: tensor.element().to_string(),
            shape: tensor.shape().to_vec(),
            data: tensor
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }
}

fn from_base16(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

mlwasm_sdk::scorer!(Infer);
