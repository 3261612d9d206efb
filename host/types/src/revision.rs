//! The revisions of a deployment, as its history shows them.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{DeploymentSpec, Digest, RevisionNumber};

/// Where a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevisionState {
    /// It answers requests.
    Serving,
    /// It is wanted, and is being made ready.
    Preparing,
    /// It could not be made ready when it was last tried.
    Failed,
    /// It is kept, so that the deployment can be rolled back to it.
    Kept,
}

impl fmt::Display for RevisionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Serving => "serving",
            Self::Preparing => "preparing",
            Self::Failed => "failed",
            Self::Kept => "kept",
        })
    }
}

/// One revision of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevisionView {
    /// Which one.
    pub revision: RevisionNumber,
    /// When it was asked for, to the second; none if it was made before times were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Where it is.
    pub state: RevisionState,
    /// Whether it is the one that shall serve.
    pub wanted: bool,
    /// Why it could not be made ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The one that served when this one was asked for: where a rollback from here leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<RevisionNumber>,
    /// What is different from the kept revision before it; nothing for the oldest one.
    pub changes: Vec<SettingChange>,
    /// What it consists of. It has no role and no data collector: those are the deployment's.
    #[serde(flatten)]
    pub spec: DeploymentSpec,
}

/// One setting that differs between two revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingChange {
    /// Its path, as in `sandbox.memory_limit_mb`.
    pub setting: String,
    /// What it was; null if it was not there.
    pub from: Value,
    /// What it is; null if it is not there.
    pub to: Value,
}

/// Every setting that differs between the specs, in the order of their paths.
///
/// # Panics
///
/// Never: a spec always has a JSON form.
pub fn changes(from: &DeploymentSpec, to: &DeploymentSpec) -> Vec<SettingChange> {
    let json = |spec: &DeploymentSpec| {
        let of_the_revision = DeploymentSpec {
            role: None,
            data_collector: None,
            ..spec.clone()
        };
        serde_json::to_value(of_the_revision).expect("a spec is plain data with text keys")
    };
    let mut found = Vec::new();
    compare("", &json(from), &json(to), &mut found);
    found
}

// As deep as a spec, which is a few levels.
fn compare(path: &str, from: &Value, to: &Value, found: &mut Vec<SettingChange>) {
    if from == to {
        return;
    }
    let none = Map::new();
    let (before, after) = match (from, to) {
        (Value::Object(before), Value::Object(after)) => (before, after),
        // A map that came or went is told by what it holds.
        (Value::Object(before), Value::Null) => (before, &none),
        (Value::Null, Value::Object(after)) => (&none, after),
        _ => {
            found.push(SettingChange {
                setting: path.to_owned(),
                from: from.clone(),
                to: to.clone(),
            });
            return;
        }
    };
    let added = after.keys().filter(|name| !before.contains_key(*name));
    let mut names: Vec<_> = before.keys().chain(added).collect();
    names.sort_unstable();
    for name in names {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let value = |map: &Map<String, Value>| map.get(name).cloned().unwrap_or_default();
        compare(&path, &value(before), &value(after), found);
    }
}

impl fmt::Display for SettingChange {
    /// `instance_count: 1 -> 2`; digests by their first digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, from, to } = self;
        match (from, to) {
            (Value::Null, to) => write!(f, "{setting}: {}", Brief(to)),
            (_, Value::Null) => write!(f, "{setting} removed"),
            (from, to) => write!(f, "{setting}: {} -> {}", Brief(from), Brief(to)),
        }
    }
}

/// A value in few letters.
struct Brief<'a>(&'a Value);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 32;
        let digest = self.0.as_str().and_then(|text| text.parse::<Digest>().ok());
        let text = match (digest, self.0) {
            (Some(digest), _) => return f.write_str(&digest.hex()[..12]),
            (None, Value::String(text)) => text.clone(),
            (None, value) => value.to_string(),
        };
        let cut: String = text.chars().take(LONGEST).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        write!(f, "{cut}{more}")
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::{DeploymentName, EndpointName, ModelName, ModelSpec, Role};

    fn spec() -> DeploymentSpec {
        DeploymentSpec::new(
            EndpointName::new("iris").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(b"a"),
        )
    }

    fn told(change: impl FnOnce(&mut DeploymentSpec)) -> Vec<String> {
        let mut after = spec();
        after.environment_variables = [("OLD".to_owned(), "1".to_owned())].into();
        let before = after.clone();
        change(&mut after);
        let found = changes(&before, &after);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_changed_is_told_by_path() {
        let (a, b) = (Digest::of(b"a").hex(), Digest::of(b"b").hex());
        assert_eq!(told(|_| {}), [""; 0]);
        assert_eq!(told(|spec| spec.role = Some(Role::Control)), [""; 0]);
        assert_eq!(
            told(|spec| {
                spec.component = Digest::of(b"b");
                spec.instance_count = NonZeroU32::MIN;
                spec.sandbox.memory_limit_mb = 65;
            }),
            [
                format!("component: {} -> {}", &a[..12], &b[..12]),
                "instance_count: 2 -> 1".to_owned(),
                "sandbox.memory_limit_mb: 64 -> 65".to_owned(),
            ]
        );
        assert_eq!(
            told(|spec| {
                let model = ModelSpec::new(Digest::of(b"b"));
                spec.models = [(ModelName::new("m").unwrap(), model)].into();
                spec.environment_variables = [("NEW".to_owned(), "x".repeat(33))].into();
            }),
            [
                format!("environment_variables.NEW: {}…", "x".repeat(32)),
                "environment_variables.OLD removed".to_owned(),
                format!("models.m.digest: {}", &b[..12]),
            ]
        );
    }
}
