//! The log of one deployment: what its scorers print, and what the host says about them.
//!
//! A bounded ring in memory, made once per deployment, so that it outlives revisions. Lines come from guests: they are
//! escaped, cut and limited in rate before they are kept, and nothing of them is ever read back as a command. A log that has a
//! [`LogKeeper`] hands it each line; what the keeper had before this process is read when somebody asks for it first.

mod clean;
mod keeper;
mod output;
mod rate;
mod words;

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use jiff::Timestamp;
use mlwasm_types::{
    SandboxSettings,
    api::{LogLine, LogPage, LogStream},
};
use tokio::sync::watch;

pub(crate) use clean::{escaped, shortened};
pub use keeper::{LogKeeper, NoRoom};
pub(crate) use output::{Output, OutputHandle, Speaker};
use rate::{Dropped, Rate};

use crate::lock::lock;

/// Lines kept. An hour of a scorer that prints one line a second, and then some.
const MAX_LINES: usize = 5_000;
/// Bytes of text kept: a thousand deployments stay below a GiB.
const MAX_BYTES: usize = 1 << 20;
/// What the host may say, whatever a deployment sets for its scorers.
const HOST: LineLimits = LineLimits {
    per_second: 100,
    bytes: clean::MAX_TEXT,
};

/// The latest lines of one deployment.
///
/// # Concurrency
///
/// Any thread may write and read. The lock guards the ring and is held for one line or one page.
pub struct DeploymentLog {
    ring: Mutex<Ring>,
    last: watch::Sender<u64>,
    keeper: Option<Arc<dyn LogKeeper>>,
    /// Whether the keeper may have lines of an earlier process that are not in the ring.
    has_former: AtomicBool,
    /// Held by who reads them, so that no reader sees a log without them meanwhile.
    recalling: Mutex<()>,
}

/// Which lines to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Those after this sequence number, oldest first; without it, the last ones.
    pub after: Option<u64>,
    /// At most so many.
    pub lines: usize,
}

/// How many lines may be printed, and how long they may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineLimits {
    per_second: u32,
    bytes: usize,
}

#[derive(Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    bytes: usize,
    sequence: u64,
    guest: Rate,
    host: Rate,
    dropped: u64,
    keeper: Option<Arc<dyn LogKeeper>>,
}

/// One line on its way into the log.
struct Entry<'a> {
    stream: LogStream,
    request_id: Option<&'a str>,
    /// Whether that request was a copy.
    is_mirror: bool,
    text: &'a str,
    limits: LineLimits,
}

impl DeploymentLog {
    /// An empty log.
    pub fn new() -> Arc<Self> {
        Self::made(Ring::default())
    }

    /// A log whose lines `keeper` keeps, which had lines up to the number `last`.
    pub fn kept_by(keeper: Arc<dyn LogKeeper>, last: u64) -> Arc<Self> {
        Self::made(Ring {
            sequence: last,
            keeper: Some(keeper),
            ..Ring::default()
        })
    }

    fn made(ring: Ring) -> Arc<Self> {
        Arc::new(Self {
            last: watch::Sender::new(ring.sequence),
            keeper: ring.keeper.clone(),
            has_former: AtomicBool::new(ring.sequence > 0),
            recalling: Mutex::default(),
            ring: Mutex::new(ring),
        })
    }

    /// Whether [`DeploymentLog::recall`] has something to do.
    pub fn has_former_lines(&self) -> bool {
        self.has_former.load(Ordering::Acquire)
    }

    /// Takes in the lines of earlier processes, once. Waits for the disk; those who print do not.
    pub fn recall(&self) {
        let _turn = lock(&self.recalling);
        let Some(keeper) = self.keeper.as_ref().filter(|_| self.has_former_lines()) else {
            return;
        };
        let former = keeper.former();
        lock(&self.ring).prepend(former);
        self.has_former.store(false, Ordering::Release);
    }

    /// How many lines were to be kept after the end of the process and are not.
    pub fn lost_lines(&self) -> u64 {
        self.keeper.as_ref().map_or(0, |keeper| keeper.lost())
    }

    /// Writes a line of the host about the deployment.
    pub fn host(&self, text: impl AsRef<str>) {
        self.write(Speaker::default(), text.as_ref());
    }

    /// Writes a line of the host about a request.
    pub(crate) fn host_about(&self, request: Speaker<'_>, text: &str) {
        self.write(request, text);
    }

