//! Deployments.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::{HeaderMap, StatusCode};
use mlwasm_types::{DeploymentSpec, Digest, FileName, Generation, api::DeploymentView};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    task,
    time::{Instant, timeout_at},
};
use utoipa::IntoParams;

use super::{
    Answer, Api, LONGEST_WAIT, artifacts,
    body::{self, At, Settings},
    models,
    openapi::{Operation, Tag},
    patching::{self, Patchable, as_json},
    precondition::expected,
    problem::{Failure, ProblemKind},
    views::{DeploymentPath, EndpointPath},
};
use crate::{
    artifacts::Artifacts,
    author::Author,
    clock::this_second,
    store::{Change, Committed, DesiredState, InUse, OtherControl},
};

/// What a deployment's view has besides its spec.
const READ_ONLY: [&str; 9] = [
    "generation",
    "provisioning_state",
    "revision",
    "serving_revision",
    "error",
    "progress",
    "sandboxes",
    "scale",
    "signature",
];

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// How long to wait until nothing more happens to the deployment by itself, in milliseconds; longer ones count as a minute.
    #[serde(default)]
    #[param(value_type = u64, maximum = 60000, default = 0)]
    wait_ms: u64,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Placement {
    /// Whether the endpoint's control, if there is another, becomes a treatment; else it stays, and this is refused.
    #[serde(default)]
    #[param(default = false)]
    move_control: bool,
}

impl Placement {
    fn control(&self) -> OtherControl {
        if self.move_control {
            OtherControl::Move
        } else {
            OtherControl::Refuse
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deletion {
    /// Whether to delete it even if it has traffic, which nobody gets then.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
}

pub(crate) async fn list(State(api): State<Arc<Api>>, At(path): At<EndpointPath>) -> Answer {
    let state = api.store.read();
    let views: Vec<_> = path
        .find(&state)?
        .deployments
        .values()
        .map(|record| api.deployment_view(record))
        .collect();
    Ok(body::shown(&views))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "list_deployments",
        "List the deployments of an endpoint",
    )
    .answers_list::<DeploymentView>(StatusCode::OK, "The deployments, by name")
    .fails(&[ProblemKind::EndpointNotFound])
}

pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<DeploymentPath>,
    Settings(wait): Settings<Wait>,
) -> Answer {
    let until = Instant::now() + Duration::from_millis(wait.wait_ms).min(LONGEST_WAIT);
    let view = settled(&api, &path, until).await?;
    Ok(body::object(&view, view.generation))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Deployments,
        "show_deployment",
        "Show a deployment, or wait until it is settled",
    )
    .query::<Wait>()
    .answers::<DeploymentView>(StatusCode::OK, "The deployment")
    .tagged()
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
    ])
}

/// The deployment once nothing more will happen to it by itself, or as it is at `until`.
async fn settled(
    api: &Api,
    path: &DeploymentPath,
    until: Instant,
) -> Result<DeploymentView, Failure> {
    // Subscribed before looking, so that nothing can happen in between and be missed.
    let mut wanted = api.store.subscribe();
    let mut live = api.live.clone();
    loop {
        wanted.mark_unchanged();
        live.mark_unchanged();
        let state = api.store.read();
        let view = api.deployment_view(path.find(&state)?);
        if view.status.provisioning_state.is_settled() {
            return Ok(view);
        }
        let news = async {
            tokio::select! {
                changed = wanted.changed() => changed,
                changed = live.changed() => changed,
            }
        };
        match timeout_at(until, news).await {
            Ok(Ok(())) => {}
            // Time is up, or the server is going down.
            Ok(Err(_)) | Err(_) => return Ok(view),
        }
    }
}

pub(crate) async fn put(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<DeploymentPath>,
    Settings(placement): Settings<Placement>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let expected = expected(&parts.headers)?;
    let json = body::json(&parts.headers, bytes).await?;
    let json = api.instance_types.laid_under(None, json)?;
    let spec = spec(&api, &path, json)?;
    if api.store.read().endpoint(&path.endpoint).is_none() {
        return Err(Failure::no_endpoint(&path.endpoint));
    }
    check(&api, &spec).await?;
    let change = Change::PutDeployment {
        spec: Box::new(spec),
        control: placement.control(),
        at: this_second(),
    };
    let committed = api.change(change, expected, author).await?;
    answer(&api, &path, &committed)
}

/// [`put`], for those who call it.
pub(crate) fn putting() -> Operation {
    Operation::new(Tag::Deployments, "put_deployment", "Create or replace a deployment")
        .detail("Answered when it is stored. Its revision is then made ready, while the former one serves on. Names may be left out, and what only the server writes is passed over.")
        .query::<Placement>()
        .takes::<DeploymentSpec>()
        .changes_if_as_expected()
        .answers::<DeploymentView>(StatusCode::OK, "It was changed, or was so already")
        .answers::<DeploymentView>(StatusCode::CREATED, "It was created")
        .tagged()
        .fails(&[ProblemKind::EndpointNotFound, ProblemKind::ArtifactMissing, ProblemKind::NotAScorer, ProblemKind::ControlTaken, ProblemKind::ArtifactsUnavailable])
}

pub(crate) async fn patch(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<DeploymentPath>,
    Settings(placement): Settings<Placement>,
    request: Request,
) -> Answer {
    let control = placement.control();
    let placed = Placed { path, control };
    let committed = patching::carry_out(&api, &placed, author, request).await?;
    answer(&api, &placed.path, &committed)
}

