//! The sessions of one model, used in turn.
//!
//! One is enough for the processor: it serves any number of threads, and its weights stay in the caches. More help models
//! that lock something within, and execution providers whose sessions take one run at a time.

use std::sync::{
    Mutex, MutexGuard, PoisonError, TryLockError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{native::NativeSession, providers::Sharing};

/// See the module.
///
/// # Concurrency
///
/// Any thread may run. Where sessions are not shared, each has a lock that is held for one run; nothing else is locked
/// meanwhile.
pub(crate) struct Sessions {
    sessions: Box<[Session]>,
    sharing: Sharing,
    turn: AtomicUsize,
}

struct Session {
    native: NativeSession,
    running: Mutex<()>,
}

impl Sessions {
    /// The sessions of a model, at least one.
    pub(crate) fn new(sessions: Vec<NativeSession>, sharing: Sharing) -> Self {
        let with_lock = |native| Session {
            native,
            running: Mutex::new(()),
        };
        Self {
            sessions: sessions.into_iter().map(with_lock).collect(),
            sharing,
            turn: AtomicUsize::new(0),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Calls `run` with the next session, alone if it is not shared.
    pub(crate) fn with_next<T>(&self, run: impl FnOnce(&NativeSession) -> T) -> T {
        match (self.sharing, &*self.sessions) {
            (Sharing::Shared, [only]) => run(&only.native),
            (Sharing::Shared, sessions) => run(&sessions[self.turn()].native),
            (Sharing::OneAtATime, _) => {
                let (session, _alone) = self.free();
                run(&session.native)
            }
        }
    }

    fn turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed) % self.sessions.len()
    }

    /// A session that nobody runs, the next in turn if there are several; waits if there is none.
    fn free(&self) -> (&Session, MutexGuard<'_, ()>) {
        let (before, from) = self.sessions.split_at(self.turn());
        for session in from.iter().chain(before) {
            match session.running.try_lock() {
                Ok(alone) => return (session, alone),
                // The lock guards no data that a panic could have left half done.
                Err(TryLockError::Poisoned(error)) => return (session, error.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let session = &from[0];
        let alone = session
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (session, alone)
    }
}
