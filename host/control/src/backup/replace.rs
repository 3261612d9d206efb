//! What a running server needs to take the state of a backup: the backup, unpacked and checked beside its data, and its own state
//! in a file before that.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use mlwasm_types::{Digest, Generation};

use super::{BackupError, BackupSource, RestoreError, restore};
use crate::{
    artifacts::Artifacts,
    data_dir::{ARTIFACTS, SECRET, make_private_folder},
    secret::{Secret, hex, random},
    store::DesiredState,
};

/// Where backups are unpacked, each in a folder of its own, below the data folder: on the same disk, so that artifacts are moved
/// and not copied.
const UNPACKED: &str = "restoring";
/// Where the states before restores are, below the data folder.
const FORMER: &str = "backups";
/// So many of those are kept.
const MOST_FORMER: usize = 5;

/// Removes what a server left that was ended while it unpacked a backup. If that fails it only takes room.
pub(crate) fn remove_left_over(data: &Path) {
    match fs::remove_dir_all(data.join(UNPACKED)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "what was unpacked of a backup could not be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

/// A backup that was unpacked and is in order. Removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) state: DesiredState,
    artifacts: BTreeSet<Digest>,
    folder: Folder,
}

#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "what was unpacked of a backup could not be removed");
        }
        if let Some(all) = self.0.parent() {
            // Unless another one is being unpacked.
            fs::remove_dir(all).ok();
        }
    }
}

impl Unpacked {
    /// Unpacks `backup`, which is read to its end, below the data folder `data`. Blocks.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; then nothing stays.
    pub(crate) fn read(backup: impl io::Read, data: &Path) -> Result<Self, RestoreError> {
        // One that was broken off may still be on its way out.
        let unique: [u8; 16] = random()?;
        let folder = Folder(data.join(UNPACKED).join(hex(&unique)));
        make_private_folder(&folder.0)?;
        let (state, artifacts) = restore::read(backup, &folder.0)?;
        Ok(Self {
            state,
            artifacts,
            folder,
        })
    }

    /// Whether the backup is of a server with this secret: only then its keys are the same.
    ///
    /// # Errors
    ///
    /// If the backup's secret is none.
    pub(crate) fn has_secret(&self, secret: &Secret) -> Result<bool, RestoreError> {
        let own = Secret::open(&self.folder.0.join(SECRET));
        let own = own.map_err(|error| RestoreError::Malformed {
            what: error.to_string(),
        })?;
        Ok(own.is(secret))
    }

    /// How many artifacts the backup has.
    pub(crate) fn artifacts(&self) -> usize {
        self.artifacts.len()
    }

    /// Moves the backup's artifacts to where the server keeps its own. Blocks.
    pub(crate) fn hand_over(&self, to: &Artifacts) -> io::Result<()> {
        let from = self.folder.0.join(ARTIFACTS).join("sha256");
        let artifacts = self.artifacts.iter();
        to.adopt(artifacts.map(|digest| (*digest, from.join(digest.hex()))))
    }
}

/// The state before a restore, in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Former {
    pub(crate) path: PathBuf,
    /// The generation that it is of.
    pub(crate) generation: Generation,
}

impl Former {
    /// Backs the server up to a file of its own, durable when this returns. Blocks.
    pub(crate) fn keep(source: &BackupSource) -> Result<Self, BackupError> {
        let folder = source.folder.join(FORMER);
        make_private_folder(&folder)?;
        let unfinished = folder.join("unfinished");
        let written = Self::write(source, &unfinished);
        let generation = written.inspect_err(|_| {
            // Most likely there was no room, which is not to be taken by what is of no use.
            fs::remove_file(&unfinished).ok();
        })?;
        let path = folder.join(file_name(generation));
        fs::rename(&unfinished, &path)?;
        fs::File::open(&folder)?.sync_all()?;
        Ok(Self { path, generation })
    }

    fn write(source: &BackupSource, path: &Path) -> Result<Generation, BackupError> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        let generation = source.write(&mut file)?;
        file.sync_all()?;
        Ok(generation)
    }

    /// Removes what former restores left, but for the last few, this one included. Blocks.
    pub(crate) fn forget_older(&self) {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        if let Err(error) = forget_old(folder) {
            tracing::warn!(%error, "old backups could not be removed");
        }
    }

    /// Removes the file again: nothing was replaced.
    pub(crate) fn forget(&self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "a backup that is not needed could not be removed");
        }
    }
}

/// In the order of generations, also as text.
fn file_name(generation: Generation) -> String {
    format!("before-restore-{:020}.tar", generation.0)
}

fn forget_old(folder: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text.starts_with("before-restore-") && text.ends_with(".tar") {
            names.push(name);
        }
    }
    names.sort_unstable();
    let many = names.len().saturating_sub(MOST_FORMER);
    names
        .iter()
        .take(many)
        .try_for_each(|name| fs::remove_file(folder.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_former_states_are_kept_and_what_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for generation in [9, 10, 11, 100, 7, 8] {
            fs::write(folder.path().join(file_name(Generation(generation))), "").unwrap();
        }
        fs::write(folder.path().join("a-note.tar"), "").unwrap();
        forget_old(folder.path()).unwrap();
        let is_there = |name: &str| folder.path().join(name).exists();
        assert!(!is_there(&file_name(Generation(7))));
        for generation in [8, 9, 10, 11, 100] {
            assert!(is_there(&file_name(Generation(generation))), "{generation}");
        }
        assert!(is_there("a-note.tar"));
    }
}
