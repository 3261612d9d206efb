//! One artifact on its way in.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::PathBuf,
};

use mlwasm_types::Digest;
use sha2::{Digest as _, Sha256};

use super::{ArtifactError, Artifacts};

/// Bytes that are being received. Dropped before [`Upload::finish`], nothing of it stays.
pub(crate) struct Upload {
    store: Artifacts,
    expected: Digest,
    hash: Sha256,
    size: u64,
    file: fs::File,
    unfinished: Unfinished,
}

/// A file that is removed unless it was renamed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            // Already renamed, or the next start removes it.
            tracing::debug!(%error, "an unfinished artifact was not removed");
        }
    }
}

impl Upload {
    pub(super) fn new(store: Artifacts, expected: Digest) -> io::Result<Self> {
        let path = store.scratch()?;
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            store,
            expected,
            hash: Sha256::new(),
            size: 0,
            file,
            unfinished: Unfinished(path),
        })
    }

    /// Takes the next bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), ArtifactError> {
        let limit = self.store.0.most_bytes;
        self.size += bytes.len() as u64;
        if self.size > limit {
            return Err(ArtifactError::TooLarge { limit });
        }
        self.hash.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }

    /// Puts the artifact into its place, durable when this returns, and gives its size in bytes.
    pub(crate) fn finish(self) -> Result<u64, ArtifactError> {
        let found = Digest::from_bytes(self.hash.finalize().into());
        if found != self.expected {
            return Err(ArtifactError::Mismatch {
                expected: self.expected,
                found,
            });
        }
        self.file
            .set_permissions(fs::Permissions::from_mode(0o400))?;
        self.file.sync_all()?;
        fs::rename(&self.unfinished.0, self.store.path(found))?;
        // Without this a power cut could take the name away again.
        fs::File::open(&self.store.0.finished)?.sync_all()?;
        Ok(self.size)
    }
}
