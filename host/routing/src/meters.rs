//! The counters of one deployment.
//!
//! They live as long as the deployment, over all its revisions, and hang in the routing table: the request's way
//! looks up no label and takes no lock. The gateway writes and encodes them; the control plane counts swaps.

mod latencies;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mlwasm_sandbox::{CostMeter, EgressMeter, Recycles};

use crate::collection::CollectionCounts;
pub use latencies::{Latencies, bounds};

/// Upper bounds of the histograms' buckets, in seconds; one more bucket has no bound.
pub const BUCKETS: [f64; 17] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
];

/// The same bounds in nanoseconds, so that observing needs no floating point.
const BUCKETS_NS: [u64; 17] = [
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];

/// How a request that had a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The scorer answered, with a status below 400.
    Ok,
    /// The scorer refused the input: its own 4xx, or `bad-request`.
    Refused,
    /// The scorer answered with its own 5xx.
    ScorerError,
    /// The scorer trapped, exceeded a limit or said `internal`: 424.
    ScorerFault,
    /// Over the deadline: 408.
    Timeout,
    /// Too many requests, or too long a wait: 429.
    Overloaded,
    /// No sandbox is alive: 503.
    Unavailable,
    /// The client went away before the answer.
    Cancelled,
    /// The host is at fault: 500.
    HostError,
}

impl Outcome {
    /// Every outcome, in the order of their counters.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::Refused,
        Self::ScorerError,
        Self::ScorerFault,
        Self::Timeout,
        Self::Overloaded,
        Self::Unavailable,
        Self::Cancelled,
        Self::HostError,
    ];

    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::ScorerError => "scorer_error",
            Self::ScorerFault => "scorer_fault",
            Self::Timeout => "timeout",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Cancelled => "cancelled",
            Self::HostError => "host_error",
        }
    }
}

/// How a copied request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorResult {
    /// The target answered with a status below 400.
    Ok,
    /// The target answered with an error, or failed.
    Failed,
    /// Not sent, since the mirror was full.
    Shed,
    /// Not sent, since the target did nothing but fail.
    HeldBack,
}

impl MirrorResult {
    /// Every result, in the order of their counters.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Failed, Self::Shed, Self::HeldBack];

    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Shed => "shed",
            Self::HeldBack => "held_back",
        }
    }
}

/// What came of comparing a copied request's answer with the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShadowResult {
    /// The answers were the same.
    Equal,
    /// They differed only where two answers of the live deployment differ too.
    Noise,
    /// They differed.
    Different,
    /// They had another status.
    Status,
    /// One of the answers was none of the scorer's own.
    Uncompared,
    /// There was no room for the pair.
    Dropped,
}

impl ShadowResult {
    /// Every result, in the order of their counters.
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::Noise,
        Self::Different,
        Self::Status,
        Self::Uncompared,
        Self::Dropped,
    ];

    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Noise => "noise",
            Self::Different => "different",
            Self::Status => "status",
            Self::Uncompared => "uncompared",
            Self::Dropped => "dropped",
        }
    }
}

/// Which way the number of a deployment's sandboxes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleDirection {
    /// There are more.
    Up,
    /// There are fewer.
    Down,
}

impl ScaleDirection {
    /// Both, in the order of their counters.
    pub const ALL: [Self; 2] = [Self::Up, Self::Down];

    /// The label's value.
    pub fn label(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A duration as one number; the longest that it can hold if it is longer.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A histogram of durations.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock. A reader may see a duration in the count and not yet in the sum.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS_NS.len() + 1],
    sum_ns: AtomicU64,
}

impl Histogram {
    /// Counts one duration.
    pub fn observe(&self, duration: Duration) {
        let ns = nanoseconds(duration);
        let bucket = BUCKETS_NS.partition_point(|bound| *bound < ns);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// How many durations fell in each bucket, not added up; the last has no upper bound.
    pub fn buckets(&self) -> [u64; BUCKETS.len() + 1] {
        std::array::from_fn(|i| self.buckets[i].load(Ordering::Relaxed))
    }

    /// The sum of all durations.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum_ns.load(Ordering::Relaxed))
    }

    /// How many durations there were.
    pub fn count(&self) -> u64 {
        self.buckets().iter().sum()
    }
}

