//! Merge patches: a client sends what it wants changed, and what it does not know of stays.

use serde_json::Value;

/// Members that are one value to the operator, though JSON writes them as objects.
pub(crate) const WHOLE: [&str; 2] = ["traffic", "mirror_traffic"];

/// `target` with `patch` merged in, as RFC 7396 says; shares of traffic are replaced whole.
///
/// Shares that were merged by name would sum to anything but 100.
pub(crate) fn patched(mut target: Value, patch: Value) -> Value {
    if let (Value::Object(target), Value::Object(patch)) = (&mut target, &patch) {
        for member in WHOLE.iter().filter(|member| patch.contains_key(**member)) {
            target.remove(*member);
        }
    }
    merge(&mut target, patch);
    target
}

// The depth is that of the patch, which the JSON reader bounds.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// # Source
    ///
    /// RFC 7396, appendix A.
    #[test]
    fn patches_merge_as_in_the_rfc() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ];
        for (target, patch, wanted) in cases {
            let case = format!("{target} + {patch}");
            assert_eq!(patched(target, patch), wanted, "{case}");
        }
    }

    #[test]
    fn shares_are_replaced_whole() {
        let spec = json!({"traffic": {"blue": 90, "green": 10}, "mirror_traffic": {"red": 5}, "tags": {"a": "b"}});
        let patch = json!({"traffic": {"green": 100}, "tags": {"c": "d"}});
        assert_eq!(
            patched(spec.clone(), patch),
            json!({"traffic": {"green": 100}, "mirror_traffic": {"red": 5}, "tags": {"a": "b", "c": "d"}})
        );
        assert_eq!(
            patched(spec, json!({"mirror_traffic": {}}))["mirror_traffic"],
            json!({})
        );
    }
}
