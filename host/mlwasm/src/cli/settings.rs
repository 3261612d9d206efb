//! What a command line asks of a deployment: from `-f`, the options, and `--set`, later ones over earlier ones.

mod models;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use clap::Args;
use mlwasm_types::{
    DeploymentName, Digest, EndpointName, FileName, InstanceTypeName, ModelName, Origin,
    registry::ModelReference,
};
use serde_json::{Map, Value, json};

use super::{
    artifact::{self, Artifact, Kind},
    deployment_file::{DeploymentFile, SOLE_MODEL},
    file_tree::{self, FileArgument, Files},
    merge::{self, Patch},
    pairs::{self, Pair},
    set::Assignment,
    usage::usage,
};
use crate::client::Client;
use models::{ModelArgument, WantedFile, WantedModel};

/// The options that set something of a deployment.
#[derive(Args, Clone, Debug)]
pub(crate) struct SettingsArguments {
    /// A deployment's YAML file; options given besides it win
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A model's ONNX file, or mlwasm:NAME:VERSION of the registry, and the name by which the scorer opens it [default name:
    /// model]; may be repeated
    #[arg(long, value_name = "[NAME=]FILE")]
    model: Vec<ModelArgument>,
    /// A file beside the model, or a folder of them, which the scorer reads below model_mount_path; may be repeated
    #[arg(long, value_name = "[NAME=]FILE")]
    model_file: Vec<FileArgument>,
    /// A variable of the scorer's environment; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    env: Vec<Pair>,
    /// A variable whose value the server looks up: env:NAME, file:/path or mount:NAME; may be repeated
    #[arg(long, value_name = "KEY=REFERENCE")]
    secret: Vec<Pair>,
    /// An origin that the scorer may call, as in `https://features.internal:8443`; may be repeated, and then they are all
    #[arg(long, value_name = "ORIGIN")]
    egress: Vec<Origin>,
    /// Number of sandboxes, that is, of requests that run at once
    #[arg(long, visible_alias = "instance-count", value_name = "N")]
    instances: Option<NonZeroU32>,
    /// The server's profile of limits (see `mlwasm instance-type list`); settings given besides it win
    #[arg(long, value_name = "NAME")]
    instance_type: Option<InstanceTypeName>,
    /// A tag; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    tag: Vec<Pair>,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Any setting by its path in the YAML, as in sandbox.memory_limit_mb=128; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Assignment>,
}

/// What is asked of a deployment.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The deployment's name, if the file gives one.
    pub(crate) name: Option<DeploymentName>,
    /// The endpoint's name, if the file gives one.
    pub(crate) endpoint_name: Option<EndpointName>,
    scorer: Option<Artifact>,
    models: BTreeMap<ModelName, WantedModel>,
    files: BTreeMap<FileName, Artifact>,
    settings: Patch,
    /// Maps that a file gave: what they do not name goes away.
    whole: Vec<&'static str>,
}

/// Settings that are maps. An option adds to one, a file is the whole of it.
const MAPS: [&str; 3] = ["tags", "environment_variables", "secrets"];

const INSTANCE_TYPE: &str = "instance_type";

impl Wanted {
    /// Reads what the arguments name. `scorer` is the file given by itself: a scorer, or a model to be served as it is.
    ///
    /// # Errors
    ///
    /// If a file can not be read or is not what it should be.
    pub(crate) fn read(
        arguments: SettingsArguments,
        scorer: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let mut file = match &arguments.file {
            Some(path) => DeploymentFile::read(path)?,
            None => DeploymentFile::default(),
        };
        let scorer = scorer.or(file.scorer.take());
        let mut wanted = Self::of_file(file)?;
        for model in &arguments.model {
            match model.folder() {
                Some(folder) => wanted.take_folder(folder)?,
                None => wanted.take_model(model.name.clone(), WantedFile::read(&model.source)?),
            }
        }
        for argument in &arguments.model_file {
            wanted.take_files(argument.read()?)?;
        }
        if let Some(path) = scorer {
            wanted.take_scorer(&path)?;
        }
        merge::join(&mut wanted.settings, settings(arguments)?);
        Ok(wanted)
    }

