//! How a command finds the token of a server on the same machine: a small file that `serve` writes.
//!
//! One file per address, so that several servers of one user do not take each other's place. It holds no secret, only
//! where the token is; yet it is for its owner alone, since it decides which token is sent where.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::{client::ServerUrl, folders};

/// What `serve` tells later commands of the same user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerContext {
    /// Where the administration API listens.
    pub(crate) admin_url: String,
    /// The file that holds the admin token.
    pub(crate) token_file: PathBuf,
    /// The server's data folder.
    pub(crate) data_dir: PathBuf,
    /// The server's process.
    pub(crate) pid: u32,
}

/// The context file of a server; none if the user has no home.
pub(crate) fn path(server: &ServerUrl) -> Option<PathBuf> {
    let name = format!("{}-{}.json", server.host_as_file_name(), server.port());
    Some(folders::config_home()?.join("mlwasm/servers").join(name))
}

/// What the context file of a server says; none if there is none.
///
/// # Errors
///
/// If the file is there and can not be read.
pub(crate) fn read(path: &Path) -> anyhow::Result<Option<ServerContext>> {
    let reading = || format!("reading {}", path.display());
    if !path.exists() {
        return Ok(None);
    }
    let bytes = fs::read(path).with_context(reading)?;
    serde_json::from_slice(&bytes)
        .with_context(reading)
        .map(Some)
}

/// A context file that is there as long as the server runs.
#[derive(Debug)]
pub(crate) struct Published {
    path: PathBuf,
    context: ServerContext,
}

impl Published {
    /// Writes the context file of the server at `server`.
    ///
    /// # Errors
    ///
    /// If the user has no home, or it can not be written to.
    pub(crate) fn write(server: &ServerUrl, context: ServerContext) -> anyhow::Result<Self> {
        let path = path(server).context("neither XDG_CONFIG_HOME nor HOME is an absolute path")?;
        let writing = || format!("writing {}", path.display());
        if let Some(folder) = path.parent() {
            folders::make_private(folder).with_context(writing)?;
        }
        let bytes = serde_json::to_vec_pretty(&context).with_context(writing)?;
        folders::write_private(&path, &bytes).with_context(writing)?;
        Ok(Self { path, context })
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        // Another server may have taken over the address meanwhile: its file stays.
        if read(&self.path).ok().flatten().as_ref() == Some(&self.context) {
            fs::remove_file(&self.path).ok();
        }
    }
}
