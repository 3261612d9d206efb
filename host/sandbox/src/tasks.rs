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
    /// Where its tasks run; without it, where they are started.
    runtime: Option<Handle>,
}

impl TaskGroup {
    /// An empty group.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same group, whose tasks run on `runtime` if they are started through this value.
    #[must_use]
    pub fn on(&self, runtime: Handle) -> Self {
        Self {
            runtime: Some(runtime),
            ..self.clone()
        }
    }

    /// Starts a task of the group. Outside of a runtime, which is only where the process is going down, the task is dropped.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        // A sandbox may be dropped by whoever holds it last, on any thread: that must not panic.
        match &self.runtime {
            Some(runtime) => drop(self.tracker.spawn_on(task, runtime)),
            None => {
                if let Ok(runtime) = Handle::try_current() {
                    self.tracker.spawn_on(task, &runtime);
                }
            }
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
    fn a_group_on_another_runtime_is_the_same_group() {
        let runtime = |name: &str| {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(1).thread_name(name).build().unwrap()
        };
        let (here, there) = (runtime("here"), runtime("there"));
        let tasks = TaskGroup::new();
        let (sender, ran_on) = std::sync::mpsc::channel();
        here.block_on(async {
            for group in [tasks.clone(), tasks.on(there.handle().clone())] {
                let (sender, group) = (sender.clone(), group);
                group.clone().spawn(async move {
                    group.cancelled().await;
                    sender
                        .send(std::thread::current().name().map(str::to_owned))
                        .unwrap();
                });
            }
            tasks.shutdown().await;
        });
        let mut names: Vec<_> = ran_on.try_iter().flatten().collect();
        names.sort();
        assert_eq!(names, ["here", "there"]);
    }

    #[test]
    fn spawning_outside_of_a_runtime_drops_the_task() {
        let held = Arc::new(());
        let task = Arc::clone(&held);
        TaskGroup::new().spawn(async move { drop(task) });
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
