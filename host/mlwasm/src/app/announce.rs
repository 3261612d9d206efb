//! Telling people, commands and test programs where the server is.

use std::{path::Path, sync::mpsc::SyncSender};

use anyhow::Context as _;
use mlwasm_control::DataDir;

use super::listeners::Listeners;
use crate::{
    client::ServerUrl,
    context::{Published, ServerContext},
    folders,
};

/// Who is told where the server is, once it serves.
pub(crate) enum Ready<'a> {
    /// Nobody in particular.
    Nobody,
    /// Whoever waits for this file.
    File(&'a Path),
    /// Another thread of this process.
    Tell(SyncSender<Addresses>),
}

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// Where requests are scored.
    pub(crate) scoring: String,
    /// Where it is administered.
    pub(crate) admin: ServerUrl,
}

/// What was published; commands stop finding the server when it is dropped.
pub(super) struct Announcement {
    _context: Option<Published>,
}

impl Announcement {
    /// Writes the log line and the context file for later commands, and tells whoever `ready` names.
    ///
    /// # Errors
    ///
    /// If its file can not be written: someone waits for it.
    pub(super) fn make(
        listeners: &Listeners,
        data: &DataDir,
        ready: Ready<'_>,
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
        match ready {
            Ready::Nobody => {}
            Ready::File(path) => {
                let addresses =
                    serde_json::json!({ "scoring": scoring, "admin": admin.to_string() });
                folders::write_private(path, addresses.to_string().as_bytes())
                    .with_context(|| format!("writing {}", path.display()))?;
            }
            // The thread has ended: nobody waits.
            Ready::Tell(sender) => drop(sender.try_send(Addresses { scoring, admin })),
        }
        Ok(Self {
            _context: published,
        })
    }
}
