//! What the operator wants, durable.
//!
//! [`Store`] keeps the whole desired state in memory and hands it out as immutable snapshots, so that reading never
//! touches the disk. A change makes the next snapshot, the [`StateStore`] writes the difference in one transaction, and
//! only then does anyone see it. If the disk refuses, nobody ever does.

mod change;
mod desired;
mod migrate;
mod registry;
mod revision;
mod rollout;
mod schema;
mod sqlite;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mlwasm_types::{
    Generation,
    audit::{AuditLine, AuditPage},
};
use tokio::{sync::watch, task};
use tokio_util::sync::CancellationToken;

use crate::{
    audit::{self, AuditQuery, Subject},
    author::{Actor, Author},
};

pub(crate) use change::{Change, Expected, InUse, OtherControl, Outcome, Refusal};
pub(crate) use desired::{DeploymentRecord, DesiredState, EndpointRecord, Target};
pub(crate) use registry::{ModelRecord, VersionRecord};
pub(crate) use revision::RevisionRecord;
pub(crate) use rollout::{Command, Finding, RolloutAct, RolloutRefusal};
pub(crate) use sqlite::SqliteStore;

/// An engine that keeps the desired state.
///
/// # Concurrency
///
/// [`Store`] calls one method at a time. All of them block.
pub(crate) trait StateStore: Send + 'static {
    /// The state as it was last saved.
    fn load(&mut self) -> Result<DesiredState, StoreError>;

    /// Makes `after` the state in one transaction, durable when this returns.
    ///
    /// `before` is the state that was last saved; what is the same in both need not be written.
    fn save(&mut self, before: &DesiredState, after: &DesiredState) -> Result<(), StoreError>;

    /// As [`StateStore::save`], with `line` added to the audit log in the same transaction.
    fn save_audited(
        &mut self,
        before: &DesiredState,
        after: &DesiredState,
        line: &AuditLine,
    ) -> Result<(), StoreError>;

    /// Adds `line` to the audit log, durable when this returns.
    fn note(&mut self, line: &AuditLine) -> Result<(), StoreError>;

    /// Copies everything to the new file `to`, as it was last saved.
    fn copy(&mut self, to: &Path) -> Result<(), StoreError>;

    /// The lines of the audit log that are asked for.
    fn audit(&mut self, query: &AuditQuery) -> Result<AuditPage, StoreError>;
}

