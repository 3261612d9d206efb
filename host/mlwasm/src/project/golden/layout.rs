//! How golden files are written: what fits on a line stands on one, so that a row of numbers does not become a column.

use serde_json::Value;

/// Longest line.
const WIDTH: usize = 110;
const INDENT: usize = 2;
/// A case comes in the order in which one reads it, an answer too; all else by the alphabet.
const ORDER: [&str; 13] = [
    "name",
    "request",
    "response",
    "bad_request",
    "internal",
    "status",
    "protocol",
    "content_type",
    "query",
    "headers",
    "json",
    "text",
    "base64",
];

/// A whole file.
pub(super) fn cases(cases: &[Value]) -> String {
    let cases: Vec<String> = cases.iter().map(|case| written(case, INDENT, 0)).collect();
    match cases.as_slice() {
        [] => "[]\n".to_owned(),
        cases => format!("[\n  {}\n]\n", cases.join(",\n  ")),
    }
}

/// `value`, whose first line begins at `column`; `depth` counts the objects of a case that it is in, as far as they are ours.
fn written(value: &Value, column: usize, depth: usize) -> String {
    let flat = flat(value, depth);
    // A case is never on one line: its parts are looked for at the beginnings of lines.
    if depth > 0 && column + flat.len() <= WIDTH {
        return flat;
    }
    broken(value, column, depth)
}

/// `value` over several lines, if it holds others.
fn broken(value: &Value, column: usize, depth: usize) -> String {
    let indent = " ".repeat(column + INDENT);
    let (open, close, parts): (_, _, Vec<String>) = match value {
        Value::Object(_) => {
            let members = members(value, depth).map(|(name, value, depth)| {
                let name = format!("{}: ", Value::from(name));
                // The name is before it, but what it breaks into is not.
                let one_line = flat(value, depth);
                if column + INDENT + name.len() + one_line.len() <= WIDTH {
                    return name + &one_line;
                }
                name + &broken(value, column + INDENT, depth)
            });
            ('{', '}', members.collect())
        }
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| written(item, column + INDENT, depth.max(1)));
            ('[', ']', items.collect())
        }
        _ => Default::default(),
    };
    if parts.is_empty() {
        return flat(value, depth);
    }
    let parts = parts.join(&format!(",\n{indent}"));
    format!("{open}\n{indent}{parts}\n{}{close}", " ".repeat(column))
}

/// `value` on one line.
fn flat(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let members = members(value, depth).map(|(name, value, depth)| {
                format!("{}: {}", Value::from(name), flat(value, depth))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| flat(item, depth.max(1)));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

/// The members of an object, those of a case and of its request and response in our order.
fn members(value: &Value, depth: usize) -> impl Iterator<Item = (&str, &Value, usize)> {
    // A body's own members may have our names, and stand where the alphabet puts them.
    let is_ours = depth < 2;
    let rank = move |name: &str| {
        let known = ORDER.iter().position(|known| *known == name);
        known.filter(|_| is_ours).unwrap_or(ORDER.len())
    };
    let mut members: Vec<_> = value.as_object().into_iter().flatten().collect();
    members.sort_by_key(|(name, _)| rank(name));
    members
        .into_iter()
        .map(move |(name, value)| (name.as_str(), value, depth + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stands_on_a_line() {
        let long = "x".repeat(100);
        let file = cases(&[
            json!({
                "response": {"json": {"text": 1, "name": [[5.1, 3.5, 1.4, 0.2]]}, "status": 200, "content_type": "application/json"},
                "request": {"json": {"data": [[5.1, 3.5, 1.4, 0.2], {}], "more": long}},
                "name": "one flower",
            }),
            json!({"name": "nothing"}),
        ]);
        insta::assert_snapshot!(file, @r#"
        [
          {
            "name": "one flower",
            "request": {
              "json": {
                "data": [[5.1, 3.5, 1.4, 0.2], {}],
                "more": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
              }
            },
            "response": {
              "status": 200,
              "content_type": "application/json",
              "json": {"name": [[5.1, 3.5, 1.4, 0.2]], "text": 1}
            }
          },
          {
            "name": "nothing"
          }
        ]
        "#);
        assert_eq!(cases(&[]), "[]\n");
    }
}
