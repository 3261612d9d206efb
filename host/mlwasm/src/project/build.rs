//! From source to component: one recipe for each language, all ending in the same file.
//!
//! A recipe writes beside the output and the output is replaced at the end, in one step: whoever reads it sees the former
//! component or the new one.

mod assemble;
mod c;
mod go;
mod javascript;
mod python;
mod rust;
mod zig;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use mlwasm_sandbox::{Anatomy, Grant};

use super::{Language, Manifest, Project, World, sdk, tool};

/// What only typed scorers export, before its version.
const TYPED: &str = "mlwasm:scoring/tensor-scorer@";

/// What was built.
#[derive(Debug)]
pub(crate) struct Built {
    /// The component.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// How long that took.
    pub(crate) took: Duration,
}

/// What a recipe works with.
struct Recipe<'a> {
    project: &'a Project,
    /// The SDK's copy in the project.
    sdk: PathBuf,
    /// Where the component goes.
    target: PathBuf,
}

impl Recipe<'_> {
    /// The entry file.
    fn source(&self) -> PathBuf {
        self.project.folder.join(&self.project.manifest.source)
    }

    /// Further flags for the compiler.
    fn flags(&self) -> &[String] {
        &self.project.manifest.build.flags
    }

    /// Whether the component is to know the lines of its source.
    fn has_lines(&self) -> bool {
        self.project.manifest.build.debug
    }

    fn folder(&self) -> &Path {
        &self.project.folder
    }

    /// Has a script of the SDK build the component, by `interpreter`.
    fn by_script(&self, mut interpreter: Command, script: &str) -> anyhow::Result<()> {
        interpreter
            .arg(self.sdk.join(script))
            .arg("--project")
            .arg(self.folder())
            .arg("--source")
            .arg(&self.project.manifest.source)
            .arg("--wit")
            .arg(self.sdk.join("wit"))
            .arg("--world")
            .arg(self.project.manifest.world.unwrap_or(World::Scoring).name())
            .arg("--output")
            .arg(&self.target)
            .args(self.flags().iter().map(|flag| format!("--flag={flag}")));
        tool::run(&mut interpreter)
    }

    /// A file for what is made on the way, in the folder of the output.
    fn beside(&self, name: &str) -> PathBuf {
        self.target.with_file_name(name)
    }
}

/// Builds the project's component.
///
/// # Errors
///
/// What is missing and how to install it; or which command failed, whose messages went to standard error.
pub(crate) fn build(project: &Project) -> anyhow::Result<Built> {
    let begun = Instant::now();
    let path = project.output();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    let mut unfinished = path.file_name().unwrap_or_default().to_owned();
    unfinished.push(".new");
    let recipe = Recipe {
        project,
        sdk: sdk::ensure(project)?,
        target: path.with_file_name(unfinished),
    };
    if !recipe.source().exists() {
        bail!(
            "there is no {}, the source that scorer.toml names",
            recipe.source().display()
        );
    }
    match project.manifest.language {
        Language::Rust => rust::build(&recipe),
        Language::Python => python::build(&recipe),
        Language::Js | Language::Ts => javascript::build(&recipe),
        Language::C | Language::Cpp => c::build(&recipe),
        Language::Go => go::build(&recipe),
        Language::Zig => zig::build(&recipe),
    }?;
    let bytes = check(&recipe.target, &project.manifest)?;
    fs::rename(&recipe.target, &path).with_context(|| format!("writing {}", path.display()))?;
    Ok(Built {
        path,
        bytes,
        took: begun.elapsed(),
    })
}

/// The size of a component that asks for no more than there is, and is for the world that its project names.
fn check(path: &Path, manifest: &Manifest) -> anyhow::Result<u64> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let anatomy = Anatomy::of(&bytes).context("what the tool built")?;
    let refused: Vec<_> = anatomy
        .imports
        .iter()
        .filter_map(|import| match import.grant {
            // Whether it is granted is the deployment's to say.
            Grant::Offered(_) | Grant::ByEgress(_) => None,
            Grant::Refused(why) => Some(format!("{} ({why})", import.interface)),
        })
        .collect();
    if !refused.is_empty() {
        bail!(
            "the component would be refused: it imports {}",
            refused.join(", ")
        );
    }
    let is_typed = anatomy
        .exports
        .iter()
        .any(|export| export.starts_with(TYPED));
    match (manifest.world, is_typed) {
        (Some(World::TensorScoring), false) => bail!(
            "scorer.toml says world = \"tensor-scoring\", and the source makes a raw scorer: {}",
            manifest.language.typed_by()
        ),
        (Some(World::Scoring), true) => bail!(
            "scorer.toml says world = \"scoring\", and the source makes a typed scorer: write world = \"tensor-scoring\""
        ),
        _ => Ok(bytes.len() as u64),
    }
}
