//! Scenario `iris`: four measurements a row in, label and probabilities out.

use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer, Tensor};
use serde::{Deserialize, Serialize};

/// Answers `{"label": [2], "probabilities": [[…]]}` to `{"data": [[5.1, 3.5, 1.4, 0.2]]}`.
#[derive(Debug)]
pub struct Iris {
    model: Model,
}

#[derive(Deserialize)]
struct Flowers {
    data: Vec<[f32; 4]>,
}

#[derive(Serialize)]
struct Answer<'a> {
    label: Vec<i64>,
    probabilities: &'a [[f32; 3]],
}

impl Scorer for Iris {
    fn init() -> Result<Self, InitError> {
        let model = Model::open("model")?;
        Ok(Self { model })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let flowers: Flowers = request.json()?;
        let rows = flowers.data.len();
        let input = Tensor::new("x", &[rows, 4], flowers.data.as_flattened())?;
        let outputs = self.model.infer(&[input])?;
        let probabilities = outputs.get("probabilities")?.values::<f32>()?;
        Response::json(&Answer {
            label: outputs.get("label")?.values()?,
            probabilities: probabilities.as_chunks().0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};
    use mlwasm_sdk::{ElementType, TensorSpec};

    #[test]
    fn every_flower_has_a_label_and_three_probabilities() {
        let model = FakeModel::new(|inputs| {
            assert_eq!(inputs[0].values::<f32>().unwrap()[4], 6.0);
            let probabilities = [0.5_f32, 0.25, 0.25, 0.0, 0.1, 0.9];
            Ok(vec![
                Tensor::new("label", &[2], &[0_i64, 2]).unwrap(),
                Tensor::new("probabilities", &[2, 3], &probabilities).unwrap(),
            ])
        })
        .input(TensorSpec::new("x", ElementType::Float32, [None, Some(4)]))
        .output(TensorSpec::new("label", ElementType::Int64, [None]))
        .output(TensorSpec::new(
            "probabilities",
            ElementType::Float32,
            [None, Some(3)],
        ));
        let host = FakeHost::new().with_model("model", model);
        let mut sandbox = host.init::<Iris>().unwrap();

        let answer = sandbox.run(post_json(
            "{\"data\": [[5.1, 3.5, 1.4, 0.2], [6, 3, 5, 2]]}",
        ));

        assert_eq!(
            String::from_utf8(answer.unwrap().body).unwrap(),
            "{\"label\":[0,2],\"probabilities\":[[0.5,0.25,0.25],[0.0,0.1,0.9]]}"
        );
        assert!(sandbox.run(post_json("{\"data\": [[5.1]]}")).is_err());
    }
}