    /// How many lines were dropped so far, since there were too many in a second.
    pub fn dropped_lines(&self) -> u64 {
        lock(&self.ring).dropped
    }

    fn write(&self, request: Speaker<'_>, text: &str) {
        self.add(&Entry {
            stream: LogStream::Host,
            request_id: request.id,
            is_mirror: request.is_mirror,
            text,
            limits: HOST,
        });
    }

    fn add(&self, entry: &Entry<'_>) {
        self.add_at(Instant::now(), entry);
    }

    fn add_at(&self, now: Instant, entry: &Entry<'_>) {
        let sequence = {
            let mut ring = lock(&self.ring);
            ring.settle(now);
            ring.add(entry);
            ring.sequence
        };
        self.last.send_replace(sequence);
    }

    /// The lines that `query` asks for.
    pub fn page(&self, query: LogQuery) -> LogPage {
        let mut ring = lock(&self.ring);
        // A flood that has ended leaves its notice to whoever looks next.
        ring.settle(Instant::now());
        let lines = &ring.lines;
        let chosen: Vec<LogLine> = match query.after {
            Some(after) => {
                let start = lines.partition_point(|line| line.sequence <= after);
                lines.range(start..).take(query.lines).cloned().collect()
            }
            None => {
                let start = lines.len().saturating_sub(query.lines);
                lines.range(start..).cloned().collect()
            }
        };
        let next_after = match chosen.last() {
            Some(line) => line.sequence,
            None => query.after.unwrap_or(ring.sequence),
        };
        LogPage {
            lines: chosen,
            next_after,
        }
    }

    /// Returns once there is a line after `after`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub async fn wait_past(&self, after: u64) {
        let mut last = self.last.subscribe();
        // Fails only when the sender is gone, which `self` holds.
        last.wait_for(|last| *last > after).await.ok();
    }
}

impl LineLimits {
    /// What `settings` say.
    pub(crate) fn of(settings: &SandboxSettings) -> Self {
        Self {
            per_second: settings.max_log_lines_per_second,
            bytes: settings.max_log_line_bytes as usize,
        }
    }
}

impl Ring {
    /// Tells of the lines that were dropped in the second before, if that is over.
    fn settle(&mut self, now: Instant) {
        let dropped = [self.guest.settle(now), self.host.settle(now)];
        for Dropped { lines, limit } in dropped.into_iter().flatten() {
            let text = format!("dropped {lines} lines: more than {limit} in a second");
            self.push(&Entry {
                stream: LogStream::Host,
                request_id: None,
                is_mirror: false,
                text: &text,
                limits: HOST,
            });
        }
    }

    fn add(&mut self, entry: &Entry<'_>) {
        // The host's own lines are counted apart, so that a chatty guest can not hide why it was stopped.
        let rate = match entry.stream {
            LogStream::Stdout | LogStream::Stderr => &mut self.guest,
            LogStream::Host => &mut self.host,
        };
        if rate.admit(entry.limits.per_second) {
            self.push(entry);
        } else {
            self.sequence += 1;
            self.dropped += 1;
        }
    }

    fn push(&mut self, entry: &Entry<'_>) {
        self.sequence += 1;
        let line = LogLine {
            sequence: self.sequence,
            time: Timestamp::now(),
            stream: entry.stream,
            request_id: entry.request_id.map(str::to_owned),
            mirror: entry.is_mirror,
            text: escaped(entry.text, entry.limits.bytes),
        };
        if let Some(keeper) = &self.keeper {
            // The keeper counts what it has no room for.
            keeper.keep(&line).ok();
        }
        self.bytes += size(&line);
        self.lines.push_back(line);
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.lines.pop_front() else {
                break;
            };
            self.bytes -= size(&oldest);
        }
    }
}

impl Ring {
    /// Puts older lines, oldest first, before those that are there, as far as there is room.
    fn prepend(&mut self, older: Vec<LogLine>) {
        for line in older.into_iter().rev() {
            let size = size(&line);
            let is_full = self.lines.len() == MAX_LINES || self.bytes + size > MAX_BYTES;
            let follows = self
                .lines
                .front()
                .is_none_or(|next| line.sequence < next.sequence);
            if is_full || !follows {
                return;
            }
            self.bytes += size;
            self.lines.push_front(line);
        }
    }
}

fn size(line: &LogLine) -> usize {
    line.text.len() + line.request_id.as_ref().map_or(0, String::len)
}

impl fmt::Debug for DeploymentLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeploymentLog")
            .field("last", &*self.last.borrow())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
