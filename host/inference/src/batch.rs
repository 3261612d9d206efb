//! The runs of one model that wait for a lane, joined where the model allows it.
//!
//! A request that asks for a long run copies its inputs into a job and waits for the answer. If the model's runs may be
//! joined, the job is the one that waits already: its rows stand behind those of the others, whichever sandbox and
//! deployment they come from. A free lane takes the first job as it is, so that a request that comes alone does not wait
//! for company; what comes while all lanes are busy, or a joined run is under way, gathers by itself.
//!
//! A joined run that fails is made again, request by request: then whoever is to blame fails alone.

mod job;
mod jobs;
mod pending;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mlwasm_types::{Batching, Tensor};
use tokio::sync::oneshot;

use self::{
    job::{Indivisible, Job, Member},
    jobs::{Jobs, Taken},
    pending::{Pending, Place},
};
use crate::{
    backend::{BatchCounts, InputView},
    cpu,
    error::InferenceError,
    lanes::{LaneQueue, Next, Work},
    model::{Runner, Supervisor},
    native::Value,
    providers::Sharing,
    watchdog::Stopper,
};

/// The jobs of one model.
///
/// # Concurrency
///
/// Requests add jobs and leave them, lanes run them. One lock guards the list of jobs. It is held while the rows of a request
/// are copied behind those of others, which takes a hundredth of what the model takes for them; only requests to the same
/// model wait for it. Within it, no other lock is taken.
pub(crate) struct Batcher {
    runner: Arc<Runner>,
    joining: Option<Batching>,
    jobs: Mutex<Jobs>,
    batches: AtomicU64,
    rows: AtomicU64,
}

/// Where a request's inputs went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queued {
    /// Into a job of their own.
    Behind,
    /// Into one that waits.
    Joined,
    /// Into one that waits and takes no more.
    Full,
}

type Outputs = Result<Vec<Tensor>, InferenceError>;

