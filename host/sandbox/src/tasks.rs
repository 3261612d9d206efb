//! The tasks of the process, so that shutdown can tell them to end and wait until they have.
//!
//! The lowest crate that has tasks owns this; everything above starts its own through it.

use std::future::Future;

use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A group of tasks that end together. Clones are the same group.
///
/// # Concurrency
///
/// Any thread may spawn. A task is told to end, never aborted: it looks at [`TaskGroup::cancelled`] where it waits.
#[derive(Clone, Debug, Default)]
pub struct TaskGroup {
    tracker: TaskTracker,
    token: CancellationToken,
}

impl TaskGroup {
    /// An empty group.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task of the group. Outside of a runtime, which is only where the process is going down, the task is dropped.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        // A sandbox may be dropped by whoever holds it last, on any thread: that must not panic.
        if let Ok(runtime) = Handle::try_current() {
            self.tracker.spawn_on(task, &runtime);
        }
    }

    /// Returns once the group is shutting down.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }

    /// A token that is cancelled with the group, and can be before.
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.child_token()
    }

    /// Whether the group is shutting down.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Tells every task to end and returns when all have, those included that start meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting; the tasks have been told.
    pub async fn shutdown(&self) {
        self.token.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    #[tokio::test]
    async fn shutdown_waits_for_tasks_that_it_told_to_end() {
        let tasks = TaskGroup::new();
        let ended = Arc::new(AtomicBool::new(false));
        let (group, flag) = (tasks.clone(), Arc::clone(&ended));
        tasks.spawn(async move {
            group.cancelled().await;
            tokio::task::yield_now().await;
            flag.store(true, Ordering::Relaxed);
        });

        tasks.shutdown().await;

        assert!(ended.load(Ordering::Relaxed));
        assert!(tasks.is_cancelled());
    }

    #[test]
    fn spawning_outside_of_a_runtime_drops_the_task() {
        let held = Arc::new(());
        let task = Arc::clone(&held);
        TaskGroup::new().spawn(async move { drop(task) });
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