    /// What a deployment file asks by itself.
    ///
    /// # Errors
    ///
    /// If a file that it names can not be read or is not what it should be.
    pub(crate) fn of_file(file: DeploymentFile) -> anyhow::Result<Self> {
        let mut whole: Vec<_> = MAPS
            .into_iter()
            .filter(|map| file.settings.contains_key(*map))
            .collect();
        if file.models.is_some() {
            whole.push("models");
        }
        if file.files.is_some() {
            whole.push("files");
        }
        let mut wanted = Self {
            name: file.name,
            endpoint_name: file.endpoint_name,
            scorer: None,
            models: BTreeMap::new(),
            files: BTreeMap::new(),
            settings: file.settings,
            whole,
        };
        for (name, model) in file.models.into_iter().flatten() {
            match model.folder(&name) {
                Some(folder) => {
                    model.refuse_options(folder)?;
                    wanted.take_folder(folder)?;
                    wanted.whole.push("files");
                }
                None => {
                    wanted.models.insert(name, WantedModel::read(model)?);
                }
            }
        }
        if let Some(files) = file.files {
            wanted.take_files(files.read()?)?;
        }
        if let Some(path) = file.scorer {
            wanted.take_scorer(&path)?;
        }
        Ok(wanted)
    }

    /// Takes the file as the model; what the deployment file says of that model besides stays.
    fn take_model(&mut self, name: ModelName, file: WantedFile) {
        match self.models.entry(name) {
            Entry::Occupied(mut there) => there.get_mut().replace_file(file),
            Entry::Vacant(place) => {
                place.insert(WantedModel::new(file));
            }
        }
    }

