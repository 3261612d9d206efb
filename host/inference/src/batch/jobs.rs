//! The list of a model's jobs: who waits, who runs, and what becomes of a job whose members leave.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::job::{Job, Member, Spare};
use crate::{error::InferenceError, watchdog::Stopper};

/// Sets of buffers that are kept for the next jobs: one for each run that may be under way on a small machine.
const SPARES: usize = 4;

/// Larger ones are given back: a model that was once asked for much must not hold on to that. 8 MiB are a dozen images.
const SPARE_BYTES: usize = 8 << 20;

/// The jobs of one model, before and during their runs.
#[derive(Default)]
pub(super) struct Jobs {
    /// In the order in which their first members came.
    pub(super) waiting: VecDeque<Job>,
    running: Vec<Running>,
    spares: Vec<Spare>,
    next: u64,
}

/// A job that a lane has taken.
pub(super) struct Running {
    id: u64,
    is_joined: bool,
    /// Members that still wait for it.
    pub(super) waiting: usize,
    /// What stops the native run, while there is one.
    pub(super) stopper: Option<Stopper>,
}

/// What is left of a job that waited when a member has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// The job, or it has begun.
    Job,
    /// Nothing: it was the last.
    Nobody,
}

/// What a lane finds.
pub(super) enum Taken {
    Job(Job),
    /// The first job would rather wait until then.
    NotBefore(Instant),
    Nothing,
}

impl Jobs {
    /// The number of a new job, and buffers for it.
    pub(super) fn begin(&mut self) -> (u64, Option<Spare>) {
        self.next += 1;
        (self.next, self.spares.pop())
    }

    /// The first job that somebody waits for still, unless `patience` says that it waits for company.
    pub(super) fn take(
        &mut self,
        now: Instant,
        patience: impl Fn(&Job) -> Option<Instant>,
    ) -> Taken {
        while let Some(job) = self.waiting.front() {
            if let Some(until) = patience(job) {
                return Taken::NotBefore(until);
            }
            let Some(mut job) = self.waiting.pop_front() else {
                break;
            };
            for mut late in job.remove(|member| member.is_gone() || member.deadline <= now) {
                late.answer(Err(InferenceError::DeadlineExceeded), Duration::ZERO);
            }
            if job.members.is_empty() {
                self.keep(job);
                continue;
            }
            self.running.push(Running {
                id: job.id,
                is_joined: job.members.len() > 1,
                waiting: job.members.len(),
                stopper: None,
            });
            return Taken::Job(job);
        }
        Taken::Nothing
    }

    /// A member of job `id` does not wait any more.
    pub(super) fn leave(&mut self, id: u64) -> Left {
        if let Some(position) = self.waiting.iter().position(|job| job.id == id) {
            let job = &mut self.waiting[position];
            drop(job.remove(Member::is_gone));
            if job.members.is_empty()
                && let Some(job) = self.waiting.remove(position)
            {
                self.keep(job);
                return Left::Nobody;
            }
        } else if let Some(running) = self.running(id) {
            running.waiting -= 1;
            // What others still wait for goes on, until the latest deadline at the most.
            if running.waiting == 0
                && let Some(stopper) = &running.stopper
            {
                stopper.stop();
            }
        }
        Left::Job
    }

    /// A lane is done with job `id`.
    pub(super) fn end(&mut self, id: u64) {
        self.running.retain(|running| running.id != id);
    }

    /// Whether a run of more than one request is under way.
    pub(super) fn is_joined_run_under_way(&self) -> bool {
        self.running.iter().any(|running| running.is_joined)
    }

    /// Keeps the buffers of a job that has ended for the next ones.
    pub(super) fn keep(&mut self, job: Job) {
        if self.spares.len() < SPARES && job.buffer_bytes() <= SPARE_BYTES {
            self.spares.push(job.into_spare());
        }
    }

    /// What is known of a job that a lane has taken.
    pub(super) fn running(&mut self, id: u64) -> Option<&mut Running> {
        self.running.iter_mut().find(|running| running.id == id)
    }
}
