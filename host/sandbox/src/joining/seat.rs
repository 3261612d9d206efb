//! What a request in tensors waits for: a sandbox of its own, or its part of a call that answers others, too.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, time::timeout_at};
use tokio_util::sync::CancellationToken;

use super::group::Groups;
use crate::{
    error::{LeaseError, RunError},
    failures::Trace,
    lease::SandboxLease,
    lock::lock,
    pool::SandboxPool,
    request::{Asked, RunReport},
    tensors::{InferReport, TensorRequest},
};

/// Where a request in tensors is answered.
#[derive(Debug)]
pub enum Seat {
    /// In a sandbox that nobody else has.
    Own(SandboxLease),
    /// In one that answers others in the same call, which has begun.
    Joined(JoinedSeat),
}

/// A request's part of a joined call. Dropped, the request leaves; the call ends with its last request.
pub struct JoinedSeat {
    pool: Arc<SandboxPool>,
    receiver: oneshot::Receiver<Answer>,
    begun: Instant,
    _presence: Presence,
}

/// What a member is told of its call.
pub(super) enum Answer {
    /// How it ended.
    Report(InferReport),
    /// It is to be asked again alone: the joined call failed in this way, and someone else may be to blame.
    Alone(RunError),
}

/// The members of a joined call that still wait for its end. The last one to be dropped stops it.
pub(super) struct Presence {
    count: Arc<AtomicUsize>,
    gone: CancellationToken,
}

impl Presence {
    /// The first of them. Clones are others; when all are dropped, `gone` is cancelled.
    pub(super) fn first(gone: CancellationToken) -> Self {
        Self {
            count: Arc::new(AtomicUsize::new(1)),
            gone,
        }
    }
}

impl Clone for Presence {
    fn clone(&self) -> Self {
        self.count.fetch_add(1, Ordering::Relaxed);
        Self {
            count: Arc::clone(&self.count),
            gone: self.gone.clone(),
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // Nothing but the counter is shared.
        if self.count.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.gone.cancel();
        }
    }
}

/// A request in a group. Dropped, it leaves.
pub(super) struct Waiting<'a> {
    receiver: oneshot::Receiver<Result<Seat, LeaseError>>,
    groups: &'a Mutex<Groups>,
    group: u64,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(
        receiver: oneshot::Receiver<Result<Seat, LeaseError>>,
        groups: &'a Mutex<Groups>,
        group: u64,
    ) -> Self {
        Self {
            receiver,
            groups,
            group,
        }
    }

    /// Waits for the group's turn until then.
    pub(super) async fn until(mut self, until: Instant) -> Result<Seat, LeaseError> {
        match timeout_at(until.into(), &mut self.receiver).await {
            Ok(Ok(seat)) => seat,
            // Whoever led the group has ended with the process.
            Ok(Err(_)) => Err(LeaseError::NoLiveSandbox),
            Err(_) => Err(LeaseError::QueueTimeout),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        lock(self.groups).forget_the_gone(self.group);
    }
}

impl Seat {
    /// Runs `request` until `deadline`. Its inputs are those with which the seat was asked for.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the guest, unless others wait for the same call.
    pub async fn infer(self, request: TensorRequest<'_>, deadline: Instant) -> InferReport {
        match self {
            Self::Own(lease) => lease.infer(request, deadline).await,
            Self::Joined(seat) => Box::pin(seat.infer(request, deadline)).await,
        }
    }
}

impl JoinedSeat {
    /// Seats a member of a call that begins now; the answer goes where this says.
    pub(super) fn take(
        member: oneshot::Sender<Result<Seat, LeaseError>>,
        pool: &Arc<SandboxPool>,
        presence: Presence,
    ) -> oneshot::Sender<Answer> {
        let (sender, receiver) = oneshot::channel();
        let seat = Self {
            pool: Arc::clone(pool),
            receiver,
            begun: Instant::now(),
            _presence: presence,
        };
        // Whoever has left drops it.
        member.send(Ok(Seat::Joined(seat))).ok();
        sender
    }

    async fn infer(mut self, request: TensorRequest<'_>, deadline: Instant) -> InferReport {
        let answer = timeout_at(deadline.into(), &mut self.receiver).await;
        let outcome = match answer {
            Ok(Ok(Answer::Alone(error))) => return self.alone(error, request, deadline).await,
            Ok(Ok(Answer::Report(report))) => {
                if let Err(error) = &report.outcome {
                    self.tell(&request, error, &report);
                }
                return report;
            }
            Ok(Err(_)) => RunError::Host {
                message: "a joined call ended without an answer".to_owned(),
            },
            Err(_) => RunError::DeadlineExceeded,
        };
        let report = RunReport {
            outcome: Err(outcome.clone()),
            begun: self.begun,
            ended: Instant::now(),
            infer: Duration::ZERO,
        };
        self.tell(&request, &outcome, &report);
        report
    }

    /// Asks again, in a sandbox of its own. Where there is none, what became of the joined call is the answer.
    async fn alone(
        self,
        error: RunError,
        request: TensorRequest<'_>,
        deadline: Instant,
    ) -> InferReport {
        let pool = Arc::clone(&self.pool);
        let begun = self.begun;
        // The others are not waited for any more, and this one not in their call.
        drop(self);
        let outcome = match pool.lease(deadline).await {
            Ok(lease) => return lease.infer(request, deadline).await,
            Err(LeaseError::QueueTimeout) => RunError::DeadlineExceeded,
            Err(LeaseError::NoLiveSandbox) => error,
        };
        let report = RunReport {
            outcome: Err(outcome),
            begun,
            ended: Instant::now(),
            infer: Duration::ZERO,
        };
        if let Err(error) = &report.outcome {
            pool.tell(&Asked::from(&request), error, &Trace::default(), &report);
        }
        report
    }

    fn tell(&self, request: &TensorRequest<'_>, error: &RunError, report: &InferReport) {
        let asked = Asked::from(request);
        self.pool.tell(&asked, error, &Trace::default(), report);
    }
}

impl std::fmt::Debug for JoinedSeat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinedSeat")
            .field("pool", &self.pool)
            .field("begun", &self.begun)
            .finish_non_exhaustive()
    }
}