/// [`patch`], for those who call it.
pub(crate) fn patching() -> Operation {
    Operation::new(
        Tag::Deployments,
        "patch_deployment",
        "Change some settings of a deployment",
    )
    .query::<Placement>()
    .patches::<DeploymentSpec>(&[])
    .changes_if_as_expected()
    .answers::<DeploymentView>(StatusCode::OK, "It was changed, or was so already")
    .tagged()
    .fails(&[
        ProblemKind::DeploymentNotFound,
        ProblemKind::EndpointNotFound,
        ProblemKind::ArtifactMissing,
        ProblemKind::NotAScorer,
        ProblemKind::ControlTaken,
        ProblemKind::ArtifactsUnavailable,
    ])
}

/// A deployment that is patched, and what becomes of the endpoint's control if it is to be it.
struct Placed {
    path: DeploymentPath,
    control: OtherControl,
}

impl Patchable for Placed {
    fn current(&self, state: &DesiredState) -> Result<(Value, Generation), Failure> {
        let record = self.path.find(state)?;
        Ok((as_json(&*record.spec)?, record.generation))
    }

    fn completed(&self, api: &Api, current: &Value, patch: Value) -> Result<Value, Failure> {
        Ok(api.instance_types.laid_under(Some(current), patch)?)
    }

    async fn change(&self, api: &Api, merged: Value) -> Result<Change, Failure> {
        let spec = spec(api, &self.path, merged)?;
        check(api, &spec).await?;
        Ok(Change::PutDeployment {
            spec: Box::new(spec),
            control: self.control,
            at: this_second(),
        })
    }
}

pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<DeploymentPath>,
    Settings(deletion): Settings<Deletion>,
    headers: HeaderMap,
) -> Answer {
    let change = Change::DeleteDeployment {
        endpoint: path.endpoint,
        deployment: path.deployment,
        in_use: if deletion.force {
            InUse::Delete
        } else {
            InUse::Refuse
        },
    };
    api.change(change, expected(&headers)?, author).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// [`delete`], for those who call it.
pub(crate) fn deleting() -> Operation {
    Operation::new(Tag::Deployments, "delete_deployment", "Delete a deployment")
        .query::<Deletion>()
        .changes_if_as_expected()
        .answers_nothing("It is gone")
        .fails(&[
            ProblemKind::EndpointNotFound,
            ProblemKind::DeploymentNotFound,
            ProblemKind::DeploymentInUse,
            ProblemKind::RolloutActive,
        ])
}

/// The deployment after a change: 201 if the change made it.
pub(crate) fn answer(api: &Api, path: &DeploymentPath, committed: &Committed) -> Answer {
    let record = path.find(&committed.after)?;
    let response = body::object(&api.deployment_view(record), record.generation);
    let existed = committed
        .before
        .deployment(&path.endpoint, &path.deployment)
        .is_some();
    Ok(if existed {
        response
    } else {
        body::created(response)
    })
}

fn spec(api: &Api, path: &DeploymentPath, json: Value) -> Result<DeploymentSpec, Failure> {
    let json = body::without(json, &READ_ONLY);
    let json = body::named(json, "name", path.deployment.as_str())?;
    let json = body::named(json, "endpoint_name", path.endpoint.as_str())?;
    let json = models::resolved(json, &api.store.read())?;
    let spec: DeploymentSpec = body::read(json)?;
    spec.validate()?;
    Ok(spec)
}

/// Refuses a spec that wants to call whom the operator does not allow, whose artifacts are not here, or whose component is no scorer. Compiles nothing.
async fn check(api: &Api, spec: &DeploymentSpec) -> Result<(), Failure> {
    api.egress.check(spec)?;
    let permit = api.checks.acquire().await;
    let (files, engine) = (api.artifacts.clone(), api.engine.clone());
    let (component, limit) = (spec.component, api.max_component_bytes);
    let egress = spec.egress.clone();
    let (beside, most_beside) = (spec.files.clone(), api.max_files_bytes);
    let models: Vec<_> = spec.models.clone().into_iter().collect();
    let checked = task::spawn_blocking(move || {
        for (name, model) in models {
            for (key, digest) in model.artifacts() {
                if files.size(digest)?.is_none() {
                    return Err(artifacts::missing(&format!("models.{name}.{key}"), digest));
                }
            }
        }
        check_files(&beside, &files, most_beside)?;
        match files.size(component)? {
            None => return Err(artifacts::missing("component", component)),
            Some(size) if size > limit => return Err(too_large(size, limit)),
            Some(_) => {}
        }
        let bytes = files.read(component).map_err(|error| damaged(&error))?;
        Ok(engine.check(&bytes, &egress)?)
    });
    let checked = checked
        .await
        .unwrap_or_else(|died| Err(Failure::bug(&died)));
    drop(permit);
    checked
}

/// Refuses files that are not here, or are more than a deployment may have.
fn check_files(
    beside: &BTreeMap<FileName, Digest>,
    artifacts: &Artifacts,
    most: u64,
) -> Result<(), Failure> {
    let mut sum: u64 = 0;
    for (name, digest) in beside {
        match artifacts.size(*digest)? {
            None => return Err(artifacts::missing(&format!("files.{name}"), *digest)),
            Some(size) => sum = sum.saturating_add(size),
        }
    }
    if sum > most {
        return Err(Failure::new(
            ProblemKind::InvalidSpec,
            format!(
                "files: they have {sum} bytes together, at most {most} are allowed (sandbox.max_files_bytes of the server)"
            ),
        ));
    }
    Ok(())
}

// Asked before the component is read: it is read whole.
fn too_large(size: u64, limit: u64) -> Failure {
    Failure::new(
        ProblemKind::NotAScorer,
        format!("component: it has {size} bytes, at most {limit} are allowed"),
    )
}

fn damaged(error: &io::Error) -> Failure {
    Failure::new(ProblemKind::ArtifactMissing, format!("component: {error}"))
}