    /// Takes a model's folder: the ONNX file in it is the model, all others are files beside it.
    fn take_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let mut files = file_tree::of_folder(folder)?;
        if let Some(model) = file_tree::take_model(folder, &mut files)? {
            let file = WantedFile::Here(Artifact::of_file(&model)?);
            self.take_model(ModelName::new(SOLE_MODEL)?, file);
        }
        self.take_files(files)
    }

    fn take_files(&mut self, files: Files) -> anyhow::Result<()> {
        for (name, path) in files {
            self.files.insert(name, Artifact::of_file(&path)?);
        }
        Ok(())
    }

    fn take_scorer(&mut self, path: &Path) -> anyhow::Result<()> {
        match artifact::kind(path)? {
            Kind::Scorer => self.scorer = Some(Artifact::of_file(path)?),
            Kind::Model => {
                let file = WantedFile::Here(Artifact::of_file(path)?);
                self.take_model(ModelName::new(SOLE_MODEL)?, file);
                self.scorer = Some(Artifact::built_in_scorer());
            }
        }
        Ok(())
    }

    /// Makes sure that there is a scorer: a model without one is served as it is.
    ///
    /// # Errors
    ///
    /// A usage error if there is neither.
    pub(crate) fn require_scorer(&mut self) -> anyhow::Result<()> {
        if self.scorer.is_some() {
            return Ok(());
        }
        if !self.models.contains_key(SOLE_MODEL) {
            return Err(usage(
                "nothing to deploy: name a scorer's .wasm file or a model's .onnx file, or give code_configuration or \
                 model in the file of -f",
            ));
        }
        self.scorer = Some(Artifact::built_in_scorer());
        Ok(())
    }

    /// The profile of limits that is asked for.
    pub(crate) fn instance_type(&self) -> Option<&str> {
        self.settings.get(INSTANCE_TYPE)?.as_str()
    }

    /// Asks for no profile after all.
    pub(crate) fn forget_instance_type(&mut self) {
        self.settings.remove(INSTANCE_TYPE);
    }

    /// Whether nothing at all is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.scorer.is_none()
            && self.models.is_empty()
            && self.files.is_empty()
            && self.settings.is_empty()
    }

    /// Uploads the scorer, the models and the files that the server lacks.
    ///
    /// # Errors
    ///
    /// If one can not be read or the server does not take it.
    pub(crate) fn upload(&self, client: &Client) -> anyhow::Result<()> {
        self.scorer
            .iter()
            .chain(self.models.values().flat_map(WantedModel::artifacts))
            .chain(self.files.values())
            .try_for_each(|artifact| artifact.upload(client))
    }

    /// The files here that it takes its scorer, its models and the files beside them from, by their digests.
    pub(crate) fn files(&self) -> BTreeMap<Digest, PathBuf> {
        let artifacts = self
            .scorer
            .iter()
            .chain(self.models.values().flat_map(WantedModel::artifacts))
            .chain(self.files.values());
        artifacts
            .filter_map(|artifact| Some((*artifact.digest(), artifact.path()?.to_owned())))
            .collect()
    }

    /// The models that only a server has.
    pub(crate) fn registered(&self) -> impl Iterator<Item = (&ModelName, &ModelReference)> {
        let models = self.models.iter();
        models.filter_map(|(name, model)| Some((name, model.registered()?)))
    }

    /// The body that creates the deployment.
    pub(crate) fn to_spec(&self, endpoint: &EndpointName, name: &DeploymentName) -> Value {
        let mut spec = merge::applied(self.patch());
        spec.insert("name".to_owned(), json!(name));
        spec.insert("endpoint_name".to_owned(), json!(endpoint));
        Value::Object(spec)
    }

    /// The merge patch that changes the deployment from `current`.
    pub(crate) fn to_patch(&self, current: &Value) -> Value {
        let mut patch = self.patch();
        for map in &self.whole {
            merge::replace_whole(&mut patch, map, current);
        }
        Value::Object(patch)
    }

    fn patch(&self) -> Patch {
        let mut patch = self.settings.clone();
        if let Some(scorer) = &self.scorer {
            patch.insert("component".to_owned(), json!(scorer.digest()));
        }
        if !self.models.is_empty() || self.whole.contains(&"models") {
            let models = self.models.iter();
            let models: Patch = models
                .map(|(name, it)| (name.to_string(), it.patch()))
                .collect();
            let below = Patch::from_iter([("models".to_owned(), Value::Object(models))]);
            // `--set models.m.sessions=2` stands above what files say of that model.
            let above = std::mem::replace(&mut patch, below);
            merge::join(&mut patch, above);
        }
        if !self.files.is_empty() || self.whole.contains(&"files") {
            let files = self.files.iter();
            let files: Patch = files
                .map(|(name, file)| (name.to_string(), json!(file.digest())))
                .collect();
            patch.insert("files".to_owned(), Value::Object(files));
        }
        patch
    }
}

fn settings(arguments: SettingsArguments) -> anyhow::Result<Patch> {
    let mut patch = Map::new();
    if !arguments.secret.is_empty() {
        patch.insert(
            "secrets".to_owned(),
            serde_json::to_value(pairs::to_map(&arguments.secret))?,
        );
    }
    if !arguments.env.is_empty() {
        patch.insert(
            "environment_variables".to_owned(),
            serde_json::to_value(pairs::to_map(&arguments.env))?,
        );
    }
    if !arguments.tag.is_empty() {
        patch.insert(
            "tags".to_owned(),
            serde_json::to_value(pairs::to_map(&arguments.tag))?,
        );
    }
    if !arguments.egress.is_empty() {
        patch.insert("egress".to_owned(), json!(arguments.egress));
    }
    if let Some(instances) = arguments.instances {
        patch.insert("instance_count".to_owned(), json!(instances));
    }
    if let Some(name) = arguments.instance_type {
        patch.insert(INSTANCE_TYPE.to_owned(), json!(name));
    }
    if let Some(description) = arguments.description {
        patch.insert("description".to_owned(), json!(description));
    }
    for assignment in arguments.set {
        merge::join(&mut patch, assignment.into_patch());
    }
    Ok(patch)
}
