//! The folder that holds everything the server must not lose.
//!
//! Who can write here owns the server, so the folder is its owner's alone, and one process at a time uses it: two
//! servers on one folder would each overwrite what the other acknowledged.

use std::{
    fs::{self, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::secret::{Secret, SecretError, hex, random, read_or_make};

/// The files and folders of the data folder that hold what can not be made anew.
pub(crate) const SECRET: &str = "secret";
pub(crate) const ADMIN_TOKEN: &str = "admin.token";
pub(crate) const STATE: &str = "state.db";
pub(crate) const ARTIFACTS: &str = "artifacts";

/// The data folder, checked and locked.
///
/// # Concurrency
///
/// The lock is the process's: held until this value is dropped, and released by the system if the process dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    secret: Secret,
    admin_token: String,
    // Read by nobody: open, it is locked.
    _lock: fs::File,
}

/// Why a data folder can not be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Others could change what the server believes.
    #[error("data folder {} has mode {mode:o}: others can write to it; make it 0700", path.display())]
    WritableByOthers {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process uses the folder.
    #[error("data folder {} is in use by another mlwasm process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The secret or the admin token can not be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The folder can not be made or read.
    #[error("data folder {} can not be used", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl DataDir {
    /// Opens the data folder: makes it, its secret and its admin token if they are not there, and locks it.
    ///
    /// # Errors
    ///
    /// [`DataDirError`] if others can write to the folder, another process holds it, or the disk refuses.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DataDirError> {
        let path = path.into();
        make_private_folder(&path).map_err(|source| io_error(&path, source))?;
        refuse_writable_by_others(&path)?;
        let lock = lock(&path)?;
        let secret = Secret::open(&path.join(SECRET))?;
        let admin_token = admin_token(&path.join(ADMIN_TOKEN))?;
        Ok(Self {
            path,
            secret,
            admin_token,
            _lock: lock,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The token that the administration API asks for, as `admin.token` holds it.
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// Where the token is, for a command on the same machine.
    pub fn admin_token_file(&self) -> PathBuf {
        self.path.join(ADMIN_TOKEN)
    }

    /// Where compiled scorers may be kept. Made by whoever keeps them.
    pub fn compiled_cache(&self) -> PathBuf {
        self.path.join("compiled")
    }

    /// A key for one purpose of this process, such as signing compiled scorers; the same after a restart.
    pub fn derive_key(&self, purpose: &str) -> [u8; 32] {
        self.secret.derive("internal", &[purpose.as_bytes()])
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(STATE)
    }

    pub(crate) fn collected(&self) -> PathBuf {
        self.path.join("collected")
    }

    /// Folders of files as scorers see them; they can be made anew.
    pub(crate) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    pub(crate) fn artifacts(&self) -> PathBuf {
        self.path.join(ARTIFACTS)
    }
}

/// Makes `path` and what is missing above it, for the owner only. A folder that exists keeps its mode.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

fn refuse_writable_by_others(path: &Path) -> Result<(), DataDirError> {
    let metadata = fs::metadata(path).map_err(|source| io_error(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(DataDirError::WritableByOthers {
            path: path.to_owned(),
            mode,
        });
    }
    // Others that could only read are shut out without asking: nothing in here is for them.
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(|source| io_error(path, source))?;
    }
    Ok(())
}

fn lock(path: &Path) -> Result<fs::File, DataDirError> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path.join("lock"))
        .map_err(|source| io_error(path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataDirError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io_error(path, source)),
    }
}

fn admin_token(path: &Path) -> Result<String, SecretError> {
    let make = || {
        let bytes: [u8; 32] = random()?;
        Ok(format!("mlwadmin_{}\n", hex(&bytes)).into_bytes())
    };
    let bytes = read_or_make(path, make)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let token = text.trim();
    // An empty file would else make the empty token a valid one.
    if token.len() < 16 || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SecretError::Malformed {
            path: path.display().to_string(),
            expected: "a token of at least 16 printable characters",
        });
    }
    Ok(token.to_owned())
}

fn io_error(path: &Path, source: io::Error) -> DataDirError {
    DataDirError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn everything_in_the_folder_is_its_owners_alone() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataDir::open(parent.path().join("data")).unwrap();
        assert_eq!(mode(data.path()), 0o700);
        for file in ["secret", "admin.token", "lock"] {
            assert_eq!(mode(&data.path().join(file)), 0o600, "{file}");
        }
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        for (bits, allowed) in [(0o700, true), (0o750, true), (0o770, false), (0o702, false)] {
            fs::set_permissions(parent.path(), fs::Permissions::from_mode(bits)).unwrap();
            assert_eq!(DataDir::open(parent.path()).is_ok(), allowed, "{bits:o}");
        }
    }

    #[test]
    fn one_process_at_a_time_uses_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let first = DataDir::open(parent.path()).unwrap();
        let second = DataDir::open(parent.path()).unwrap_err();
        assert!(
            second
                .to_string()
                .ends_with("is in use by another mlwasm process"),
            "{second}"
        );
        drop(first);
        assert!(DataDir::open(parent.path()).is_ok());
    }

    #[test]
    fn token_and_derived_keys_outlive_the_process() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let (token, key) = {
            let data = DataDir::open(&path).unwrap();
            (data.admin_token().to_owned(), data.derive_key("compiled"))
        };
        let data = DataDir::open(&path).unwrap();
        assert_eq!(data.admin_token(), token);
        assert_eq!(data.derive_key("compiled"), key);
        assert_ne!(data.derive_key("other"), key);
    }

    #[test]
    fn an_empty_token_file_stops_the_start() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        drop(DataDir::open(&path).unwrap());
        fs::write(path.join(ADMIN_TOKEN), "\n").unwrap();
        assert!(DataDir::open(&path).is_err());
    }
}
