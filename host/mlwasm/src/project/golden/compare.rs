//! An answer beside the one that is right: each difference with its place.
//!
//! JSON is compared by value: the order of members and how a number is written do not count. All else byte by byte.

use std::fmt;

use serde_json::Value;

use super::{Body, Case, CaseResponse, Expected, Outcome};

/// Differences that are told of one case; the rest is a number.
const TOLD: usize = 10;
/// Longest value that is shown.
const SHOWN: usize = 200;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where, such as `status` or `$.predictions[0].class`.
    pub(crate) place: String,
    /// What is right.
    pub(crate) expected: String,
    /// What came.
    pub(crate) found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.place)?;
        writeln!(f, "  - {}", self.expected)?;
        write!(f, "  + {}", self.found)
    }
}

/// In what `outcome` differs from what `case` asks for; nothing if it is right.
pub(crate) fn differences(case: &Case, outcome: &Outcome) -> Vec<Difference> {
    let mut found = Differences::default();
    match (case.expected(), outcome) {
        (
            Expected::Answer(response),
            Outcome::Answer {
                status,
                content_type,
                body,
            },
        ) => {
            found.compare("status", &response.status, status);
            if let Some(expected) = &response.content_type {
                let none = String::new();
                found.compare(
                    "content type",
                    expected,
                    content_type.as_ref().unwrap_or(&none),
                );
            }
            found.bodies(&response.body, body);
        }
        (Expected::BadRequest(expected), Outcome::BadRequest(text))
        | (Expected::Internal(expected), Outcome::Internal(text)) => {
            found.compare("reason", &expected, &text.as_str());
        }
        (expected, outcome) => {
            found.add(
                "outcome",
                || shown_expected(expected),
                || shown_outcome(outcome),
            );
        }
    }
    found.finish()
}

fn shown_expected(expected: Expected<'_>) -> String {
    match expected {
        Expected::Answer(CaseResponse { status, .. }) => format!("an answer with status {status}"),
        Expected::BadRequest(text) => format!("bad_request: {text}"),
        Expected::Internal(text) => format!("internal: {text}"),
        Expected::Unknown => "nothing yet: --bless takes what comes".to_owned(),
    }
}

fn shown_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer { status, body, .. } => {
            format!(
                "an answer with status {status}: {}",
                String::from_utf8_lossy(body)
            )
        }
        Outcome::BadRequest(text) => format!("bad_request: {text}"),
        Outcome::Internal(text) => format!("internal: {text}"),
        Outcome::Fault(text) => text.clone(),
    }
}

#[derive(Default)]
struct Differences {
    told: Vec<Difference>,
    more: usize,
}

impl Differences {
    fn add(
        &mut self,
        place: &str,
        expected: impl FnOnce() -> String,
        found: impl FnOnce() -> String,
    ) {
        if self.told.len() == TOLD {
            self.more += 1;
            return;
        }
        self.told.push(Difference {
            place: place.to_owned(),
            expected: cut(&expected()),
            found: cut(&found()),
        });
    }

    fn compare<T: PartialEq + fmt::Display>(&mut self, place: &str, expected: &T, found: &T) {
        if expected != found {
            self.add(place, || expected.to_string(), || found.to_string());
        }
    }

    fn finish(mut self) -> Vec<Difference> {
        if let (Some(last), more @ 1..) = (self.told.last_mut(), self.more) {
            last.found = format!("{}\n    and {more} more differences", last.found);
        }
        self.told
    }

    fn bodies(&mut self, expected: &Body, found: &[u8]) {
        if let Some(expected) = expected.json() {
            return match serde_json::from_slice::<Value>(found) {
                Ok(found) => self.values("$", expected, &found),
                Err(error) => self.add(
                    "body",
                    || expected.to_string(),
                    || format!("no JSON ({error}): {}", String::from_utf8_lossy(found)),
                ),
            };
        }
        // It was checked when it was read.
        let expected = expected.bytes().unwrap_or_default();
        if expected == found {
            return;
        }
        match (std::str::from_utf8(&expected), std::str::from_utf8(found)) {
            (Ok(expected), Ok(found)) => self.texts(expected, found),
            _ => {
                let at = expected
                    .iter()
                    .zip(found)
                    .take_while(|(a, b)| a == b)
                    .count();
                self.add(
                    &format!("body, from byte {at}"),
                    || format!("{} bytes", expected.len()),
                    || format!("{} bytes", found.len()),
                );
            }
        }
    }

    fn texts(&mut self, expected: &str, found: &str) {
        let (mut expected, mut found) = (expected.split('\n'), found.split('\n'));
        let end = "the end of the text";
        for line in 1.. {
            let (expected, found) = (expected.next(), found.next());
            if expected.is_none() && found.is_none() {
                return;
            }
            let shown = |line: Option<&str>| {
                line.map_or_else(|| end.to_owned(), |line| format!("{line:?}"))
            };
            self.compare(
                &format!("body, line {line}"),
                &shown(expected),
                &shown(found),
            );
        }
    }

