//! The one folder that a scorer may read, if its deployment has files.
//!
//! WASI opens what is below it and nothing else: `..` and links that lead out are refused by the system itself, and
//! whatever would write is refused before it is tried. Reads run on threads made for waiting, never on those that do I/O.

use std::{collections::BTreeMap, path::PathBuf};

use mlwasm_types::DeploymentSpec;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// The variable that tells a scorer where its files are, as Azure calls it.
const MODEL_DIR: &str = "AZUREML_MODEL_DIR";

/// A folder of the host, and where a scorer sees it.
#[derive(Clone, Debug)]
pub struct FilesFolder {
    /// The folder. Nothing in it changes as long as a sandbox may look.
    pub folder: PathBuf,
    /// Its path in the sandbox, `/model`.
    pub path: String,
}

impl FilesFolder {
    /// `folder`, to be seen where `spec` wants it.
    pub fn new(spec: &DeploymentSpec, folder: PathBuf) -> Self {
        let path = spec.model_mount_path.clone().unwrap_or_default();
        Self {
            folder,
            path: path.to_string(),
        }
    }

    /// Says in a scorer's `environment` where it is. An author's own value stays.
    pub fn announce(&self, environment: &mut BTreeMap<String, String>) {
        let variable = environment.entry(MODEL_DIR.to_owned());
        variable.or_insert_with(|| self.path.clone());
    }
}

/// Opens the folder for one sandbox.
pub(super) fn grant(builder: &mut WasiCtxBuilder, files: &FilesFolder) -> wasmtime::Result<()> {
    builder.preopened_dir(&files.folder, &files.path, FsPerms::ReadOnly)?;
    Ok(())
}