/// The counters of one deployment.
#[derive(Debug, Default)]
pub struct DeploymentMeters {
    durations: [Histogram; Outcome::ALL.len()],
    // There once someone asked for them: see the module.
    latencies: OnceLock<Box<Latencies>>,
    /// Time that admitted requests waited for a sandbox.
    pub queue: Histogram,
    /// Time in the scorer's own code.
    pub guest: Histogram,
    /// Time in native runs, of requests that had one.
    pub infer: Histogram,
    /// What its sandboxes cost; the pools of all revisions count here.
    pub costs: Arc<CostMeter>,
    /// Sandboxes that were discarded; the pools of all revisions count here.
    pub recycles: Arc<Recycles>,
    /// Calls of its scorers to others; the pools of all revisions count here.
    pub egress: Arc<EgressMeter>,
    /// Bodies that were collected.
    pub collected: CollectionCounts,
    mirrored: [AtomicU64; MirrorResult::ALL.len()],
    compared: [AtomicU64; ShadowResult::ALL.len()],
    swaps: AtomicU64,
    scale_changes: [AtomicU64; ScaleDirection::ALL.len()],
}

impl DeploymentMeters {
    /// Counters at zero.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Counts a request by its end and its whole duration.
    pub fn finished(&self, outcome: Outcome, duration: Duration) {
        self.durations[outcome as usize].observe(duration);
        if outcome == Outcome::Ok
            && let Some(latencies) = self.latencies.get()
        {
            latencies.observe(duration);
        }
    }

    /// The durations of good answers in fine buckets, counted from the first call on.
    pub fn latencies(&self) -> &Latencies {
        self.latencies.get_or_init(Box::default)
    }

    /// The durations of the requests that ended so.
    pub fn durations(&self, outcome: Outcome) -> &Histogram {
        &self.durations[outcome as usize]
    }

    /// Counts a copied request, on the meters of the mirror's target.
    pub fn mirrored(&self, result: MirrorResult) {
        self.mirrored[result as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many copied requests ended so.
    pub fn mirrored_count(&self, result: MirrorResult) -> u64 {
        self.mirrored[result as usize].load(Ordering::Relaxed)
    }

    /// Counts what came of comparing a copied request's answer, on the meters of the mirror's target.
    pub fn compared(&self, result: ShadowResult) {
        self.compared[result as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many comparisons came to this.
    pub fn compared_count(&self, result: ShadowResult) -> u64 {
        self.compared[result as usize].load(Ordering::Relaxed)
    }

    /// Counts a swap to another revision; the first revision is no swap.
    pub fn swapped(&self) {
        self.swaps.fetch_add(1, Ordering::Relaxed);
    }

    /// How many swaps there were.
    pub fn swaps(&self) -> u64 {
        self.swaps.load(Ordering::Relaxed)
    }

    /// Counts a change of the number of sandboxes by the load or a schedule; a new revision is none.
    pub fn scaled(&self, direction: ScaleDirection) {
        self.scale_changes[direction as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many changes of the number of sandboxes there were in this direction.
    pub fn scale_changes(&self, direction: ScaleDirection) -> u64 {
        self.scale_changes[direction as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_same_in_both_units() {
        for (seconds, ns) in BUCKETS.iter().zip(BUCKETS_NS) {
            assert_eq!(Duration::from_secs_f64(*seconds), Duration::from_nanos(ns));
        }
    }

    #[test]
    fn a_duration_falls_into_the_bucket_whose_bound_it_does_not_exceed() {
        let histogram = Histogram::default();
        for ns in [0, 50_000, 50_001, 10_000_000_000, 10_000_000_001] {
            histogram.observe(Duration::from_nanos(ns));
        }
        let buckets = histogram.buckets();
        assert_eq!(
            (buckets[0], buckets[1], buckets[16], buckets[17]),
            (2, 1, 1, 1)
        );
        assert_eq!(histogram.count(), 5);
        assert_eq!(histogram.sum(), Duration::from_nanos(20_000_100_002));
    }

    #[test]
    fn fine_latencies_are_those_of_good_answers_since_someone_asked() {
        let meters = DeploymentMeters::new();
        meters.finished(Outcome::Ok, Duration::ZERO);
        let before = meters.latencies().read();
        meters.finished(Outcome::Timeout, Duration::ZERO);
        meters.finished(Outcome::Ok, Duration::ZERO);
        let after = meters.latencies().read();
        assert_eq!((before[0], after[0]), (0, 1));
        assert_eq!(after.iter().sum::<u32>(), 1);
    }

    #[test]
    fn each_outcome_has_its_own_counter() {
        let meters = DeploymentMeters::new();
        for (i, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, i);
            meters.finished(outcome, Duration::ZERO);
            assert_eq!(meters.durations(outcome).count(), 1);
        }
    }
}
