//! Where the lines of a log go besides memory.

use mlwasm_types::api::LogLine;

/// What keeps the lines of one deployment after the process has ended.
///
/// # Concurrency
///
/// Any thread; [`LogKeeper::keep`] is called in the order of the lines, while a lock is held that requests wait for.
pub trait LogKeeper: Send + Sync {
    /// Takes a line on. Waits for nobody.
    ///
    /// # Errors
    ///
    /// [`NoRoom`] if the line is not kept.
    fn keep(&self, line: &LogLine) -> Result<(), NoRoom>;

    /// The last lines that were there before this process began, oldest first. Waits for the disk.
    fn former(&self) -> Vec<LogLine>;

    /// How many lines were to be kept and are not.
    fn lost(&self) -> u64;
}

/// Too many lines wait to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many lines wait to be written")]
pub struct NoRoom;
