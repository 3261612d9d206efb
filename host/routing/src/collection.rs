//! How bodies and records that are to be collected get from the data plane to who writes them.
//!
//! The data plane offers a body and goes on: a queue that is full drops it, and counts that. Bodies are shared, not copied.
//! The control plane makes the taps and reads the queue.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_types::{Collection, DataCollector, DeploymentName, EndpointName, RoutingPoint};
use tokio::sync::mpsc;

use crate::{Budget, DeploymentMeters, budget::Share};

/// Bodies of all deployments that wait: what a writer gets through in a fraction of a second.
const MOST_BODIES: usize = 4_096;
/// The same of one deployment, so that a busy one leaves room for the others.
const MOST_BODIES_OF_ONE: usize = 1_024;
/// Bytes of the bodies that wait, of all deployments.
const MOST_BYTES: usize = 64 << 20;
/// The same, of one deployment.
const MOST_BYTES_OF_ONE: usize = 32 << 20;

/// A body, or a record of the scorer's, that is to be kept.
#[derive(Debug)]
pub struct CollectedBody {
    /// Which collection it belongs to.
    pub collection: Collection,
    /// The request.
    pub request_id: String,
    /// Shared by all that is kept of one run.
    pub correlation_id: String,
    /// When it was offered.
    pub time: SystemTime,
    /// Whether the run is that of a copy.
    pub is_mirror: bool,
    /// The media type.
    pub content_type: Option<HeaderValue>,
    /// The answer's status; none for anything else.
    pub status: Option<u16>,
    /// The body, or at least as much of its beginning as is kept.
    pub body: Bytes,
    /// The length of the whole body in bytes.
    pub bytes: usize,
}

/// A body on its way, and whose it is.
#[derive(Debug)]
pub struct Collecting {
    /// The body.
    pub body: CollectedBody,
    /// Where it was offered.
    pub tap: Arc<CollectionTap>,
    // Held while the body is in memory.
    _shares: [Share; 2],
}

/// The end of the queue that taps are made from.
#[derive(Clone, Debug)]
pub struct CollectionQueue {
    sender: mpsc::Sender<Collecting>,
    budget: Arc<Budget>,
}

/// The end of the queue that bodies come out of.
#[derive(Debug)]
pub struct CollectionReceiver(mpsc::Receiver<Collecting>);

/// The queue's two ends.
pub fn queue() -> (CollectionQueue, CollectionReceiver) {
    let (sender, receiver) = mpsc::channel(MOST_BODIES);
    let budget = Budget::new(MOST_BODIES, MOST_BYTES);
    (
        CollectionQueue { sender, budget },
        CollectionReceiver(receiver),
    )
}

impl CollectionReceiver {
    /// Waits for bodies and adds at most `most` of those that are there to `bodies`; returns how many, 0 when none will come.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken from the queue that is not in `bodies`.
    pub async fn receive(&mut self, bodies: &mut Vec<Collecting>, most: usize) -> usize {
        self.0.recv_many(bodies, most).await
    }

    /// Lets nothing more into the queue. What is in it can still be received.
    pub fn close(&mut self) {
        self.0.close();
    }
}

/// Where the bodies of one deployment go.
///
/// # Concurrency
///
/// Shared by the deployment's requests; atomic counters, no lock.
#[derive(Debug)]
pub struct CollectionTap {
    endpoint: EndpointName,
    deployment: DeploymentName,
    settings: DataCollector,
    // The collections that are on: few, so that looking one up is a short walk.
    counts: Vec<(Collection, Arc<SeriesCounts>)>,
    points: u16,
    salt: Vec<u8>,
    queue: CollectionQueue,
    budget: Arc<Budget>,
}

