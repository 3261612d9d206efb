//! Machine code on disk, so that a restart compiles nothing.
//!
//! Whoever can put code into this folder can run it in this process; hence the seal: a file is
//! `HMAC-SHA256(key, engine ‖ digest ‖ code)` and then the code. A file that is torn, old or forged has no valid seal, is
//! deleted and made anew. The cache is never needed: what goes wrong here is logged and costs time.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    hash::{Hash, Hasher},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use hmac::{Hmac, Mac};
use mlwasm_types::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::compile::MachineCode;

const SEAL_BYTES: usize = 32;
/// The form of what is kept: the next one's folder is another.
const FORM: &[u8] = b"code and places 1";

/// The compiled components of one engine version and configuration.
pub(crate) struct CodeCache {
    folder: PathBuf,
    engine: [u8; 32],
    key: [u8; 32],
}

impl CodeCache {
    /// Opens the cache in `folder`, which is made if need be, for nobody but us.
    pub(crate) fn open(folder: &Path, key: [u8; 32], engine: &Engine) -> io::Result<Self> {
        let engine = identity(engine);
        let folder = folder.join(Digest::from_bytes(engine).hex());
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        Ok(Self {
            folder,
            engine,
            key,
        })
    }

    /// The code of the component `digest`; none if it is not there, or not as we left it.
    pub(crate) fn read(&self, digest: Digest) -> Option<MachineCode> {
        let path = self.path(digest);
        let sealed = fs::read(&path).ok()?;
        if let Some(code) = self.unseal(digest, sealed) {
            return Some(code);
        }
        tracing::warn!(component = %digest, "compiled code on disk is not as it was written: compiling anew");
        fs::remove_file(&path).ok();
        None
    }

    /// Stores the code of the component `digest`.
    pub(crate) fn write(&self, digest: Digest, code: &MachineCode) {
        if let Err(error) = self.try_write(digest, code) {
            tracing::warn!(component = %digest, %error, "compiled code is not kept on disk");
        }
    }

    fn try_write(&self, digest: Digest, code: &MachineCode) -> io::Result<()> {
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let path = self.path(digest);
        let number = WRITES.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_extension(format!("{}-{number}.tmp", process::id()));
        let seal = self.mac(digest, code.as_bytes()).finalize().into_bytes();
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .and_then(|mut file| {
                file.write_all(&seal)?;
                file.write_all(code.as_bytes())
            })
            // Nobody ever sees half a file, and a power cut in between leaves one without a valid seal.
            .and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    fn unseal(&self, digest: Digest, mut sealed: Vec<u8>) -> Option<MachineCode> {
        let (seal, code) = sealed.split_at_checked(SEAL_BYTES)?;
        self.mac(digest, code).verify_slice(seal).ok()?;
        sealed.drain(..SEAL_BYTES);
        Some(MachineCode::unsealed(sealed))
    }

    fn mac(&self, digest: Digest, code: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&self.engine);
        mac.update(digest.as_bytes());
        mac.update(code);
        mac
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{}.cwasm", digest.hex()))
    }
}

/// What the files depend on: their form, wasmtime's version, its configuration and this processor.
fn identity(engine: &Engine) -> [u8; 32] {
    let mut hasher = Sha256Hasher(Sha256::new());
    hasher.0.update(FORM);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// SHA-256 in the shape that `Hash` writes to: the standard hashers differ from one process to the next.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn cache(folder: &Path, key: u8) -> CodeCache {
        CodeCache::open(folder, [key; 32], &Engine::default()).unwrap()
    }

    #[test]
    fn code_reads_back_until_a_byte_of_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1);
        let digest = Digest::of(b"a component");
        assert!(cache.read(digest).is_none());

        cache.write(digest, &MachineCode::unsealed(b"code".to_vec()));
        assert_eq!(cache.read(digest).unwrap().as_bytes(), b"code");

        let path = cache.path(digest);
        let whole = fs::read(&path).unwrap();
        for position in 0..whole.len() {
            let mut torn = whole.clone();
            torn[position] ^= 1;
            fs::write(&path, torn).unwrap();
            assert!(cache.read(digest).is_none(), "byte {position}");
            assert!(!path.exists(), "byte {position}");
        }
        for length in [0, SEAL_BYTES - 1, SEAL_BYTES, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(cache.read(digest).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn a_seal_is_for_one_key_and_one_component() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = (cache(folder.path(), 1), cache(folder.path(), 2));
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        ours.write(one, &MachineCode::unsealed(b"code".to_vec()));

        fs::copy(ours.path(one), ours.path(other)).unwrap();
        assert!(ours.read(other).is_none());
        assert!(theirs.read(one).is_none());
    }

    #[test]
    fn folder_and_files_are_for_us_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1);
        let digest = Digest::of(b"a component");
        cache.write(digest, &MachineCode::unsealed(b"code".to_vec()));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&cache.folder), 0o700);
        assert_eq!(mode(&cache.path(digest)), 0o600);
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 1);
    }
}
