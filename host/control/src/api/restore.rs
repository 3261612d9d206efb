//! A backup instead of what is wanted now, while the server serves.
//!
//! The backup is unpacked and checked beside the data; its artifacts go to the others, the present state to a file, and then one
//! transaction changes what is wanted. Whatever ends the server before that leaves it as it was.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
};
use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use http::StatusCode;
use mlwasm_types::api::RestoredView;
use serde::Deserialize;
use tokio::{sync::mpsc, task, time::timeout};

use super::{
    Answer, Api,
    body::{self, Settings},
    precondition::expected,
    problem::Failure,
};
use crate::{
    author::Author,
    backup::{BackupError, Former, RestoreError, Unpacked},
    causes::with_causes,
    clock::this_second,
    store::{Change, Expected, Refusal, StoreError},
};

/// Blocks that wait for the disk: after that the client does.
const BLOCKS: usize = 4;
/// The longest that nothing may come.
const STALL: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    #[serde(default)]
    keys: KeysOfOther,
}

/// What to do with a backup of a server whose keys were made from another secret.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeysOfOther {
    /// Leave it.
    #[default]
    Refuse,
    /// Restore it: its endpoints get keys of this server.
    New,
}

/// Replaces what is wanted by what the body, a backup, holds.
pub(crate) async fn replace(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    Settings(Options { keys }): Settings<Options>,
    request: Request,
) -> Answer {
    let (parts, body) = request.into_parts();
    let expected = expected(&parts.headers)?;
    let Ok(_turn) = api.restoring.try_lock() else {
        return Err(Failure::new(
            StatusCode::CONFLICT,
            "restore-goes-on",
            "another backup is being restored: wait until that is done",
        ));
    };
    let unpacked = unpacked(&api, body).await?;
    if keys == KeysOfOther::Refuse && !unpacked.has_secret(api.data.secret())? {
        return Err(other_secret());
    }
    let prepared = Arc::clone(&api);
    let prepared = task::spawn_blocking(move || prepared.prepare(unpacked, expected)).await;
    let (unpacked, former) = prepared.map_err(|died| Failure::bug(&died))??;
    let backup = Arc::new(unpacked.state.clone());
    let restored = Change::Restore {
        backup: Arc::clone(&backup),
        at: this_second(),
    };
    // What came in between would be in neither file.
    let expected = Expected::At(former.generation);
    // If that fails the file stays: of a write that the disk did not confirm nobody knows whether it is there.
    let committed = api.change(restored, expected, author).await?;
    let is_changed = committed.after.generation != committed.before.generation;
    let path = former.path.display().to_string();
    let tidied = task::spawn_blocking(move || match is_changed {
        true => former.forget_older(),
        false => former.forget(),
    });
    tidied.await.map_err(|died| Failure::bug(&died))?;
    Ok(body::shown(&RestoredView {
        generation: committed.after.generation,
        endpoints: backup.endpoints.len() as u64,
        deployments: backup.deployments().count() as u64,
        artifacts: unpacked.artifacts() as u64,
        former: is_changed.then_some(path),
    }))
}

impl Api {
    /// Does all that comes before the change: artifacts into their places, the present state into a file.
    fn prepare(
        &self,
        unpacked: Unpacked,
        expected: Expected,
    ) -> Result<(Unpacked, Former), Failure> {
        unpacked.hand_over(&self.artifacts)?;
        let former = Former::keep(&self.backup_source())?;
        if let Expected::At(expected) = expected
            && expected != former.generation
        {
            former.forget();
            let found = former.generation;
            return Err(Refusal::Stale { expected, found }.into());
        }
        Ok((unpacked, former))
    }
}

/// Unpacks `body` as it comes.
async fn unpacked(api: &Arc<Api>, body: Body) -> Result<Unpacked, Failure> {
    let (blocks, arriving) = mpsc::channel(BLOCKS);
    let folder = api.data.path().to_owned();
    let unpacking = task::spawn_blocking(move || {
        let backup = io::BufReader::new(Arriving {
            blocks: arriving,
            rest: Bytes::new(),
        });
        Unpacked::read(backup, &folder)
    });
    let ((), unpacked) = tokio::join!(pass_on(body, blocks), unpacking);
    Ok(unpacked.map_err(|died| Failure::bug(&died))??)
}

/// Reads `body` to its end, also when nobody wants it any more: else a client that still sends would not read the answer.
async fn pass_on(body: Body, blocks: mpsc::Sender<io::Result<Bytes>>) {
    let mut pieces = body.into_data_stream();
    loop {
        let piece = match timeout(STALL, pieces.next()).await {
            Ok(None) => return,
            Ok(Some(Ok(piece))) => Ok(piece),
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Err(_) => Err(io::Error::other(format!("nothing came for {STALL:?}"))),
        };
        let is_over = piece.is_err();
        blocks.send(piece).await.ok();
        if is_over {
            return;
        }
    }
}

/// The way of the bytes from the connection to the thread that unpacks them.
struct Arriving {
    blocks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.blocks.blocking_recv() {
                None => return Ok(0),
                Some(block) => self.rest = block?,
            }
        }
        let count = into.len().min(self.rest.len());
        self.rest.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}

fn other_secret() -> Failure {
    Failure::new(
        StatusCode::CONFLICT,
        "other-secret",
        "the backup is of another server: keys and tokens of its endpoints are made from a secret that this one does not have; \
         add --new-keys (?keys=new in the API) to restore it with keys of this server, or make a data folder of it \
         (mlwasm restore FILE --data-dir FOLDER) to keep its own",
    )
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Malformed { .. }
            | RestoreError::FromTheFuture { .. }
            | RestoreError::State(StoreError::FromTheFuture { .. } | StoreError::Damaged { .. }) => {
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "not-a-backup",
                    format!("nothing was changed: {}", with_causes(&error)),
                )
            }
            RestoreError::State(error) => error.into(),
            RestoreError::Io(error) => error.into(),
            error @ RestoreError::NotEmpty { .. } => Self::bug(&error),
        }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Io(error) => error.into(),
            error @ BackupError::Artifact { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no-backup",
                format!(
                    "nothing was changed, since the present state could not be backed up before: {}",
                    with_causes(&error)
                ),
            ),
        }
    }
}
