//! Merge patches (RFC 7396), as the command line builds them.

use serde_json::{Map, Value};

/// A merge patch of an object.
pub(crate) type Patch = Map<String, Value>;

/// Lays `patch` over `target`: later settings win, objects are merged key by key, nulls stay as they are.
///
/// This joins two patches; [`applied`] is what applies one.
pub(crate) fn join(target: &mut Patch, patch: Patch) {
    for (key, value) in patch {
        match (target.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => join(below, above),
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}

/// What `patch` makes of nothing: itself, without the nulls that remove.
pub(crate) fn applied(patch: Patch) -> Patch {
    patch
        .into_iter()
        .filter_map(|(key, value)| match value {
            Value::Null => None,
            Value::Object(inner) => Some((key, Value::Object(applied(inner)))),
            value => Some((key, value)),
        })
        .collect()
}

/// Members of an endpoint that a patch replaces whole, though JSON writes them as objects: the server's rule.
pub(crate) const WHOLE: [&str; 2] = ["traffic", "mirror_traffic"];

/// What `patch` makes of `target`, as the server merges it.
pub(crate) fn merged(mut target: Patch, patch: Patch) -> Patch {
    target.retain(|key, _| !(WHOLE.contains(&key.as_str()) && patch.contains_key(key)));
    merge(&mut target, patch);
    target
}

fn merge(target: &mut Patch, patch: Patch) {
    for (key, value) in patch {
        match (target.get_mut(&key), value) {
            (_, Value::Null) => {
                target.remove(&key);
            }
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, Value::Object(above)) => {
                target.insert(key, Value::Object(applied(above)));
            }
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}

/// Makes `patch` replace the whole object `key` of `current`: what is there and not in the patch is removed.
pub(crate) fn replace_whole(patch: &mut Patch, key: &str, current: &Value) {
    let (Some(Value::Object(wanted)), Some(there)) = (
        patch.get_mut(key),
        current.get(key).and_then(Value::as_object),
    ) else {
        return;
    };
    for name in there.keys() {
        wanted.entry(name).or_insert(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(value: Value) -> Patch {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn patches_join_key_by_key() {
        let mut below = patch(json!({"a": {"x": 1, "y": 2}, "b": 3}));
        join(
            &mut below,
            patch(json!({"a": {"y": null, "z": 4}, "b": {"c": 5}})),
        );
        assert_eq!(
            Value::Object(below),
            json!({"a": {"x": 1, "y": null, "z": 4}, "b": {"c": 5}})
        );
    }

    #[test]
    fn nulls_are_gone_from_what_is_created() {
        let made = applied(patch(json!({"a": null, "b": {"c": null, "d": 1}})));
        assert_eq!(Value::Object(made), json!({"b": {"d": 1}}));
    }

    #[test]
    fn a_patch_is_merged_as_the_server_does_it() {
        for (target, changes, expected) in [
            (
                json!({"a": {"x": 1, "y": 2}, "b": 3}),
                json!({"a": {"y": null, "z": 4}, "b": {"c": null, "d": 5}}),
                json!({"a": {"x": 1, "z": 4}, "b": {"d": 5}}),
            ),
            (
                json!({"traffic": {"blue": 100}, "tags": {"a": "1"}}),
                json!({"traffic": {"green": 100}, "tags": {"b": "2"}}),
                json!({"traffic": {"green": 100}, "tags": {"a": "1", "b": "2"}}),
            ),
        ] {
            let found = merged(patch(target), patch(changes));
            assert_eq!(Value::Object(found), expected);
        }
    }

    #[test]
    fn a_map_that_is_replaced_whole_loses_what_it_does_not_name() {
        let mut wanted = patch(json!({"models": {"a": "new"}}));
        replace_whole(
            &mut wanted,
            "models",
            &json!({"models": {"a": "old", "b": "old"}}),
        );
        replace_whole(&mut wanted, "tags", &json!({"tags": {"t": "1"}}));
        assert_eq!(
            Value::Object(wanted),
            json!({"models": {"a": "new", "b": null}})
        );
    }
}
