//! What scorers print, on disk: lines of JSON below the data folder, so that they outlive the process.
//!
//! A deployment's log hands each line to a bounded queue; one task writes them, away from the threads that do I/O. What finds
//! the queue or the disk full is counted, stays in memory, and no request waits for any of it. Nothing is synced: a power cut
//! costs the last moment.
//!
//! Read [`place`] for where the files are, [`mod@write`] for what becomes of a line.

mod place;
mod read;
mod write;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use mlwasm_routing::{Budget, budget::Share};
use mlwasm_sandbox::{DeploymentLog, LogKeeper, NoRoom, TaskGroup};
use mlwasm_types::{DeploymentName, EndpointName, Generation, api::LogLine};
use tokio::sync::mpsc;

use crate::data_dir::make_private_folder;
use place::{Place, Room};
pub(crate) use write::{Unwritten, write};

/// Lines that wait: each deployment may print a hundred in a second.
const MOST_LINES: usize = 8_192;
/// Their bytes: a line may have 64 KiB.
const MOST_BYTES: usize = 16 << 20;
/// What a line takes besides its text.
const OVERHEAD: usize = 128;

/// How much of what scorers print is kept on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRetention {
    /// Bytes of one deployment's files; 0 keeps nothing on disk.
    pub max_deployment_bytes: u64,
    /// Bytes of all deployments' files. What nobody has written to for the longest time goes first.
    pub max_bytes: u64,
}

/// The logs of all deployments.
///
/// # Concurrency
///
/// Any thread. Files are written and removed by one task alone; whoever reads them meanwhile may miss a file that moves on.
#[derive(Debug)]
pub(crate) struct Logs {
    folder: PathBuf,
    retention: LogRetention,
    queue: mpsc::Sender<Order>,
    waiting: Arc<Budget>,
    tasks: TaskGroup,
}

/// What the writing task is asked to do.
#[derive(Debug)]
enum Order {
    Write {
        to: Arc<Place>,
        line: LogLine,
        // Given back when the line is written.
        _share: Share,
    },
    Remove(Arc<Place>),
}

/// Hands the lines of one deployment to the queue.
struct Keeper {
    place: Arc<Place>,
    queue: mpsc::Sender<Order>,
    waiting: Arc<Budget>,
    /// The number of the last line that was there before this process.
    last: u64,
}

impl Logs {
    /// Logs in `folder`, which need not exist. Nothing is written before [`write()`] runs.
    pub(crate) fn open(
        folder: PathBuf,
        retention: LogRetention,
        tasks: TaskGroup,
    ) -> io::Result<(Arc<Self>, Unwritten)> {
        if retention.max_deployment_bytes > 0 {
            make_private_folder(&folder)?;
        }
        let (queue, orders) = mpsc::channel(MOST_LINES);
        let unwritten = Unwritten::new(orders, Room::new(folder.clone(), retention.max_bytes));
        let logs = Arc::new(Self {
            folder,
            retention,
            queue,
            waiting: Budget::new(MOST_LINES, MOST_BYTES),
            tasks,
        });
        Ok((logs, unwritten))
    }

    /// Removes the files of deployments that there are no more. Blocks while it looks.
    pub(crate) fn retain(
        &self,
        exists: impl Fn(&str, &str, Generation) -> bool,
    ) -> io::Result<usize> {
        if self.retention.max_deployment_bytes == 0 {
            return Ok(0);
        }
        place::retain(&self.folder, exists)
    }

    /// The log of a deployment, which goes on where its files end. Blocks while it looks at the last one.
    pub(crate) fn log_of(
        &self,
        deployment: (&EndpointName, &DeploymentName),
        created: Generation,
    ) -> Arc<DeploymentLog> {
        let Some(place) = self.place(deployment, created) else {
            return DeploymentLog::new();
        };
        let last = read::last_sequence(&place.rotation);
        let keeper = Keeper {
            place: Arc::new(place),
            queue: self.queue.clone(),
            waiting: Arc::clone(&self.waiting),
            last,
        };
        DeploymentLog::kept_by(Arc::new(keeper), last)
    }

    /// Removes the files of a deployment that is deleted, after the lines that wait.
    pub(crate) fn forget(&self, deployment: (&EndpointName, &DeploymentName), created: Generation) {
        let Some(place) = self.place(deployment, created) else {
            return;
        };
        let queue = self.queue.clone();
        // A full queue costs lines, but never this; at the server's end the next start does it.
        self.tasks.spawn(async move {
            queue.send(Order::Remove(Arc::new(place))).await.ok();
        });
    }

    fn place(
        &self,
        (endpoint, deployment): (&EndpointName, &DeploymentName),
        created: Generation,
    ) -> Option<Place> {
        let most = self.retention.max_deployment_bytes;
        (most > 0).then(|| {
            Place::new(
                &self.folder,
                (endpoint.as_str(), deployment.as_str()),
                created,
                most,
            )
        })
    }
}

impl LogKeeper for Keeper {
    fn keep(&self, line: &LogLine) -> Result<(), NoRoom> {
        let size = OVERHEAD + line.text.len();
        let kept = self.waiting.take(size).and_then(|share| {
            let order = Order::Write {
                to: Arc::clone(&self.place),
                line: line.clone(),
                _share: share,
            };
            self.queue.try_send(order).ok()
        });
        kept.ok_or_else(|| {
            self.place.lose(1);
            NoRoom
        })
    }

    fn former(&self) -> Vec<LogLine> {
        read::last_lines(&self.place.rotation, self.last)
    }

    fn lost(&self) -> u64 {
        self.place.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
