//! The endpoints and deployments that files describe, read and checked whole: a mistake in the last file is found
//! before anything is done about the first.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, anyhow, bail};
use mlwasm_types::EndpointName;
use serde_json::Value;

use super::{
    documents::{self, Document},
    lines,
};
use crate::cli::{
    deployment_file::DeploymentFile, endpoint_file::EndpointFile, merge::Patch, output,
    settings::Wanted, views::Target, yaml,
};

/// Where an object is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// The line of its first key, from 1.
    pub(crate) line: usize,
    /// The document, with the lines of its file.
    document: Arc<str>,
}

impl Place {
    /// An error about what is described here, with the line of the setting that it begins with, if it begins with one.
    pub(super) fn error(&self, error: &str) -> anyhow::Error {
        let is_of_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let end = error.find(|c| !is_of_path(c)).unwrap_or(error.len());
        let line = lines::line_of(&self.document, &error[..end]).unwrap_or(self.line);
        anyhow!("{}:{line}: {error}", self.path.display())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// An endpoint that a file describes.
#[derive(Debug)]
pub(crate) struct DescribedEndpoint {
    pub(crate) place: Place,
    pub(crate) name: EndpointName,
    /// The settings that the file gives.
    pub(crate) settings: Patch,
}

/// A deployment that a file describes.
#[derive(Debug)]
pub(crate) struct DescribedDeployment {
    pub(crate) place: Place,
    pub(crate) target: Target,
    pub(crate) wanted: Wanted,
}

/// All that some files describe.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub(crate) endpoints: Vec<DescribedEndpoint>,
    pub(crate) deployments: Vec<DescribedDeployment>,
}

/// Keys that only a deployment has: their file lacks `endpoint_name` by mistake.
const OF_DEPLOYMENTS: [&str; 5] = [
    "code_configuration",
    "model",
    "models",
    "files",
    "instance_count",
];

impl Manifest {
    /// Reads files, and all `*.yml` and `*.yaml` of folders, in the order of their names.
    ///
    /// # Errors
    ///
    /// Names the file and the line of what is wrong: a key, a value, a file that is not there, an object described twice.
    pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut manifest = Self::default();
        for path in paths {
            for file in files_of(path)? {
                let text = fs::read_to_string(&file)
                    .with_context(|| format!("reading {}", file.display()))?;
                for document in documents::split(&text) {
                    manifest.take(&file, &document)?;
                }
            }
        }
        manifest.check_names()?;
        if manifest.endpoints.is_empty() && manifest.deployments.is_empty() {
            let paths: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            bail!(
                "{}: no endpoint and no deployment is described there",
                paths.join(", ")
            );
        }
        Ok(manifest)
    }

    fn take(&mut self, file: &Path, document: &Document) -> anyhow::Result<()> {
        let place = Place {
            path: file.to_owned(),
            line: document.line,
            document: document.text.as_str().into(),
        };
        let raw = yaml::parse_file::<Value>(file, &document.text)?.raw;
        if raw.get("endpoint_name").is_some() {
            let deployment = deployment(place, document)?;
            self.deployments.push(deployment);
            return Ok(());
        }
        if let Some(key) = OF_DEPLOYMENTS.iter().find(|key| raw.get(**key).is_some()) {
            bail!(
                "{place}: {key} is a deployment's: add endpoint_name, the endpoint that the deployment belongs to"
            );
        }
        let described = EndpointFile::parse(file, &document.text)?;
        self.endpoints.push(DescribedEndpoint {
            name: described
                .name
                .ok_or_else(|| anyhow!("{place}: no endpoint named: add name"))?,
            settings: described.settings,
            place,
        });
        Ok(())
    }

    fn check_names(&self) -> anyhow::Result<()> {
        let endpoints = self.endpoints.iter();
        let endpoints = endpoints.map(|it| (format!("endpoint {}", it.name), &it.place));
        let deployments = self.deployments.iter();
        let deployments = deployments.map(|it| (format!("deployment {}", it.target), &it.place));
        let mut seen = BTreeMap::new();
        for (name, place) in endpoints.chain(deployments) {
            if let Some(first) = seen.insert(name.clone(), place) {
                bail!("{place}: {name} is described twice: first at {first}");
            }
        }
        Ok(())
    }
}

fn deployment(place: Place, document: &Document) -> anyhow::Result<DescribedDeployment> {
    let file = DeploymentFile::parse(&place.path, &document.text)?;
    let (Some(deployment), Some(endpoint)) = (file.name.clone(), file.endpoint_name.clone()) else {
        bail!("{place}: no deployment named: add name");
    };
    let wanted = Wanted::of_file(file).map_err(|error| place.error(&output::described(&error)))?;
    Ok(DescribedDeployment {
        target: Target {
            endpoint,
            deployment,
        },
        wanted,
        place,
    })
}

fn files_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let reading = || format!("reading {}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(reading)? {
        let file = entry.with_context(reading)?.path();
        let is_yaml = file
            .extension()
            .is_some_and(|extension| extension == "yml" || extension == "yaml");
        if is_yaml && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> anyhow::Result<Manifest> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Manifest::read(&[folder.path().to_owned()]).map_err(|error| {
            let place = format!("{}/", folder.path().display());
            anyhow!("{}", output::described(&error).replace(&place, ""))
        })
    }

    #[test]
    fn a_folders_files_are_read_in_order_and_told_apart() {
        let manifest = read(&[
            ("b.yaml", "name: other\n"),
            (
                "a.yml",
                "name: iris\n---\nname: blue\nendpoint_name: iris\nmodel: m.onnx\n",
            ),
            ("m.onnx", "\x08\x0a"),
            ("notes.txt", "{{"),
        ])
        .unwrap();
        let endpoints: Vec<_> = manifest
            .endpoints
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(endpoints, ["iris", "other"]);
        assert_eq!(manifest.deployments[0].target.to_string(), "iris/blue");
        assert_eq!(manifest.deployments[0].place.line, 3);
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_line() {
        let refusal = |text: &str| read(&[("a.yml", text)]).unwrap_err().to_string();
        for (text, expected) in [
            (
                "name: iris\n---\nauth_mode: key\n",
                "a.yml:3: no endpoint named: add name",
            ),
            (
                "endpoint_name: iris\n",
                "a.yml:1: no deployment named: add name",
            ),
            (
                "name: iris\n---\nname: iris\n",
                "a.yml:3: endpoint iris is described twice: first at a.yml:1",
            ),
            (
                "name: blue\nmodel: m.onnx\n",
                "a.yml:1: model is a deployment's: add endpoint_name, the endpoint that the deployment belongs to",
            ),
            (
                "name: iris\n---\nname: e\nsort: x\n",
                "a.yml:4:1: unknown field `sort`",
            ),
            (
                "name: iris\n---\nname: blue\nendpoint_name: iris\nmodel: absent.onnx\n",
                "a.yml:3: opening absent.onnx: No such file",
            ),
            (
                "name: blue\nendpoint_name: iris\nmodel: m.pkl\n",
                "a.yml:1: m.pkl is a Python pickle",
            ),
        ] {
            let found = refusal(text);
            assert!(found.starts_with(expected), "{found}");
        }
        assert!(
            refusal("# nothing\n").ends_with("no endpoint and no deployment is described there")
        );
    }
}
