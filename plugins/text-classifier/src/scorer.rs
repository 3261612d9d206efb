//! The scorer: texts to rows, rows to the model, labels back.

use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer, Tensor, files};
use serde::{Deserialize, Serialize};

use crate::features::Vocabulary;

/// Most texts of one request: a row of the vocabulary's width is made for each.
const MOST_TEXTS: usize = 256;

/// Tells what label texts have.
///
/// The deployment brings the model `model`, and the files `vocabulary.txt` and `labels.txt`, one entry a line.
#[derive(Debug)]
pub struct TextClassifier {
    model: Model,
    vocabulary: Vocabulary,
    labels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    texts: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    predictions: Vec<Prediction<'a>>,
}

/// Nothing is said of a text that holds nothing the model knows.
#[derive(Clone, Copy, Default, Serialize)]
struct Prediction<'a> {
    label: Option<&'a str>,
    probability: f32,
}

impl Scorer for TextClassifier {
    fn init() -> Result<Self, InitError> {
        let labels = files::read_to_string("labels.txt")?;
        Ok(Self {
            model: Model::open("model")?,
            vocabulary: Vocabulary::read(&files::read_to_string("vocabulary.txt")?),
            labels: labels.lines().map(str::to_owned).collect(),
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let Body { texts } = request.json()?;
        if !(1..=MOST_TEXTS).contains(&texts.len()) {
            return Err(ScoreError::bad_request(format!(
                "texts holds {} texts, expected 1 to {MOST_TEXTS}",
                texts.len()
            )));
        }
        let rows: Vec<_> = texts.iter().map(|text| self.vocabulary.row(text)).collect();
        let mut known = self.classify(&rows)?.into_iter();
        let predictions = rows.iter().map(|row| match row {
            Some(_) => known.next().unwrap_or_default(),
            None => Prediction::default(),
        });
        Response::json(&Answer {
            predictions: predictions.collect(),
        })
    }
}

impl TextClassifier {
    /// The labels of the rows that there are, in order.
    fn classify(&self, rows: &[Option<Vec<f32>>]) -> Result<Vec<Prediction<'_>>, ScoreError> {
        let known: Vec<&Vec<f32>> = rows.iter().flatten().collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<f32> = known.iter().copied().flatten().copied().collect();
        let input = Tensor::new("input", &[known.len(), self.vocabulary.len()], &numbers)?;
        let outputs = self.model.infer(&[input])?;
        let probabilities = outputs.get("probabilities")?.values::<f32>()?;
        if probabilities.len() != known.len() * self.labels.len() {
            return Err(ScoreError::internal(format!(
                "the model gave {} probabilities for {} texts, labels.txt has {} labels",
                probabilities.len(),
                known.len(),
                self.labels.len()
            )));
        }
        let rows = probabilities.chunks(self.labels.len());
        Ok(rows.map(|row| self.likeliest(row)).collect())
    }

    fn likeliest(&self, probabilities: &[f32]) -> Prediction<'_> {
        let labelled = self.labels.iter().zip(probabilities);
        let likeliest = labelled.max_by(|one, other| one.1.total_cmp(other.1));
        likeliest.map_or_else(Prediction::default, |(label, probability)| Prediction {
            label: Some(label),
            probability: *probability,
        })
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};
    use mlwasm_sdk::{ElementType, TensorSpec};

    use super::*;

    /// Takes a text for German in the measure of its pieces `j`.
    fn host(labels: &str) -> FakeHost {
        let model = FakeModel::new(|inputs| {
            let rows = inputs[0].values::<f32>().unwrap();
            let both: Vec<f32> = rows.chunks(2).flat_map(|row| [row[1], row[0]]).collect();
            Ok(vec![
                Tensor::new("probabilities", &[both.len() / 2, 2], &both).unwrap(),
            ])
        });
        let model = model
            .input(TensorSpec::new(
                "input",
                ElementType::Float32,
                [None, Some(2)],
            ))
            .output(TensorSpec::new(
                "probabilities",
                ElementType::Float32,
                [None, Some(2)],
            ));
        FakeHost::new()
            .with_model("model", model)
            .with_file("vocabulary.txt", "j\ny\n")
            .with_file("labels.txt", labels)
    }

    fn run(host: &FakeHost, body: &str) -> Result<String, ScoreError> {
        let mut sandbox = host.init::<TextClassifier>().unwrap();
        let response = sandbox.run(post_json(body))?;
        Ok(String::from_utf8(response.body).unwrap())
    }

    #[test]
    fn each_text_has_its_label_and_unknown_ones_have_none() {
        let answer = run(&host("en\nde\n"), r#"{"texts": ["ja", "123", "yes"]}"#);
        assert_eq!(
            answer.unwrap(),
            r#"{"predictions":[{"label":"de","probability":1.0},{"label":null,"probability":0.0},{"label":"en","probability":1.0}]}"#
        );
        let none = run(&host("en\nde\n"), r#"{"texts": [""]}"#).unwrap();
        assert_eq!(
            none,
            r#"{"predictions":[{"label":null,"probability":0.0}]}"#
        );
    }

    #[test]
    fn the_number_of_texts_is_bounded() {
        let host = host("en\nde\n");
        let body = |count: usize| serde_json::json!({"texts": vec!["ja"; count]}).to_string();
        for (count, fits) in [(0, false), (1, true), (256, true), (257, false)] {
            assert_eq!(run(&host, &body(count)).is_ok(), fits, "{count}");
        }
    }

    #[test]
    fn labels_that_do_not_fit_the_model_are_told() {
        let error = run(&host("en\nde\nfr\n"), r#"{"texts": ["ja"]}"#).unwrap_err();
        assert!(
            error.to_string().contains("labels.txt has 3 labels"),
            "{error}"
        );
    }

    #[test]
    fn a_deployment_without_its_files_does_not_start() {
        let error = FakeHost::new().init::<TextClassifier>().err().unwrap();
        assert!(error.to_string().contains("labels.txt"), "{error}");
    }
}
