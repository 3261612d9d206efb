//! What was counted of the pairs of two revisions. Pure, and of bounded size: about 100 KiB.
//!
//! A pair is kept as the set of fields in which it differed, so that what turns out to be noise later is noise from the first
//! pair on.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use mlwasm_routing::{
    ShadowResult,
    shadow::{ShadowAnswer, ShadowPair},
};

use super::{
    compare::Difference,
    fields::{Fields, Mask},
    latency::Times,
    statistics::{Share, paired_difference},
    verdict::Evidence,
};
use mlwasm_types::shadow::{Estimate, ShadowCounts};

/// Sets of fields that are told apart.
const MAX_SETS: usize = 1_024;
/// Pairs that are kept to be looked at.
const MAX_SAMPLES: usize = 20;
/// Differences that are kept of one such pair.
const MAX_SHOWN: usize = 4;
/// Replays before which a difference may be noise that nobody has seen yet.
const FIRST_REPLAYS: u64 = 3;
/// Time after which there will be none: the live deployment has no sandbox to spare.
const PATIENCE: Duration = Duration::from_secs(10);

/// The counts.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) since: Timestamp,
    /// Pairs of requests that arrived before this belong to what was counted before.
    pub(super) begun: Instant,
    pub(super) fields: Fields,
    pub(super) errors: Errors,
    pub(super) live: SideTimes,
    pub(super) mirror: SideTimes,
    pub(super) replays: u64,
    sets: BTreeMap<Mask, u64>,
    comparisons: u64,
    samples: VecDeque<Sample>,
    /// Not yet counted in the metrics, which can not be corrected.
    waiting: BTreeMap<Mask, u64>,
    /// Arrival of the first request, and of the last.
    arrivals: Option<(Instant, Instant)>,
}

/// Answers that were failures.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Errors {
    pub(super) live: u64,
    pub(super) mirror: u64,
    only_live: u64,
    only_mirror: u64,
}

/// How long the runs of one side took, of requests that both answered well.
#[derive(Debug, Default)]
pub(super) struct SideTimes {
    pub(super) whole: Times,
    pub(super) guest: Times,
    pub(super) infer: Times,
}

/// A pair that differed.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) request_id: String,
    pub(super) time: Timestamp,
    /// With the bit of each; what was no noise at the time first.
    pub(super) differences: Vec<(Mask, Difference)>,
}

impl Tally {
    /// Nothing yet.
    pub(super) fn new(since: Timestamp, begun: Instant) -> Self {
        Self {
            since,
            begun,
            fields: Fields::default(),
            errors: Errors::default(),
            live: SideTimes::default(),
            mirror: SideTimes::default(),
            replays: 0,
            sets: BTreeMap::new(),
            comparisons: 0,
            samples: VecDeque::new(),
            waiting: BTreeMap::new(),
            arrivals: None,
        }
    }

    /// Counts a pair and where it differs. Returns what is to be counted in the metrics.
    pub(super) fn take(
        &mut self,
        pair: &ShadowPair,
        differences: Vec<Difference>,
        now: Timestamp,
    ) -> Vec<ShadowResult> {
        self.comparisons += 1;
        let (first, last) = self.arrivals.unwrap_or((pair.arrived, pair.arrived));
        self.arrivals = Some((first.min(pair.arrived), last.max(pair.arrived)));
        self.errors.count(pair.live.status, pair.other.status);
        if pair.live.status < 400 && pair.other.status < 400 {
            self.live.add(&pair.live);
            self.mirror.add(&pair.other);
        }
        let (mask, marked) = self.marked(differences);
        self.fields.count(mask);
        let set = self.set_of(mask);
        *self.sets.entry(set).or_default() += 1;
        if !mask.without(self.noise()).is_empty() {
            self.keep_sample(pair, marked, now);
        }
        if mask.is_empty() {
            return vec![ShadowResult::Equal];
        }
        *self.waiting.entry(set).or_default() += 1;
        self.settled()
    }

    /// Counts a replay and where it differs from the live answer.
    pub(super) fn take_replay(&mut self, differences: Vec<Difference>) -> Vec<ShadowResult> {
        self.replays += 1;
        let (mask, _) = self.marked(differences);
        self.fields.count_replay(mask);
        self.settled()
    }

    fn marked(&mut self, differences: Vec<Difference>) -> (Mask, Vec<(Mask, Difference)>) {
        let mut mask = Mask::default();
        let marked = differences.into_iter().map(|difference| {
            let bit = self.fields.mask_of(&difference);
            mask = mask.with(bit);
            (bit, difference)
        });
        let marked = marked.collect();
        (mask, marked)
    }

