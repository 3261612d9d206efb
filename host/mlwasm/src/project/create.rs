//! Makes a project of a template.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum as _;
use mlwasm_types::EndpointName;

use super::{
    Language, Project, embedded,
    sdk::{self, write_file},
};

/// Stands for the project's name in templates.
const NAME: &str = "{{name}}";
/// What a template calls `.gitignore`: under its own name, git would follow it where the template lies.
const GITIGNORE: (&str, &str) = ("gitignore", ".gitignore");

/// Makes a project in `folder`, which must not be there or be empty; its name is the folder's.
///
/// # Errors
///
/// If the name is none that an endpoint could have, or the folder holds something.
pub(crate) fn create(folder: &Path, language: Language) -> anyhow::Result<Project> {
    let folder = std::path::absolute(folder)?;
    let name = project_name(&folder)?;
    let files = template(language, &name);
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

/// The files of a template, with the project's name in them.
fn template(language: Language, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = format!("{}{}", language.sdk(), language.template());
    embedded::below(&folder)
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
    let has_template = |language: &&Language| !template(**language, "x").is_empty();
    let languages = Language::value_variants().iter().filter(has_template);
    languages.map(|language| language.name()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_template_has_what_a_project_needs_and_its_name_in_it() {
        for name in offered() {
            let language = Language::from_str(name, false).unwrap();
            let home = tempfile::tempdir().unwrap();
            let project = create(&home.path().join("my-flower"), language).unwrap();
            assert_eq!(project.manifest.language, language);
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
            for (path, bytes) in template(language, "my-flower") {
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(NAME), "{name}: {}", path.display());
            }
        }
    }

    #[test]
    fn a_project_needs_a_name_and_room() {
        let home = tempfile::tempdir().unwrap();
        let refusal = |name: &str| {
            create(&home.path().join(name), Language::Rust)
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
        assert!(create(&home.path().join("empty"), Language::Rust).is_ok());
    }
}
