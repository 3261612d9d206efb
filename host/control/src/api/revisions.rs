//! The revisions of a deployment, and the way back to one.

use std::{iter, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
};
use http::StatusCode;
use mlwasm_types::{
    DeploymentSpec, DeploymentStatus, ProvisioningState, RevisionNumber, RevisionState,
    RevisionView, api::DeploymentView, revision::changes,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Answer, Api,
    body::{self, At},
    deployments::answer,
    openapi::{Operation, Tag},
    precondition::expected,
    problem::ProblemKind,
    views::DeploymentPath,
};
use crate::author::Author;
use crate::store::{Change, DeploymentRecord, RevisionRecord};

/// To which revision; without a number, to the one that served before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Destination {
    /// The revision.
    #[serde(default)]
    to: Option<RevisionNumber>,
}

/// Every revision that is kept, oldest first.
pub(crate) async fn list(State(api): State<Arc<Api>>, At(path): At<DeploymentPath>) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    let status = api.deployment_view(record).status;
    Ok(body::object(&history(record, &status), record.generation))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "list_revisions",
        "List the revisions that are kept",
    )
    .answers_list::<RevisionView>(StatusCode::OK, "The revisions, oldest first")
    .tagged()
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}

/// Makes an earlier revision the wanted one. It serves once its sandboxes are ready; until then the present one does.
pub(crate) async fn roll_back(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<DeploymentPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let Destination { to } = body::read(body::json_or_empty(&parts.headers, bytes).await?)?;
    let change = Change::Rollback {
        endpoint: path.endpoint.clone(),
        deployment: path.deployment.clone(),
        to,
    };
    let committed = api
        .change(change, expected(&parts.headers)?, author)
        .await?;
    answer(&api, &path, &committed)
}

/// [`roll_back`], for those who call it.
pub(crate) fn rolling_back() -> Operation {
    Operation::new(
        Tag::Deployments,
        "roll_back_deployment",
        "Make an earlier revision the wanted one",
    )
    .may_take::<Destination>()
    .changes_if_as_expected()
    .answers::<DeploymentView>(StatusCode::OK, "The deployment")
    .tagged()
    .fails(&[
        ProblemKind::RevisionNotFound,
        ProblemKind::NoFormerRevision,
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}

fn history(record: &DeploymentRecord, status: &DeploymentStatus) -> Vec<RevisionView> {
    let revisions = record.revisions.iter();
    let befores = iter::once(None).chain(record.revisions.values().map(Some));
    let views = revisions.zip(befores).map(|((number, revision), before)| {
        let (state, error) = state(*number, revision, status);
        RevisionView {
            revision: *number,
            created_at: revision.created_at,
            state,
            wanted: *number == status.revision,
            error,
            former: revision.former,
            changes: before.map_or_else(Vec::new, |before| changes(&before.spec, &revision.spec)),
            spec: DeploymentSpec {
                role: None,
                data_collector: None,
                ..DeploymentSpec::clone(&revision.spec)
            },
        }
    });
    views.collect()
}

/// Where a revision is, and why it failed if it did.
fn state(
    number: RevisionNumber,
    revision: &RevisionRecord,
    status: &DeploymentStatus,
) -> (RevisionState, Option<String>) {
    if status.serving_revision == Some(number) {
        return (RevisionState::Serving, None);
    }
    if status.revision == number && status.provisioning_state != ProvisioningState::Failed {
        return (RevisionState::Preparing, None);
    }
    // What failed only since the last start is not noted on the revision.
    let error = match &status.error {
        Some(error) if status.revision == number => Some(error.clone()),
        _ => revision.error.clone(),
    };
    match error {
        Some(error) => (RevisionState::Failed, Some(error)),
        None => (RevisionState::Kept, None),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use mlwasm_types::{DeploymentName, Digest, EndpointName, Generation, status::SandboxCounts};

    use super::*;

    #[test]
    fn each_revision_says_where_it_is_and_what_it_changed() {
        let spec = |component: &[u8]| {
            let name = DeploymentName::new("blue").unwrap();
            let endpoint = EndpointName::new("iris").unwrap();
            DeploymentSpec::new(endpoint, name, Digest::of(component))
        };
        let at = Timestamp::UNIX_EPOCH;
        let mut record = DeploymentRecord::new(spec(b"1"), Generation(1), at);
        record.serving = Some(RevisionNumber(1));
        record = record.changed(spec(b"2"), Generation(2), at);
        let failed = record.revisions.get_mut(&RevisionNumber(2)).unwrap();
        failed.error = Some("trapped".to_owned());
        record = record.changed(spec(b"3"), Generation(3), at);
        let status =
            |provisioning_state, serving: Option<u64>, error: Option<&str>| DeploymentStatus {
                provisioning_state,
                revision: record.wanted,
                serving_revision: serving.map(RevisionNumber),
                error: error.map(str::to_owned),
                progress: None,
                sandboxes: SandboxCounts::default(),
                scale: None,
                signature: None,
            };
        use RevisionState::{Failed, Kept, Preparing, Serving};
        let cases = [
            (
                status(ProvisioningState::Updating, Some(1), None),
                [Serving, Failed, Preparing],
            ),
            (
                status(ProvisioningState::Succeeded, Some(3), None),
                [Kept, Failed, Serving],
            ),
            (
                status(ProvisioningState::Failed, Some(1), Some("init")),
                [Serving, Failed, Failed],
            ),
            (
                status(ProvisioningState::Updating, None, None),
                [Kept, Failed, Preparing],
            ),
        ];
        for (status, expected) in cases {
            let views = history(&record, &status);
            let states: Vec<_> = views.iter().map(|view| view.state).collect();
            assert_eq!(states, expected, "{status:?}");
            assert_eq!(views[1].error.as_deref(), Some("trapped"));
            assert_eq!(views[2].error, status.error);
            assert_eq!(views[2].former, Some(RevisionNumber(1)));
            let changed: Vec<_> = views.iter().map(|view| view.changes.len()).collect();
            assert_eq!(changed, [0, 1, 1]);
            let wanted: Vec<_> = views.iter().map(|view| view.wanted).collect();
            assert_eq!(wanted, [false, false, true]);
        }
    }
}
