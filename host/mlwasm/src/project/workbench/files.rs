//! The deployment's files, where its scorer sees them: laid out in a folder that goes with the workbench.

use std::fs;

use anyhow::Context as _;
use mlwasm_sandbox::FilesFolder;
use tempfile::TempDir;

use super::Trial;

/// Lays out the files of `trial`; nothing if it has none. Their folder is there until what is returned is dropped.
///
/// # Errors
///
/// Names the file that can not be copied.
pub(super) fn lay_out(trial: &Trial) -> anyhow::Result<Option<(TempDir, FilesFolder)>> {
    let spec = &trial.spec;
    if spec.files.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::tempdir().context("making a folder for the deployment's files")?;
    for (name, digest) in &spec.files {
        let copying = || format!("laying out the file {}", name.as_str());
        let path = folder.path().join(name.as_str());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(copying)?;
        }
        let bytes = trial.read(*digest).with_context(copying)?;
        fs::write(&path, bytes).with_context(copying)?;
    }
    let grant = FilesFolder::new(spec, folder.path().to_owned());
    Ok(Some((folder, grant)))
}
