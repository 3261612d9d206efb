//! A load on one thread: connections that send one fixed request over and over, and what became of the requests.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use hdrhistogram::Histogram;
use tokio::{
    task::{LocalSet, spawn_local, yield_now},
    time::sleep_until,
};

use crate::client::{Client, Request};

/// How requests are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) pace: Pace,
    pub(crate) extent: Extent,
    pub(crate) thread: Thread,
}

/// When a connection sends its next request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// As soon as the last one is answered.
    Closed,
    /// At fixed times, this far apart. The latency of a request that had to wait for the former one's answer counts
    /// from the time at which it should have been sent: a server that stalls can not hide that by delaying the load.
    Every(Duration),
}

/// When a load ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extent {
    For(Duration),
    Requests(u64),
}

/// What the load's thread does while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thread {
    /// It stays awake, on a core of its own. Else the server pays, with each answer, for waking the core that the load
    /// is on: the faster the load, the rarer, so that the sides of a pair would pay differently.
    Awake,
    /// It sleeps, and leaves its core to the server.
    Sleeps,
}

/// What became of the requests.
#[derive(Debug)]
pub(crate) struct Answers {
    /// Answers with status 200.
    pub(crate) good: u64,
    /// All others, by status; `broken` for connections that broke.
    pub(crate) error_counts: BTreeMap<String, u64>,
    pub(crate) took: Duration,
    /// Nanoseconds from sending to the whole answer, of all requests.
    latencies: Histogram<u64>,
}

impl Answers {
    /// The same answers, if all of them are good.
    ///
    /// # Errors
    ///
    /// If one is not: a benchmark of refusals would be a lie.
    pub(crate) fn all_good(self) -> anyhow::Result<Self> {
        ensure!(
            self.error_counts.is_empty() && self.good > 0,
            "{} good answers, and these errors: {:?}",
            self.good,
            self.error_counts
        );
        Ok(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
    pub(crate) fn count(&self) -> f64 {
        self.good as f64
    }

    /// Good answers a second.
    pub(crate) fn a_second(&self) -> f64 {
        self.count() / self.took.as_secs_f64()
    }

    /// The latency that this share of the requests does not exceed, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds far below 2^52")]
    pub(crate) fn latency_ms(&self, quantile: f64) -> f64 {
        self.latencies.value_at_quantile(quantile) as f64 / 1e6
    }

    /// How many requests were not answered with 200.
    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
    pub(crate) fn errors(&self) -> f64 {
        self.error_counts.values().sum::<u64>() as f64
    }
}

/// Sends `request` as `load` says, and returns when the last answer is there.
///
/// # Errors
///
/// If a connection can not be made.
pub(crate) fn run(request: &Request, load: Load) -> anyhow::Result<Answers> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = Rc::new(request.clone());
    runtime.block_on(LocalSet::new().run_until(async move {
        let tally = Rc::new(Tally::new(load)?);
        let clients: Vec<_> = (0..load.connections)
            .map(|number| {
                let (request, tally) = (Rc::clone(&request), Rc::clone(&tally));
                spawn_local(one_connection(request, load, number, tally))
            })
            .collect();
        if load.thread == Thread::Awake {
            spawn_local(stay_awake(Rc::downgrade(&tally)));
        }
        for client in clients {
            client.await??;
        }
        Ok(tally.answers())
    }))
}

/// Ten minutes: no scenario lets a request take so long.
const MOST_NANOSECONDS: u64 = 600_000_000_000;

/// What the connections count together.
struct Tally {
    start: Instant,
    until: Option<Instant>,
    left: Cell<u64>,
    good: Cell<u64>,
    errors: RefCell<BTreeMap<String, u64>>,
    latencies: RefCell<Histogram<u64>>,
}

impl Tally {
    fn new(load: Load) -> anyhow::Result<Self> {
        let start = Instant::now();
        let (until, left) = match load.extent {
            Extent::For(duration) => (Some(start + duration), u64::MAX),
            Extent::Requests(count) => (None, count),
        };
        Ok(Self {
            start,
            until,
            left: Cell::new(left),
            good: Cell::new(0),
            errors: RefCell::default(),
            latencies: RefCell::new(Histogram::new_with_max(MOST_NANOSECONDS, 3)?),
        })
    }

    /// Whether one more request may be sent.
    fn admits(&self, now: Instant) -> bool {
        let is_time = self.until.is_none_or(|until| now < until);
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        is_time && left > 0
    }

    fn record(&self, answer: &anyhow::Result<u16>, latency: Duration) {
        match answer {
            Ok(200) => self.good.set(self.good.get() + 1),
            Ok(status) => {
                *self
                    .errors
                    .borrow_mut()
                    .entry(status.to_string())
                    .or_default() += 1
            }
            Err(_) => {
                *self
                    .errors
                    .borrow_mut()
                    .entry("broken".to_owned())
                    .or_default() += 1
            }
        }
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.latencies.borrow_mut().saturating_record(nanoseconds);
    }

    fn answers(&self) -> Answers {
        Answers {
            good: self.good.get(),
            error_counts: self.errors.take(),
            took: self.start.elapsed(),
            latencies: self.latencies.borrow().clone(),
        }
    }
}

async fn stay_awake(tally: std::rc::Weak<Tally>) {
    while tally.strong_count() > 0 {
        yield_now().await;
    }
}

async fn one_connection(
    request: Rc<Request>,
    load: Load,
    number: u32,
    tally: Rc<Tally>,
) -> anyhow::Result<()> {
    let mut client = Client::connect(request.address).await?;
    let mut now = Instant::now();
    // Spread, so that the connections do not send all at once.
    let mut due = match load.pace {
        Pace::Closed => now,
        Pace::Every(gap) => now + gap * number / load.connections,
    };
    while tally.admits(now) {
        let sent = match load.pace {
            Pace::Closed => now,
            Pace::Every(gap) => {
                let is_early = now < due;
                if is_early {
                    sleep_until(due.into()).await;
                }
                let sent = if is_early { Instant::now() } else { due };
                due += gap;
                sent
            }
        };
        let answer = client.exchange(&request.bytes).await;
        now = Instant::now();
        tally.record(&answer, now - sent);
        if answer.is_err() {
            client = Client::connect(request.address).await?;
        }
    }
    Ok(())
}
