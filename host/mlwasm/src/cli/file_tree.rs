//! Files beside the models: those that a map names, or all of a folder, each by its path below it.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, bail};
use mlwasm_types::{FileName, spec::MAX_FILES};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Files here, by the names by which a scorer reads them.
pub(crate) type Files = BTreeMap<FileName, PathBuf>;

/// `files:` of a deployment's YAML: a map from names to files, or the path of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FilesSource {
    /// Each file by its name.
    Named(Files),
    /// All files of a folder.
    Folder(PathBuf),
}

/// `--model-file`: a file or a folder, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileArgument {
    name: Option<FileName>,
    path: PathBuf,
}

impl<'de> Deserialize<'de> for FilesSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FilesVisitor)
    }
}

struct FilesVisitor;

impl<'de> Visitor<'de> for FilesVisitor {
    type Value = FilesSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path of a folder, or a map from names to files")
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<FilesSource, E> {
        Ok(FilesSource::Folder(path.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FilesSource, A::Error> {
        Files::deserialize(MapAccessDeserializer::new(map)).map(FilesSource::Named)
    }
}

impl FilesSource {
    /// The same, with paths below `folder`.
    pub(crate) fn below(self, folder: &Path) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(folder.join(path)),
            Self::Named(files) => {
                let files = files.into_iter();
                Self::Named(
                    files
                        .map(|(name, path)| (name, folder.join(path)))
                        .collect(),
                )
            }
        }
    }

    /// The files.
    ///
    /// # Errors
    ///
    /// As [`of_folder`].
    pub(crate) fn read(self) -> anyhow::Result<Files> {
        match self {
            Self::Named(files) => Ok(files),
            Self::Folder(path) => of_folder(&path),
        }
    }
}

impl FromStr for FileArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (Some(name), path),
            None => (None, text),
        };
        if path.is_empty() {
            return Err("expected NAME=FILE, FILE or a folder".to_owned());
        }
        let name = name.map(FileName::new).transpose();
        Ok(Self {
            name: name.map_err(|error| error.to_string())?,
            path: path.into(),
        })
    }
}

impl FileArgument {
    /// The file by its name, which is its own where none is given; of a folder all files, below the name if one is given.
    ///
    /// # Errors
    ///
    /// As [`of_folder`].
    pub(crate) fn read(&self) -> anyhow::Result<Files> {
        let Self { name, path } = self;
        if path.is_dir() {
            let files = of_folder(path)?;
            let Some(name) = name else {
                return Ok(files);
            };
            let below = files.into_iter().map(|(file, path)| {
                let file = FileName::new(&format!("{name}/{file}"))?;
                Ok((file, path))
            });
            return below.collect();
        }
        let name = match name {
            Some(name) => name.clone(),
            None => own_name(path)?,
        };
        Ok(Files::from([(name, path.clone())]))
    }
}

fn own_name(path: &Path) -> anyhow::Result<FileName> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name: give NAME=FILE", path.display()))?;
    Ok(FileName::new(name)?)
}

/// All files below `folder`, each by its path there. Hidden ones, whose names begin with `.`, stay behind.
///
/// # Errors
///
/// If the folder can not be read, holds more files than a deployment may have, or a link to a folder, which could lead
/// back into it.
pub(crate) fn of_folder(folder: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let reading = || format!("reading the folder {}", current.display());
        for entry in fs::read_dir(&current).with_context(reading)? {
            let entry = entry.with_context(reading)?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let is_folder = fs::metadata(&path)
                .with_context(|| format!("reading {}", path.display()))?
                .is_dir();
            if !is_folder {
                files.insert(name_below(folder, &path)?, path);
            } else if entry.file_type().with_context(reading)?.is_symlink() {
                bail!(
                    "{} is a link to a folder: put the folder itself there",
                    path.display()
                );
            } else {
                folders.push(path);
            }
            if files.len() > MAX_FILES {
                bail!(
                    "{} holds more than {MAX_FILES} files, the most that a deployment may have",
                    folder.display()
                );
            }
        }
    }
    Ok(files)
}

fn name_below(folder: &Path, path: &Path) -> anyhow::Result<FileName> {
    let below = path.strip_prefix(folder)?;
    let name = below
        .to_str()
        .with_context(|| format!("{} has a name that is no UTF-8", path.display()))?;
    FileName::new(name).with_context(|| path.display().to_string())
}

/// Takes the one ONNX model out of a folder's files; none if there is none.
///
/// # Errors
///
/// If there are several: nothing says which one is meant.
pub(crate) fn take_model(folder: &Path, files: &mut Files) -> anyhow::Result<Option<PathBuf>> {
    let is_onnx = |name: &&FileName| name.as_str().to_ascii_lowercase().ends_with(".onnx");
    let models: Vec<FileName> = files.keys().filter(is_onnx).cloned().collect();
    match models.as_slice() {
        [] => Ok(None),
        [model] => Ok(files.remove(model)),
        several => bail!(
            "{} holds {} ONNX models: name each in `models`, and the other files in `files`",
            folder.display(),
            several.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        folder
    }

    fn names(files: &Files) -> Vec<&str> {
        files.keys().map(FileName::as_str).collect()
    }

    #[test]
    fn a_folder_s_files_are_named_by_their_paths() {
        let folder = folder(&["labels.txt", "vocab/words.json", ".hidden", ".git/config"]);
        symlink(
            folder.path().join("labels.txt"),
            folder.path().join("linked"),
        )
        .unwrap();
        let files = of_folder(folder.path()).unwrap();
        assert_eq!(names(&files), ["labels.txt", "linked", "vocab/words.json"]);

        symlink(folder.path(), folder.path().join("vocab/again")).unwrap();
        let refused = of_folder(folder.path()).unwrap_err().to_string();
        assert!(
            refused.contains("vocab/again is a link to a folder"),
            "{refused}"
        );
    }

    #[test]
    fn a_folder_s_one_model_is_no_file() {
        for (held, model, left) in [
            (&["a.txt"][..], Some(None), &["a.txt"][..]),
            (&["a.txt", "m/x.ONNX"], Some(Some("m/x.ONNX")), &["a.txt"]),
            (&["a.onnx", "b.onnx"], None, &["a.onnx", "b.onnx"]),
        ] {
            let folder = folder(held);
            let mut files = of_folder(folder.path()).unwrap();
            let taken = take_model(folder.path(), &mut files).ok();
            let model = model.map(|model| model.map(|name| folder.path().join(name)));
            assert_eq!((taken, names(&files).as_slice()), (model, left), "{held:?}");
        }
    }

    #[test]
    fn an_argument_names_a_file_or_a_folder() {
        let folder = folder(&["labels.txt", "vocab/words.json"]);
        let at = |path: &str| folder.path().join(path).display().to_string();
        for (text, expected) in [
            (at("labels.txt"), &["labels.txt"][..]),
            (format!("a/b.txt={}", at("labels.txt")), &["a/b.txt"]),
            (at("vocab"), &["words.json"]),
            (format!("v={}", at("vocab")), &["v/words.json"]),
        ] {
            let files = text.parse::<FileArgument>().unwrap().read().unwrap();
            assert_eq!(names(&files), expected, "{text}");
        }
        for text in ["", "a=", "../a=x", "/a=x"] {
            assert!(text.parse::<FileArgument>().is_err(), "{text}");
        }
    }
}
