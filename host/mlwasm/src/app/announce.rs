//! Telling people, commands and test programs where the server is.

use std::path::Path;

use anyhow::Context as _;
use mlwasm_control::DataDir;

use super::listeners::Listeners;
use crate::{
    context::{Published, ServerContext},
    folders,
};

/// What was published; commands stop finding the server when it is dropped.
pub(super) struct Announcement {
    _context: Option<Published>,
}

impl Announcement {
    /// Writes the log line, the context file for later commands, and `ready_file`.
    ///
    /// # Errors
    ///
    /// If `ready_file` can not be written: someone waits for it.
    pub(super) fn make(
        listeners: &Listeners,
        data: &DataDir,
        ready_file: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let (scoring, admin) = (listeners.scoring_url(), listeners.admin_url());
        let context = ServerContext {
            admin_url: admin.to_string(),
            token_file: data.admin_token_file(),
            data_dir: data.path().to_owned(),
            pid: std::process::id(),
        };
        let published = Published::write(&admin, context)
            .inspect_err(|error| {
                // Only convenience is lost.
                tracing::warn!(
                    error = format!("{error:#}"),
                    "commands will need MLWASM_TOKEN or --token-file"
                );
            })
            .ok();
        let token_file = data.admin_token_file();
        tracing::info!(%scoring, %admin, token_file = %token_file.display(), "serving");
        if let Some(path) = ready_file {
            let addresses = serde_json::json!({ "scoring": scoring, "admin": admin.to_string() });
            folders::write_private(path, addresses.to_string().as_bytes())
                .with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(Self {
            _context: published,
        })
    }
}
