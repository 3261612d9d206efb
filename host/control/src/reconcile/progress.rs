//! Where a preparation says how far it has come.

use std::sync::{Arc, Mutex, PoisonError};

use mlwasm_types::{Progress, Step};

/// The step that one preparation is at. Clones are the same place.
///
/// # Concurrency
///
/// The preparation writes a few times in its life, whoever asks for the deployment's status reads; the lock guards one
/// value of a few bytes.
#[derive(Clone, Debug)]
pub(crate) struct ProgressBoard(Arc<Mutex<Progress>>);

impl ProgressBoard {
    /// The board of a preparation that has not begun.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Progress::begun(Step::Queued))))
    }

    /// The step that begins now.
    pub(super) fn begin(&self, step: Step) {
        self.write(Progress::begun(step));
    }

    /// As [`ProgressBoard::begin`], of compiling so much, if that is known.
    pub(super) fn compiling(&self, component_bytes: Option<u64>) {
        self.write(Progress {
            component_bytes,
            ..Progress::begun(Step::Compiling)
        });
    }

    /// The step that the preparation is at.
    pub(super) fn read(&self) -> Progress {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, progress: Progress) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}
