//! Ends native runs at their deadline.
//!
//! Nothing else can: a run inside ONNX Runtime does not see the sandbox's epochs. Each thread that runs models owns one
//! [`RunSlot`] with the options object that its runs use. Arming is one atomic store; a thread looks through all slots
//! every few milliseconds, and sleeps while nothing runs.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use ort::session::RunOptions;

/// How late a deadline may be noticed. Coarse enough that looking costs a fraction of a percent of a core.
const TICK: Duration = Duration::from_millis(5);

/// How long to keep ticking after the last run: waking the thread costs a run microseconds, ticking costs it nothing.
const TICKS_BEFORE_SLEEP: u32 = 200;

/// No run.
const IDLE: u64 = 0;
/// The watchdog is telling the run to stop; nobody else may touch the options.
const STOPPING: u64 = u64::MAX - 1;
/// The run was told to stop.
const STOPPED: u64 = u64::MAX;

/// The thread that ends runs, and the runs it looks after.
///
/// # Concurrency
///
/// The lock guards the list of slots, which changes when a thread runs its first model or has ended. Runs never take it.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    thread: Thread,
}

struct Shared {
    origin: Instant,
    slots: Mutex<Vec<Arc<RunSlot>>>,
    is_asleep: AtomicBool,
}

/// The options of one thread's runs, and the deadline of the current one.
pub(crate) struct RunSlot {
    options: RunOptions,
    /// [`IDLE`], [`STOPPING`], [`STOPPED`], or the deadline in nanoseconds since the watchdog's start.
    state: AtomicU64,
}

impl RunSlot {
    pub(crate) fn options(&self) -> &RunOptions {
        &self.options
    }
}

/// How a watched run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    InTime,
    Stopped,
}

impl Watchdog {
    /// Starts the thread, which lives as long as the process.
    pub(crate) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared {
            origin: Instant::now(),
            slots: Mutex::new(Vec::new()),
            is_asleep: AtomicBool::new(false),
        });
        let watched = Arc::clone(&shared);
        let handle = thread::Builder::new()
            .name("run-watchdog".to_owned())
            .spawn(move || watched.look_forever())?;
        Ok(Self {
            shared,
            thread: handle.thread().clone(),
        })
    }

    /// A slot for the calling thread. The watchdog forgets it after its owner has.
    pub(crate) fn enrol(&self) -> ort::Result<Arc<RunSlot>> {
        let slot = Arc::new(RunSlot {
            options: RunOptions::new()?,
            state: AtomicU64::new(IDLE),
        });
        self.shared.slots().push(Arc::clone(&slot));
        Ok(slot)
    }

    /// Watches the run that the owner of `slot` is about to start, until [`Watch::end`].
    pub(crate) fn watch<'a>(&self, slot: &'a Arc<RunSlot>, deadline: Instant) -> Watch<'a> {
        let deadline = self.shared.nanos(deadline);
        // Ordered with the watchdog's own store to `is_asleep` and its look at this state: either it sees the deadline
        // before it sleeps, or we see that it sleeps.
        slot.state.store(deadline, Ordering::SeqCst);
        if self.shared.is_asleep.load(Ordering::SeqCst)
            && self.shared.is_asleep.swap(false, Ordering::SeqCst)
        {
            self.thread.unpark();
        }
        Watch { slot, deadline }
    }
}

impl Shared {
    fn look_forever(&self) {
        let mut idle_ticks = 0;
        loop {
            match self.stop_overdue() {
                Some(wait) => {
                    idle_ticks = 0;
                    thread::park_timeout(wait.min(TICK));
                }
                None if idle_ticks < TICKS_BEFORE_SLEEP => {
                    idle_ticks += 1;
                    thread::park_timeout(TICK);
                }
                None => {
                    self.sleep();
                    idle_ticks = 0;
                }
            }
        }
    }

    fn sleep(&self) {
        self.is_asleep.store(true, Ordering::SeqCst);
        if self.stop_overdue().is_none() {
            thread::park();
        }
        self.is_asleep.store(false, Ordering::SeqCst);
    }

    /// Stops the runs that are past their deadline and returns the time to the next deadline, if anything runs.
    fn stop_overdue(&self) -> Option<Duration> {
        let mut slots = self.slots();
        slots.retain(|slot| Arc::strong_count(slot) > 1);
        let now = self.nanos(Instant::now());
        let mut next = None;
        for slot in slots.iter() {
            let state = slot.state.load(Ordering::SeqCst);
            match state {
                IDLE | STOPPING | STOPPED => {}
                deadline if deadline <= now => stop(slot, deadline),
                deadline => next = Some(next.unwrap_or(u64::MAX).min(deadline)),
            }
        }
        next.map(|deadline| Duration::from_nanos(deadline - now))
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Arc<RunSlot>>> {
        // A list of handles is right after any panic.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn nanos(&self, time: Instant) -> u64 {
        let nanos = time.saturating_duration_since(self.origin).as_nanos();
        u64::try_from(nanos)
            .unwrap_or(u64::MAX)
            .clamp(IDLE + 1, STOPPING - 1)
    }
}

/// Stops the run with this deadline, unless it has just ended.
fn stop(slot: &RunSlot, deadline: u64) {
    // Claim the slot first: after the run's end its options may already serve the next one.
    let claimed =
        slot.state
            .compare_exchange(deadline, STOPPING, Ordering::AcqRel, Ordering::Relaxed);
    if claimed.is_ok() {
        if let Err(error) = slot.options.terminate() {
            tracing::error!(%error, "run can not be stopped");
        }
        slot.state.store(STOPPED, Ordering::Release);
    }
}

/// A run that the watchdog looks after.
pub(crate) struct Watch<'a> {
    slot: &'a Arc<RunSlot>,
    deadline: u64,
}

/// Stops one run before its deadline. Whoever holds it lets go of it before the run's [`Watch::end`]: the next run of the
/// same thread may have the same deadline.
pub(crate) struct Stopper {
    slot: Arc<RunSlot>,
    deadline: u64,
}

impl Stopper {
    /// Stops the run, unless it has just ended.
    pub(crate) fn stop(&self) {
        stop(&self.slot, self.deadline);
    }
}

impl Watch<'_> {
    /// What stops this run.
    pub(crate) fn stopper(&self) -> Stopper {
        Stopper {
            slot: Arc::clone(self.slot),
            deadline: self.deadline,
        }
    }

    /// Ends the watch, and makes the slot ready for the next run.
    pub(crate) fn end(self) -> Ended {
        let state = &self.slot.state;
        if state
            .compare_exchange(self.deadline, IDLE, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
        {
            return Ended::InTime;
        }
        // The watchdog holds the slot for the time of one store.
        while state.load(Ordering::Acquire) != STOPPED {
            thread::yield_now();
        }
        self.slot
            .options
            .unterminate()
            .expect("ONNX Runtime only clears a flag");
        state.store(IDLE, Ordering::Release);
        Ended::Stopped
    }
}
