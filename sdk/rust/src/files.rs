//! The files beside the models of the deployment: labels, vocabularies.
//!
//! They lie in one folder that can be read and nothing else; `std::fs` opens them, too. Read them in `init`: a file that is
//! read for a request keeps that request waiting for the disk.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// The variable that tells where the folder is.
const FOLDER: &str = "AZUREML_MODEL_DIR";
/// Where it is if nothing tells.
const DEFAULT_FOLDER: &str = "/model";

/// Why a file could not be read.
#[derive(Debug, Error)]
#[error("file `{name}` of the deployment: {reason}")]
pub struct FileError {
    name: String,
    reason: String,
}

/// The folder of the deployment's files.
pub fn folder() -> PathBuf {
    let folder = crate::env::var(FOLDER);
    folder.unwrap_or_else(|| DEFAULT_FOLDER.to_owned()).into()
}

/// Where the file of this name is, whether or not there is one: `labels.txt` or `vocab/words.json`.
pub fn path(name: &str) -> PathBuf {
    folder().join(name)
}

/// The bytes of a file, by its name in the deployment, `labels.txt` or `vocab/words.json`.
///
/// In tests it reads what [`FakeHost::with_file`](crate::testing::FakeHost::with_file) has set.
///
/// # Errors
///
/// [`FileError`] if the deployment has no such file.
pub fn read(name: &str) -> Result<Vec<u8>, FileError> {
    #[cfg(not(target_family = "wasm"))]
    if let Some(bytes) = crate::testing::file(name) {
        return Ok(bytes);
    }
    std::fs::read(path(name)).map_err(|error| FileError {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// As [`read`], a text.
///
/// # Errors
///
/// [`FileError`] if the deployment has no such file, or it is no UTF-8.
pub fn read_to_string(name: &str) -> Result<String, FileError> {
    String::from_utf8(read(name)?).map_err(|error| FileError {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// The names of all files, those in folders with their folders, by the alphabet. None if the deployment has none.
///
/// In tests, those that [`FakeHost::with_file`](crate::testing::FakeHost::with_file) has set.
///
/// # Errors
///
/// [`FileError`] if a folder can not be read.
pub fn names() -> Result<Vec<String>, FileError> {
    #[cfg(not(target_family = "wasm"))]
    if let Some(names) = crate::testing::file_names() {
        return Ok(names);
    }
    let root = folder();
    let mut names = Vec::new();
    if root.is_dir() {
        add_below(&root, "", &mut names)?;
    }
    names.sort();
    Ok(names)
}

/// Folders lie within each other as deep as names have slashes, which the platform bounds.
fn add_below(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), FileError> {
    let unreadable = |error: std::io::Error| FileError {
        name: prefix.to_owned(),
        reason: error.to_string(),
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(unreadable)?.is_dir() {
            add_below(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeHost, post};
    use crate::{InitError, Request, Response, ScoreError, Scorer};

    struct Labels(String);

    impl Scorer for Labels {
        fn init() -> Result<Self, InitError> {
            Ok(Self(read_to_string("labels.txt")?))
        }

        fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
            Ok(Response::text(self.0.as_str()))
        }
    }

    #[test]
    fn a_scorer_reads_the_files_of_its_host() {
        let host = FakeHost::new().with_file("labels.txt", "setosa");
        let mut sandbox = host.init::<Labels>().unwrap();
        assert_eq!(sandbox.run(post("text/plain", "")).unwrap().body, b"setosa");
    }

    #[test]
    fn names_are_told_by_the_alphabet() {
        struct Names;

        impl Scorer for Names {
            fn init() -> Result<Self, InitError> {
                Ok(Self)
            }

            fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
                let names = names().map_err(ScoreError::internal)?;
                Ok(Response::text(names.join(" ")))
            }
        }

        let host = FakeHost::new()
            .with_file("vocab/words.json", "{}")
            .with_file("labels.txt", "setosa");
        let mut sandbox = host.init::<Names>().unwrap();
        let answer = sandbox.run(post("text/plain", "")).unwrap();
        assert_eq!(answer.body, b"labels.txt vocab/words.json");
    }

    #[test]
    fn names_in_folders_have_their_folders_before_them() {
        let mut names = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
        add_below(&root, "", &mut names).unwrap();
        assert!(names.contains(&"src/lib.rs".to_owned()), "{names:?}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        for (host, reason) in [
            (FakeHost::new(), "No such file"),
            (FakeHost::new().with_file("labels.txt", [0xff]), "utf-8"),
        ] {
            let error = host.init::<Labels>().err().unwrap().to_string();
            assert!(
                error.contains("`labels.txt`") && error.contains(reason),
                "{error}"
            );
        }
    }
}
