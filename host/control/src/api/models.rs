//! Registered models, and the references to them in deployments.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::{HeaderMap, StatusCode};
use mlwasm_types::{
    ModelName,
    registry::{ModelReference, ModelRegistration, ModelVersion, RegisteredModel},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Answer, Api, artifacts,
    body::{self, At},
    openapi::{Operation, Tag},
    precondition::expected,
    problem::{Failure, ProblemKind},
};
use crate::{
    author::Author,
    clock::this_second,
    store::{Change, DesiredState, ModelRecord, Refusal, VersionRecord},
};

#[derive(Deserialize)]
pub(crate) struct ModelPath {
    model: ModelName,
}

#[derive(Deserialize)]
pub(crate) struct VersionPath {
    model: ModelName,
    version: ModelVersion,
}

/// Every version of every model.
pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    let state = api.store.read();
    let records = state.models.values();
    let views: Vec<_> = records.flat_map(|record| views(&state, record)).collect();
    Ok(body::shown(&views))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(
        Tag::Models,
        "list_models",
        "List every version of every registered model",
    )
    .answers_list::<RegisteredModel>(StatusCode::OK, "The versions")
}

/// Every version of one model, oldest first.
pub(crate) async fn versions(State(api): State<Arc<Api>>, At(path): At<ModelPath>) -> Answer {
    let state = api.store.read();
    let record = find(&state, &path.model)?;
    Ok(body::object(&views(&state, record), record.generation))
}

/// [`versions`], for those who call it.
pub(crate) fn listing_versions() -> Operation {
    Operation::new(
        Tag::Models,
        "list_model_versions",
        "List the versions of a model",
    )
    .answers_list::<RegisteredModel>(StatusCode::OK, "The versions, oldest first")
    .tagged()
    .fails(&[ProblemKind::ModelNotFound])
}

pub(crate) async fn show(State(api): State<Arc<Api>>, At(path): At<VersionPath>) -> Answer {
    let state = api.store.read();
    let record = find(&state, &path.model)?;
    let missing = || Refusal::NoModelVersion {
        name: path.model.clone(),
        version: path.version,
        have: record.versions.keys().copied().collect(),
    };
    let version = record.versions.get(&path.version).ok_or_else(missing)?;
    let view = view(&state, record, (path.version, version));
    Ok(body::object(&view, record.generation))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Models,
        "show_model_version",
        "Show a version of a model",
    )
    .answers::<RegisteredModel>(StatusCode::OK, "The version")
    .tagged()
    .fails(&[ProblemKind::ModelNotFound])
}

/// Registers the next version of a model whose file is here.
pub(crate) async fn register(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<ModelPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let model: ModelRegistration = body::read(body::json(&parts.headers, bytes).await?)?;
    let Some(size) = artifacts::size_of(&api, model.digest).await? else {
        return Err(artifacts::missing("digest", model.digest));
    };
    let version = VersionRecord {
        model,
        size,
        created_at: this_second(),
    };
    let name = path.model.clone();
    let change = Change::RegisterModel { name, version };
    let committed = api
        .change(change, expected(&parts.headers)?, author)
        .await?;
    let record = find(&committed.after, &path.model)?;
    let last = record.versions.last_key_value();
    let (number, version) = last.ok_or_else(|| no_model(&path.model))?;
    let view = view(&committed.after, record, (*number, version));
    Ok(body::created(body::object(&view, record.generation)))
}

/// [`register`], for those who call it.
pub(crate) fn registering() -> Operation {
    Operation::new(
        Tag::Models,
        "register_model",
        "Register the next version of a model",
    )
    .takes::<ModelRegistration>()
    .changes_if_as_expected()
    .answers::<RegisteredModel>(StatusCode::CREATED, "The version")
    .tagged()
    .fails(&[
        ProblemKind::ArtifactMissing,
        ProblemKind::ArtifactsUnavailable,
    ])
}

pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<ModelPath>,
    headers: HeaderMap,
) -> Answer {
    remove(&api, path.model, None, (&headers, author)).await
}

/// [`delete`], for those who call it.
pub(crate) fn deleting() -> Operation {
    Operation::new(
        Tag::Models,
        "delete_model",
        "Delete a model with all its versions",
    )
    .detail("Deployments that use its files keep them.")
    .changes_if_as_expected()
    .answers_nothing("It is gone")
    .fails(&[ProblemKind::ModelNotFound])
}

pub(crate) async fn delete_version(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<VersionPath>,
    headers: HeaderMap,
) -> Answer {
    remove(&api, path.model, Some(path.version), (&headers, author)).await
}

/// [`delete_version`], for those who call it.
pub(crate) fn deleting_version() -> Operation {
    Operation::new(
        Tag::Models,
        "delete_model_version",
        "Delete a version of a model",
    )
    .detail("Deployments that use its file keep it. Its number is not given again.")
    .changes_if_as_expected()
    .answers_nothing("It is gone")
    .fails(&[ProblemKind::ModelNotFound])
}

async fn remove(
    api: &Api,
    name: ModelName,
    version: Option<ModelVersion>,
    (headers, author): (&HeaderMap, Author),
) -> Answer {
    let change = Change::DeleteModel { name, version };
    api.change(change, expected(headers)?, author).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A deployment's `json` with the digest of each registered model that it names.
///
/// # Errors
///
/// 422 that names the model, for a reference that can not be read or leads nowhere.
pub(crate) fn resolved(mut json: Value, state: &DesiredState) -> Result<Value, Failure> {
    let models = json.get_mut("models").and_then(Value::as_object_mut);
    for (name, model) in models.into_iter().flatten() {
        let digest = match model {
            Value::Object(options) => match options.get_mut("digest") {
                Some(digest) => digest,
                None => continue,
            },
            alone => alone,
        };
        let Some(text) = digest.as_str().filter(|it| ModelReference::is_meant_by(it)) else {
            continue;
        };
        let reference: ModelReference = text
            .parse()
            .map_err(|error| Failure::invalid(format!("models.{name}: {error}")))?;
        let found = state.resolve(&reference).map_err(|have| {
            let have = Refusal::NoSuchReference { reference, have };
            Failure::invalid(format!("models.{name}: {have}"))
        })?;
        *digest = Value::String(found.to_string());
    }
    Ok(json)
}

fn find<'a>(state: &'a DesiredState, name: &ModelName) -> Result<&'a Arc<ModelRecord>, Failure> {
    let found = state.models.get(name);
    found
        .filter(|record| !record.versions.is_empty())
        .ok_or_else(|| no_model(name))
}

fn no_model(name: &ModelName) -> Failure {
    Refusal::NoModel { name: name.clone() }.into()
}

fn views(state: &DesiredState, record: &ModelRecord) -> Vec<RegisteredModel> {
    let versions = record.versions.iter();
    versions
        .map(|(number, version)| view(state, record, (*number, version)))
        .collect()
}

fn view(
    state: &DesiredState,
    record: &ModelRecord,
    (number, version): (ModelVersion, &VersionRecord),
) -> RegisteredModel {
    let digest = version.model.digest;
    let users = state.deployments().filter_map(|deployment| {
        let serving = deployment.serving.and_then(|it| deployment.revision(it));
        let wanted = deployment.revision(deployment.wanted);
        let mut specs = serving.into_iter().chain(wanted);
        let uses = specs.any(|spec| spec.models.values().any(|model| model.digest == digest));
        let spec = &deployment.spec;
        uses.then(|| format!("{}/{}", spec.endpoint_name, spec.name))
    });
    let used_by: BTreeSet<_> = users.collect();
    RegisteredModel {
        name: record.name.clone(),
        version: number,
        created_at: version.created_at,
        size: version.size,
        model: version.model.clone(),
        used_by: used_by.into_iter().collect(),
    }
}