impl CollectionTap {
    /// A tap for the requests of a deployment. What comes of them is counted on `meters`.
    pub fn new(
        queue: CollectionQueue,
        (endpoint, deployment): (EndpointName, DeploymentName),
        settings: DataCollector,
        meters: &DeploymentMeters,
    ) -> Arc<Self> {
        Arc::new(Self {
            // Other than the split's salt, else a deployment of a small share would be sampled whole or not at all; and
            // without the deployment, so that a request and its copy are both collected, or neither.
            salt: format!("{endpoint}/collect").into_bytes(),
            points: settings.sampled_points(),
            counts: meters.collected.of(&settings),
            endpoint,
            deployment,
            settings,
            queue,
            budget: Budget::new(MOST_BODIES_OF_ONE, MOST_BYTES_OF_ONE),
        })
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &EndpointName {
        &self.endpoint
    }

    /// The deployment.
    pub fn deployment(&self) -> &DeploymentName {
        &self.deployment
    }

    /// What is collected of it.
    pub fn settings(&self) -> &DataCollector {
        &self.settings
    }

    /// The collection of this name, if it is on, and what became of its bodies.
    pub fn find(&self, name: &str) -> Option<&(Collection, Arc<SeriesCounts>)> {
        self.counts.iter().find(|(it, _)| it.as_str() == name)
    }

    /// Whether there is a collection for what scorers record themselves.
    pub fn takes_records(&self) -> bool {
        let mut collections = self.counts.iter();
        collections.any(|(collection, _)| matches!(collection, Collection::Named(_)))
    }

    /// Whether the request with this id is one of those that are collected. The same id always gives the same answer.
    pub fn samples(&self, request_id: &[u8]) -> bool {
        RoutingPoint::of(&self.salt, request_id).is_among_first(self.points)
    }

    /// Hands a body over to be written, or drops it if too many wait. One of a collection that is off is none of it.
    pub fn offer(self: &Arc<Self>, body: CollectedBody) {
        let Some((_, counts)) = self.find(body.collection.as_str()) else {
            return;
        };
        let bytes = body.body.len();
        let shares = self.budget.take(bytes).zip(self.queue.budget.take(bytes));
        match (shares, self.queue.sender.try_reserve()) {
            (Some((own, of_all)), Ok(place)) => place.send(Collecting {
                body,
                tap: Arc::clone(self),
                _shares: [own, of_all],
            }),
            _ => counts.dropped(1),
        }
    }
}

/// What became of all that was to be collected of one deployment.
///
/// # Concurrency
///
/// The lock is held to find counters, which taps then hold: when a deployment's table is made, and when metrics are read.
#[derive(Debug)]
pub struct CollectionCounts {
    series: Mutex<BTreeMap<Collection, Arc<SeriesCounts>>>,
}

impl Default for CollectionCounts {
    fn default() -> Self {
        let series = Collection::OF_BODIES.map(|it| (it, Arc::default()));
        Self {
            series: Mutex::new(series.into()),
        }
    }
}

impl CollectionCounts {
    /// The counters of each collection, those of names that are collected no longer left out.
    pub fn all(&self) -> Vec<(Collection, Arc<SeriesCounts>)> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series
            .iter()
            .map(|(it, counts)| (it.clone(), Arc::clone(counts)))
            .collect()
    }

    /// The counters of what `settings` collect. Others that a scorer named are forgotten, so that there are never many.
    fn of(&self, settings: &DataCollector) -> Vec<(Collection, Arc<SeriesCounts>)> {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.retain(|it, _| !matches!(it, Collection::Named(_)) || settings.collects(it));
        let collected = settings.collected();
        collected
            .map(|it| {
                let counts = series.entry(it.clone()).or_default();
                (it.clone(), Arc::clone(counts))
            })
            .collect()
    }
}

/// What became of the lines of one collection.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub struct SeriesCounts {
    written: AtomicU64,
    dropped: AtomicU64,
}

impl SeriesCounts {
    /// Counts lines that were written.
    pub fn wrote(&self, count: u64) {
        self.written.fetch_add(count, Ordering::Relaxed);
    }

