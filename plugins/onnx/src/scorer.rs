//! The scorer: any model, taken as it describes itself.

use mlwasm_sdk::{
    InferenceError, InitError, Model, Request, Response, ScoreError, Scorer, TensorSpec,
};

use crate::{answer, body};

/// Serves the model that the deployment lists as `model`.
#[derive(Debug)]
pub struct OnnxScorer {
    model: Model,
    inputs: Vec<TensorSpec>,
}

impl Scorer for OnnxScorer {
    fn init() -> Result<Self, InitError> {
        let model = Model::open("model")?;
        let inputs = model.inputs();
        Ok(Self { model, inputs })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let tensors = body::read(&request.json()?, &self.inputs)?;
        let outputs = self.model.infer(&tensors).map_err(blame)?;
        answer::write(&outputs)
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
    use mlwasm_sdk::{BFloat16, ElementType, Float16, Tensor};

    /// Gives back its only input `x` as `y`: what goes in must come out.
    fn identity(element: ElementType, shape: &[Option<u32>]) -> FakeHost {
        let model = FakeModel::new(|inputs| {
            let x = &inputs[0];
            Ok(vec![Tensor::from_bytes(
                "y",
                x.element(),
                x.shape().to_vec(),
                x.as_bytes().to_vec(),
            )])
        });
        let model = model
            .input(TensorSpec::new("x", element, shape))
            .output(TensorSpec::new("y", element, shape));
        FakeHost::new().with_model("model", model)
    }

    fn score(host: &FakeHost, body: &str) -> Result<String, ScoreError> {
        let response = host.init::<OnnxScorer>().unwrap().run(post_json(body))?;
        Ok(String::from_utf8(response.body).unwrap())
    }

    fn check_round_trip(element: ElementType, data: &str) {
        let host = identity(element, &[None]);
        let length = data.split(',').count();
        let datatype = element.datatype();
        let expected = format!(
            "{{\"outputs\":{{\"y\":{{\"datatype\":\"{datatype}\",\"shape\":[{length}],\"data\":[{data}]}}}}}}"
        );

        assert_eq!(
            score(&host, &format!("{{\"inputs\":{{\"x\":[{data}]}}}}")),
            Ok(expected)
        );
    }

    #[test]
    fn every_datatype_goes_in_and_comes_out() {
        check_round_trip(ElementType::Boolean, "true,false");
        check_round_trip(ElementType::Uint8, "0,255");
        check_round_trip(ElementType::Int8, "-128,127");
        check_round_trip(ElementType::Uint16, "65535");
        check_round_trip(ElementType::Int16, "-32768");
        check_round_trip(ElementType::Uint32, "4294967295");
        check_round_trip(ElementType::Int32, "-2147483648");
        check_round_trip(ElementType::Uint64, "18446744073709551615");
        check_round_trip(ElementType::Float16, "1.5,-65504.0,\"Infinity\"");
        check_round_trip(ElementType::BFloat16, "1.5,-2.0");
        check_round_trip(ElementType::Float32, "0.1,-2.5,\"NaN\",\"-Infinity\"");
        check_round_trip(ElementType::Float64, "0.1,1e+300");
        check_round_trip(ElementType::Bytes, "\"\",\"näh\"");
    }

    #[test]
    fn int64_is_precise_beyond_what_a_double_holds() {
        check_round_trip(
            ElementType::Int64,
            "9007199254740993,-9223372036854775808,9223372036854775807",
        );
    }

    #[test]
    fn halves_reach_the_model_as_their_bits() {
        let model = FakeModel::new(|inputs| {
            assert_eq!(inputs[0].values::<Float16>().unwrap(), [Float16(0x3c00)]);
            assert_eq!(inputs[1].values::<BFloat16>().unwrap(), [BFloat16(0x3f80)]);
            Ok(Vec::new())
        })
        .input(TensorSpec::new("half", ElementType::Float16, [Some(1)]))
        .input(TensorSpec::new("brain", ElementType::BFloat16, [Some(1)]));
        let host = FakeHost::new().with_model("model", model);

        assert_eq!(
            score(&host, "{\"inputs\": {\"brain\": [1], \"half\": [1]}}"),
            Ok("{\"outputs\":{}}".to_owned())
        );
    }

    #[test]
    fn all_forms_of_a_request_mean_the_same() {
        let host = identity(ElementType::Float32, &[None, Some(2)]);
        let forms = [
            "{\"inputs\": {\"x\": [[1, 2], [3, 4]]}}",
            "{\"inputs\": {\"x\": {\"data\": [[1, 2], [3, 4]]}}}",
            "{\"inputs\": {\"x\": {\"shape\": [2, 2], \"data\": [1, 2, 3, 4]}}}",
            "{\"inputs\": {\"x\": {\"shape\": [2, 2], \"datatype\": \"FP32\", \"data\": [[1, 2], [3, 4]]}}}",
            "{\"data\": [[1, 2], [3, 4]]}",
        ];
        for form in forms {
            let expected = "{\"outputs\":{\"y\":{\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[1.0,2.0,3.0,4.0]}}}";
            assert_eq!(score(&host, form), Ok(expected.to_owned()), "{form}");
        }
    }

    #[test]
    fn a_scalar_and_an_empty_batch_are_tensors_too() {
        let scalar = identity(ElementType::Int32, &[]);
        let batch = identity(ElementType::Int32, &[None, Some(2)]);

        assert!(
            score(&scalar, "{\"inputs\": {\"x\": 7}}")
                .unwrap()
                .contains("\"shape\":[],\"data\":[7]")
        );
        let empty = score(
            &batch,
            "{\"inputs\": {\"x\": {\"shape\": [0, 2], \"data\": []}}}",
        )
        .unwrap();
        assert!(empty.contains("\"shape\":[0,2],\"data\":[]"));
    }

    #[test]
    fn a_model_that_fails_is_not_the_clients_fault() {
        let model = FakeModel::new(|_| Err(InferenceError::Failed("division by zero".to_owned())));
        let model = model.input(TensorSpec::new("x", ElementType::Int32, []));
        let host = FakeHost::new().with_model("model", model);

        let error = score(&host, "{\"data\": 0}").unwrap_err();

        assert_eq!(
            error,
            ScoreError::internal("inference failed: division by zero")
        );
    }

    #[test]
    fn a_deployment_without_a_model_does_not_start() {
        assert!(FakeHost::new().init::<OnnxScorer>().is_err());
    }
}
