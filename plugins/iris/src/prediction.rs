//! What goes out: one prediction for each flower.

use mlwasm_sdk::{Outputs, ScoreError};
use serde::Serialize;

/// The species, in the order of the model's labels.
const CLASSES: [&str; 3] = ["setosa", "versicolor", "virginica"];

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Prediction {
    class: &'static str,
    probabilities: Probabilities,
}

/// A struct rather than a map, so that the species come in the order of the labels.
#[derive(Debug, PartialEq, Serialize)]
struct Probabilities {
    setosa: f64,
    versicolor: f64,
    virginica: f64,
}

/// One prediction for each of `rows` flowers.
pub(crate) fn read(outputs: &Outputs, rows: usize) -> Result<Vec<Prediction>, ScoreError> {
    let labels = outputs.get("label")?.values::<i64>()?;
    let probabilities = outputs.get("probabilities")?.values::<f32>()?;
    let (probabilities, rest) = probabilities.as_chunks();
    if labels.len() != rows || probabilities.len() != rows || !rest.is_empty() {
        let text = format!(
            "for {rows} rows the model gave {} labels and {} × 3 probabilities",
            labels.len(),
            probabilities.len()
        );
        return Err(ScoreError::Internal(text));
    }
    labels
        .into_iter()
        .zip(probabilities)
        .map(|(label, probabilities)| predict(label, *probabilities))
        .collect()
}

fn predict(
    label: i64,
    [setosa, versicolor, virginica]: [f32; 3],
) -> Result<Prediction, ScoreError> {
    let class = usize::try_from(label)
        .ok()
        .and_then(|label| CLASSES.get(label));
    let class = class.ok_or_else(|| {
        ScoreError::internal(format!("the model gave label {label}, expected 0 to 2"))
    })?;
    Ok(Prediction {
        class,
        probabilities: Probabilities {
            setosa: rounded(setosa),
            versicolor: rounded(versicolor),
            virginica: rounded(virginica),
        },
    })
}

/// To six decimals, which is what 32 bits hold: the iris scorers of all languages then answer the same text.
fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_have_six_decimals() {
        for (probability, text) in [
            (0.0, "0.0"),
            (0.25, "0.25"),
            (0.976_822_1, "0.976822"),
            (0.123_456_7, "0.123457"),
            (4.9e-7, "0.0"),
            (5.1e-7, "1e-6"),
            (1.0, "1.0"),
        ] {
            assert_eq!(format!("{:?}", rounded(probability)), text);
        }
    }
}
