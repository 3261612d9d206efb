//! A data folder out of a backup, for a server that is started on it.
//!
//! Nothing is taken on trust: every artifact is hashed, the state is read as a server reads it, and each artifact that it names
//! must be there. A folder is whole or, if anything is wrong, as empty as it was.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use mlwasm_types::{Digest, Generation};
use sha2::{Digest as _, Sha256};

use super::{ARTIFACTS, FORMAT, MANIFEST, Manifest};
use crate::{
    AuditRetention,
    artifacts::Artifacts,
    data_dir::{ADMIN_TOKEN, ARTIFACTS as ARTIFACTS_FOLDER, SECRET, STATE, make_private_folder},
    store::{DesiredState, SqliteStore, StateStore as _, StoreError},
};

/// Private files are a line each; a file that claims to be more is none.
const MOST_PRIVATE_BYTES: u64 = 64 << 10;
/// Bytes that are copied in one go.
const BLOCK: usize = 256 << 10;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The generation of the state.
    pub generation: Generation,
    /// How many endpoints it has.
    pub endpoints: usize,
    /// How many deployments.
    pub deployments: usize,
    /// How many artifacts.
    pub artifacts: usize,
}

/// Why a backup was not restored. The folder is as empty as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is something in the folder.
    #[error("{} is not empty: name a folder that is, or that does not exist yet", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The file is no backup, or not all of one.
    #[error("this is no whole backup: {what}")]
    Malformed {
        /// What is wrong with it.
        what: String,
    },
    /// A later version of mlwasm made the backup.
    #[error(
        "the backup has format {found}, this mlwasm knows format {FORMAT}: use the version that made it, {version}, or a later one"
    )]
    FromTheFuture {
        /// The format found.
        found: u32,
        /// The version that made it.
        version: String,
    },
    /// The state in the backup can not be read.
    #[error(transparent)]
    State(#[from] StoreError),
    /// A file can not be read or written.
    #[error("the backup can not be restored")]
    Io(#[from] io::Error),
}

/// Makes the data folder `folder` out of a backup, which is read to its end. Blocks.
///
/// # Errors
///
/// [`RestoreError`]; then nothing stays.
pub fn restore(backup: impl Read, folder: &Path) -> Result<Restored, RestoreError> {
    let target = Target::prepare(folder)?;
    let (state, held) = read(backup, folder)?;
    fs::File::open(folder)?.sync_all()?;
    target.keep();
    Ok(Restored {
        generation: state.generation,
        endpoints: state.endpoints.len(),
        deployments: state.deployments().count(),
        artifacts: held.len(),
    })
}

/// Unpacks a backup into `folder`, which is empty, and returns its state and the artifacts that it holds.
pub(super) fn read(
    backup: impl Read,
    folder: &Path,
) -> Result<(DesiredState, BTreeSet<Digest>), RestoreError> {
    let held = unpack(backup, folder)?;
    let state = SqliteStore::open(&folder.join(STATE), AuditRetention::default())?.load()?;
    check(&state, &held)?;
    Ok((state, held))
}

/// A folder that is emptied again unless it is kept.
struct Target<'a> {
    folder: &'a Path,
    is_new: bool,
    is_kept: bool,
}

impl<'a> Target<'a> {
    fn prepare(folder: &'a Path) -> Result<Self, RestoreError> {
        let is_new = !folder.exists();
        make_private_folder(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            let path = folder.to_owned();
            return Err(RestoreError::NotEmpty { path });
        }
        Ok(Self {
            folder,
            is_new,
            is_kept: false,
        })
    }

    fn keep(mut self) {
        self.is_kept = true;
    }

    fn empty(&self) -> io::Result<()> {
        if self.is_new {
            return fs::remove_dir_all(self.folder);
        }
        for entry in fs::read_dir(self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Target<'_> {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = self.empty()
        {
            let folder = self.folder.display();
            tracing::warn!(%error, %folder, "what was restored in part could not be removed");
        }
    }
}

/// Writes every entry into its place, and returns the artifacts that there are.
fn unpack(backup: impl Read, folder: &Path) -> Result<BTreeSet<Digest>, RestoreError> {
    // Makes its folders.
    let artifacts = Artifacts::open(&folder.join(ARTIFACTS_FOLDER), u64::MAX)?;
    let mut tar = tar::Archive::new(backup);
    let mut entries = tar.entries().map_err(unreadable)?;
    let first = entries
        .next()
        .ok_or_else(|| malformed("it is empty"))?
        .map_err(unreadable)?;
    check_manifest(first)?;
    let mut held = BTreeSet::new();
    for entry in entries {
        let mut entry = entry.map_err(unreadable)?;
        let name = entry.path().map_err(unreadable)?;
        let name = name.to_str().unwrap_or_default().to_owned();
        match name.as_str() {
            SECRET | ADMIN_TOKEN if entry.size() > MOST_PRIVATE_BYTES => {
                return Err(malformed(&format!("{name} is too large")));
            }
            SECRET | ADMIN_TOKEN | STATE => {
                copied(&mut entry, &folder.join(&name))?;
            }
            other => {
                let digits = other.strip_prefix(ARTIFACTS);
                let digest = digits.and_then(|digits| format!("sha256:{digits}").parse().ok());
                let digest: Digest =
                    digest.ok_or_else(|| malformed(&format!("{name:?} belongs to none")))?;
                let found = copied(&mut entry, &artifacts.path(digest))?;
                if found != digest {
                    return Err(malformed(&format!("artifact {digest} is damaged")));
                }
                held.insert(digest);
            }
        }
    }
    for needed in [SECRET, ADMIN_TOKEN, STATE] {
        if !folder.join(needed).is_file() {
            return Err(malformed(&format!("{needed} is missing: was it cut off?")));
        }
    }
    Ok(held)
}

fn check_manifest(mut entry: tar::Entry<'_, impl Read>) -> Result<(), RestoreError> {
    let name = entry.path().map_err(unreadable)?;
    if name.to_str() != Some(MANIFEST) || entry.size() > MOST_PRIVATE_BYTES {
        return Err(malformed(&format!("it does not begin with {MANIFEST}")));
    }
    let mut text = String::new();
    entry.read_to_string(&mut text).map_err(unreadable)?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| malformed(&format!("{MANIFEST}: {error}")))?;
    if manifest.format == FORMAT {
        return Ok(());
    }
    Err(RestoreError::FromTheFuture {
        found: manifest.format,
        version: manifest.version,
    })
}

/// Writes what `entry` holds to the new file `path`, durable when this returns, and returns its digest.
fn copied(entry: &mut impl Read, path: &Path) -> Result<Digest, RestoreError> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = entry.read(&mut block).map_err(unreadable)?;
        if count == 0 {
            break;
        }
        hash.update(&block[..count]);
        file.write_all(&block[..count])?;
    }
    file.sync_all()?;
    Ok(Digest::from_bytes(hash.finalize().into()))
}

fn check(state: &DesiredState, held: &BTreeSet<Digest>) -> Result<(), RestoreError> {
    match state.artifacts().find(|digest| !held.contains(digest)) {
        Some(missing) => Err(malformed(&format!("artifact {missing} is missing"))),
        None => Ok(()),
    }
}

fn malformed(what: &str) -> RestoreError {
    RestoreError::Malformed {
        what: what.to_owned(),
    }
}

/// What the archive itself says when it can not be read.
fn unreadable(error: io::Error) -> RestoreError {
    malformed(&error.to_string())
}
