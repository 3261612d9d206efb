//! The one folder that a scorer may read, if its deployment has files.
//!
//! WASI opens what is below it and nothing else: `..` and links that lead out are refused by the system itself, and
//! whatever would write is refused before it is tried. Reads run on threads made for waiting, never on those that do I/O.

use std::path::PathBuf;

use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// A folder of the host, and where a scorer sees it.
#[derive(Clone, Debug)]
pub struct FilesFolder {
    /// The folder. Nothing in it changes as long as a sandbox may look.
    pub folder: PathBuf,
    /// Its path in the sandbox, `/model`.
    pub path: String,
}

/// Opens the folder for one sandbox.
pub(super) fn grant(builder: &mut WasiCtxBuilder, files: &FilesFolder) -> wasmtime::Result<()> {
    builder.preopened_dir(&files.folder, &files.path, FsPerms::ReadOnly)?;
    Ok(())
}
