//! What deployments have cost, and when.
//!
//! The sandboxes count; this reads their counters once a minute and keeps a day of readings, so that one may ask for the last
//! hour. In memory: a restart begins anew, as the counters themselves do. Whoever needs longer memory scrapes the metrics.

mod book;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;
use mlwasm_sandbox::{CostMeter, TaskGroup};
use mlwasm_types::{Cost, CostReport, DeploymentCost, EndpointName, Generation, ProcessCost};
use rustix::time::{ClockId, clock_gettime};
use tokio::{sync::watch, time::sleep};

use crate::reconcile::{Key, LiveView};
use book::Book;

/// Time between two readings.
const MINUTE: Duration = Duration::from_secs(60);
/// Time between two looks at who came and went: changes may come in hundreds, and each look goes through all deployments. What
/// comes and goes within it is nobody's, that is the host's.
const CALM: Duration = Duration::from_secs(1);

/// The costs of all deployments since the server started.
///
/// # Concurrency
///
/// One task reads the counters, any number of requests ask. The lock is held for one reading or one report.
pub(crate) struct Ledger {
    books: Mutex<Books>,
}

struct Books {
    opened: Instant,
    opened_at: Timestamp,
    deployments: BTreeMap<(Key, Generation), Deployment>,
    /// What deployments used that are gone.
    gone: Cost,
    /// All deployments, those that are gone included.
    all: Book<Cost>,
    /// Processor time of the process, in seconds.
    process: Book<f64>,
}

struct Deployment {
    meter: Arc<CostMeter>,
    book: Book<Cost>,
}

impl Ledger {
    /// Books without a reading.
    pub(crate) fn new() -> Arc<Self> {
        let books = Books {
            opened: Instant::now(),
            opened_at: Timestamp::now(),
            deployments: BTreeMap::new(),
            gone: Cost::default(),
            all: Book::default(),
            process: Book::default(),
        };
        Arc::new(Self {
            books: Mutex::new(books),
        })
    }

    /// Reads the counters once a minute, and looks who came and went, until the group shuts down.
    pub(crate) async fn keep(
        self: Arc<Self>,
        mut live: watch::Receiver<Arc<LiveView>>,
        tasks: TaskGroup,
    ) {
        loop {
            let until_next = {
                let mut books = self.books();
                books.meet(&live.borrow_and_update());
                let elapsed = books.opened.elapsed();
                let minute = minute_of(elapsed);
                books.write(minute);
                (MINUTE * (minute + 1)).saturating_sub(elapsed)
            };
            let change = async {
                let changed = live.changed().await;
                sleep(CALM).await;
                changed
            };
            tokio::select! {
                () = tasks.cancelled() => return,
                changed = change => if changed.is_err() {
                    return;
                },
                () = sleep(until_next) => {}
            }
        }
    }

    /// What the `live` deployments, of one endpoint or all, used in the last `window`, or since the server started.
    pub(crate) fn report(
        &self,
        live: &watch::Receiver<Arc<LiveView>>,
        endpoint: Option<&EndpointName>,
        window: Option<Duration>,
    ) -> CostReport {
        let mut books = self.books();
        // One may be so young that the task has not met it yet.
        books.meet(&live.borrow());
        let now = books.opened.elapsed();
        let since = window.map_or(0, |window| first_minute(now, window));
        books.report(now, since, endpoint)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // Each reading is whole by itself.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    /// Opens books for deployments that are new, and closes those of deployments that are gone. Views must come in their
    /// order, so they are looked up under the lock: an old one would bring back what is gone, to be counted twice.
    fn meet(&mut self, view: &LiveView) {
        let live: BTreeMap<_, _> = view
            .costs()
            .map(|(key, created, meter)| ((key, created), meter))
            .collect();
        let gone = self
            .deployments
            .extract_if(.., |name, _| !live.contains_key(name));
        for (_, deployment) in gone {
            self.gone = self.gone + deployment.meter.total();
        }
        for (name, meter) in live {
            self.deployments.entry(name).or_insert_with(|| Deployment {
                meter: Arc::clone(meter),
                book: Book::default(),
            });
        }
    }

    /// Writes down what the counters say at the beginning of `minute`. A minute is written once.
    fn write(&mut self, minute: u32) {
        if minute == 0 || self.process.is_written(minute) {
            return;
        }
        let mut all = self.gone;
        for deployment in self.deployments.values_mut() {
            let total = deployment.meter.total();
            all = all + total;
            deployment.book.write(minute, total);
        }
        self.all.write(minute, all);
        self.process.write(minute, process_seconds());
    }

    fn report(&self, now: Duration, since: u32, endpoint: Option<&EndpointName>) -> CostReport {
        let mut deployments = Vec::new();
        let mut sum = Cost::default();
        let mut all = self.gone;
        for (((of, name), _), deployment) in &self.deployments {
            let total = deployment.meter.total();
            all = all + total;
            if endpoint.is_none_or(|wanted| wanted == of) {
                let cost = total - deployment.book.at(since);
                sum = sum + cost;
                deployments.push(DeploymentCost {
                    endpoint: of.clone(),
                    deployment: name.clone(),
                    cost,
                });
            }
        }
        let mut report = CostReport {
            since: self.moment(MINUTE * since),
            until: self.moment(now),
            deployments,
            deleted: None,
            sum,
            process: None,
        };
        if endpoint.is_none() {
            // Read last: what was worked while the counters were read is the host's.
            let cpu_seconds = process_seconds() - self.process.at(since);
            report.sum = all - self.all.at(since);
            report.deleted = Some(report.sum - sum);
            report.process = Some(ProcessCost {
                cpu_seconds,
                host_cpu_seconds: cpu_seconds - report.sum.cpu_seconds(),
            });
        }
        report
    }

    fn moment(&self, elapsed: Duration) -> Timestamp {
        let at = SystemTime::from(self.opened_at) + elapsed;
        // Only a clock that is thousands of years ahead makes it none.
        Timestamp::try_from(at).unwrap_or(self.opened_at)
    }
}

fn minute_of(elapsed: Duration) -> u32 {
    u32::try_from(elapsed.as_secs() / MINUTE.as_secs()).unwrap_or(u32::MAX)
}

/// The minute of the last reading that a window of this length needs.
fn first_minute(now: Duration, window: Duration) -> u32 {
    let minute = minute_of(now.saturating_sub(window));
    book::kept_minute(minute, minute_of(now))
}

/// Processor time of this process so far, in seconds.
fn process_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests;
