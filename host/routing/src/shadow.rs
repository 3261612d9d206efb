//! How pairs of answers, the live one and the mirror's, get from the data plane to who compares them.
//!
//! The data plane offers a pair and goes on: a queue that is full drops it, and counts that. Nothing here is on the way of
//! a live request; the copies' own tasks offer the pairs. The control plane makes the taps and reads the queue.

mod answer;
mod pace;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use mlwasm_types::{DeploymentName, EndpointName};
use tokio::sync::mpsc;

pub use answer::{MAX_KEPT_BYTES, ShadowAnswer, ShadowBody};
use pace::Pace;

use crate::{Budget, DeploymentMeters, budget::Share, meters::ShadowResult};

/// Pairs of all endpoints that wait: what a comparer gets through in a fraction of a second.
const MOST_PAIRS: usize = 1_024;
/// Pairs of one endpoint that wait, so that a busy one leaves room for the others.
const MOST_PAIRS_OF_ONE: usize = 256;
/// Bytes of the bodies that wait, of all endpoints.
const MOST_BYTES: usize = 64 << 20;
/// The same, of one endpoint.
const MOST_BYTES_OF_ONE: usize = 16 << 20;

/// Whose answer stands beside the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairSource {
    /// The mirror's target.
    Mirror,
    /// The live deployment, asked again: what differs is noise.
    Replay,
}

/// Two answers to one request.
#[derive(Debug)]
pub struct ShadowPair {
    /// The request.
    pub request_id: String,
    /// When it arrived.
    pub arrived: Instant,
    /// What the client got.
    pub live: ShadowAnswer,
    /// What nobody got.
    pub other: ShadowAnswer,
    /// Whose that was.
    pub source: PairSource,
}

/// A pair on its way, and the comparison that it is for.
#[derive(Debug)]
pub struct Queued {
    /// The pair.
    pub pair: ShadowPair,
    /// Where it was offered.
    pub tap: Arc<ShadowTap>,
    // Held while the pair is in memory.
    _shares: [Share; 2],
}

/// The end of the queue that taps are made from.
#[derive(Clone, Debug)]
pub struct ShadowQueue {
    sender: mpsc::Sender<Queued>,
    budget: Arc<Budget>,
}

/// The end of the queue that pairs come out of.
#[derive(Debug)]
pub struct ShadowReceiver(mpsc::Receiver<Queued>);

/// The queue's two ends.
pub fn queue() -> (ShadowQueue, ShadowReceiver) {
    let (sender, receiver) = mpsc::channel(MOST_PAIRS);
    let budget = Budget::new(MOST_PAIRS, MOST_BYTES);
    (ShadowQueue { sender, budget }, ShadowReceiver(receiver))
}

impl ShadowReceiver {
    /// Waits for pairs and adds at most `most` of those that are there to `pairs`; returns how many, 0 when no tap is left.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken from the queue that is not in `pairs`.
    pub async fn receive(&mut self, pairs: &mut Vec<Queued>, most: usize) -> usize {
        self.0.recv_many(pairs, most).await
    }
}

/// Where the pairs of one comparison go: of one revision of the live deployment with one of the mirror's target.
///
/// # Concurrency
///
/// Shared by the copies of an endpoint's requests. The lock guards the pace of replays, which copies look at and requests
/// never do.
#[derive(Debug)]
pub struct ShadowTap {
    endpoint: EndpointName,
    baseline: DeploymentName,
    queue: ShadowQueue,
    budget: Arc<Budget>,
    meters: Arc<DeploymentMeters>,
    uncompared: AtomicU64,
    dropped: AtomicU64,
    pace: Mutex<Pace>,
}

/// Leave to ask the live deployment once more. Few have it at a time; dropping it ends the turn.
#[derive(Debug)]
pub struct ReplayTurn(Arc<ShadowTap>);

impl ShadowTap {
    /// A tap for the copies of requests of `endpoint` that `baseline` answers. What comes of them is counted on `meters`, those
    /// of the mirror's target.
    pub fn new(
        queue: ShadowQueue,
        endpoint: EndpointName,
        baseline: DeploymentName,
        meters: Arc<DeploymentMeters>,
    ) -> Arc<Self> {
        Arc::new(Self {
            endpoint,
            baseline,
            queue,
            budget: Budget::new(MOST_PAIRS_OF_ONE, MOST_BYTES_OF_ONE),
            meters,
            uncompared: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            pace: Mutex::default(),
        })
    }

    /// The endpoint whose requests are copied.
    pub fn endpoint(&self) -> &EndpointName {
        &self.endpoint
    }

