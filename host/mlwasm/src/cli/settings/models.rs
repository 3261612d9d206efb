//! The models that a command line or a file asks for: where each is, and what is said of it.

use std::{path::Path, str::FromStr};

use mlwasm_types::{
    ModelName,
    registry::{InvalidReference, ModelReference},
};
use serde_json::{Value, json};

use crate::cli::{
    artifact::{self, Artifact},
    deployment_file::SOLE_MODEL,
    merge::Patch,
    model_file::{FileModel, ModelSource},
};

/// `--model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelArgument {
    pub(super) name: ModelName,
    pub(super) source: ModelSource,
}

impl FromStr for ModelArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = text.split_once('=').unwrap_or((SOLE_MODEL, text));
        if file.is_empty() {
            return Err("expected NAME=FILE or FILE".to_owned());
        }
        let name = ModelName::new(name).map_err(|error| error.to_string())?;
        let source = file
            .parse()
            .map_err(|error: InvalidReference| error.to_string())?;
        Ok(Self { name, source })
    }
}

impl ModelArgument {
    /// The folder that is given in place of the one model's file; none if it is a file.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.source.folder(&self.name)
    }
}

/// A model to be uploaded, and what is said of it. What is not said stays as it is.
#[derive(Debug)]
pub(super) struct WantedModel {
    model: WantedFile,
    sample: Option<Artifact>,
    options: Patch,
}

/// The file of a model.
#[derive(Debug)]
pub(super) enum WantedFile {
    /// It may have to be uploaded.
    Here(Artifact),
    /// The server has it.
    Registered(ModelReference),
}

impl WantedFile {
    pub(super) fn read(source: &ModelSource) -> anyhow::Result<Self> {
        Ok(match source {
            ModelSource::File(path) => {
                artifact::refuse_what_can_not_be_served(path)?;
                Self::Here(Artifact::of_file(path)?)
            }
            ModelSource::Registered(reference) => Self::Registered(reference.clone()),
        })
    }

    /// Its digest, or what the server takes for one.
    fn digest(&self) -> Value {
        match self {
            Self::Here(file) => json!(file.digest()),
            Self::Registered(reference) => json!(reference.to_string()),
        }
    }
}

impl WantedModel {
    /// Its name in the registry, if it is there and not here.
    pub(super) fn registered(&self) -> Option<&ModelReference> {
        match &self.model {
            WantedFile::Here(_) => None,
            WantedFile::Registered(reference) => Some(reference),
        }
    }

    /// The file as a model of which nothing else is said.
    pub(super) fn new(model: WantedFile) -> Self {
        Self {
            model,
            sample: None,
            options: Patch::new(),
        }
    }

    pub(super) fn read(model: FileModel) -> anyhow::Result<Self> {
        Ok(Self {
            model: WantedFile::read(&model.source)?,
            sample: model.sample.as_deref().map(Artifact::of_file).transpose()?,
            options: model.options,
        })
    }

    /// Takes the file instead; what is said of the model besides stays.
    pub(super) fn replace_file(&mut self, file: WantedFile) {
        self.model = file;
    }

    pub(super) fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        let model = match &self.model {
            WantedFile::Here(file) => Some(file),
            WantedFile::Registered(_) => None,
        };
        model.into_iter().chain(&self.sample)
    }

    /// A map and never the digest alone, which would take the model's other options away.
    pub(super) fn patch(&self) -> Value {
        let mut patch = self.options.clone();
        patch.insert("digest".to_owned(), self.model.digest());
        if let Some(sample) = &self.sample {
            patch.insert("sample".to_owned(), json!(sample.digest()));
        }
        Value::Object(patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_argument_is_a_file_with_or_without_a_name() {
        for (text, expected) in [
            ("iris=m/iris.onnx", Some(("iris", "m/iris.onnx"))),
            ("iris.onnx", Some(("model", "iris.onnx"))),
            ("iris=mlwasm:iris:2", Some(("iris", "mlwasm:iris:2"))),
            ("azureml:iris@latest", Some(("model", "mlwasm:iris@latest"))),
            ("iris=mlwasm:iris", None),
            ("iris=", None),
            ("=a.onnx", None),
            ("", None),
            ("a b=c", None),
        ] {
            let read = text.parse::<ModelArgument>().ok();
            let read = read
                .as_ref()
                .map(|model| (model.name.as_str(), model.source.clone()));
            let expected =
                expected.map(|(name, source): (_, &str)| (name, source.parse().unwrap()));
            assert_eq!(read, expected, "{text:?}");
        }
    }
}
