//! Files beside the models: how they are called, and where a scorer finds them.
//!
//! The names become paths on the server's own disk, so the constructors here are what keeps them inside their folder:
//! whoever holds a [`FileName`] may join it to one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::InvalidSpec;
use crate::Digest;

/// Most files that a deployment may name.
pub const MAX_FILES: usize = 1_000;
/// Longest name of a file, in bytes.
pub const MAX_FILE_NAME: usize = 512;
/// Longest part of a name between two `/`, in bytes: what file systems take.
const MAX_PART: usize = 255;
/// Most folders above a file, so that no walk is deep.
const MAX_PARTS: usize = 16;
/// Where scorers find their files, unless a deployment says otherwise.
const DEFAULT_MOUNT_PATH: &str = "/model";

/// The name of a file beside the models: a path below the folder that the scorer sees, `vocab/words.json`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

/// Where a scorer sees the folder of its files: an absolute path, `/models/iris`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MountPath(String);

/// A text that is no name of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "file name {name:?} is not allowed: use a path like vocab/words.json, without a `/` at either end, without `.` and `..`, \
     backslashes and control characters, of at most {MAX_FILE_NAME} bytes and {MAX_PARTS} parts"
)]
pub struct InvalidFileName {
    name: String,
}

/// A text that is no place for files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "model_mount_path {path:?} is not allowed: use an absolute path like /models/iris, without a `/` at its end, without `.` \
     and `..`, backslashes and control characters, of at most {MAX_FILE_NAME} bytes and {MAX_PARTS} parts"
)]
pub struct InvalidMountPath {
    path: String,
}

/// Whether `path` can be joined to a folder and stays below it.
fn stays_below(path: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= MAX_PART;
    path.len() <= MAX_FILE_NAME
        && path.split('/').count() <= MAX_PARTS
        && path.split('/').all(is_part)
        && !path.contains(|character: char| character.is_control() || character == '\\')
}

/// As much of a text as a message can hold.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

impl FileName {
    /// Checks `name`.
    ///
    /// # Errors
    ///
    /// [`InvalidFileName`] if it could mean something else than one file below a folder.
    pub fn new(name: &str) -> Result<Self, InvalidFileName> {
        if stays_below(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(InvalidFileName {
            name: shortened(name),
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it is in, outermost first: `a` and `a/b` of `a/b/c`.
    fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl MountPath {
    /// Checks `path`.
    ///
    /// # Errors
    ///
    /// [`InvalidMountPath`] if it is not absolute, or is the root.
    pub fn new(path: &str) -> Result<Self, InvalidMountPath> {
        if path.strip_prefix('/').is_some_and(stays_below) {
            return Ok(Self(path.to_owned()));
        }
        Err(InvalidMountPath {
            path: shortened(path),
        })
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for MountPath {
    fn default() -> Self {
        Self(DEFAULT_MOUNT_PATH.to_owned())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FileName {
    type Err = InvalidFileName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for MountPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// # Errors
///
/// If there are too many, or one is where another needs a folder.
pub(super) fn check_files(files: &BTreeMap<FileName, Digest>) -> Result<(), InvalidSpec> {
    if files.len() > MAX_FILES {
        return Err(InvalidSpec::TooManyFiles { count: files.len() });
    }
    let folders: BTreeSet<&str> = files.keys().flat_map(FileName::folders).collect();
    match files.keys().find(|name| folders.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(InvalidSpec::FileIsFolder { name: name.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_name_stays_below_its_folder() {
        let part = "x".repeat(MAX_PART);
        let deepest = vec!["d"; MAX_PARTS].join("/");
        let longest = format!("{part}/{part}/z");
        assert_eq!(longest.len(), MAX_FILE_NAME + 1);
        for (name, is_allowed) in [
            ("labels.txt", true),
            ("vocab/words.json", true),
            (".hidden", true),
            ("...", true),
            ("with space", true),
            ("größe.txt", true),
            (part.as_str(), true),
            (&format!("{part}x"), false),
            (deepest.as_str(), true),
            (&format!("{deepest}/d"), false),
            (&longest[1..], true),
            (longest.as_str(), false),
            ("", false),
            ("/etc/passwd", false),
            ("a/", false),
            ("a//b", false),
            (".", false),
            ("..", false),
            ("a/../b", false),
            ("a/./b", false),
            ("../a", false),
            ("a/..", false),
            ("a\\b", false),
            ("a\nb", false),
            ("a\0b", false),
        ] {
            assert_eq!(FileName::new(name).is_ok(), is_allowed, "{name:?}");
            let mounted = MountPath::new(&format!("/{name}"));
            assert_eq!(mounted.is_ok(), is_allowed && name.len() < 513, "/{name:?}");
        }
        assert!(MountPath::new("model").is_err());
        assert!(MountPath::new("/").is_err());
        assert!(MountPath::new(MountPath::default().as_str()).is_ok());
    }

    #[test]
    fn no_file_is_where_another_needs_a_folder() {
        let check = |names: &[&str]| {
            let files = names.iter().map(|name| {
                let name = FileName::new(name).unwrap();
                (name, Digest::of(b""))
            });
            check_files(&files.collect())
        };
        assert!(check(&["a", "b/c", "b/d/e", "ab"]).is_ok());
        for names in [&["a", "a/b"][..], &["a/b", "a/b/c/d"]] {
            let refused = check(names).unwrap_err();
            let name = FileName::new(names[0]).unwrap();
            assert_eq!(refused, InvalidSpec::FileIsFolder { name });
        }
    }

    #[test]
    fn there_are_at_most_so_many_files() {
        let files = |count: usize| -> BTreeMap<_, _> {
            (0..count)
                .map(|n| (FileName::new(&n.to_string()).unwrap(), Digest::of(b"")))
                .collect()
        };
        assert!(check_files(&files(MAX_FILES - 1)).is_ok());
        assert!(check_files(&files(MAX_FILES)).is_ok());
        assert!(check_files(&files(MAX_FILES + 1)).is_err());
    }
}
