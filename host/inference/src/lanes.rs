//! The threads for runs that are long.
//!
//! A long run on an async thread holds up every request that waits for that thread. Lanes are threads of their own, as many
//! as there are cores, of lower priority than the threads that do I/O: those preempt them. So the machine is never idle
//! while a run waits, and an answer that is ready never waits for a run. What waits is bounded by the sandboxes that wait
//! for it: each asks for one run at a time.
//!
//! A lane may hold a lock (of a session's arena, of a queue) while it is preempted. Whoever waits for that lock sleeps,
//! which gives the lane its core back, so that the wait is as long as the lock is held and no longer.

mod schedule;

use std::{
    fmt, io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use self::schedule::{Id, Pick, Schedule};
use crate::{backend::LaneCounts, cpu};

/// The work that waits in a queue.
pub(crate) trait Work: Send + Sync {
    /// Does the piece that came first, on the thread of a lane. `beside` other lanes work on this queue too.
    fn run_next(&self, beside: usize) -> Next;

    /// What a piece typically takes.
    fn expected(&self) -> Duration;
}

/// How a lane's turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A piece of work is done, or there was none any more.
    Done,
    /// The piece would rather wait for company until then.
    NotBefore(Instant),
}

/// The lanes. Dropping them ends the threads, each after the run that it is in.
///
/// # Concurrency
///
/// Any thread may submit. The lock guards the schedule and is held to look at it, never while work is done.
pub(crate) struct Lanes(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    lanes: usize,
}

struct State {
    schedule: Schedule<Arc<dyn Work>>,
    resting: usize,
    busy: usize,
    is_closed: bool,
}

impl Lanes {
    /// Starts `count` threads.
    pub(crate) fn start(count: NonZeroUsize) -> io::Result<Arc<Self>> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                schedule: Schedule::new(),
                resting: 0,
                busy: 0,
                is_closed: false,
            }),
            wake: Condvar::new(),
            lanes: count.get(),
        });
        let lanes = Arc::new(Self(shared));
        for number in 0..count.get() {
            let shared = Arc::clone(&lanes.0);
            thread::Builder::new()
                .name(format!("lane-{number}"))
                .spawn(move || shared.serve())?;
        }
        Ok(lanes)
    }

    /// A queue for `work`, on which at most `most` lanes work at once.
    pub(crate) fn open(self: &Arc<Self>, work: Arc<dyn Work>, most: usize) -> LaneQueue {
        let id = self.0.lock().schedule.open(work, most);
        LaneQueue {
            lanes: Arc::clone(self),
            id,
        }
    }

    pub(crate) fn counts(&self) -> LaneCounts {
        let state = self.0.lock();
        LaneCounts {
            lanes: self.0.lanes,
            busy: state.busy,
            waiting: state.schedule.waiting(),
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.wake.notify_all();
    }
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.counts(), f)
    }
}

/// One model's place at the lanes. Dropping it forgets what waits.
pub(crate) struct LaneQueue {
    lanes: Arc<Lanes>,
    id: Id,
}

impl LaneQueue {
    /// One more piece of work waits.
    pub(crate) fn submit(&self) {
        self.change(|schedule| schedule.submit(self.id));
    }

    /// One piece of work less waits.
    pub(crate) fn withdraw(&self) {
        self.lanes.0.lock().schedule.withdraw(self.id);
    }

    /// What waits need not wait for company any more.
    pub(crate) fn hurry(&self) {
        self.change(|schedule| schedule.hurry(self.id));
    }

    fn change(&self, change: impl FnOnce(&mut Schedule<Arc<dyn Work>>)) {
        let shared = &self.lanes.0;
        let is_one_resting = {
            let mut state = shared.lock();
            change(&mut state.schedule);
            state.resting > 0
        };
        // A busy lane looks at the schedule by itself before it rests.
        if is_one_resting {
            shared.wake.notify_one();
        }
    }
}

impl Drop for LaneQueue {
    fn drop(&mut self) {
        self.lanes.0.lock().schedule.close(self.id);
    }
}

impl Shared {
    fn serve(&self) {
        cpu::stand_back();
        let mut state = self.lock();
        while !state.is_closed {
            let now = Instant::now();
            let (work, turn) = match state.schedule.pick(now, |work| work.expected()) {
                Pick::Run(work, turn) => (work, turn),
                Pick::Until(later) => {
                    state = self.rest(state, Some(later - now));
                    continue;
                }
                Pick::Rest => {
                    state = self.rest(state, None);
                    continue;
                }
            };
            state.busy += 1;
            drop(state);
            // A panic is a bug that costs the requests of this run; the lane goes on.
            let next = catch_unwind(AssertUnwindSafe(|| work.run_next(turn.beside)));
            // Its model may be gone but for this: freeing it takes time.
            drop(work);
            state = self.lock();
            state.busy -= 1;
            match next {
                Ok(Next::NotBefore(later)) => state.schedule.put_back(turn, later),
                Ok(Next::Done) | Err(_) => state.schedule.end(turn, now.elapsed()),
            }
        }
    }

    fn rest<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        longest: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        state.resting += 1;
        let mut state = match longest {
            Some(longest) => {
                self.wake
                    .wait_timeout(state, longest)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
            None => self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
        };
        state.resting -= 1;
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
