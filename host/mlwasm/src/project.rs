//! A scorer's project: a folder with `scorer.toml`, from its template to an answer.
//!
//! Read `manifest` first (what a project says of itself), then `build` (a recipe for each language), `workbench` (the sandbox
//! and the models without a server) and `golden` (the requests whose answers are known). Nothing here talks to a server or
//! prints: the commands `new`, `build`, `test` and `dev` do.

pub(crate) mod build;
pub(crate) mod create;
mod embedded;
pub(crate) mod golden;
mod language;
mod manifest;
mod sdk;
mod tool;
pub(crate) mod watch;
pub(crate) mod workbench;

use std::path::{Path, PathBuf};

use anyhow::bail;

pub(crate) use language::Language;
pub(crate) use manifest::{Manifest, World};

/// The file that makes a folder a project.
pub(crate) const MANIFEST: &str = "scorer.toml";
/// The file that says how a project's scorer is deployed.
const DEPLOYMENT: &str = "deployment.yml";
/// The folder of a project that is ours alone: the SDK, caches, the state of `mlwasm dev`.
pub(crate) const OURS: &str = ".mlwasm";

/// A project on disk.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// Its folder, as an absolute path.
    pub(crate) folder: PathBuf,
    /// What it says of itself.
    pub(crate) manifest: Manifest,
}

impl Project {
    /// The project in `folder`.
    ///
    /// # Errors
    ///
    /// If there is none, or its `scorer.toml` is wrong: with the line and column.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let folder = std::path::absolute(folder)?;
        let manifest = folder.join(MANIFEST);
        if !manifest.is_file() {
            bail!(
                "{} is no project: it has no {MANIFEST}; `mlwasm new NAME --lang LANGUAGE` makes one",
                folder.display()
            );
        }
        Ok(Self {
            manifest: Manifest::read(&manifest)?,
            folder,
        })
    }

    /// The component that `mlwasm build` makes.
    pub(crate) fn output(&self) -> PathBuf {
        self.folder.join(&self.manifest.output)
    }

    /// The deployment file; none if there is none.
    pub(crate) fn deployment_file(&self) -> Option<PathBuf> {
        Some(self.folder.join(DEPLOYMENT)).filter(|path| path.is_file())
    }

    /// The folder for a purpose of ours, such as `sdk`.
    pub(crate) fn ours(&self, purpose: &str) -> PathBuf {
        self.folder.join(OURS).join(purpose)
    }
}
