//! The scorer: any model, taken as it describes itself.

use mlwasm_sdk::{
    InferenceError, InitError, Model, ScoreError, Signature, Tensor, TensorScorer, Tensors,
};

/// Serves the model that the deployment lists as `model`.
#[derive(Debug)]
pub struct OnnxScorer {
    model: Model,
    signature: Signature,
}

impl TensorScorer for OnnxScorer {
    fn init() -> Result<Self, InitError> {
        let model = Model::open("model")?;
        let signature = Signature {
            inputs: model.inputs(),
            outputs: model.outputs(),
        };
        Ok(Self { model, signature })
    }

    fn describe(&self) -> Signature {
        self.signature.clone()
    }

    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let outputs = self.model.infer(inputs.as_slice()).map_err(blame)?;
        Ok(outputs.into_vec())
    }
}

/// Here every tensor is the client's own, so one that the host refuses is the client's mistake.
fn blame(error: InferenceError) -> ScoreError {
    match error {
        InferenceError::InvalidInput(_) => ScoreError::bad_request(error),
        InferenceError::UnknownModel(_) | InferenceError::Failed(_) => ScoreError::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};
    use mlwasm_sdk::{ElementType, TensorSpec};

    fn half() -> FakeModel {
        FakeModel::new(|inputs| {
            let x = inputs[0].values::<f32>().unwrap();
            let y: Vec<f32> = x.iter().map(|x| x / 2.0).collect();
            Ok(vec![Tensor::new("y", &[y.len()], &y).unwrap()])
        })
        .input(TensorSpec::new("x", ElementType::Float32, [None]))
        .output(TensorSpec::new("y", ElementType::Float32, [None]))
    }

    #[test]
    fn it_takes_and_gives_what_its_model_does() {
        let host = FakeHost::new().with_model("model", half());
        let mut sandbox = host.init_typed::<OnnxScorer>().unwrap();

        let signature = sandbox.describe();
        assert_eq!(signature.inputs[0].to_string(), "x: float32 [?]");
        assert_eq!(signature.outputs[0].to_string(), "y: float32 [?]");

        let x = Tensor::new("x", &[2], &[1.0_f32, 3.0]).unwrap();
        let y = sandbox.infer(&[x]).unwrap();
        assert_eq!(y.get("y").unwrap().values::<f32>().unwrap(), [0.5, 1.5]);
    }

    #[test]
    fn json_is_answered_without_code() {
        let host = FakeHost::new().with_model("model", half());
        let mut sandbox = host.init_typed::<OnnxScorer>().unwrap();

        let response = sandbox.run(post_json("{\"data\": [1, 3]}")).unwrap();

        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            "{\"outputs\":{\"y\":{\"datatype\":\"FP32\",\"shape\":[2],\"data\":[0.5,1.5]}}}"
        );
    }

    #[test]
    fn a_model_that_fails_is_not_the_clients_fault() {
        let model = FakeModel::new(|_| Err(InferenceError::Failed("division by zero".to_owned())))
            .input(TensorSpec::new("x", ElementType::Int32, []));
        let host = FakeHost::new().with_model("model", model);
        let mut sandbox = host.init_typed::<OnnxScorer>().unwrap();

        let error = sandbox.run(post_json("{\"data\": 0}")).unwrap_err();

        assert_eq!(
            error,
            ScoreError::internal("inference failed: division by zero")
        );
    }

    #[test]
    fn a_deployment_without_a_model_does_not_start() {
        assert!(FakeHost::new().init_typed::<OnnxScorer>().is_err());
    }
}
