//! Scorers and models on their way to the server: named by digest, sent only if the server lacks them.

use std::{
    fs::File,
    io::{self, Read, Seek as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use mlwasm_types::Digest;
use sha2::{Digest as _, Sha256};

use super::progress::Progress;
use crate::client::Client;

/// The scorer that serves a model by itself, built by this crate's build script.
static ONNX_SCORER: &[u8] = include_bytes!(env!("ONNX_SCORER_WASM"));

/// Bytes to upload.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    source: Source,
    digest: Digest,
    length: u64,
}

#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    BuiltIn,
}

/// What a file given to `deploy` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A WebAssembly file; whether it is a scorer is for the server to say.
    Scorer,
    /// An ONNX model.
    Model,
}

impl Artifact {
    /// The file at `path`.
    ///
    /// # Errors
    ///
    /// If it can not be read, or is a folder.
    pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let mut file = open(path)?;
        let mut hasher = Sha256::new();
        let length = io::copy(&mut file, &mut hasher)
            .with_context(|| format!("reading {}", path.display()))?;
        Ok(Self {
            source: Source::File(path.to_owned()),
            digest: Digest::from_bytes(hasher.finalize().into()),
            length,
        })
    }

    /// The built-in scorer, which serves the model named `model`.
    pub(crate) fn built_in_scorer() -> Self {
        Self {
            source: Source::BuiltIn,
            digest: Digest::of(ONNX_SCORER),
            length: ONNX_SCORER.len() as u64,
        }
    }

    /// Its digest.
    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The file that it is; none if the program carries it.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::BuiltIn => None,
        }
    }

    /// Sends the bytes, unless the server has them.
    ///
    /// # Errors
    ///
    /// If the file can not be read any more, or the server does not take it.
    pub(crate) fn upload(&self, client: &Client) -> anyhow::Result<()> {
        if client.has_artifact(&self.digest)? {
            return Ok(());
        }
        let progress = Progress::transfer(format!("uploading {}", self.name()), self.length);
        match &self.source {
            Source::BuiltIn => {
                client.put_artifact(&self.digest, self.length, progress.reader(ONNX_SCORER))?
            }
            Source::File(path) => client
                .put_artifact(&self.digest, self.length, progress.reader(open(path)?))
                .with_context(|| format!("uploading {}", path.display()))?,
        }
        Ok(())
    }

    /// What the user knows it by: a whole path would not fit on the line.
    fn name(&self) -> String {
        match &self.source {
            Source::File(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            Source::BuiltIn => "the built-in ONNX scorer".to_owned(),
        }
    }
}

/// What the files of other platforms are, by the ends of their names, and what to do instead.
const NOT_SERVED: [(&[&str], &str); 6] = [
    (
        &["py", "ipynb"],
        "a Python script: a scorer is a WebAssembly component, so write `init` and `run` with the SDK (sdk/rust/README.md) \
         and name the .wasm file, or leave code_configuration out to serve an ONNX model as it is",
    ),
    (
        &["pkl", "pickle", "joblib"],
        "a Python pickle: convert the model to ONNX (skl2onnx does it for scikit-learn) and name the .onnx file",
    ),
    (
        &["pt", "pth"],
        "a PyTorch file: export the model to ONNX (torch.onnx.export) and name the .onnx file",
    ),
    (
        &["h5", "keras", "pb", "tflite"],
        "a TensorFlow file: convert the model to ONNX (tf2onnx) and name the .onnx file",
    ),
    (
        &["safetensors", "gguf"],
        "a file of weights without the graph: export the model to ONNX and name the .onnx file",
    ),
    (
        &["ubj", "xgb", "lgb"],
        "a file of boosted trees: convert the model to ONNX (onnxmltools) and name the .onnx file",
    ),
];

/// Refuses what other platforms serve and this one can not, before the file is looked for.
///
/// # Errors
///
/// Says what the file is, by its name, and what to do instead.
pub(crate) fn refuse_what_can_not_be_served(path: &Path) -> anyhow::Result<()> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_ascii_lowercase();
    let known = NOT_SERVED
        .iter()
        .find(|(extensions, _)| extensions.contains(&extension.as_str()));
    match known {
        Some((_, what)) => bail!("{} is {what}", path.display()),
        None => Ok(()),
    }
}

/// Tells a scorer from a model: by the first bytes, and where those say nothing, by the file's name.
///
/// # Errors
///
/// If the file can not be read, or is neither.
pub(crate) fn kind(path: &Path) -> anyhow::Result<Kind> {
    const WEBASSEMBLY: &[u8] = b"\0asm";
    // Enough to tell what a file is that is neither.
    const START: u64 = 256;
    // ONNX has no signature; its writers put the format's version first, which is field 1, a number.
    const LIKELY_ONNX: u8 = 0x08;
    refuse_what_can_not_be_served(path)?;
    let mut start = Vec::new();
    let mut file = open(path)?;
    file.by_ref()
        .take(START)
        .read_to_end(&mut start)
        .with_context(|| format!("reading {}", path.display()))?;
    let is_onnx = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    if start.starts_with(WEBASSEMBLY) {
        Ok(Kind::Scorer)
    } else if is_onnx || start.first() == Some(&LIKELY_ONNX) {
        Ok(Kind::Model)
    } else {
        let found = mlwasm_sandbox::not_a_component(&start).unwrap_or("something else");
        bail!(
            "{} is neither a WebAssembly component nor an ONNX model but {found}",
            path.display()
        );
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    let mut file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        bail!("{} is a folder: name the file in it", path.display());
    }
    // A pipe could be read only once, and its bytes are needed twice: for the digest and for the upload.
    file.rewind()
        .with_context(|| format!("{} is not a regular file", path.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn scorers_and_models_are_told_apart_by_content_then_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, expected) in [
            ("a.wasm", &b"\0asm\x0d\0\x01\0"[..], Some(Kind::Scorer)),
            ("b.onnx", b"\0asm\x0d\0\x01\0", Some(Kind::Scorer)),
            (
                "long.wasm",
                &[b'\0', b'a', b's', b'm', 0, 0][..],
                Some(Kind::Scorer),
            ),
            ("c.onnx", b"\x08\x0a", Some(Kind::Model)),
            ("d.ONNX", b"", Some(Kind::Model)),
            ("e", b"\x08\x0a", Some(Kind::Model)),
            ("score.py", b"import json", None),
            ("empty", b"", None),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            assert_eq!(kind(&path).ok(), expected, "{name}");
        }
        assert!(
            kind(folder.path())
                .unwrap_err()
                .to_string()
                .ends_with("is a folder: name the file in it")
        );
    }

    #[test]
    fn a_files_digest_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, b"abc").unwrap();
        let artifact = Artifact::of_file(&path).unwrap();
        assert_eq!(
            (artifact.digest(), artifact.length),
            (&Digest::of(b"abc"), 3)
        );
    }
}
