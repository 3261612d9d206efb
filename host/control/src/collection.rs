//! The bodies and records that deployments ask to be kept: lines of JSON in compressed files below the data folder.
//!
//! The reconciler asks for a tap whenever it makes an endpoint's table; the data plane offers bodies to it; one task writes
//! them, away from the threads that do I/O. Lines are gathered for a second at most and then appended as one frame of zstd,
//! so what a crash tears is at most the last frame. What is lost is counted, and no request waits for any of it. The files of a
//! deployment outlive it, and are the first to go when there are too many.
//!
//! Read [`names`] for where the files are, [`parts`] for what keeps them whole and few.

mod base64;
mod line;
mod names;
mod parts;
mod read;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc, time::Duration};

use mlwasm_routing::{
    DeploymentMeters,
    collection::{Collecting, CollectionQueue, CollectionReceiver, CollectionTap, SeriesCounts},
};
use mlwasm_sandbox::TaskGroup;
use mlwasm_types::{CollectedLine, Collection, DeploymentName, DeploymentSpec, EndpointName};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use names::Series;
use parts::Parts;
pub(crate) use parts::{IsThere, Removed};

/// Bodies that are made lines at once.
const AT_ONCE: usize = 64;
/// The longest that a line waits for others of its frame.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Lines of a frame, in bytes, above which none is waited for: more would hardly be smaller.
const FULL_FRAME: usize = 1 << 20;
/// Removals that wait for the writing task; further ones wait before they are asked for.
const MOST_REMOVALS: usize = 4;

/// What is collected, of all deployments.
///
/// # Concurrency
///
/// Any thread. Files are written by one task alone; whoever reads them meanwhile sees whole frames.
#[derive(Debug)]
pub(crate) struct Collections {
    queue: CollectionQueue,
    removals: mpsc::Sender<Removal>,
    folder: PathBuf,
}

/// Files that are to be removed.
struct Removal {
    /// The folder that they are below.
    below: PathBuf,
    done: oneshot::Sender<io::Result<Removed>>,
}

/// What the writing task begins with.
pub(crate) struct Unwritten {
    bodies: CollectionReceiver,
    removals: mpsc::Receiver<Removal>,
    writer: Writer,
}

impl Collections {
    /// Collections in `folder`, which need not exist, that take at most `max_bytes` on disk. `is_there` tells whether an endpoint
    /// has a deployment: files of one that is gone make room first.
    pub(crate) fn open(
        folder: PathBuf,
        max_bytes: u64,
        is_there: IsThere,
    ) -> io::Result<(Arc<Self>, Unwritten)> {
        let (queue, bodies) = mlwasm_routing::collection::queue();
        let (sender, removals) = mpsc::channel(MOST_REMOVALS);
        let writer = Writer {
            parts: Parts::open(folder.clone(), max_bytes, is_there)?,
            frames: BTreeMap::new(),
            is_failing: false,
        };
        let collections = Arc::new(Self {
            queue,
            removals: sender,
            folder,
        });
        let unwritten = Unwritten {
            bodies,
            removals,
            writer,
        };
        Ok((collections, unwritten))
    }

    /// Where the bodies of this deployment go; none if it collects nothing.
    pub(crate) fn tap(
        &self,
        spec: &DeploymentSpec,
        meters: &Arc<DeploymentMeters>,
    ) -> Option<Arc<CollectionTap>> {
        let settings = spec.data_collector.as_ref()?;
        settings.collected().next()?;
        Some(CollectionTap::new(
            self.queue.clone(),
            (spec.endpoint_name.clone(), spec.name.clone()),
            settings.clone(),
            meters,
        ))
    }

    /// The last lines of one collection, oldest first. Blocks while it reads.
    pub(crate) fn last(
        &self,
        (endpoint, deployment): (&EndpointName, &DeploymentName),
        collection: &Collection,
        most: usize,
    ) -> io::Result<Vec<CollectedLine>> {
        let series = Series {
            endpoint,
            deployment,
            collection,
        };
        read::last(&self.folder.join(series.folder()), most)
    }

