//! The SDK in a project: `.mlwasm/sdk`, written by `new` and again by whichever program builds, if it carries another.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{Language, Project, embedded};

/// Says which files were written.
const STAMP: &str = "version";
/// The manifest of a crate of the Rust SDK as it lies in the workspace, and the one that it has in a project.
const RUST_MANIFESTS: (&str, &str) = ("Cargo.toml", "standalone.toml");

/// The folder of the project's SDK, its files as this program carries them.
///
/// # Errors
///
/// If they can not be written.
pub(super) fn ensure(project: &Project) -> anyhow::Result<PathBuf> {
    let folder = project.ours("sdk");
    let files = files(project.manifest.language);
    let stamp = stamp(&files);
    let is_there = fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == stamp);
    if !is_there {
        write(&folder, &files, &stamp)
            .with_context(|| format!("writing the SDK to {}", folder.display()))?;
    }
    Ok(folder)
}

type File = (String, &'static [u8]);

/// The files of an SDK by their paths in the project's copy: the library, and the contract in `wit/`.
fn files(language: Language) -> Vec<File> {
    let library = embedded::below(language.sdk())
        .filter(|(path, _)| !path.starts_with("template"))
        .filter_map(|(path, bytes)| Some((placed(language, path)?, bytes)));
    let contract = embedded::below("wit/").map(|(path, bytes)| (format!("wit/{path}"), bytes));
    library.chain(contract).collect()
}

/// Where a file goes; nowhere if it is for the workspace only.
fn placed(language: Language, path: &str) -> Option<String> {
    let (ours, standalone) = RUST_MANIFESTS;
    match path.strip_suffix(standalone) {
        _ if language != Language::Rust => Some(path.to_owned()),
        Some(folder) => Some(format!("{folder}{ours}")),
        None if path.ends_with(ours) => None,
        None => Some(path.to_owned()),
    }
}

fn stamp(files: &[File]) -> String {
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        hasher.update((path.len() as u64).to_le_bytes());
        hasher.update(path);
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    let digest = hasher.finalize();
    let digest: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("mlwasm {} {digest}\n", env!("CARGO_PKG_VERSION"))
}

fn write(folder: &Path, files: &[File], stamp: &str) -> anyhow::Result<()> {
    // What an earlier version had and this one has not must not stay.
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (path, bytes) in files {
        write_file(&folder.join(path), bytes)?;
    }
    // Last: a copy that was cut off has none, and is written again.
    write_file(&folder.join(STAMP), stamp.as_bytes())
}

/// Writes a file, and makes the folders above it.
///
/// # Errors
///
/// Names the file that can not be written.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let writing = || format!("writing {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(writing)?;
    }
    fs::write(path, bytes).with_context(writing)
}

#[cfg(test)]
mod tests {
    use figment::providers::{Format as _, Toml};
    use serde_json::{Map, Value};

    use super::*;

    fn toml(path: &str) -> Value {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        let text = fs::read_to_string(format!("{root}{path}")).unwrap();
        Toml::from_str(&text).unwrap()
    }

    /// A dependency as its own manifest would have it.
    fn resolved(dependencies: &Value) -> Map<String, Value> {
        let known = &toml("Cargo.toml")["workspace"]["dependencies"];
        let own = dependencies.as_object().unwrap().keys();
        own.map(|name| {
            let mut dependency = known[name].clone();
            if let Some(path) = dependency.get_mut("path") {
                let within = path.as_str().unwrap().strip_prefix("sdk/rust/").unwrap();
                *path = within.into();
            }
            (name.clone(), dependency)
        })
        .collect()
    }

    #[test]
    fn the_manifest_in_a_project_says_what_the_one_of_the_workspace_says() {
        let workspace = toml("Cargo.toml");
        let family = r#"cfg(target_family = "wasm")"#;
        for folder in ["sdk/rust", "sdk/rust/tensor-world"] {
            let ours = toml(&format!("{folder}/Cargo.toml"));
            let standalone = toml(&format!("{folder}/standalone.toml"));
            let all = |manifest: &Value| manifest.get("dependencies").cloned();
            assert_eq!(
                all(&ours).map(|own| Value::Object(resolved(&own))),
                all(&standalone)
            );
            let ours = &ours["target"][family]["dependencies"];
            let theirs = &standalone["target"][family]["dependencies"];
            assert_eq!(&Value::Object(resolved(ours)), theirs);
            for key in ["version", "edition", "rust-version", "license"] {
                let wanted = &workspace["workspace"]["package"][key];
                assert_eq!(wanted, &standalone["package"][key], "{folder}: {key}");
            }
        }
    }

    #[test]
    fn the_rust_sdk_comes_with_its_own_manifest_and_the_contract() {
        let files = files(Language::Rust);
        let file = |name: &str| {
            let mut found = files.iter().filter(|(path, _)| path == name);
            let bytes = found.next().map(|(_, bytes)| *bytes);
            assert!(found.next().is_none(), "{name} is there twice");
            bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        assert!(!file("Cargo.toml").unwrap().contains("workspace = true"));
        assert!(file("src/lib.rs").is_some() && file("wit/world.wit").is_some());
        assert!(file("standalone.toml").is_none());
        let world = file("tensor-world/Cargo.toml").unwrap();
        assert!(!world.contains("workspace = true"));
        assert!(files.iter().all(|(path, _)| !path.starts_with("template")));
    }

    #[test]
    fn a_copy_of_another_version_is_written_again() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("sdk");
        let files: Vec<File> = vec![("a/b".to_owned(), b"1")];
        write(&folder, &[("gone".to_owned(), b"0")], "old").unwrap();
        write(&folder, &files, &stamp(&files)).unwrap();
        assert!(!folder.join("gone").exists());
        assert_eq!(fs::read(folder.join("a/b")).unwrap(), b"1");
        let other: Vec<File> = vec![("a/b".to_owned(), b"2")];
        assert_ne!(stamp(&files), stamp(&other));
    }
}
