//! A model as a deployment's YAML names it: its file or its name in the registry, and how it is run.

use std::{
    fmt,
    num::NonZeroU32,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::bail;
use mlwasm_types::{
    Batching, ExecutionProvider, ModelName,
    registry::{InvalidReference, ModelReference},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::{deployment_file::SOLE_MODEL, merge::Patch};

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ModelSource {
    /// A file here.
    File(PathBuf),
    /// The server's registry.
    Registered(ModelReference),
}

impl FromStr for ModelSource {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if ModelReference::is_meant_by(text) {
            text.parse().map(Self::Registered)
        } else {
            Ok(Self::File(text.into()))
        }
    }
}

impl ModelSource {
    /// The folder that stands for the model `name`: only the one model may come in a folder, as Azure's files have it.
    pub(crate) fn folder(&self, name: &ModelName) -> Option<&Path> {
        match self {
            Self::File(path) if name.as_str() == SOLE_MODEL && path.is_dir() => Some(path),
            Self::File(_) | Self::Registered(_) => None,
        }
    }

    /// The source, if it is a file, below `folder`.
    fn below(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Registered(reference) => Self::Registered(reference),
        }
    }
}

/// A model that a deployment file names.
#[derive(Debug, PartialEq)]
pub(crate) struct FileModel {
    pub(crate) source: ModelSource,
    /// The inputs that it is warmed up with.
    pub(crate) sample: Option<PathBuf>,
    /// All other options that the file gives.
    pub(crate) options: Patch,
}

impl FileModel {
    /// As [`ModelSource::folder`].
    pub(crate) fn folder(&self, name: &ModelName) -> Option<&Path> {
        self.source.folder(name)
    }

    /// Refuses what is said of the run of a model that comes in a folder.
    ///
    /// # Errors
    ///
    /// If something is said.
    pub(crate) fn refuse_options(&self, folder: &Path) -> anyhow::Result<()> {
        if self.options.is_empty() && self.sample.is_none() {
            return Ok(());
        }
        bail!(
            "{} is a folder: to say how a model is run, name its file in `model`, and the others in `files`",
            folder.display()
        )
    }
}

/// A model: `{path: iris.onnx, …}`, or the path alone; `mlwasm:iris:2` stands where a path does.
pub(crate) struct ModelFile {
    source: ModelSource,
    sample: Option<PathBuf>,
}

/// The options of a model that a file gives as they stand.
const MODEL_OPTIONS: [&str; 4] = [
    "batching",
    "sessions",
    "intra_threads",
    "execution_provider",
];

impl<'de> Deserialize<'de> for ModelFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModelVisitor)
    }
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = ModelFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, mlwasm:NAME:VERSION, or a map with the key `path`")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<ModelFile, E> {
        Ok(ModelFile {
            source: path.parse().map_err(E::custom)?,
            sample: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ModelFile, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Inline {
            path: String,
            // Azure names the model that it registers by the way; nothing is registered here.
            #[serde(rename = "name")]
            _name: Option<IgnoredAny>,
            #[serde(rename = "version")]
            _version: Option<IgnoredAny>,
            #[serde(rename = "type")]
            _type: Option<IgnoredAny>,
            #[serde(rename = "batching")]
            _batching: Option<Batching>,
            #[serde(rename = "sessions")]
            _sessions: Option<NonZeroU32>,
            #[serde(rename = "intra_threads")]
            _intra_threads: Option<NonZeroU32>,
            #[serde(rename = "execution_provider")]
            _execution_provider: Option<ExecutionProvider>,
            sample: Option<PathBuf>,
        }
        let inline = Inline::deserialize(MapAccessDeserializer::new(map))?;
        let file = self.visit_str(&inline.path)?;
        Ok(ModelFile {
            sample: inline.sample,
            ..file
        })
    }
}

impl ModelFile {
    /// The model, its files below `folder`, its options as they stand in `raw`.
    pub(crate) fn into_model(self, raw: Option<&Value>, folder: &Path) -> FileModel {
        let given = |key: &str| Some((key.to_owned(), raw?.get(key)?.clone()));
        FileModel {
            source: self.source.below(folder),
            sample: self.sample.map(|sample| folder.join(sample)),
            options: MODEL_OPTIONS.into_iter().filter_map(given).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::yaml;

    fn read(text: &str) -> FileModel {
        let document = yaml::parse::<ModelFile>(text).unwrap();
        let raw = document.raw;
        document
            .checked
            .into_model(Some(&raw), Path::new("project"))
    }

    #[test]
    fn a_model_s_options_are_those_that_the_file_gives() {
        let model = read(
            "{path: iris.onnx, batching: {max_batch_size: 16}, sessions: 2, sample: iris.json}",
        );
        assert_eq!(model.source, ModelSource::File("project/iris.onnx".into()));
        assert_eq!(model.sample, Some("project/iris.json".into()));
        assert_eq!(
            Value::Object(model.options),
            json!({"batching": {"max_batch_size": 16}, "sessions": 2})
        );
        for (text, options) in [
            ("iris.onnx", json!({})),
            (
                "{path: iris.onnx, name: iris, version: 1, type: custom_model}",
                json!({}),
            ),
            // What was asked for before is taken back.
            (
                "{path: iris.onnx, batching: null}",
                json!({"batching": null}),
            ),
            (
                "{path: iris.onnx, execution_provider: cuda, intra_threads: 4}",
                json!({"execution_provider": "cuda", "intra_threads": 4}),
            ),
        ] {
            assert_eq!(Value::Object(read(text).options), options, "{text}");
        }
    }
}
