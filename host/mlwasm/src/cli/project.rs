//! What the commands of projects share: which project, and its deployment file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use mlwasm_types::{DeploymentName, DeploymentSpec, EndpointName};

use super::{deployment_file::DeploymentFile, output, settings::Wanted, views::Target};
use crate::project::{
    Project,
    build::{self, Built},
    create::shown,
    workbench::Trial,
};

/// Which project a command works on.
#[derive(Args, Clone, Debug)]
pub(super) struct ProjectArguments {
    /// The project's folder
    #[arg(default_value = ".", value_name = "FOLDER")]
    project: PathBuf,
}

impl ProjectArguments {
    /// The project.
    ///
    /// # Errors
    ///
    /// If there is none, or its `scorer.toml` is wrong.
    pub(super) fn open(&self) -> anyhow::Result<Project> {
        Project::open(&self.project)
    }
}

/// Builds the project and tells what came of it.
///
/// # Errors
///
/// Which tool is missing or has failed.
pub(super) fn build(project: &Project) -> anyhow::Result<Built> {
    let built = build::build(project)?;
    output::note(&format!(
        "built {} ({}) in {:.1} s",
        shown(&built.path),
        size(built.bytes),
        built.took.as_secs_f64()
    ));
    Ok(built)
}

/// What the project's deployment file asks, its scorer the component that the project builds; and under which names.
///
/// # Errors
///
/// Names what is wrong in the file, or that it deploys another component.
pub(super) fn wanted(project: &Project) -> anyhow::Result<(Wanted, Target)> {
    let output = project.output();
    let mut file = match project.deployment_file() {
        Some(path) => DeploymentFile::read(&path)?,
        None => DeploymentFile::default(),
    };
    if let Some(scorer) = &file.scorer
        && !is_same(scorer, &output)
    {
        bail!(
            "deployment.yml deploys {}, and scorer.toml builds {}: name one file in both",
            scorer.display(),
            output.display()
        );
    }
    file.scorer = Some(output);
    let target = target(project, &file)?;
    let mut wanted = Wanted::of_file(file)?;
    // A profile is known to the server that the file is for, not here.
    wanted.forget_instance_type();
    Ok((wanted, target))
}

/// The names of the deployment file, or else ones that are made of the project's.
fn target(project: &Project, file: &DeploymentFile) -> anyhow::Result<Target> {
    let folder = project.folder.file_name().unwrap_or_default();
    let endpoint = match &file.endpoint_name {
        Some(name) => name.clone(),
        None => EndpointName::new(&folder.to_string_lossy())
            .context("deployment.yml has no endpoint_name, and the folder's name is none")?,
    };
    let deployment = match &file.name {
        Some(name) => name.clone(),
        None => DeploymentName::new("blue")?,
    };
    Ok(Target {
        endpoint,
        deployment,
    })
}

/// Both may be there or not.
fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parts = path.components().collect::<PathBuf>();
        parts.canonicalize().unwrap_or(parts)
    };
    whole(one) == whole(other)
}

/// The deployment to try out in this process.
///
/// # Errors
///
/// As [`wanted`]; or if it needs a server, or breaks a bound.
pub(super) fn trial(project: &Project) -> anyhow::Result<Trial> {
    let (wanted, target) = wanted(project)?;
    if let Some((name, reference)) = wanted.registered().next() {
        bail!(
            "model {name:?} of deployment.yml is {reference}, which only a server knows: name its file to try it here"
        );
    }
    let spec = wanted.to_spec(&target.endpoint, &target.deployment);
    let spec: DeploymentSpec =
        serde_json::from_value(spec).map_err(|error| anyhow!("deployment.yml: {error}"))?;
    spec.validate().context("deployment.yml")?;
    Ok(Trial {
        spec,
        files: wanted.files(),
    })
}

/// A number of bytes for people.
pub(super) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let number = bytes as f64;
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.1} KiB", number / 1_024.0),
        _ => format!("{:.1} MiB", number / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (108_000, "105.5 KiB"),
            (1_048_576, "1.0 MiB"),
            (19_398_656, "18.5 MiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