    /// The set under which a pair is counted: its own, while there are not too many.
    fn set_of(&self, mask: Mask) -> Mask {
        let is_known = self.sets.contains_key(&mask) || self.sets.len() < MAX_SETS;
        if is_known { mask } else { Mask::OTHERS }
    }

    fn keep_sample(
        &mut self,
        pair: &ShadowPair,
        mut differences: Vec<(Mask, Difference)>,
        now: Timestamp,
    ) {
        let noise = self.noise();
        differences.sort_by_key(|(bit, _)| noise.has(*bit));
        differences.truncate(MAX_SHOWN);
        if self.samples.len() == MAX_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            request_id: pair.request_id.clone(),
            time: now,
            differences,
        });
    }

    /// What of the differences that wait can be counted now.
    fn settled(&mut self) -> Vec<ShadowResult> {
        if !self.knows_noise() {
            return Vec::new();
        }
        let noise = self.noise();
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting
            .flat_map(|(mask, count)| (0..count).map(move |_| result_of(mask, noise)))
            .collect()
    }

    /// Whether noise had its chance to show.
    fn knows_noise(&self) -> bool {
        let spent = self.arrivals.map(|(first, last)| last - first);
        self.replays >= FIRST_REPLAYS || spent.is_some_and(|spent| spent >= PATIENCE)
    }

    /// What is noise, as far as is known now.
    pub(super) fn noise(&self) -> Mask {
        self.fields.noise(self.comparisons, self.replays)
    }

    /// How many pairs came to what.
    pub(super) fn counts(&self) -> ShadowCounts {
        let noise = self.noise();
        let mut counts = ShadowCounts {
            comparisons: self.comparisons,
            replays: self.replays,
            ..ShadowCounts::default()
        };
        for (mask, count) in &self.sets {
            let place = match result_of(*mask, noise) {
                ShadowResult::Equal => &mut counts.equal,
                ShadowResult::Noise => &mut counts.noise,
                ShadowResult::Status => &mut counts.status,
                ShadowResult::Different | ShadowResult::Uncompared | ShadowResult::Dropped => {
                    &mut counts.different
                }
            };
            *place += count;
        }
        counts
    }

    /// The pairs that differed, newest first, each with the first difference that is no noise.
    pub(super) fn samples(&self) -> impl Iterator<Item = (&Sample, &Difference)> {
        let noise = self.noise();
        self.samples.iter().rev().filter_map(move |sample| {
            let mut differences = sample.differences.iter();
            let (_, difference) = differences.find(|(bit, _)| !noise.has(*bit))?;
            Some((sample, difference))
        })
    }

    /// What a verdict is made of.
    pub(super) fn evidence(&self) -> Evidence {
        let (counts, noise) = (self.counts(), self.noise());
        let worst = self
            .fields
            .iter()
            .filter(|(bit, field)| !noise.has(*bit) && field.count > 0)
            .max_by_key(|(_, field)| field.count);
        Evidence {
            mismatch: Share {
                count: counts.different + counts.status,
                of: counts.comparisons,
            },
            worst: worst.map(|(_, field)| field.path.clone()),
            excess_errors: self.errors.excess(counts.comparisons),
            has_noise: counts.noise > 0,
            knows_noise: self.knows_noise(),
            replays: self.replays,
            times: self.live.whole.count(),
            live_p99: self.live.whole.quantile(0.99),
            mirror_p99: self.mirror.whole.quantile(0.99),
        }
    }
}

fn result_of(mask: Mask, noise: Mask) -> ShadowResult {
    let rest = mask.without(noise);
    if mask.is_empty() {
        ShadowResult::Equal
    } else if rest.is_empty() {
        ShadowResult::Noise
    } else if rest.has(Mask::STATUS) {
        ShadowResult::Status
    } else {
        ShadowResult::Different
    }
}

impl Errors {
    fn count(&mut self, live: u16, mirror: u16) {
        match (is_error(live), is_error(mirror)) {
            (true, false) => self.only_live += 1,
            (false, true) => self.only_mirror += 1,
            (true, true) | (false, false) => {}
        }
        self.live += u64::from(is_error(live));
        self.mirror += u64::from(is_error(mirror));
    }

    /// How much larger the target's share of failures is.
    pub(super) fn excess(&self, of: u64) -> Estimate {
        paired_difference(self.only_mirror, self.only_live, of)
    }
}

