//! Components and models as bytes, each under the SHA-256 of its content.
//!
//! An artifact is whole or absent: it is written beside its place, hashed on the way, synced, and renamed. What is read
//! is hashed again, so that a disk that lies never reaches an engine.

mod collect;
mod upload;

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use mlwasm_types::Digest;

use crate::{
    data_dir::make_private_folder,
    secret::{hex, random},
};
pub(crate) use upload::Upload;

/// The store of artifacts.
///
/// # Concurrency
///
/// Any number of threads; two that write the same artifact write the same bytes. All methods block.
#[derive(Clone, Debug)]
pub(crate) struct Artifacts(Arc<Folders>);

#[derive(Debug)]
struct Folders {
    /// Where artifacts are.
    finished: PathBuf,
    /// Where they are written.
    unfinished: PathBuf,
    most_bytes: u64,
}

/// Why an artifact was not stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArtifactError {
    #[error("the artifact is larger than {limit} bytes, the most that this server takes")]
    TooLarge { limit: u64 },
    #[error("the bytes that came have the digest {found}, not {expected}")]
    Mismatch { expected: Digest, found: Digest },
    #[error("the disk is full")]
    DiskFull(#[source] io::Error),
    #[error("the artifact can not be stored")]
    Io(#[source] io::Error),
}

impl From<io::Error> for ArtifactError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(error),
            _ => Self::Io(error),
        }
    }
}

impl Artifacts {
    /// The store in `folder`, made if it is not there. What a crash left half written is removed.
    pub(crate) fn open(folder: &Path, most_bytes: u64) -> io::Result<Self> {
        let finished = folder.join("sha256");
        let unfinished = folder.join("unfinished");
        make_private_folder(&finished)?;
        make_private_folder(&unfinished)?;
        for left_over in fs::read_dir(&unfinished)? {
            fs::remove_file(left_over?.path())?;
        }
        Ok(Self(Arc::new(Folders {
            finished,
            unfinished,
            most_bytes,
        })))
    }

    /// The most bytes that an artifact may have.
    pub(crate) fn most_bytes(&self) -> u64 {
        self.0.most_bytes
    }

    /// The size of an artifact in bytes; none if it is not here.
    pub(crate) fn size(&self, digest: Digest) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(digest)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The artifact's file, to be read without a check of its digest.
    pub(crate) fn file(&self, digest: Digest) -> io::Result<fs::File> {
        fs::File::open(self.path(digest))
    }

    /// The bytes of an artifact, which have its digest.
    ///
    /// Damaged bytes are set aside, so that the artifact counts as absent and can be uploaded again.
    pub(crate) fn read(&self, digest: Digest) -> io::Result<Vec<u8>> {
        let path = self.path(digest);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(
                io::ErrorKind::NotFound,
                format!("artifact {digest} is not here: upload it again"),
            ),
            _ => error,
        })?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes);
        }
        fs::rename(&path, path.with_extension("damaged"))?;
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("artifact {digest} is damaged on disk: upload it again"),
        ))
    }

    /// Starts to receive the artifact `digest`.
    pub(crate) fn receive(&self, digest: Digest) -> io::Result<Upload> {
        Upload::new(self.clone(), digest)
    }

    /// Moves files that have these digests into their places, durable when this returns. One that is there is replaced by the same
    /// bytes: those of the file were just looked at.
    pub(crate) fn adopt(&self, files: impl Iterator<Item = (Digest, PathBuf)>) -> io::Result<()> {
        for (digest, file) in files {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o400))?;
            fs::rename(file, self.path(digest))?;
        }
        fs::File::open(&self.0.finished)?.sync_all()
    }

    /// A name for a file of no worth, which the next start removes if nobody else does.
    pub(crate) fn scratch(&self) -> io::Result<PathBuf> {
        let unique: [u8; 16] = random()?;
        Ok(self.0.unfinished.join(hex(&unique)))
    }

    /// Where an artifact is, or would be.
    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        self.0.finished.join(digest.hex())
    }
}

#[cfg(test)]
mod tests;