    /// The collections of a deployment, there or deleted, that have files. Blocks.
    pub(crate) fn of(
        &self,
        endpoint: &EndpointName,
        deployment: &DeploymentName,
    ) -> io::Result<Vec<Collection>> {
        let folder = self.folder.join(names::of(endpoint, deployment));
        let entries = parts::entries(&folder)?;
        let mut found: Vec<Collection> = entries
            .iter()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Removes the files of one collection of a deployment, or of all. What is collected from now on stays.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the answer, not the removal.
    pub(crate) async fn remove(
        &self,
        (endpoint, deployment): (&EndpointName, &DeploymentName),
        collection: Option<&Collection>,
    ) -> io::Result<Removed> {
        let below = match collection {
            None => names::of(endpoint, deployment),
            Some(collection) => Series {
                endpoint,
                deployment,
                collection,
            }
            .folder(),
        };
        let (done, removed) = oneshot::channel();
        let ended = || io::Error::other("nothing is collected any more: the server is stopping");
        let sent = self.removals.send(Removal { below, done }).await;
        sent.map_err(|_| ended())?;
        removed.await.map_err(|_| ended())?
    }
}

/// Writes what comes, until the group shuts down, and then what is still there.
pub(crate) async fn write(unwritten: Unwritten, tasks: TaskGroup) {
    let Unwritten {
        mut bodies,
        mut removals,
        mut writer,
    } = unwritten;
    let mut due: Option<Instant> = None;
    loop {
        let mut some = Vec::new();
        let mut removal = None;
        let at = due.unwrap_or_else(Instant::now);
        let is_over = tokio::select! {
            biased;
            // A flush that is due goes first, or a steady stream would put it off for ever.
            () = sleep_until(at), if due.is_some() => false,
            Some(asked) = removals.recv() => {
                removal = Some(asked);
                false
            }
            count = bodies.receive(&mut some, AT_ONCE) => count == 0,
            () = tasks.cancelled() => {
                // What comes later is dropped and counted; what is there is still received.
                bodies.close();
                continue;
            }
        };
        let is_due = is_over || some.is_empty();
        let worked = tokio::task::spawn_blocking(move || {
            some.into_iter().for_each(|body| writer.take(body));
            if is_due {
                writer.flush();
            }
            if let Some(Removal { below, done }) = removal {
                // Who asked may be gone.
                done.send(writer.parts.remove(&below)).ok();
            }
            writer
        });
        match worked.await {
            Ok(returned) => writer = returned,
            Err(error) => {
                tracing::error!(%error, "collecting ended");
                return;
            }
        }
        if is_over {
            return;
        }
        due = match due.filter(|_| !is_due) {
            Some(due) => Some(due),
            None => writer.has_lines().then(|| Instant::now() + LONGEST_WAIT),
        };
    }
}

/// Lines that wait for their frame.
struct Frame {
    lines: Vec<u8>,
    count: u64,
    counts: Arc<SeriesCounts>,
}

/// Gathers lines and writes them, on a thread that may wait for the disk.
struct Writer {
    parts: Parts,
    // By the folder of their hour.
    frames: BTreeMap<PathBuf, Frame>,
    /// So that a full disk is told once and not for each frame.
    is_failing: bool,
}

impl Writer {
    fn take(&mut self, collecting: Collecting) {
        let Collecting { body, tap, .. } = &collecting;
        let Some((collection, counts)) = tap.find(body.collection.as_str()) else {
            return;
        };
        let time = line::time(body);
        let series = Series {
            endpoint: tap.endpoint(),
            deployment: tap.deployment(),
            collection,
        };
        let folder = series.folder().join(names::hour(time));
        let frame = self.frames.entry(folder.clone()).or_insert_with(|| Frame {
            lines: Vec::new(),
            count: 0,
            counts: Arc::clone(counts),
        });
        // A deployment that was made again counts anew.
        frame.counts = Arc::clone(counts);
        line::write(body, tap.settings().max_bytes as usize, &mut frame.lines);
        frame.count += 1;
        if frame.lines.len() >= FULL_FRAME
            && let Some(frame) = self.frames.remove(&folder)
        {
            self.append(folder, frame);
        }
    }

    fn has_lines(&self) -> bool {
        !self.frames.is_empty()
    }

    fn flush(&mut self) {
        for (folder, frame) in std::mem::take(&mut self.frames) {
            self.append(folder, frame);
        }
    }

    fn append(&mut self, folder: PathBuf, frame: Frame) {
        let counts = &frame.counts;
        match self.parts.append(folder, &frame.lines) {
            Ok(()) => {
                self.is_failing = false;
                counts.wrote(frame.count);
            }
            Err(error) => {
                counts.dropped(frame.count);
                if !self.is_failing {
                    tracing::warn!(%error, "collected bodies can not be written: they are dropped until they can");
                }
                self.is_failing = true;
            }
        }
    }
}
