//! The scorer: an image to the model, a label back.

use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer, Tensor, files};
use serde::Serialize;

use crate::{
    decode::decode,
    shrink::{SIDE, shrink},
};

/// Tells what is on an image.
///
/// The deployment brings the model `model` and the file `labels.txt`, one label a line.
#[derive(Debug)]
pub struct ImageClassifier {
    model: Model,
    labels: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    label: &'a str,
    probability: f32,
}

impl Scorer for ImageClassifier {
    fn init() -> Result<Self, InitError> {
        let labels = files::read_to_string("labels.txt")?;
        Ok(Self {
            model: Model::open("model")?,
            labels: labels.lines().map(str::to_owned).collect(),
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let fields = shrink(&decode(&request.body)?);
        let input = Tensor::new("input", &[1, SIDE * SIDE], &fields)?;
        let outputs = self.model.infer(&[input])?;
        let probabilities = outputs.get("probabilities")?.values::<f32>()?;
        let labelled = self.labels.iter().zip(&probabilities);
        let likeliest = labelled.max_by(|one, other| one.1.total_cmp(other.1));
        match likeliest {
            Some((label, probability)) if probabilities.len() == self.labels.len() => {
                Response::json(&Answer {
                    label,
                    probability: *probability,
                })
            }
            _ => Err(ScoreError::internal(format!(
                "the model gave {} probabilities, labels.txt has {} labels",
                probabilities.len(),
                self.labels.len()
            ))),
        }
    }
}
