//! The server's secret, the root of every key, and other random text.
//!
//! One file, 32 bytes from the operating system, made at first start. Whoever reads it can make every key, so it is
//! for its owner only, and a secret that others could read is not used.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The server's secret. Never printed, never sent.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

/// Why the secret, or another private file, can not be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can be read by others than its owner.
    #[error(
        "{path} has mode {mode:o}: others can read it; make it 0600, and if others did read it, remove it to get a new one"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{path} does not hold {expected}")]
    Malformed {
        /// The file.
        path: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The file can not be read or made.
    #[error("{path} can not be read or made")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl Secret {
    /// The secret in `path`; made there if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, SecretError> {
        let bytes = read_or_make(path, || random().map(|bytes: [u8; 32]| bytes.to_vec()))?;
        let malformed = |_| SecretError::Malformed {
            path: path.display().to_string(),
            expected: "32 bytes",
        };
        bytes.try_into().map(Self).map_err(malformed)
    }

    /// Whether both are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        // By what is derived of them, so that how long it takes tells nothing.
        self.derive("compare", &[]) == other.derive("compare", &[])
    }

    /// 32 bytes that depend on the secret, `purpose` and `parts`, and tell nothing about the secret.
    ///
    /// Each part goes in with its length, so that no two lists of parts are the same input.
    pub(crate) fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
impl Secret {
    pub(crate) fn fixed(byte: u8) -> Self {
        Self([byte; 32])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// `N` random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// `bytes` as lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the private file `path` holds; if there is none, `make` says what to put there.
pub(crate) fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<Vec<u8>, SecretError> {
    let failed = |source| SecretError::Io {
        path: path.display().to_string(),
        source,
    };
    match fs::File::open(path) {
        Ok(file) => read_private(path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make().map_err(failed)?;
            write_private(path, &bytes).map_err(failed)?;
            Ok(bytes)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read_private(path: &Path, mut file: fs::File) -> Result<Vec<u8>, SecretError> {
    let failed = |source| SecretError::Io {
        path: path.display().to_string(),
        source,
    };
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Exposed {
            path: path.display().to_string(),
            mode,
        });
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Writes a whole file that only its owner can read; after a crash it is there whole, or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");

        let made = Secret::open(&path).unwrap();

        assert_eq!(Secret::open(&path).unwrap().0, made.0);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let other = Secret::open(&folder.path().join("other")).unwrap();
        assert_ne!(other.0, made.0);
    }

    #[test]
    fn a_secret_that_others_can_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::open(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Secret::open(&path),
            Err(SecretError::Exposed { mode: 0o640, .. })
        ));
    }

    #[test]
    fn a_file_of_another_length_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_private(&path, &[1; 31]).unwrap();
        assert!(matches!(
            Secret::open(&path),
            Err(SecretError::Malformed { .. })
        ));
    }

    #[test]
    fn derived_bytes_depend_on_every_part_and_on_where_one_ends() {
        let secret = Secret::fixed(1);
        let all = [
            secret.derive("a", &[b"b", b"c"]),
            secret.derive("a", &[b"bc"]),
            secret.derive("a", &[b"bc", b""]),
            secret.derive("ab", &[b"c"]),
            Secret::fixed(2).derive("a", &[b"b", b"c"]),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other != one), "{i}");
        }
    }
}
