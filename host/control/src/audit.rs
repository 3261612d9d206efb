//! The audit log: what is told of a change, and of a request that was refused.
//!
//! The line of a change is written in the change's own transaction, so that whoever was told "done" finds the line too. What
//! is secret is never in one: keys are counters here, and the values of environment variables are left out.

mod difference;

use std::time::Duration;

use jiff::Timestamp;
use mlwasm_types::{
    DeploymentName, EndpointName,
    audit::{AuditChange, AuditLine, AuditOutcome},
};

use crate::{
    author::Author,
    collection::Removed,
    store::{Change, DesiredState},
};

/// How much of the log is kept: the oldest lines go when there are more, or when they are older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRetention {
    /// Most lines. Of refused requests a tenth of that, so that whoever is refused again and again drives nothing out.
    pub max_lines: u64,
    /// Longest that a line is kept.
    pub max_age: Duration,
}

impl Default for AuditRetention {
    fn default() -> Self {
        Self {
            max_lines: 100_000,
            max_age: Duration::from_secs(90 * 24 * 3_600),
        }
    }
}

impl AuditRetention {
    /// Most lines that tell of refused requests.
    pub(crate) fn max_refusals(self) -> u64 {
        (self.max_lines / 10).max(1)
    }
}

/// What a change does, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    action: &'static str,
    endpoint: Option<EndpointName>,
    deployment: Option<DeploymentName>,
    reach: Reach,
}

/// How much a change may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// The deployment, the endpoint without its deployments, or what belongs to no endpoint.
    Object,
    /// All of that.
    Everything,
}

impl Subject {
    /// What `change` does to `state`.
    pub(crate) fn of(change: &Change, state: &DesiredState) -> Self {
        let endpoint = |action, endpoint: &EndpointName| Self {
            action,
            endpoint: Some(endpoint.clone()),
            deployment: None,
            reach: Reach::Object,
        };
        let deployment = |action, endpoint: &EndpointName, name: &DeploymentName| Self {
            action,
            endpoint: Some(endpoint.clone()),
            deployment: Some(name.clone()),
            reach: Reach::Object,
        };
        let server = |action| Self {
            action,
            endpoint: None,
            deployment: None,
            reach: Reach::Object,
        };
        match change {
            Change::PutEndpoint { spec, .. } if state.endpoint(&spec.name).is_none() => {
                endpoint("create endpoint", &spec.name)
            }
            Change::PutEndpoint { spec, .. } => endpoint("change endpoint", &spec.name),
            Change::SetTraffic { endpoint: name, .. } => endpoint("set traffic", name),
            Change::SetMirror { endpoint: name, .. } => endpoint("set mirror", name),
            Change::RotateKey { endpoint: name, .. } => endpoint("regenerate key", name),
            Change::DeleteEndpoint { endpoint: name } => endpoint("delete endpoint", name),
            Change::PutDeployment { spec, .. } => {
                let existing = state.deployment(&spec.endpoint_name, &spec.name);
                let action = match existing {
                    Some(_) => "change deployment",
                    None => "create deployment",
                };
                deployment(action, &spec.endpoint_name, &spec.name)
            }
            Change::DeleteDeployment {
                endpoint,
                deployment: name,
                ..
            } => deployment("delete deployment", endpoint, name),
            Change::Rollback {
                endpoint,
                deployment: name,
                ..
            } => deployment("roll back deployment", endpoint, name),
            Change::Rollout {
                endpoint: name,
                act,
                ..
            } => endpoint(act.described(), name),
            Change::RegisterModel { .. } => server("register model"),
            Change::DeleteModel { .. } => server("delete model"),
            Change::PutAdminToken { .. } => server("create token"),
            Change::DeleteAdminToken { .. } => server("revoke token"),
            Change::Restore { .. } => Self {
                reach: Reach::Everything,
                ..server("restore backup")
            },
        }
    }
}

/// The line of a change that leads from one state to another. The store counts it.
pub(crate) fn accepted(
    subject: Subject,
    author: &Author,
    (before, after): (&DesiredState, &DesiredState),
) -> AuditLine {
    let changes = difference::between(&subject, before, after);
    AuditLine {
        endpoint: subject.endpoint,
        deployment: subject.deployment,
        generation: Some(after.generation),
        changes,
        ..line(author, subject.action.to_owned(), AuditOutcome::Accepted)
    }
}

/// The line of collected files that were removed. Nothing else is wanted than before: it has no generation.
pub(crate) fn collected_removed(
    author: &Author,
    (endpoint, deployment): (EndpointName, DeploymentName),
    removed: &Removed,
) -> AuditLine {
    let change = |path: &str, count: u64| AuditChange {
        path: path.to_owned(),
        from: count.into(),
        to: 0.into(),
    };
    AuditLine {
        endpoint: Some(endpoint),
        deployment: Some(deployment),
        changes: vec![
            change("files", removed.files),
            change("bytes", removed.bytes),
        ],
        ..line(
            author,
            "delete collected".to_owned(),
            AuditOutcome::Accepted,
        )
    }
}

/// The line of a request that was refused. The store counts it.
pub(crate) fn refused(author: &Author, request: String, reason: String) -> AuditLine {
    AuditLine {
        reason: Some(reason),
        ..line(author, request, AuditOutcome::Refused)
    }
}

fn line(author: &Author, action: String, outcome: AuditOutcome) -> AuditLine {
    AuditLine {
        sequence: 0,
        time: Timestamp::now(),
        actor: author.actor.to_string(),
        action,
        outcome,
        endpoint: None,
        deployment: None,
        generation: None,
        changes: Vec::<AuditChange>::new(),
        reason: None,
        request_id: author.request_id.as_deref().map(str::to_owned),
    }
}

/// Which lines are asked for: the last ones that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    /// Only of this endpoint and its deployments.
    pub(crate) endpoint: Option<EndpointName>,
    /// Only of this time and later.
    pub(crate) since: Option<Timestamp>,
    /// Only before this line.
    pub(crate) before: Option<u64>,
    /// At most so many.
    pub(crate) lines: usize,
}
