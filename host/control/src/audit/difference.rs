//! What differs between two states, setting by setting.

use mlwasm_types::audit::AuditChange;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Reach, Subject};
use crate::store::{DesiredState, EndpointRecord};

/// More differences than this are counted, not listed.
const MOST_CHANGES: usize = 100;

/// Longer texts are cut off, in characters.
const LONGEST_TEXT: usize = 200;

/// Settings whose values may be secret. Which ones are there is told, what they hold is not.
const HIDDEN: [&str; 1] = ["environment_variables"];

/// What differs in the subject of a change.
pub(super) fn between(
    subject: &Subject,
    before: &DesiredState,
    after: &DesiredState,
) -> Vec<AuditChange> {
    let of = |state: &DesiredState| match (&subject.endpoint, &subject.deployment) {
        (Some(endpoint), Some(deployment)) => {
            let record = state.deployment(endpoint, deployment);
            record.map_or(Value::Null, |record| json(&*record.spec))
        }
        (Some(endpoint), None) => state
            .endpoint(endpoint)
            .map_or(Value::Null, |record| of_endpoint(record)),
        (None, _) => match subject.reach {
            Reach::Object => of_server(state),
            Reach::Everything => of_everything(state),
        },
    };
    let mut changes = Vec::new();
    collect(String::new(), &of(before), &of(after), &mut changes);
    let more = changes.len().saturating_sub(MOST_CHANGES);
    if more > 0 {
        changes.truncate(MOST_CHANGES);
        changes.push(AuditChange {
            path: "(more)".to_owned(),
            from: Value::Null,
            to: more.into(),
        });
    }
    changes
}

/// What is told of an endpoint: its spec, how often its keys were regenerated, and how far its rollout is.
fn of_endpoint(record: &EndpointRecord) -> Value {
    let mut spec = json(&record.spec);
    let keys = json!({"primary": record.counters.primary, "secondary": record.counters.secondary});
    if let Value::Object(members) = &mut spec {
        members.insert("regenerated_keys".to_owned(), keys);
        if let Some(rollout) = &record.rollout {
            let course = json!({"state": rollout.state, "stage": rollout.stage});
            members.insert("rollout".to_owned(), course);
        }
    }
    spec
}

/// What belongs to no endpoint.
fn of_server(state: &DesiredState) -> Value {
    let tokens = state.admin_tokens.values();
    let tokens = tokens.map(|record| (record.name.to_string(), json(&record.view())));
    let models = state.models.iter();
    let models = models.map(|(name, record)| (name.to_string(), json(&record.versions)));
    json!({
        "admin_tokens": tokens.collect::<Map<_, _>>(),
        "models": models.collect::<Map<_, _>>(),
    })
}

/// All of that, and the deployments.
fn of_everything(state: &DesiredState) -> Value {
    let mut all = of_server(state);
    let endpoints = state.endpoints.iter().map(|(name, record)| {
        let deployments = record.deployments.iter();
        let deployments = deployments.map(|(name, record)| (name.to_string(), json(&*record.spec)));
        let mut told = of_endpoint(record);
        told["deployments"] = Value::Object(deployments.collect());
        (name.to_string(), told)
    });
    all["endpoints"] = Value::Object(endpoints.collect());
    all
}

// Specs and views are plain data with text keys: they always have a JSON form.
fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Stands for a value that is hidden.
const NOT_SHOWN: &str = "(not shown)";

fn collect(path: String, from: &Value, to: &Value, changes: &mut Vec<AuditChange>) {
    if from == to {
        return;
    }
    let empty = Map::new();
    let members = |value: &Value| match value {
        Value::Object(members) => Some(members.clone()),
        Value::Null => Some(empty.clone()),
        _ => None,
    };
    match (members(from), members(to)) {
        (Some(old), Some(new)) if !(old.is_empty() && new.is_empty()) => {
            let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let below = match path.as_str() {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                let none = Value::Null;
                let (from, to) = (
                    old.get(name).unwrap_or(&none),
                    new.get(name).unwrap_or(&none),
                );
                collect(below, from, to, changes);
            }
        }
        _ => {
            let is_hidden = path.split('.').any(|part| HIDDEN.contains(&part));
            let shown = |value: &Value| match value {
                Value::Null => Value::Null,
                _ if is_hidden => NOT_SHOWN.into(),
                value => short(value),
            };
            let (from, to) = (shown(from), shown(to));
            changes.push(AuditChange { path, from, to });
        }
    }
}

fn short(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONGEST_TEXT => {
            let start: String = text.chars().take(LONGEST_TEXT).collect();
            format!("{start}…").into()
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(from: Value, to: Value) -> Vec<(String, Value, Value)> {
        let mut changes = Vec::new();
        collect(String::new(), &from, &to, &mut changes);
        let parts = |change: AuditChange| (change.path, change.from, change.to);
        changes.into_iter().map(parts).collect()
    }

    fn change(path: &str, from: Value, to: Value) -> (String, Value, Value) {
        (path.to_owned(), from, to)
    }

    #[test]
    fn each_setting_that_differs_is_told_with_both_values() {
        let before = json!({"traffic": {"blue": 100}, "tags": {"a": "b"}, "name": "iris"});
        let after = json!({"traffic": {"blue": 90, "green": 10}, "tags": {}, "name": "iris"});
        assert_eq!(
            changes(before.clone(), after),
            [
                change("tags.a", json!("b"), Value::Null),
                change("traffic.blue", json!(100), json!(90)),
                change("traffic.green", Value::Null, json!(10)),
            ]
        );
        assert_eq!(changes(before.clone(), before.clone()), []);
        let made = changes(Value::Null, before);
        assert_eq!(made.len(), 3, "{made:?}");
    }

    #[test]
    fn values_of_variables_are_not_shown_but_their_change_is() {
        let spec = |value: &str| json!({"environment_variables": {"KEY": value, "B": "same"}});
        let changed = changes(spec("canary-1"), spec("canary-2"));
        let shown = json!("(not shown)");
        assert_eq!(
            changed,
            [change(
                "environment_variables.KEY",
                shown.clone(),
                shown.clone()
            )]
        );
        let made = changes(Value::Null, spec("canary-1"));
        assert!(!format!("{made:?}").contains("canary"), "{made:?}");
        let nested = json!({"environment_variables": {"KEY": {"deep": "canary"}}});
        assert!(!format!("{:?}", changes(Value::Null, nested)).contains("canary"));
    }

    #[test]
    fn long_texts_are_cut_off() {
        let text = |length| json!({"description": "ä".repeat(length)});
        let told = |length| changes(Value::Null, text(length)).remove(0).2;
        assert_eq!(told(200), json!("ä".repeat(200)));
        assert_eq!(told(201), json!(format!("{}…", "ä".repeat(200))));
    }
}
