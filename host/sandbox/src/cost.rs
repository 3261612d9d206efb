//! What the sandboxes of one deployment cost: processor time, memory over time, bytes in and out.
//!
//! Each sandbox counts for itself, on a page of its own, so that counting is a plain store; whoever asks adds the pages up. A page
//! outlives its sandbox and goes to the next one, so there are as many as there ever were sandboxes at once.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mlwasm_types::Cost;

use crate::{
    cpu::{self, Begun, CpuMeter, Spell},
    lock::lock,
};

/// What one deployment has cost, over all its revisions.
///
/// # Concurrency
///
/// Any thread may read, and open pages. The lock guards the list of pages and the account of memory; it is taken when a
/// sandbox begins, grows or ends, and not by its requests.
pub struct CostMeter {
    account: Mutex<Account>,
}

struct Account {
    pages: Vec<Arc<Page>>,
    /// Those that no sandbox writes on.
    free: Vec<Arc<Page>>,
    memory: MemoryAccount,
}

/// What one sandbox writes on.
///
/// # Concurrency
///
/// Only whoever has the sandbox to itself writes.
// Two cache lines, which processors fetch in pairs: no other sandbox's page is in them.
#[repr(align(128))]
pub(crate) struct Page {
    guest: CpuMeter,
    native: CpuMeter,
    requests: AtomicU64,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
}

/// Bytes, and for how long they were held.
struct MemoryAccount {
    bytes: u64,
    since: Instant,
    byte_nanoseconds: u128,
}

/// One sandbox's right to a page. Dropping it gives back the page, and the memory.
pub(crate) struct Tally {
    meter: Arc<CostMeter>,
    page: Arc<Page>,
    bytes: u64,
    stay: Stay,
}

/// Whether the guest is on a processor.
#[derive(Clone, Copy, Debug)]
enum Stay {
    /// It is not.
    Away,
    /// It is, for the first time in this call, which began then.
    First(Instant, Begun),
    /// It has given its thread back and is on one again, whose time was this.
    Again(Duration),
}

impl CostMeter {
    /// Nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was counted until now.
    pub fn total(&self) -> Cost {
        let mut account = lock(&self.account);
        account.memory.hold(Instant::now(), 0, 0);
        let memory = account.memory.mib_seconds();
        let pages = account.pages.iter().map(|page| page.cost());
        let sum = pages.fold(Cost::default(), |sum, page| sum + page);
        Cost {
            mib_seconds: memory,
            ..sum
        }
    }

    /// A page for one sandbox, which holds no memory yet.
    pub(crate) fn open(self: &Arc<Self>) -> Tally {
        let page = {
            let mut account = lock(&self.account);
            account.free.pop().unwrap_or_else(|| {
                let page = Arc::new(Page::new());
                account.pages.push(Arc::clone(&page));
                page
            })
        };
        Tally {
            meter: Arc::clone(self),
            page,
            bytes: 0,
            stay: Stay::Away,
        }
    }
}

impl Default for CostMeter {
    fn default() -> Self {
        let memory = MemoryAccount {
            bytes: 0,
            since: Instant::now(),
            byte_nanoseconds: 0,
        };
        Self {
            account: Mutex::new(Account {
                pages: Vec::new(),
                free: Vec::new(),
                memory,
            }),
        }
    }
}

impl fmt::Debug for CostMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.total(), f)
    }
}

impl Page {
    fn new() -> Self {
        Self {
            guest: CpuMeter::new(),
            native: CpuMeter::new(),
            requests: AtomicU64::new(0),
            request_bytes: AtomicU64::new(0),
            response_bytes: AtomicU64::new(0),
        }
    }

    /// What is on it; memory is not.
    fn cost(&self) -> Cost {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Cost {
            requests: read(&self.requests),
            guest_cpu_seconds: self.guest.total().as_secs_f64(),
            native_cpu_seconds: self.native.total().as_secs_f64(),
            mib_seconds: 0.0,
            request_bytes: read(&self.request_bytes),
            response_bytes: read(&self.response_bytes),
        }
    }