/// Whether the scorer failed. Its other 4xx are answers: it refused the input.
fn is_error(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 424)
}

impl SideTimes {
    fn add(&mut self, answer: &ShadowAnswer) {
        self.whole.add(answer.guest + answer.infer);
        self.guest.add(answer.guest);
        if answer.infer > Duration::ZERO {
            self.infer.add(answer.infer);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mlwasm_routing::shadow::{PairSource, ShadowBody};
    use mlwasm_types::shadow::DifferenceKind;

    use super::*;

    fn answer(status: u16) -> ShadowAnswer {
        ShadowAnswer {
            status,
            content_type: None,
            body: ShadowBody::Kept(Bytes::new()),
            guest: Duration::from_millis(1),
            infer: Duration::ZERO,
        }
    }

    fn pair(id: u64, live: u16, other: u16) -> ShadowPair {
        ShadowPair {
            request_id: format!("r-{id}"),
            arrived: Instant::now(),
            live: answer(live),
            other: answer(other),
            source: PairSource::Mirror,
        }
    }

    fn differing(path: &str) -> Vec<Difference> {
        vec![Difference {
            path: path.to_owned(),
            kind: DifferenceKind::Number,
            live: "1".to_owned(),
            mirror: "2".to_owned(),
        }]
    }

    fn tally() -> Tally {
        Tally::new(Timestamp::UNIX_EPOCH, Instant::now())
    }

    fn take(tally: &mut Tally, id: u64, differences: Vec<Difference>) -> Vec<ShadowResult> {
        tally.take(&pair(id, 200, 200), differences, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn noise_that_is_learned_late_is_noise_from_the_first_pair_on() {
        let mut tally = tally();
        for id in 0..10 {
            assert!(take(&mut tally, id, differing("$.time")).is_empty());
        }
        assert_eq!(tally.counts().different, 10);
        assert!(tally.take_replay(differing("$.time")).is_empty());
        assert!(tally.take_replay(differing("$.time")).is_empty());

        let counted = tally.take_replay(differing("$.time"));

        assert_eq!(counted, [ShadowResult::Noise; 10]);
        let counts = tally.counts();
        assert_eq!((counts.noise, counts.different, counts.replays), (10, 0, 3));
        assert_eq!(tally.samples().count(), 0);
        assert!(tally.evidence().has_noise);
    }

    #[test]
    fn without_replays_differences_are_counted_after_a_while() {
        let mut tally = tally();
        let start = Instant::now();
        let mut at = |after: Duration, differences| {
            let pair = ShadowPair {
                arrived: start + after,
                ..pair(0, 200, 200)
            };
            tally.take(&pair, differences, Timestamp::UNIX_EPOCH)
        };
        assert!(at(Duration::ZERO, differing("$.x")).is_empty());
        let just_before = PATIENCE - Duration::from_nanos(1);
        assert!(at(just_before, differing("$.x")).is_empty());
        assert_eq!(at(just_before, Vec::new()), [ShadowResult::Equal]);
        let counted = at(PATIENCE, differing("$.x"));
        assert_eq!(counted, [ShadowResult::Different; 3]);
    }

    #[test]
    fn failures_are_counted_by_side() {
        let mut tally = tally();
        for (live, other) in [
            (200, 424),
            (200, 408),
            (500, 200),
            (503, 503),
            (400, 404),
            (200, 200),
        ] {
            tally.take(&pair(0, live, other), Vec::new(), Timestamp::UNIX_EPOCH);
        }
        let errors = tally.errors;
        assert_eq!((errors.live, errors.mirror), (2, 3));
        assert_eq!((errors.only_live, errors.only_mirror), (1, 2));
        // Times of those alone that both answered well.
        assert_eq!(tally.live.whole.count(), 1);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut tally = tally();
        for id in 0..5_000_u64 {
            // Twelve fields in all their combinations.
            let differences = (0..12).filter(|bit| id >> bit & 1 == 1);
            let differences = differences.flat_map(|bit| differing(&format!("$.f{bit}")));
            let differences = differences.collect();
            take(&mut tally, id, differences);
        }
        assert!(tally.sets.len() <= MAX_SETS + 1);
        assert_eq!(tally.samples().count(), MAX_SAMPLES);
        let counts = tally.counts();
        assert_eq!(counts.equal + counts.different, 5_000);
        assert_eq!(tally.samples().next().unwrap().0.request_id, "r-4999");
    }
}
