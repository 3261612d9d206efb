//! Backups: what a server can not make anew, in one tar file: the state, the artifacts that it names, the secret from which
//! keys are derived, the admin token.
//!
//! A backup is of one moment, and is taken while the server serves: the state is copied between two changes, and an artifact
//! is never changed. Who has it can make every key, as who has the data folder can. Machine code and logs are not in it.

mod replace;
mod restore;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use mlwasm_types::{Digest, Generation};
use serde::{Deserialize, Serialize};

use crate::{
    artifacts::Artifacts,
    data_dir::{ADMIN_TOKEN, SECRET, STATE},
    store::{Store, StoreError},
};
pub(crate) use replace::{Former, Unpacked, remove_left_over};
pub use restore::{RestoreError, Restored, restore};

/// The version of the file's layout.
const FORMAT: u32 = 1;
/// The first entry: what the file is.
const MANIFEST: &str = "mlwasm-backup.json";
/// Where artifacts are in the file, each under the digits of its digest.
const ARTIFACTS: &str = "artifacts/";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// Of the server that made it.
    version: String,
    generation: Generation,
    created_at: Timestamp,
}

/// Why a backup ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("artifact {digest} can not be read")]
    Artifact {
        digest: Digest,
        #[source]
        source: io::Error,
    },
    #[error("the backup can not be written")]
    Io(#[from] io::Error),
}

/// What a backup is made of.
#[derive(Clone)]
pub(crate) struct BackupSource {
    pub(crate) store: Store,
    pub(crate) artifacts: Artifacts,
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// The server's version.
    pub(crate) version: String,
}

impl BackupSource {
    /// Writes a backup to `out`, and returns the generation that it is of. Blocks.
    pub(crate) fn write(&self, out: impl io::Write) -> Result<Generation, BackupError> {
        let copy = Scratch(self.artifacts.scratch()?);
        let state = self.store.copy(&copy.0)?;
        let manifest = Manifest {
            format: FORMAT,
            version: self.version.clone(),
            generation: state.generation,
            created_at: Timestamp::now(),
        };
        let mut tar = tar::Builder::new(out);
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        append(&mut tar, MANIFEST, manifest.len() as u64, &manifest[..])?;
        for private in [SECRET, ADMIN_TOKEN] {
            append_file(&mut tar, private, &self.folder.join(private))?;
        }
        let mut digests: Vec<Digest> = state.artifacts().collect();
        digests.sort_unstable();
        digests.dedup();
        for digest in digests {
            let unreadable = |source| BackupError::Artifact { digest, source };
            let file = self.artifacts.file(digest).map_err(unreadable)?;
            let size = file.metadata().map_err(unreadable)?.len();
            append(
                &mut tar,
                &format!("{ARTIFACTS}{}", digest.hex()),
                size,
                file,
            )?;
        }
        // Last: a file that was cut off has no state, and is not taken for a backup.
        append_file(&mut tar, STATE, &copy.0)?;
        tar.finish()?;
        Ok(state.generation)
    }
}

fn append_file(tar: &mut tar::Builder<impl io::Write>, name: &str, path: &Path) -> io::Result<()> {
    let file = fs::File::open(path)?;
    append(tar, name, file.metadata()?.len(), file)
}

fn append(
    tar: &mut tar::Builder<impl io::Write>,
    name: &str,
    size: u64,
    bytes: impl io::Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(Timestamp::now().as_second()).unwrap_or(0));
    tar.append_data(&mut header, name, bytes)
}

/// A file that is removed in the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            // It was never made, or the next start removes it.
            tracing::debug!(%error, "a copy of the state was not removed");
        }
    }
}