    /// A native run begins on this thread, in the middle of the guest's stay.
    pub(crate) fn native_begins(&self) -> Begun {
        self.native.begin()
    }

    /// It has ended, after `wall`.
    pub(crate) fn native_ended(&self, begun: Begun, wall: Duration) {
        let work = self.native.end(begun, wall, Spell::default());
        cpu::native_ran(Spell { wall, work });
    }

    /// A native run on another thread, for which the guest waited, has taken so much of a processor.
    pub(crate) fn native_ran_elsewhere(&self, work: Duration) {
        self.native.add(work);
    }
}

impl MemoryAccount {
    /// From `now` on it is `more` bytes and `less` bytes.
    fn hold(&mut self, now: Instant, more: u64, less: u64) {
        // Clocks of two threads may cross by a moment.
        let passed = now.saturating_duration_since(self.since);
        self.byte_nanoseconds += u128::from(self.bytes) * passed.as_nanos();
        self.since = self.since.max(now);
        self.bytes = (self.bytes + more).saturating_sub(less);
    }

    fn mib_seconds(&self) -> f64 {
        self.byte_nanoseconds as f64 / 1e9 / f64::from(1 << 20)
    }
}

impl Tally {
    /// The page, for what the guest asks of the host.
    pub(crate) fn page(&self) -> Arc<Page> {
        Arc::clone(&self.page)
    }

    /// A call into the guest began at `begun`, and goes on now, on this thread.
    pub(crate) fn begin(&mut self, begun: Instant) {
        // Of an earlier guest that panicked the host.
        cpu::take_native();
        self.stay = Stay::First(begun, self.page.guest.begin());
    }

    /// `call`, every stay of which on a thread is counted.
    pub(crate) fn counted<'a, F: Future>(
        &'a mut self,
        mut call: Pin<&'a mut F>,
    ) -> impl Future<Output = F::Output> + 'a {
        poll_fn(move |context| {
            self.resume();
            let poll = call.as_mut().poll(context);
            // Whoever began the call knows when it ended, if that was within its first stay.
            if poll.is_pending() {
                self.pause(Instant::now());
            }
            poll
        })
    }

    /// The call ended at `ended`, on this thread.
    pub(crate) fn end(&mut self, ended: Instant) {
        self.pause(ended);
    }

    /// The sandbox now has `bytes` of memory.
    pub(crate) fn hold(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        if bytes != self.bytes {
            let mut account = lock(&self.meter.account);
            account.memory.hold(Instant::now(), bytes, self.bytes);
            self.bytes = bytes;
        }
    }

    /// So many requests, of so many bytes together, were answered with so many.
    pub(crate) fn requests(&self, requests: u32, request_bytes: usize, response_bytes: usize) {
        // Nobody else writes, so that this needs no locked instruction.
        let add = |counter: &AtomicU64, more: usize| {
            let sum = counter.load(Ordering::Relaxed) + more as u64;
            counter.store(sum, Ordering::Relaxed);
        };
        add(&self.page.requests, requests as usize);
        add(&self.page.request_bytes, request_bytes);
        add(&self.page.response_bytes, response_bytes);
    }

    fn resume(&mut self) {
        if matches!(self.stay, Stay::Away) {
            cpu::take_native();
            self.stay = Stay::Again(cpu::thread_time());
        }
    }

    fn pause(&mut self, now: Instant) {
        let guest = &self.page.guest;
        match std::mem::replace(&mut self.stay, Stay::Away) {
            Stay::Away => {}
            Stay::First(since, begun) => {
                let wall = now.saturating_duration_since(since);
                guest.end(begun, wall, cpu::take_native());
            }
            Stay::Again(begun) => {
                let native = cpu::take_native();
                let work = cpu::thread_time().saturating_sub(begun);
                guest.add(work.saturating_sub(native.work));
            }
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut account = lock(&self.meter.account);
        account.memory.hold(Instant::now(), 0, self.bytes);
        account.free.push(Arc::clone(&self.page));
    }
}

#[cfg(test)]
mod tests;
