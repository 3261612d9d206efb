//! Runs the model `model` `?times=N` times in one request and answers `{"done": N}`. Its inputs are all zeros or empty strings, with
//! 1 for every open dimension, so that any model will do. Stops at the first error, which is an internal one.

use mlwasm_guests::param;
use mlwasm_sdk::{
    ElementType, InitError, Model, Request, Response, ScoreError, Scorer, Tensor, TensorSpec,
};
use serde::Serialize;

struct ManyInfer {
    model: Model,
    inputs: Vec<Tensor>,
}

#[derive(Serialize)]
struct Done {
    done: u64,
}

impl Scorer for ManyInfer {
    fn init() -> Result<Self, InitError> {
        let model = Model::open("model")?;
        let inputs = model.inputs().iter().map(zeros).collect();
        Ok(Self { model, inputs })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let times: u64 = param(&request, "times")?;
        for time in 0..times {
            self.model
                .infer(&self.inputs)
                .map_err(|error| ScoreError::internal(format!("after {time} runs: {error}")))?;
        }
        Response::json(&Done { done: times })
    }
}

fn zeros(spec: &TensorSpec) -> Tensor {
    let shape: Vec<u32> = spec.shape.iter().map(|size| size.unwrap_or(1)).collect();
    let elements = shape.iter().map(|size| *size as usize).product::<usize>();
    // An empty string is four bytes too: its length.
    let size = spec
        .element
        .size()
        .unwrap_or(if spec.element == ElementType::Bytes {
            4
        } else {
            0
        });
    Tensor::from_bytes(&spec.name, spec.element, shape, vec![0; elements * size])
}

mlwasm_sdk::scorer!(ManyInfer);
