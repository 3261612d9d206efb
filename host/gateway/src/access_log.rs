//! The access log: one line for each request of the data plane, written when its answer is ready or its client has left.
//!
//! A request that is logged leaves a record in a bounded queue when it is dropped, and goes on; one task writes them. A
//! record that finds the queue full, or the disk, is dropped and counted. Where the log is off, a request pays one branch.

mod line;

use std::{
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use mlwasm_sandbox::{RotatingFile, Rotation, TaskGroup};
use tokio::sync::mpsc;

use crate::record::Entry;

/// Records that wait: a tenth of a second at the rate that one machine serves, some two megabytes.
const MOST_RECORDS: usize = 8_192;
/// Records that are written at once.
const AT_ONCE: usize = 512;

/// Where the access log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessLogTarget {
    /// The server's standard error.
    StandardError,
    /// A file, and the files that it was before.
    File(Rotation),
}

/// The end of the access log at which requests leave their records; off, or on.
///
/// # Concurrency
///
/// Shared by all requests; a bounded queue, no lock.
#[derive(Debug)]
pub struct AccessLog(Option<Queue>);

/// Where records go.
#[derive(Clone, Debug)]
struct Queue {
    sender: mpsc::Sender<Box<Entry>>,
    counts: Arc<Counts>,
}

/// Where lines go.
enum LogFile {
    StandardError,
    Rotating(RotatingFile),
}

/// What became of the records.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    written: AtomicU64,
    dropped: AtomicU64,
}

impl AccessLog {
    /// No access log.
    pub fn off() -> Self {
        Self(None)
    }

    /// An access log that a task of `tasks` writes. What waits is written when the group shuts down.
    ///
    /// # Errors
    ///
    /// If the file can not be opened or made.
    pub fn open(target: AccessLogTarget, tasks: &TaskGroup) -> io::Result<Self> {
        let file = LogFile::open(target)?;
        let (sender, receiver) = mpsc::channel(MOST_RECORDS);
        let counts = Arc::<Counts>::default();
        let writer = Writer {
            file,
            counts: Arc::clone(&counts),
            is_failing: false,
        };
        tasks.spawn(write(writer, receiver, tasks.clone()));
        Ok(Self(Some(Queue { sender, counts })))
    }

    /// Whether there is one.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes the record of a request that has ended; without an access log it goes.
    pub(crate) fn offer(&self, record: Box<Entry>) {
        if let Some(queue) = &self.0
            && queue.sender.try_send(record).is_err()
        {
            queue.counts.dropped(1);
        }
    }

    /// Lines that were written and records that were dropped, so far; none if the log is off.
    pub(crate) fn counts(&self) -> Option<[u64; 2]> {
        let counts = &self.0.as_ref()?.counts;
        Some([&counts.written, &counts.dropped].map(|count| count.load(Ordering::Relaxed)))
    }
}

impl LogFile {
    fn open(target: AccessLogTarget) -> io::Result<Self> {
        Ok(match target {
            AccessLogTarget::StandardError => Self::StandardError,
            AccessLogTarget::File(settings) => Self::Rotating(RotatingFile::open(settings)?),
        })
    }

    /// Appends whole lines.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        match self {
            Self::StandardError => io::stderr().lock().write_all(lines),
            Self::Rotating(file) => file.append(lines),
        }
    }
}

impl Counts {
    fn wrote(&self, records: usize) {
        self.written.fetch_add(records as u64, Ordering::Relaxed);
    }

    fn dropped(&self, records: usize) {
        self.dropped.fetch_add(records as u64, Ordering::Relaxed);
    }
}

/// Writes on a thread that may wait for the disk.
struct Writer {
    file: LogFile,
    counts: Arc<Counts>,
    /// So that a full disk is told once and not for each line.
    is_failing: bool,
}

impl Writer {
    fn write(&mut self, records: &[Box<Entry>]) {
        let mut lines = Vec::with_capacity(records.len() * 512);
        for record in records {
            line::write(record, &mut lines);
        }
        match self.file.append(&lines) {
            Ok(()) => {
                self.is_failing = false;
                self.counts.wrote(records.len());
            }
            Err(error) => {
                self.counts.dropped(records.len());
                if !self.is_failing {
                    tracing::warn!(%error, "the access log can not be written: lines are dropped until it can");
                }
                self.is_failing = true;
            }
        }
    }
}

/// Writes what comes, until the group shuts down, and then what is still there.
async fn write(mut writer: Writer, mut receiver: mpsc::Receiver<Box<Entry>>, tasks: TaskGroup) {
    loop {
        let mut records = Vec::with_capacity(AT_ONCE);
        tokio::select! {
            biased;
            count = receiver.recv_many(&mut records, AT_ONCE) => if count == 0 { return },
            () = tasks.cancelled() => {
                // What comes later is dropped and counted; what is there is still received.
                receiver.close();
                continue;
            }
        }
        let written = tokio::task::spawn_blocking(move || {
            writer.write(&records);
            writer
        });
        match written.await {
            Ok(returned) => writer = returned,
            Err(error) => {
                tracing::error!(%error, "the access log ended");
                return;
            }
        }
    }
}
