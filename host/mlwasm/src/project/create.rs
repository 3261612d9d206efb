//! Makes a project of a template.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum as _;
use mlwasm_types::EndpointName;

use super::{
    Language, Project, World, embedded,
    sdk::{self, write_file},
};

/// Stands for the project's name in templates.
const NAME: &str = "{{name}}";
/// What a template calls `.gitignore`: under its own name, git would follow it where the template lies.
const GITIGNORE: (&str, &str) = ("gitignore", ".gitignore");

/// Makes a project in `folder`, which must not be there or be empty, for a scorer of this world; its name is the folder's.
///
/// # Errors
///
/// If the name is none that an endpoint could have, or the folder holds something.
pub(crate) fn create(folder: &Path, language: Language, world: World) -> anyhow::Result<Project> {
    let folder = std::path::absolute(folder)?;
    let name = project_name(&folder)?;
    let files = template(language, world, &name);
    if files.is_empty() {
        bail!(
            "this build of mlwasm has no template for {}; it has: {}",
            language.name(),
            offered().join(", ")
        );
    }
    let is_taken = folder.exists()
        && folder
            .read_dir()
            .with_context(|| format!("reading {}", folder.display()))?
            .next()
            .is_some();
    if is_taken {
        bail!(
            "{} is there already and is not empty: choose another name",
            folder.display()
        );
    }
    for (path, bytes) in files {
        write_file(&folder.join(path), &bytes)?;
    }
    let project = Project::open(&folder)?;
    sdk::ensure(&project)?;
    Ok(project)
}

/// The folder's name, which the endpoint of `deployment.yml` gets.
fn project_name(folder: &Path) -> anyhow::Result<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    EndpointName::new(&name)
        .map_err(|error| anyhow!("the project would be an endpoint: {error}"))?;
    Ok(name.into_owned())
}

/// The files of a template, with the project's name in them. A typed scorer's has files of its own in place of some.
fn template(language: Language, world: World, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let sdk = language.sdk();
    let plain = format!("{sdk}{}", language.template());
    let typed = format!("{sdk}{}", language.typed_template());
    let folders = match world {
        World::Scoring => &[plain][..],
        World::TensorScoring => &[plain, typed],
    };
    folders
        .iter()
        .flat_map(|folder| embedded::below(folder))
        .map(|(path, bytes)| {
            let (plain, hidden) = GITIGNORE;
            let path = if path == plain { hidden } else { path };
            let bytes = match std::str::from_utf8(bytes) {
                Ok(text) => text.replace(NAME, name).into_bytes(),
                // A model.
                Err(_) => bytes.to_vec(),
            };
            (PathBuf::from(path.replace(NAME, name)), bytes)
        })
        .collect()
}

/// Whether `folder` lies within the current one: then it is shown by that path.
pub(crate) fn shown(folder: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let below = folder.strip_prefix(&here).ok();
    match below {
        Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
        Some(below) => below.display().to_string(),
        None => folder.display().to_string(),
    }
}

/// The languages whose template this program carries.
fn offered() -> Vec<&'static str> {
    let has_template = |language: &&Language| !template(**language, World::Scoring, "x").is_empty();
    let languages = Language::value_variants().iter().filter(has_template);
    languages.map(|language| language.name()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_template_has_what_a_project_needs_and_its_name_in_it() {
        let worlds = [World::Scoring, World::TensorScoring];
        for (name, world) in offered()
            .iter()
            .flat_map(|name| worlds.map(|world| (*name, world)))
        {
            let language = Language::from_str(name, false).unwrap();
            let home = tempfile::tempdir().unwrap();
            let project = create(&home.path().join("my-flower"), language, world).unwrap();
            assert_eq!(project.manifest.language, language);
            assert_eq!(project.manifest.world.unwrap_or(World::Scoring), world);
            assert_eq!(
                project.manifest.output,
                Path::new("build/my-flower.wasm"),
                "{name}"
            );
            for file in [
                "deployment.yml",
                "README.md",
                ".gitignore",
                ".mlwasm/sdk/version",
            ] {
                assert!(project.folder.join(file).is_file(), "{name}: {file}");
            }
            let source = project.folder.join(&project.manifest.source);
            assert!(source.exists(), "{name}: {}", source.display());
            for (path, bytes) in template(language, world, "my-flower") {
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(NAME), "{name}: {}", path.display());
            }
        }
    }

    #[test]
    fn a_project_needs_a_name_and_room() {
        let home = tempfile::tempdir().unwrap();
        let refusal = |name: &str| {
            create(&home.path().join(name), Language::Rust, World::Scoring)
                .unwrap_err()
                .to_string()
        };
        assert!(refusal("my_flower").contains("my_flower"));
        fs::create_dir(home.path().join("taken")).unwrap();
        fs::write(home.path().join("taken/a"), "").unwrap();
        assert!(
            refusal("taken").ends_with("is there already and is not empty: choose another name")
        );
        fs::create_dir(home.path().join("empty")).unwrap();
        assert!(create(&home.path().join("empty"), Language::Rust, World::Scoring).is_ok());
    }
}