    fn values(&mut self, place: &str, expected: &Value, found: &Value) {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => {
                for (name, expected) in expected {
                    let place = member(place, name);
                    match found.get(name) {
                        Some(found) => self.values(&place, expected, found),
                        None => self.add(&place, || expected.to_string(), || "nothing".to_owned()),
                    }
                }
                for (name, found) in found
                    .iter()
                    .filter(|(name, _)| !expected.contains_key(*name))
                {
                    let place = member(place, name);
                    self.add(&place, || "nothing".to_owned(), || found.to_string());
                }
            }
            (Value::Array(expected), Value::Array(found)) => {
                self.compare(&format!("{place}.length"), &expected.len(), &found.len());
                for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.values(&format!("{place}[{index}]"), expected, found);
                }
            }
            (expected, found) if is_same(expected, found) => {}
            (expected, found) => self.add(place, || expected.to_string(), || found.to_string()),
        }
    }
}

/// Whether two values that hold no others are the same; numbers as doubles, so that 1 is 1.0.
fn is_same(expected: &Value, found: &Value) -> bool {
    match (expected.as_f64(), found.as_f64()) {
        // Two texts of one number, such as 1e-6 and 0.000001, may be read into neighbours.
        (Some(expected), Some(found)) => {
            (expected - found).abs() <= 2.0 * f64::EPSILON * expected.abs().max(found.abs())
        }
        _ => expected == found,
    }
}

fn member(place: &str, name: &str) -> String {
    let is_word = !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_');
    if is_word {
        format!("{place}.{name}")
    } else {
        format!("{place}[{name:?}]")
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(case: Value, outcome: &Outcome) -> String {
        let mut case = case;
        case["name"] = json!("a");
        let case: Case = serde_json::from_value(case).unwrap();
        let differences = differences(&case, outcome);
        let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    fn answer(body: &str) -> Outcome {
        Outcome::Answer {
            status: 200,
            content_type: Some("application/json".to_owned()),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn json_is_compared_by_value() {
        for (expected, found, differs) in [
            (
                json!({"a": 1, "b": [0.000001]}),
                r#"{"b":[1e-6],"a":1.0}"#,
                false,
            ),
            (json!(0.1), "0.1000000000000002", true),
            (json!(0), "-0.0", false),
            (json!(1), "true", true),
            (json!("1"), "1", true),
            (json!(null), "null", false),
            (json!([1, 2]), "[2,1]", true),
            (json!([]), "[1]", true),
            (json!({}), r#"{"a":null}"#, true),
        ] {
            let case = json!({"response": {"json": expected}});
            assert_eq!(
                !told(case, &answer(found)).is_empty(),
                differs,
                "{expected} {found}"
            );
        }
    }

    #[test]
    fn a_difference_is_told_with_its_place() {
        let case = json!({"response": {"status": 201, "content_type": "text/json",
            "json": {"p": [{"class": "setosa"}, 1], "a b": 1}}});
        insta::assert_snapshot!(told(case, &answer(r#"{"p":[{"class":"virginica"}],"more":{"x":1}}"#)), @r#"
        status
          - 201
          + 200
        content type
          - text/json
          + application/json
        $["a b"]
          - 1
          + nothing
        $.p.length
          - 2
          + 1
        $.p[0].class
          - "setosa"
          + "virginica"
        $.more
          - nothing
          + {"x":1}
        "#);
        let text = json!({"response": {"text": "a\nb\n"}});
        insta::assert_snapshot!(told(text, &answer("a\nc")), @r#"
        body, line 2
          - "b"
          + "c"
        body, line 3
          - ""
          + the end of the text
        "#);
        let bytes = json!({"response": {"base64": "AP8="}});
        insta::assert_snapshot!(told(bytes, &answer("\0")), @r"
        body, from byte 1
          - 2 bytes
          + 1 bytes
        ");
        insta::assert_snapshot!(told(json!({"response": {"json": 1}}), &answer("{")), @r"
        body
          - 1
          + no JSON (EOF while parsing an object at line 1 column 1): {
        ");
    }

    #[test]
    fn another_kind_of_outcome_is_one_difference() {
        let bad = Outcome::BadRequest("data is empty".to_owned());
        insta::assert_snapshot!(told(json!({"bad_request": "no data"}), &bad), @r"
        reason
          - no data
          + data is empty
        ");
        insta::assert_snapshot!(told(json!({"response": {"json": 1}}), &bad), @r"
        outcome
          - an answer with status 200
          + bad_request: data is empty
        ");
        insta::assert_snapshot!(told(json!({}), &answer("1")), @r"
        outcome
          - nothing yet: --bless takes what comes
          + an answer with status 200: 1
        ");
        let trapped = Outcome::Fault("trapped: unreachable".to_owned());
        insta::assert_snapshot!(told(json!({"internal": "no"}), &trapped), @r"
        outcome
          - internal: no
          + trapped: unreachable
        ");
    }

    #[test]
    fn so_many_differences_are_told_and_the_rest_is_counted() {
        for (count, last) in [
            (TOLD - 1, "  + 1"),
            (TOLD, "  + 1"),
            (TOLD + 1, "    and 1 more differences"),
        ] {
            let case = json!({"response": {"json": vec![0; count]}});
            let found = serde_json::to_string(&vec![1; count]).unwrap();
            let told = told(case, &answer(&found));
            assert_eq!(told.lines().last(), Some(last), "{count}");
        }
    }
}