/// Why the state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database was made by a later version of mlwasm.
    #[error(
        "the state has schema version {found}, this mlwasm knows up to {known}: use the version that wrote it, or a later one"
    )]
    FromTheFuture {
        /// The version found.
        found: i64,
        /// The highest version known.
        known: i64,
    },
    /// No room for the change. Nothing changed.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// A row that this version could not have written.
    #[error("the state is damaged: {what}")]
    Damaged {
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// The disk did not confirm a write, so nobody knows what it holds. Nothing is written any more.
    #[error(
        "the disk did not confirm a write: nothing more is changed until the server has started again"
    )]
    Unconfirmed(#[source] Option<rusqlite::Error>),
    /// Something else wrote the state.
    #[error("the state was changed by another process")]
    ForeignWriter,
    /// The disk or the database refuses. Nothing changed.
    #[error("the state can not be read or written")]
    Database(#[source] rusqlite::Error),
    /// A file can not be made or read.
    #[error("the state's file can not be made or read")]
    Io(#[source] io::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_DIR_FSYNC, SQLITE_IOERR_FSYNC};
        match error.sqlite_error().map(|error| error.extended_code) {
            Some(SQLITE_FULL) => Self::DiskFull(error),
            Some(SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC) => Self::Unconfirmed(Some(error)),
            Some(_) | None => Self::Database(error),
        }
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// The change does not fit the state.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The change could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change that was made: the states before and after it, the same one if it altered nothing.
#[derive(Debug)]
pub(crate) struct Committed {
    pub(crate) before: Arc<DesiredState>,
    pub(crate) after: Arc<DesiredState>,
}

/// The desired state, durable and versioned.
///
/// # Concurrency
///
/// Any number of readers, none of which waits. Changes are made one after the other, on threads that may block.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

struct Shared {
    // Held over a whole change. The snapshot is replaced only under it.
    engine: Mutex<Box<dyn StateStore>>,
    current: watch::Sender<Arc<DesiredState>>,
    // Cancelled when the disk did not confirm a write. Trying again may succeed without anything being written: the
    // system forgets what it could not write. Only a start reads what is there.
    doubt: CancellationToken,
}

impl Store {
    /// The store that `engine` keeps. Blocks.
    pub(crate) fn open(mut engine: impl StateStore) -> Result<Self, StoreError> {
        let state = Arc::new(engine.load()?);
        Ok(Self(Arc::new(Shared {
            engine: Mutex::new(Box::new(engine)),
            current: watch::Sender::new(state),
            doubt: CancellationToken::new(),
        })))
    }

    /// The state of this moment.
    pub(crate) fn read(&self) -> Arc<DesiredState> {
        Arc::clone(&self.0.current.borrow())
    }

    /// Announces each new state.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<DesiredState>> {
        self.0.current.subscribe()
    }

    /// Copies everything to the new file `to`, and returns the state that it holds. Blocks.
    pub(crate) fn copy(&self, to: &Path) -> Result<Arc<DesiredState>, StoreError> {
        let mut engine = self.0.lock();
        engine.copy(to)?;
        // Replaced only while the engine is locked.
        Ok(self.read())
    }

    /// Ends when the disk did not confirm a write. No change is accepted from then on.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub(crate) async fn doubted(&self) {
        self.0.doubt.cancelled().await;
    }

    /// Makes `change`, durable when this returns, and returns the states around it.
    ///
    /// `expected` is compared with the object that changes. A change that alters nothing adds no generation. The audit log
    /// tells of the change, and that `author` made it, in the same transaction.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the answer, not the change.
    pub(crate) async fn commit(
        &self,
        change: Change,
        expected: Expected,
        author: Author,
    ) -> Result<Committed, CommitError> {
        let shared = Arc::clone(&self.0);
        off_thread(move || shared.change(change, expected, &author)).await
    }

    /// Notes what became of a revision. Adds no generation: nothing else is wanted than before.
    pub(crate) async fn record(&self, outcome: Outcome) -> Result<(), CommitError> {
        let shared = Arc::clone(&self.0);
        off_thread(move || Ok(shared.record(outcome)?)).await
    }

    /// Adds the line of a refused request to the audit log.
    pub(crate) async fn note(&self, line: AuditLine) -> Result<(), CommitError> {
        let shared = Arc::clone(&self.0);
        off_thread(move || {
            let mut engine = shared.lock();
            Ok(shared.write(|| engine.note(&line))?)
        })
        .await
    }

    /// The lines of the audit log that are asked for.
    pub(crate) async fn audit(&self, query: AuditQuery) -> Result<AuditPage, CommitError> {
        let shared = Arc::clone(&self.0);
        off_thread(move || Ok(shared.lock().audit(&query)?)).await
    }
}

impl Shared {
    fn change(
        &self,
        change: Change,
        expected: Expected,
        author: &Author,
    ) -> Result<Committed, CommitError> {
        let mut engine = self.lock();
        let before = Arc::clone(&self.current.borrow());
        let subject = Subject::of(&change, &before);
        let Some(after) = change.apply(&before, expected)? else {
            let after = Arc::clone(&before);
            return Ok(Committed { before, after });
        };
        let line = audit::accepted(subject, author, (&before, &after));
        // A rollout that holds notes why, and changes nothing that anybody asked for.
        let is_own_note = line.changes.is_empty() && matches!(author.actor, Actor::Server(_));
        self.write(|| match is_own_note {
            true => engine.save(&before, &after),
            false => engine.save_audited(&before, &after, &line),
        })?;
        let after = self.announce(after);
        Ok(Committed { before, after })
    }

    fn record(&self, outcome: Outcome) -> Result<(), StoreError> {
        let mut engine = self.lock();
        let before = Arc::clone(&self.current.borrow());
        if let Some(after) = outcome.apply(&before) {
            self.write(|| engine.save(&before, &after))?;
            self.announce(after);
        }
        Ok(())
    }

    /// Writes, unless the disk did not confirm a former write. Called while the engine is locked.
    fn write(&self, write: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        if self.doubt.is_cancelled() {
            return Err(StoreError::Unconfirmed(None));
        }
        write().inspect_err(|error| {
            if matches!(error, StoreError::Unconfirmed(_)) {
                self.doubt.cancel();
            }
        })
    }

    /// Shows everyone the state that was saved. Called while the engine is locked.
    fn announce(&self, state: DesiredState) -> Arc<DesiredState> {
        let state = Arc::new(state);
        self.current.send_replace(Arc::clone(&state));
        state
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn StateStore>> {
        // A panic in the engine rolled its transaction back, and the snapshot is replaced last.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommitError> + Send + 'static,
) -> Result<T, CommitError> {
    task::spawn_blocking(work)
        .await
        .unwrap_or_else(|died| Err(CommitError::Store(StoreError::Io(io::Error::other(died)))))
}

/// The generation that a change brings the state to.
fn generation_after(state: &DesiredState) -> Generation {
    state.generation.next()
}
