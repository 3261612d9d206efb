//! How bodies that are to be collected get from the data plane to who writes them.
//!
//! The data plane offers a body and goes on: a queue that is full drops it, and counts that. Bodies are shared, not copied.
//! The control plane makes the taps and reads the queue.

use std::{
    sync::{
        Arc,
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

/// A body that is to be kept.
#[derive(Debug)]
pub struct CollectedBody {
    /// Which of the two it is.
    pub collection: Collection,
    /// The request.
    pub request_id: String,
    /// Shared by the two bodies of one run.
    pub correlation_id: String,
    /// When it was offered.
    pub time: SystemTime,
    /// Whether the run is that of a copy.
    pub is_mirror: bool,
    /// The media type.
    pub content_type: Option<HeaderValue>,
    /// The answer's status; none for a request.
    pub status: Option<u16>,
    /// The whole body.
    pub body: Bytes,
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
    points: u16,
    salt: Vec<u8>,
    queue: CollectionQueue,
    budget: Arc<Budget>,
    meters: Arc<DeploymentMeters>,
}

impl CollectionTap {
    /// A tap for the requests of a deployment. What comes of them is counted on `meters`.
    pub fn new(
        queue: CollectionQueue,
        (endpoint, deployment): (EndpointName, DeploymentName),
        settings: DataCollector,
        meters: Arc<DeploymentMeters>,
    ) -> Arc<Self> {
        Arc::new(Self {
            // Other than the split's salt, else a deployment of a small share would be sampled whole or not at all; and
            // without the deployment, so that a request and its copy are both collected, or neither.
            salt: format!("{endpoint}/collect").into_bytes(),
            points: settings.sampled_points(),
            endpoint,
            deployment,
            settings,
            queue,
            budget: Budget::new(MOST_BODIES_OF_ONE, MOST_BYTES_OF_ONE),
            meters,
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

    /// The deployment's meters.
    pub fn meters(&self) -> &Arc<DeploymentMeters> {
        &self.meters
    }

    /// Whether the request with this id is one of those that are collected. The same id always gives the same answer.
    pub fn samples(&self, request_id: &[u8]) -> bool {
        RoutingPoint::of(&self.salt, request_id).is_among_first(self.points)
    }

    /// Hands a body over to be written, or drops it if too many wait.
    pub fn offer(self: &Arc<Self>, body: CollectedBody) {
        let bytes = body.body.len();
        let shares = self.budget.take(bytes).zip(self.queue.budget.take(bytes));
        match (shares, self.queue.sender.try_reserve()) {
            (Some((own, of_all)), Ok(place)) => place.send(Collecting {
                body,
                tap: Arc::clone(self),
                _shares: [own, of_all],
            }),
            _ => self.meters.collected.dropped(body.collection, 1),
        }
    }
}

/// What became of the bodies of one deployment.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub struct CollectionCounts {
    written: [AtomicU64; Collection::ALL.len()],
    dropped: [AtomicU64; Collection::ALL.len()],
}

impl CollectionCounts {
    /// Counts lines that were written.
    pub fn wrote(&self, collection: Collection, count: u64) {
        self.written[collection as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// Counts bodies that were dropped: no room in the queue or on the disk.
    pub fn dropped(&self, collection: Collection, count: u64) {
        self.dropped[collection as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// How many lines were written.
    pub fn written_count(&self, collection: Collection) -> u64 {
        self.written[collection as usize].load(Ordering::Relaxed)
    }

    /// How many bodies were dropped.
    pub fn dropped_count(&self, collection: Collection) -> u64 {
        self.dropped[collection as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(queue: &CollectionQueue, rate: f64) -> Arc<CollectionTap> {
        let settings = serde_json::json!({"collections": {}, "sampling_rate": rate});
        let names = (EndpointName::new("e"), DeploymentName::new("blue"));
        CollectionTap::new(
            queue.clone(),
            (names.0.unwrap(), names.1.unwrap()),
            serde_json::from_value(settings).unwrap(),
            DeploymentMeters::new(),
        )
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
        }
    }

    #[tokio::test]
    async fn a_full_queue_drops_bodies_counts_them_and_leaves_room_for_others() {
        let (queue, mut receiver) = queue();
        let (busy, quiet) = (tap(&queue, 1.0), tap(&queue, 1.0));
        let dropped =
            |tap: &CollectionTap| tap.meters().collected.dropped_count(Collection::Request);
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
        assert_eq!(tap.meters().collected.dropped_count(Collection::Request), 0);
        tap.offer(body(1));
        assert_eq!(tap.meters().collected.dropped_count(Collection::Request), 1);
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
