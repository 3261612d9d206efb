//! Two JSON values: where their structure or their values differ. Pure.
//!
//! All items of an array are one place, so that the hundredth row of an answer is the same field as the first.

use mlwasm_types::{
    shadow::DifferenceKind,
    spec::{PathStep, written},
};
use serde_json::{Map, Value};

use super::{
    compare::{Differences, Rules},
    numbers::{are_labels, is_close, other_class},
};

/// Bytes of a path that are kept; keys of objects may be of any length.
const MAX_PATH: usize = 200;

/// Adds to `found` where `live` and `mirror` differ.
pub(super) fn compare(live: &Value, mirror: &Value, rules: &Rules, found: &mut Differences) {
    let mut walk = Walk {
        rules,
        found,
        path: Vec::new(),
    };
    walk.values(live, mirror);
}

struct Walk<'v, 'w> {
    rules: &'w Rules,
    found: &'w mut Differences,
    path: Vec<PathStep<'v>>,
}

impl<'v> Walk<'v, '_> {
    fn values(&mut self, live: &'v Value, mirror: &'v Value) {
        if self.found.is_full() || self.is_ignored() {
            return;
        }
        match (live, mirror) {
            (Value::Object(one), Value::Object(other)) => self.objects(one, other),
            (Value::Array(one), Value::Array(other)) => self.arrays(one, other),
            (Value::Number(one), Value::Number(other)) => {
                if one == other {
                    return;
                }
                let (one, other) = (
                    one.as_f64().unwrap_or(f64::NAN),
                    other.as_f64().unwrap_or(f64::NAN),
                );
                if are_labels(one, other) {
                    // 1 and 1.0 are one label, 1 and 2 are two however large the tolerance.
                    if one != other {
                        self.differ(DifferenceKind::Label, live, mirror);
                    }
                } else if !is_close(one, other, self.rules.tolerance) {
                    self.differ(DifferenceKind::Number, live, mirror);
                }
            }
            (Value::String(one), Value::String(other)) if one == other => {}
            (Value::Bool(one), Value::Bool(other)) if one == other => {}
            (Value::Null, Value::Null) => {}
            (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => {
                self.differ(DifferenceKind::Label, live, mirror);
            }
            _ => self.differ(DifferenceKind::Type, live, mirror),
        }
    }

    fn objects(&mut self, live: &'v Map<String, Value>, mirror: &'v Map<String, Value>) {
        for (key, value) in live {
            match mirror.get(key) {
                Some(other) => self.at(PathStep::Key(key), |walk| walk.values(value, other)),
                None => self.at(PathStep::Key(key), |walk| {
                    walk.only_one(DifferenceKind::Missing, value);
                }),
            }
        }
        for (key, value) in mirror {
            if !live.contains_key(key) {
                self.at(PathStep::Key(key), |walk| {
                    walk.only_one(DifferenceKind::Added, value);
                });
            }
        }
    }

    fn arrays(&mut self, live: &'v [Value], mirror: &'v [Value]) {
        if live.len() != mirror.len() {
            self.add(DifferenceKind::Length, || {
                (live.len().to_string(), mirror.len().to_string())
            });
            return;
        }
        if let (Some(one), Some(other)) = (numbers(live), numbers(mirror))
            && let Some((one, other)) = other_class(&one, &other, self.rules.tolerance)
        {
            self.add(DifferenceKind::Label, || {
                (format!("class {one}"), format!("class {other}"))
            });
        }
        for (one, other) in live.iter().zip(mirror) {
            self.at(PathStep::Items, |walk| walk.values(one, other));
        }
    }

    /// Goes one step further, and back.
    fn at(&mut self, step: PathStep<'v>, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }

    fn only_one(&mut self, kind: DifferenceKind, value: &Value) {
        if !self.is_ignored() {
            self.add(kind, || match kind {
                DifferenceKind::Added => ("(none)".to_owned(), shown(value)),
                _ => (shown(value), "(none)".to_owned()),
            });
        }
    }

    fn differ(&mut self, kind: DifferenceKind, live: &Value, mirror: &Value) {
        self.add(kind, || (shown(live), shown(mirror)));
    }

    fn add(&mut self, kind: DifferenceKind, values: impl FnOnce() -> (String, String)) {
        let mut path = written(&self.path);
        if path.len() > MAX_PATH {
            path.truncate(path.floor_char_boundary(MAX_PATH));
            path.push('…');
        }
        self.found.add(path, kind, values);
    }

    fn is_ignored(&self) -> bool {
        self.rules.ignore.iter().any(|path| path.covers(&self.path))
    }
}

/// The array's items, if all are numbers.
fn numbers(items: &[Value]) -> Option<Vec<f64>> {
    items.iter().map(Value::as_f64).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(fields) => format!("object of {}", fields.len()),
        Value::Array(items) => format!("array of {}", items.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_types::ShadowSettings;
    use serde_json::json;

    use super::*;

    fn told(live: &Value, mirror: &Value, rules: &Rules) -> Vec<String> {
        let mut found = Differences::default();
        compare(live, mirror, rules, &mut found);
        let found = found.into_inner().into_iter();
        found
            .map(|one| format!("{} {} {} {}", one.path, one.kind, one.live, one.mirror))
            .collect()
    }

    #[test]
    fn differences_have_a_path_and_a_kind() {
        let cases: [(Value, Value, &[&str]); 17] = [
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), &[]),
            (json!({"a": 1}), json!({}), &["$.a missing 1 (none)"]),
            (
                json!({}),
                json!({"a": [1]}),
                &["$.a added (none) array of 1"],
            ),
            (json!({"a": 1}), json!({"a": "1"}), &["$.a type 1 \"1\""]),
            (json!(null), json!({}), &["$ type null object of 0"]),
            (json!([1, 2]), json!([1]), &["$ length 2 1"]),
            (
                json!({"label": "cat"}),
                json!({"label": "dog"}),
                &["$.label label \"cat\" \"dog\""],
            ),
            (
                json!({"class": 1}),
                json!({"class": 2}),
                &["$.class label 1 2"],
            ),
            (json!({"class": 1}), json!({"class": 1.0}), &[]),
            (
                json!({"ok": true}),
                json!({"ok": false}),
                &["$.ok label true false"],
            ),
            (json!({"x": 0.5}), json!({"x": 0.5 + 1e-9}), &[]),
            (
                json!({"x": 0.5}),
                json!({"x": 0.501}),
                &["$.x number 0.5 0.501"],
            ),
            (json!({"n": 1_000_000}), json!({"n": 1_000_001}), &[]),
            (
                json!({"rows": [{"id": "a"}, {"id": "b"}]}),
                json!({"rows": [{"id": "x"}, {"id": "y"}]}),
                &["$.rows[*].id label \"a\" \"x\""],
            ),
            (
                json!([[0.6, 0.4], [0.1, 0.9]]),
                json!([[0.6, 0.4], [0.8, 0.2]]),
                &["$[*] label class 1 class 0", "$[*][*] number 0.1 0.8"],
            ),
            (
                json!([0.6, 0.4]),
                json!([0.7, 0.3]),
                &["$[*] number 0.6 0.7"],
            ),
            (
                json!({"a key": {"b": "\n"}}),
                json!({"a key": {"b": ""}}),
                &["$[\"a key\"].b label \"\\n\" \"\""],
            ),
        ];
        let rules = Rules::of(&ShadowSettings::default());
        for (live, mirror, expected) in cases {
            assert_eq!(told(&live, &mirror, &rules), expected, "{live} {mirror}");
        }
    }

    #[test]
    fn a_label_is_no_number_however_large_the_tolerance() {
        let rules = Rules {
            tolerance: 0.5,
            ignore: Vec::new(),
        };
        assert!(told(&json!(20.5), &json!(21.5), &rules).is_empty());
        assert_eq!(told(&json!(20), &json!(21), &rules), ["$ label 20 21"]);
    }

    #[test]
    fn what_is_ignored_is_not_looked_at() {
        let rules = Rules {
            tolerance: 1e-6,
            ignore: ["$.id", "$.rows[*].time", "$.meta"]
                .map(|path| path.parse().unwrap())
                .to_vec(),
        };
        let live = json!({"id": 1, "rows": [{"time": 1, "x": 1}], "meta": {"a": 1}, "y": 1});
        let mirror = json!({"rows": [{"time": 2, "x": 2}], "meta": {"b": 1}, "id": 7, "y": 1});
        assert_eq!(told(&live, &mirror, &rules), ["$.rows[*].x label 1 2"]);
        assert!(told(&json!({"id": 1}), &json!({}), &rules).is_empty());
    }

    #[test]
    fn a_path_is_cut() {
        let rules = Rules::of(&ShadowSettings::default());
        let live = Value::Object(Map::from_iter([("ä".repeat(300), json!(1))]));
        let told = told(&live, &json!({}), &rules);
        assert!(told[0].len() < MAX_PATH + 30, "{told:?}");
    }
}
