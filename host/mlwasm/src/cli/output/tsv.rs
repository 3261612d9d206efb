//! Values separated by tabs, in the shape that `az -o tsv` gives them.

use serde_json::Value;

/// One line for each item of a list, one line for anything else; an object's values stand in the order of its keys.
pub(crate) fn render(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(|item| line(item) + "\n").collect(),
        // Alone, a text can not be mistaken for more than one value.
        Value::String(text) => format!("{text}\n"),
        value => line(value) + "\n",
    }
}

fn line(value: &Value) -> String {
    match value {
        Value::Object(object) => object.values().map(field).collect::<Vec<_>>().join("\t"),
        Value::Array(items) => items.iter().map(field).collect::<Vec<_>>().join("\t"),
        value => field(value),
    }
}

/// A tab or line feed within a value would look like the end of it, so they are written as in C.
fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text
            .replace('\\', "\\\\")
            .replace('\t', "\\t")
            .replace('\n', "\\n")
            .replace('\r', "\\r"),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_item_is_a_line_and_each_value_a_field() {
        for (value, text) in [
            (json!("a"), "a\n"),
            (json!(null), "\n"),
            (json!(true), "true\n"),
            (json!([]), ""),
            (json!(["a", 1, null]), "a\n1\n\n"),
            (json!({"b": 1, "a": "x"}), "x\t1\n"),
            (
                json!([{"a": 1, "b": {"c": 2}}, [1, [2]]]),
                "1\t{\"c\":2}\n1\t[2]\n",
            ),
            (json!(["a\tb\nc\\"]), "a\\tb\\nc\\\\\n"),
            (json!("a\tb\nc\\"), "a\tb\nc\\\n"),
        ] {
            assert_eq!(render(&value), text, "{value}");
        }
    }
}
