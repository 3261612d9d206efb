//! JSON that names each member once.
//!
//! The usual reader takes the last of two members of the same name, and others the first: who checks a body before it
//! comes here would see another one than this server does.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// The value that `bytes` are.
///
/// # Errors
///
/// Where they are no JSON, or name a member twice. They can not nest deeper than the reader's own limit.
pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Strict, E> {
        Ok(Strict(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Strict, E> {
        Ok(Strict(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Strict, E> {
        Ok(Strict(
            Number::from_f64(number).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E>(self, text: &str) -> Result<Strict, E> {
        Ok(Strict(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Strict, E> {
        Ok(Strict(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Strict(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format!("{name:?} is named twice")));
            }
            let Strict(value) = map.next_value()?;
            members.insert(name, value);
        }
        Ok(Strict(members.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_reads_as_usual() {
        for text in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "0.5",
            "1e300",
            r#""a\u0000b""#,
            r#"[1, "a", [], {}]"#,
            r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}"#,
        ] {
            let usual: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes()).unwrap(), usual, "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_or_no_json_is_refused() {
        for (text, words) in [
            (r#"{"a": 1, "a": 1}"#, "\"a\" is named twice"),
            (r#"[{"b": {"a": 1, "\u0061": 2}}]"#, "\"a\" is named twice"),
            ("1e400", "out of range"),
            ("", "EOF"),
            ("{} {}", "trailing"),
            ("NaN", "expected value"),
            (&"[".repeat(200), "recursion limit"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