    /// Counts bodies that were dropped: no room in the queue or on the disk.
    pub fn dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// How many lines were written.
    pub fn written_count(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How many bodies were dropped.
    pub fn dropped_count(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(queue: &CollectionQueue, rate: f64) -> Arc<CollectionTap> {
        let collections = serde_json::json!({"request": {"enabled": true}});
        let settings = serde_json::json!({"collections": collections, "sampling_rate": rate});
        let names = (EndpointName::new("e"), DeploymentName::new("blue"));
        CollectionTap::new(
            queue.clone(),
            (names.0.unwrap(), names.1.unwrap()),
            serde_json::from_value(settings).unwrap(),
            &DeploymentMeters::new(),
        )
    }

    fn dropped(tap: &CollectionTap) -> u64 {
        tap.find("request").unwrap().1.dropped_count()
    }

    fn body(bytes: usize) -> CollectedBody {
        CollectedBody {
            collection: Collection::Request,
            request_id: "r".to_owned(),
            correlation_id: "c".to_owned(),
            time: SystemTime::UNIX_EPOCH,
            is_mirror: false,
            content_type: None,
            status: None,
            body: Bytes::from(vec![0; bytes]),
            bytes,
        }
    }

    #[tokio::test]
    async fn a_full_queue_drops_bodies_counts_them_and_leaves_room_for_others() {
        let (queue, mut receiver) = queue();
        let (busy, quiet) = (tap(&queue, 1.0), tap(&queue, 1.0));
        for _ in 0..MOST_BODIES_OF_ONE {
            busy.offer(body(1));
        }
        assert_eq!(dropped(&busy), 0);
        busy.offer(body(1));
        quiet.offer(body(1));
        assert_eq!((dropped(&busy), dropped(&quiet)), (1, 0));

        let mut bodies = Vec::new();
        assert_eq!(receiver.receive(&mut bodies, 10).await, 10);
        drop(bodies);
        busy.offer(body(1));
        assert_eq!(dropped(&busy), 1);
    }

    #[tokio::test]
    async fn bodies_that_wait_have_a_bound_in_bytes() {
        let (queue, _receiver) = queue();
        let tap = tap(&queue, 1.0);
        tap.offer(body(MOST_BYTES_OF_ONE));
        assert_eq!(dropped(&tap), 0);
        tap.offer(body(1));
        assert_eq!(dropped(&tap), 1);
    }

    #[test]
    fn counters_outlive_settings_and_names_that_are_gone_leave_none() {
        let counts = CollectionCounts::default();
        let read = |names: &[&str]| -> DataCollector {
            let on = |name: &&str| ((*name).to_owned(), serde_json::json!({"enabled": true}));
            let collections: serde_json::Map<_, _> = names.iter().map(on).collect();
            serde_json::from_value(serde_json::json!({ "collections": collections })).unwrap()
        };
        counts.of(&read(&["request", "a"]))[0].1.wrote(1);
        let after = counts.of(&read(&["request", "b"]));
        assert_eq!(after[0].1.written_count(), 1);
        let names: Vec<_> = counts.all().iter().map(|(it, _)| it.to_string()).collect();
        assert_eq!(names, ["request", "response", "b"]);
    }

    #[test]
    fn the_share_of_sampled_requests_is_the_rate() {
        let (queue, _receiver) = queue();
        let sampled = |rate: f64| {
            let tap = tap(&queue, rate);
            (0..10_000)
                .filter(|n: &u32| tap.samples(n.to_string().as_bytes()))
                .count()
        };
        assert_eq!(sampled(1.0), 10_000);
        // Five standard deviations of 10,000 draws at 10 %: 5 · sqrt(10,000 · 0.1 · 0.9) = 150.
        let tenth = sampled(0.1);
        assert!((850..=1_150).contains(&tenth), "{tenth}");
        assert!(sampled(0.000_1) < 10);
    }
}
