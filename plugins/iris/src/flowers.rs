//! What comes in: one row of measurements for each flower.

use mlwasm_sdk::{Request, ScoreError};
use serde::Deserialize;
use serde_json::Value;

/// Sepal length, sepal width, petal length, petal width, in centimetres.
pub(crate) type Measurements = [f32; 4];

pub(crate) const WANTED: &str = "4 numbers (sepal length, sepal width, petal length, petal width)";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    // Values rather than numbers, so that a mistake can be reported with its row.
    data: Vec<Value>,
}

/// Reads the flowers: at least one.
pub(crate) fn read(request: &Request) -> Result<Vec<Measurements>, ScoreError> {
    let body: Body = request.json()?;
    if body.data.is_empty() {
        return Err(ScoreError::bad_request(format!(
            "data is empty, expected at least one row of {WANTED}"
        )));
    }
    body.data
        .iter()
        .enumerate()
        .map(|(row, flower)| read_row(row, flower))
        .collect()
}

fn read_row(row: usize, flower: &Value) -> Result<Measurements, ScoreError> {
    let refuse =
        |found: String| ScoreError::bad_request(format!("data[{row}] {found}, expected {WANTED}"));
    let numbers = flower
        .as_array()
        .ok_or_else(|| refuse(format!("is {flower}")))?;
    let numbers: &[Value; 4] = numbers
        .as_slice()
        .try_into()
        .map_err(|_| refuse(format!("has {} elements", numbers.len())))?;
    let mut measurements = Measurements::default();
    for (column, (number, measurement)) in numbers.iter().zip(&mut measurements).enumerate() {
        *measurement = to_f32(number).ok_or_else(|| {
            ScoreError::bad_request(format!(
                "data[{row}][{column}] is {number}, expected a number"
            ))
        })?;
    }
    Ok(measurements)
}

fn to_f32(number: &Value) -> Option<f32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the model takes float32; what overflows is refused below"
    )]
    let number = number.as_f64()? as f32;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::post_json;

    #[test]
    fn rows_are_read_in_order() {
        let request = post_json("{\"data\": [[5.1, 3.5, 1.4, 0.2], [6, 3, 5, 2]]}");

        assert_eq!(
            read(&request),
            Ok(vec![[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 5.0, 2.0]])
        );
    }

    #[test]
    fn every_mistake_is_a_bad_request_that_names_its_place() {
        let four = "expected 4 numbers (sepal length, sepal width, petal length, petal width)";
        let cases = [
            (
                "{\"data\": []}",
                "data is empty, expected at least one row of 4 numbers".to_owned(),
            ),
            (
                "{\"data\": [[1, 2, 3, 4], [1, 2, 3]]}",
                format!("data[1] has 3 elements, {four}"),
            ),
            (
                "{\"data\": [[1, 2, 3, 4, 5]]}",
                format!("data[0] has 5 elements, {four}"),
            ),
            ("{\"data\": [7]}", format!("data[0] is 7, {four}")),
            (
                "{\"data\": [[1, 2, \"x\", 4]]}",
                "data[0][2] is \"x\", expected a number".to_owned(),
            ),
            (
                "{\"data\": [[1, 2, 3, null]]}",
                "data[0][3] is null, expected a number".to_owned(),
            ),
            (
                "{\"data\": [[1, 2, 3, 1e39]]}",
                "data[0][3] is 1e+39, expected a number".to_owned(),
            ),
            ("{}", "missing field `data` at line 1 column 2".to_owned()),
            (
                "{\"data\": 1}",
                "expected a sequence at line 1 column 10".to_owned(),
            ),
            (
                "{\"rows\": []}",
                "unknown field `rows`, expected `data` at line 1 column 7".to_owned(),
            ),
            (
                "",
                "EOF while parsing a value at line 1 column 0".to_owned(),
            ),
        ];
        for (body, reason) in cases {
            let Err(ScoreError::BadRequest(text)) = read(&post_json(body)) else {
                panic!("{body} was not refused");
            };
            assert!(text.contains(&reason), "{body}: {text}");
        }
    }
}