    /// The deployment with whose answers the copies are compared.
    pub fn baseline(&self) -> &DeploymentName {
        &self.baseline
    }

    /// The meters of the mirror's target.
    pub fn meters(&self) -> &DeploymentMeters {
        &self.meters
    }

    /// Hands a pair over to be compared, or drops it if too many wait.
    pub fn offer(self: &Arc<Self>, pair: ShadowPair) {
        if pair.source == PairSource::Mirror {
            self.pace().count_pair();
        }
        let bytes = pair.live.body.kept_bytes() + pair.other.body.kept_bytes();
        let shares = self.budget.take(bytes).zip(self.queue.budget.take(bytes));
        match (shares, self.queue.sender.try_reserve()) {
            (Some((own, of_all)), Ok(place)) => place.send(Queued {
                pair,
                tap: Arc::clone(self),
                _shares: [own, of_all],
            }),
            // A replay that is lost is one fewer.
            _ if pair.source == PairSource::Replay => {}
            _ => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                self.meters.compared(ShadowResult::Dropped);
            }
        }
    }

    /// Counts a copied request of which one answer is missing.
    pub fn uncompared(&self) {
        self.uncompared.fetch_add(1, Ordering::Relaxed);
        self.meters.compared(ShadowResult::Uncompared);
    }

    /// How many copied requests had an answer missing.
    pub fn uncompared_count(&self) -> u64 {
        self.uncompared.load(Ordering::Relaxed)
    }

    /// How many pairs were dropped.
    pub fn dropped_count(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Leave to replay a request, if it is time for one and not too many are under way.
    pub fn take_replay(self: &Arc<Self>, now: Instant) -> Option<ReplayTurn> {
        self.pace().take(now).then(|| ReplayTurn(Arc::clone(self)))
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ReplayTurn {
    fn drop(&mut self) {
        self.0.pace().end();
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use std::time::Duration;

    use super::*;

    fn answer(bytes: usize) -> ShadowAnswer {
        ShadowAnswer {
            status: 200,
            content_type: None,
            body: ShadowBody::Kept(Bytes::from(vec![0; bytes])),
            guest: Duration::ZERO,
            infer: Duration::ZERO,
        }
    }

    fn pair(bytes: usize) -> ShadowPair {
        ShadowPair {
            request_id: "r".to_owned(),
            arrived: Instant::now(),
            live: answer(bytes),
            other: answer(0),
            source: PairSource::Mirror,
        }
    }

    fn tap(queue: &ShadowQueue) -> Arc<ShadowTap> {
        let (endpoint, baseline) = (EndpointName::new("e"), DeploymentName::new("blue"));
        ShadowTap::new(
            queue.clone(),
            endpoint.unwrap(),
            baseline.unwrap(),
            DeploymentMeters::new(),
        )
    }

    #[tokio::test]
    async fn a_full_queue_drops_pairs_counts_them_and_leaves_room_for_others() {
        let (queue, mut receiver) = queue();
        let (busy, quiet) = (tap(&queue), tap(&queue));
        for _ in 0..MOST_PAIRS_OF_ONE {
            busy.offer(pair(1));
        }
        assert_eq!(busy.dropped_count(), 0);
        busy.offer(pair(1));
        assert_eq!(busy.dropped_count(), 1);
        assert_eq!(busy.meters().compared_count(ShadowResult::Dropped), 1);
        quiet.offer(pair(1));
        assert_eq!(quiet.dropped_count(), 0);

        let mut pairs = Vec::new();
        assert_eq!(receiver.receive(&mut pairs, 10).await, 10);
        drop(pairs);
        busy.offer(pair(1));
        assert_eq!(busy.dropped_count(), 1);
    }

    #[tokio::test]
    async fn bodies_that_wait_have_a_bound() {
        let (queue, _receiver) = queue();
        let tap = tap(&queue);
        tap.offer(pair(MOST_BYTES_OF_ONE));
        assert_eq!(tap.dropped_count(), 0);
        tap.offer(pair(1));
        assert_eq!(tap.dropped_count(), 1);
    }

    #[test]
    fn a_turn_that_is_dropped_makes_room_for_the_next() {
        let (queue, _receiver) = queue();
        let tap = tap(&queue);
        let now = Instant::now();
        let turns: Vec<_> = (0..pace::AT_ONCE).map(|_| tap.take_replay(now)).collect();
        assert!(turns.iter().all(Option::is_some));
        assert!(tap.take_replay(now).is_none());
        drop(turns);
        assert!(tap.take_replay(now).is_some());
    }
}
