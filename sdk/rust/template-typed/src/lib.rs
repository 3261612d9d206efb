//! A typed scorer: rows of four measurements in, the class of each out.

use mlwasm_sdk::{
    ElementType, InitError, Model, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors,
};

/// Lives as long as its sandbox.
struct MyScorer {
    model: Model,
}

impl TensorScorer for MyScorer {
    /// Runs once, when the deployment is made or changed. An error keeps it from serving.
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            model: Model::open("model")?,
        })
    }

    /// What clients are told. The platform holds requests to it, and answers too; `None` is any size.
    fn describe(&self) -> Signature {
        Signature::new()
            .input(TensorSpec::new("rows", ElementType::Float32, [None, Some(4)]))
            .output(TensorSpec::new("label", ElementType::Int64, [None]))
    }

    /// Runs for every request: `{"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}`, or the same over the Open Inference Protocol.
    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let rows = inputs.get("rows")?;
        if rows.shape()[0] == 0 {
            return Err(ScoreError::bad_request("rows is empty, expected at least one row of 4 numbers"));
        }
        let outputs = self.model.infer(&[rows.clone().renamed("input")])?;
        Ok(vec![outputs.get("label")?.clone()])
    }
}

mlwasm_sdk::tensor_scorer!(MyScorer);

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};

    /// Gives every row the label 2.
    fn host() -> FakeHost {
        let model = FakeModel::new(|_inputs| {
            let label = Tensor::new("label", &[1], &[2_i64]).unwrap();
            Ok(vec![label])
        });
        let model = model
            .input(TensorSpec::new("input", ElementType::Float32, [None, Some(4)]))
            .output(TensorSpec::new("label", ElementType::Int64, [None]));
        FakeHost::new().with_model("model", model)
    }

    #[test]
    fn a_row_gets_its_label() {
        let mut sandbox = host().init_typed::<MyScorer>().unwrap();
        let rows = Tensor::new("rows", &[1, 4], &[5.1_f32, 3.5, 1.4, 0.2]).unwrap();

        let outputs = sandbox.infer(&[rows]).unwrap();

        assert_eq!(outputs.get("label").unwrap().values::<i64>().unwrap(), [2]);
    }

    #[test]
    fn json_needs_no_code() {
        let mut sandbox = host().init_typed::<MyScorer>().unwrap();

        let response = sandbox.run(post_json("{\"data\": [[5.1, 3.5, 1.4, 0.2]]}")).unwrap();

        assert_eq!(response.status, 200);
    }
}
