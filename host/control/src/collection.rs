//! The bodies that deployments ask to be kept: lines of JSON in compressed files below the data folder.
//!
//! The reconciler asks for a tap whenever it makes an endpoint's table; the data plane offers bodies to it; one task writes
//! them, away from the threads that do I/O. Lines are gathered for a second at most and then appended as one frame of zstd,
//! so what a crash tears is at most the last frame. What is lost is counted, and no request waits for any of it.
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
    collection::{Collecting, CollectionQueue, CollectionReceiver, CollectionTap},
};
use mlwasm_sandbox::TaskGroup;
use mlwasm_types::{CollectedLine, Collection, DeploymentName, DeploymentSpec, EndpointName};
use tokio::time::{Instant, sleep_until};

use names::Series;
use parts::Parts;

/// Bodies that are made lines at once.
const AT_ONCE: usize = 64;
/// The longest that a line waits for others of its frame.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Lines of a frame, in bytes, above which none is waited for: more would hardly be smaller.
const FULL_FRAME: usize = 1 << 20;

/// What is collected, of all deployments.
///
/// # Concurrency
///
/// Any thread. Files are written by one task alone; whoever reads them meanwhile sees whole frames.
#[derive(Debug)]
pub(crate) struct Collections {
    queue: CollectionQueue,
    folder: PathBuf,
}

/// What the writing task begins with.
pub(crate) struct Unwritten {
    bodies: CollectionReceiver,
    writer: Writer,
}

impl Collections {
    /// Collections in `folder`, which need not exist, that take at most `max_bytes` on disk.
    pub(crate) fn open(folder: PathBuf, max_bytes: u64) -> io::Result<(Arc<Self>, Unwritten)> {
        let (queue, bodies) = mlwasm_routing::collection::queue();
        let writer = Writer {
            parts: Parts::open(folder.clone(), max_bytes)?,
            frames: BTreeMap::new(),
            is_failing: false,
        };
        let collections = Arc::new(Self { queue, folder });
        Ok((collections, Unwritten { bodies, writer }))
    }

    /// Where the bodies of this deployment go; none if it collects nothing.
    pub(crate) fn tap(
        &self,
        spec: &DeploymentSpec,
        meters: &Arc<DeploymentMeters>,
    ) -> Option<Arc<CollectionTap>> {
        let settings = spec.data_collector.as_ref()?;
        let collects = Collection::ALL.into_iter().any(|it| settings.collects(it));
        collects.then(|| {
            CollectionTap::new(
                self.queue.clone(),
                (spec.endpoint_name.clone(), spec.name.clone()),
                settings.clone(),
                Arc::clone(meters),
            )
        })
    }

    /// The last lines of one collection, oldest first. Blocks while it reads.
    pub(crate) fn last(
        &self,
        (endpoint, deployment): (&EndpointName, &DeploymentName),
        collection: Collection,
        most: usize,
    ) -> io::Result<Vec<CollectedLine>> {
        let series = Series {
            endpoint: endpoint.to_string(),
            deployment: deployment.to_string(),
            collection,
        };
        read::last(&self.folder.join(series.folder()), most)
    }
}

/// Writes what comes, until the group shuts down, and then what is still there.
pub(crate) async fn write(unwritten: Unwritten, tasks: TaskGroup) {
    let Unwritten {
        mut bodies,
        mut writer,
    } = unwritten;
    let mut due: Option<Instant> = None;
    loop {
        let mut some = Vec::new();
        let at = due.unwrap_or_else(Instant::now);
        let is_over = tokio::select! {
            biased;
            // A flush that is due goes first, or a steady stream would put it off for ever.
            () = sleep_until(at), if due.is_some() => false,
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
    meters: Arc<DeploymentMeters>,
    collection: Collection,
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
        let time = line::time(body);
        let series = Series {
            endpoint: tap.endpoint().to_string(),
            deployment: tap.deployment().to_string(),
            collection: body.collection,
        };
        let folder = series.folder().join(names::hour(time));
        let frame = self.frames.entry(folder.clone()).or_insert_with(|| Frame {
            lines: Vec::new(),
            count: 0,
            meters: Arc::clone(tap.meters()),
            collection: body.collection,
        });
        // A deployment that was made again counts anew.
        frame.meters = Arc::clone(tap.meters());
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
        let counts = &frame.meters.collected;
        match self.parts.append(folder, &frame.lines) {
            Ok(()) => {
                self.is_failing = false;
                counts.wrote(frame.collection, frame.count);
            }
            Err(error) => {
                counts.dropped(frame.collection, frame.count);
                if !self.is_failing {
                    tracing::warn!(%error, "collected bodies can not be written: they are dropped until they can");
                }
                self.is_failing = true;
            }
        }
    }
}