impl Batcher {
    /// No jobs of `runner`'s model yet.
    pub(crate) fn new(runner: Arc<Runner>, joining: Option<Batching>) -> Self {
        Self {
            runner,
            joining,
            jobs: Mutex::default(),
            batches: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_joining(&self) -> bool {
        self.joining.is_some()
    }

    pub(crate) fn counts(&self) -> Option<BatchCounts> {
        self.joining.map(|_| BatchCounts {
            batches: self.batches.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
        })
    }

    /// Copies inputs that fit the model, in its order, and returns the future of their outputs.
    ///
    /// Copied, since the guest whose memory they are in may be stopped and freed while a lane still reads them. For a run
    /// of 10 ms on 602 KB that is a hundredth of it.
    pub(crate) fn add(
        self: &Arc<Self>,
        views: &[InputView<'_>],
        deadline: Instant,
        queue: &Arc<LaneQueue>,
    ) -> Pending {
        let (answer, receiver) = oneshot::channel();
        let member = Member::new(answer, deadline);
        let (job, queued) = match self.joining.zip(joinable_rows(views)) {
            Some((joining, rows)) => self.join(views, rows, joining.max_batch_size, member),
            None => (self.append(views, member), Queued::Behind),
        };
        match queued {
            Queued::Behind => queue.submit(),
            Queued::Joined => {}
            Queued::Full => queue.hurry(),
        }
        Pending {
            receiver,
            place: Some(Place {
                batcher: Arc::clone(self),
                queue: Arc::clone(queue),
                job,
            }),
        }
    }

    fn join(&self, views: &[InputView<'_>], rows: u32, most: u32, member: Member) -> (u64, Queued) {
        let mut jobs = self.jobs();
        let open = jobs.waiting.iter_mut().rev();
        if let Some(job) = open.into_iter().find(|job| job.takes(views, rows, most)) {
            job.join(views, rows, member);
            let is_full = job.rows() == Some(most);
            let queued = if is_full {
                Queued::Full
            } else {
                Queued::Joined
            };
            return (job.id, queued);
        }
        let (id, spare) = jobs.begin();
        let job = Job::new(id, spare, views, Some(rows), member);
        jobs.waiting.push_back(job);
        (id, Queued::Behind)
    }

    /// A job that takes no others. Nobody joins it, so it is copied before it is shown.
    fn append(&self, views: &[InputView<'_>], member: Member) -> u64 {
        let (id, spare) = self.jobs().begin();
        let job = Job::new(id, spare, views, None, member);
        self.jobs().waiting.push_back(job);
        id
    }

    /// Runs a job on this thread and answers its members.
    fn run(&self, mut job: Job) {
        let under_way = UnderWay {
            batcher: self,
            id: job.id,
        };
        if self.is_joining() {
            let rows = job.rows().unwrap_or(1);
            self.batches.fetch_add(1, Ordering::Relaxed);
            self.rows.fetch_add(rows.into(), Ordering::Relaxed);
        }
        if job.members.len() == 1 {
            self.run_each(&mut job);
        } else {
            self.run_joined(&mut job);
        }
        drop(under_way);
        self.jobs().keep(job);
    }

    /// Runs all members at once.
    fn run_joined(&self, job: &mut Job) {
        let divide = |values: &[Value<'_>]| Ok(job.divide(&self.runner, values));
        let deadline = job.deadline();
        let (ran, cpu) = self.timed(job.id, |supervisor| {
            job.with_all(|views| self.runner.run(views, deadline, supervisor, divide))
        });
        match ran {
            Ok(Ok(parts)) => job.answer(parts, cpu),
            Err(InferenceError::DeadlineExceeded) => {
                let late = job
                    .members
                    .iter()
                    .map(|_| Err(InferenceError::DeadlineExceeded));
                let late: Vec<Outputs> = late.collect();
                job.answer(late, cpu);
            }
            Ok(Err(Indivisible(output))) => {
                tracing::debug!(output, "rows of joined runs can not be told apart");
                self.run_each(job);
            }
            Err(
                InferenceError::InvalidInput(_)
                | InferenceError::OutputTooLarge { .. }
                | InferenceError::Failed { .. },
            ) => self.run_each(job),
        }
    }

    /// Runs one member after the other.
    fn run_each(&self, job: &mut Job) {
        for position in 0..job.members.len() {
            let member = &job.members[position];
            if member.is_gone() {
                continue;
            }
            let deadline = member.deadline;
            let read = |values: &[Value<'_>]| self.runner.tensors(values);
            let (ran, cpu) = self.timed(job.id, |supervisor| {
                job.with_one(position, |views| {
                    self.runner.run(views, deadline, supervisor, read)
                })
            });
            job.members[position].answer(ran, cpu);
        }
    }

    /// The result of a run and its processor time, of which the model's typical run is made: what a lane waits for a core,
    /// behind the threads that it stands back for, is not the model's.
    fn timed<T>(
        &self,
        id: u64,
        run: impl FnOnce(&OnLane<'_>) -> (Result<T, InferenceError>, Duration),
    ) -> (Result<T, InferenceError>, Duration) {
        let before = cpu::thread_time();
        let (result, took) = run(&OnLane { batcher: self, id });
        let cpu = cpu::thread_time().saturating_sub(before);
        if !took.is_zero() {
            let run = match self.runner.sessions.sharing() {
                Sharing::Shared => cpu,
                // The processor only waits for the device.
                Sharing::OneAtATime => took,
            };
            self.runner.typical_run.record(run);
        }
        (result, cpu)
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        // What can panic under the lock is running out of memory, which ends the process.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work for Batcher {
    fn run_next(&self, beside: usize) -> Next {
        let now = Instant::now();
        let mut jobs = self.jobs();
        // While requests come so fast that they are joined, another joined run costs less at the end of the one under way,
        // with all who have come by then, than beside it on another core. Nobody waits longer than a run takes.
        let end_of_joined_run = if jobs.is_joined_run_under_way() {
            self.expected()
        } else {
            Duration::ZERO
        };
        let taken = jobs.take(now, |job| {
            let joining = self.joining?;
            let wait = joining.max_queue_delay().max(end_of_joined_run);
            let may_wait = may_wait(joining, job.rows()?, beside);
            let until = may_wait.then(|| job.since + wait);
            until.filter(|until| *until > now)
        });
        drop(jobs);
        match taken {
            Taken::Job(job) => self.run(job),
            Taken::Nothing => {}
            Taken::NotBefore(patience) => return Next::NotBefore(patience),
        }
        Next::Done
    }

    fn expected(&self) -> Duration {
        match self.runner.typical_run.get() {
            // Nothing is known yet.
            Duration::MAX => Duration::ZERO,
            typical => typical,
        }
    }
}

/// A job that a lane has taken, until it is done with it, or panics.
struct UnderWay<'a> {
    batcher: &'a Batcher,
    id: u64,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.batcher.jobs().end(self.id);
    }
}

/// Lets the members of a job stop its run when all of them have left.
struct OnLane<'a> {
    batcher: &'a Batcher,
    id: u64,
}

impl Supervisor for OnLane<'_> {
    fn begins(&self, stopper: impl FnOnce() -> Stopper) -> bool {
        let mut jobs = self.batcher.jobs();
        match jobs.running(self.id) {
            Some(running) if running.waiting > 0 => {
                running.stopper = Some(stopper());
                true
            }
            Some(_) | None => false,
        }
    }

    fn ends(&self) {
        // Under the lock: whoever is about to stop this run has done so when the next one begins.
        if let Some(running) = self.batcher.jobs().running(self.id) {
            running.stopper = None;
        }
    }
}

/// Whether a job with `rows` waits for more: not if it is full, nor if no other run of the model is under way, whose
/// caller might come again.
fn may_wait(joining: Batching, rows: u32, beside: usize) -> bool {
    beside > 0 && rows < joining.max_batch_size
}

/// The rows that all inputs have in their first dimension, if they have the same number.
fn joinable_rows(views: &[InputView<'_>]) -> Option<u32> {
    let rows = *views.first()?.shape.first()?;
    let is_same = |view: &InputView<'_>| view.shape.first() == Some(&rows);
    (rows > 0 && views.iter().all(is_same)).then_some(rows)
}

#[cfg(test)]
mod tests {
    use mlwasm_types::ElementType;

    use super::*;

    #[test]
    fn a_job_waits_for_company_only_where_there_may_be_some() {
        let joining = Batching {
            max_batch_size: 4,
            max_queue_delay_us: 1_000_000,
        };
        for (rows, beside, waits) in [
            (1, 0, false),
            (1, 1, true),
            (3, 2, true),
            (4, 1, false),
            (9, 1, false),
        ] {
            let found = may_wait(joining, rows, beside);
            assert_eq!(found, waits, "{rows} rows beside {beside} runs");
        }
    }

    #[test]
    fn rows_can_be_joined_if_all_inputs_have_as_many() {
        let cases: [(&[&'static [u32]], Option<u32>); 5] = [
            (&[&[3, 2], &[3]], Some(3)),
            (&[&[3, 2], &[1, 2]], None),
            (&[&[0, 2], &[0]], None),
            (&[&[]], None),
            (&[], None),
        ];
        for (shapes, rows) in cases {
            let view = |shape: &&'static [u32]| InputView {
                name: "x",
                element: ElementType::Float32,
                shape,
                data: &[],
            };
            let views: Vec<_> = shapes.iter().map(view).collect();
            assert_eq!(joinable_rows(&views), rows, "{shapes:?}");
        }
    }
}
