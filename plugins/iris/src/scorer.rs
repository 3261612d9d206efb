//! The scorer: flowers to the model, predictions back.

use mlwasm_sdk::{
    ElementType, InitError, Model, Request, Response, ScoreError, Scorer, Tensor, Tensors, env, v2,
};
use serde::Serialize;

use crate::flowers;
use crate::prediction::{self, Prediction};

/// Tells iris species by their measurements.
///
/// If the deployment sets `MODEL_LABEL`, such as `iris-2`, every answer carries it: then an answer tells which model gave it.
#[derive(Debug)]
pub struct IrisScorer {
    model: Model,
    model_label: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    predictions: Vec<Prediction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
}

impl Scorer for IrisScorer {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            model: Model::open("model")?,
            model_label: env::var("MODEL_LABEL"),
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        if v2::is_asked(&request) {
            return v2::answer(&request, |inputs| self.infer(&inputs));
        }
        let flowers = flowers::read(&request)?;
        let input = Tensor::new("input", &[flowers.len(), 4], flowers.as_flattened())?;
        let outputs = self.model.infer(&[input])?;
        Response::json(&Answer {
            predictions: prediction::read(&outputs, flowers.len())?,
            model: self.model_label.as_deref(),
        })
    }
}

impl IrisScorer {
    /// Answers tensors: the model's own input and outputs.
    fn infer(&self, inputs: &Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let input = inputs.get("input").map_err(ScoreError::bad_request)?;
        let is_flowers =
            matches!(input.shape(), [1..=u32::MAX, 4]) && input.element() == ElementType::Float32;
        if !is_flowers {
            let (datatype, shape) = (input.element().datatype(), input.shape());
            return Err(ScoreError::BadRequest(format!(
                "input is {datatype} of shape {shape:?}, expected FP32 of shape [N, 4]: {}",
                flowers::WANTED
            )));
        }
        Ok(self.model.infer(std::slice::from_ref(input))?.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};
    use mlwasm_sdk::{Header, TensorSpec};

    /// Calls every flower by the integer in its first measurement.
    fn first_measurement_decides() -> FakeModel {
        FakeModel::new(|inputs| {
            let measurements = inputs[0].values::<f32>().unwrap();
            let rows = measurements.len() / 4;
            #[expect(clippy::cast_possible_truncation, reason = "the test sends integers")]
            let labels: Vec<i64> = measurements.chunks(4).map(|row| row[0] as i64).collect();
            let probabilities = [0.25_f32, 0.5, 0.25].repeat(rows);
            Ok(vec![
                Tensor::new("label", &[rows], &labels).unwrap(),
                Tensor::new("probabilities", &[rows, 3], &probabilities).unwrap(),
            ])
        })
        .input(TensorSpec::new(
            "input",
            ElementType::Float32,
            [None, Some(4)],
        ))
        .output(TensorSpec::new("label", ElementType::Int64, [None]))
        .output(TensorSpec::new(
            "probabilities",
            ElementType::Float32,
            [None, Some(3)],
        ))
    }

    fn host() -> FakeHost {
        FakeHost::new().with_model("model", first_measurement_decides())
    }

    fn answer(host: &FakeHost, body: &str) -> String {
        let response = host
            .init::<IrisScorer>()
            .unwrap()
            .run(post_json(body))
            .unwrap();
        assert_eq!(response.content_type, "application/json");
        String::from_utf8(response.body).unwrap()
    }

    #[test]
    fn every_flower_gets_its_class_and_probabilities() {
        let probabilities = "{\"setosa\":0.25,\"versicolor\":0.5,\"virginica\":0.25}";
        let expected = format!(
            "{{\"predictions\":[{{\"class\":\"versicolor\",\"probabilities\":{probabilities}}},\
             {{\"class\":\"setosa\",\"probabilities\":{probabilities}}}]}}"
        );

        assert_eq!(
            answer(&host(), "{\"data\": [[1, 0, 0, 0], [0, 0, 0, 0]]}"),
            expected
        );
    }

    #[test]
    fn the_answer_carries_the_models_label_if_the_deployment_sets_one() {
        let host = host().with_env("MODEL_LABEL", "iris-2");

        assert!(answer(&host, "{\"data\": [[2, 0, 0, 0]]}").ends_with(",\"model\":\"iris-2\"}"));
    }

    #[test]
    fn a_label_that_is_no_species_is_the_models_fault() {
        let error = host()
            .init::<IrisScorer>()
            .unwrap()
            .run(post_json("{\"data\": [[3, 0, 0, 0]]}"))
            .unwrap_err();

        assert_eq!(
            error,
            ScoreError::internal("the model gave label 3, expected 0 to 2")
        );
    }

    #[test]
    fn the_open_inference_protocol_is_answered_with_the_models_outputs() {
        let body = r#"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,4],"data":[2,0,0,0]}],"outputs":[{"name":"label"}]}"#;
        let asked = |body: &str| {
            let mut request = post_json(body);
            request.headers = vec![Header::new("mlwasm-protocol", "v2")];
            host().init::<IrisScorer>().unwrap().run(request)
        };
        let answer = String::from_utf8(asked(body).unwrap().body).unwrap();
        assert!(
            answer.contains(
                r#""outputs":[{"name":"label","datatype":"INT64","shape":[1],"data":[2]}]"#
            ),
            "{answer}"
        );
        for (wrong, right) in [("[0,4]", "[1,4]"), ("[4]", "[1,4]")] {
            let refused = asked(&body.replace(right, wrong).replace("[2,0,0,0]", "[]"));
            assert!(matches!(refused, Err(ScoreError::BadRequest(_))), "{wrong}");
        }
    }

    #[test]
    fn a_deployment_without_a_model_does_not_start() {
        assert!(FakeHost::new().init::<IrisScorer>().is_err());
    }
}
