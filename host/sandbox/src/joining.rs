//! Requests to a typed scorer that wait for a sandbox at the same time, joined into one call of its `infer`.
//!
//! Opt-in, by the deployment's `infer_batching`. A request that finds a sandbox free takes it at once, as ever. One that does
//! not waits in a group, which has one place in the pool's queue; when the group's turn comes, the rows of all who are in it
//! by then stand behind each other in one call, and each gets its own rows back. Who is alone in its group gets the sandbox
//! itself, as if there were no groups.
//!
//! Each member is answered at its own deadline; the call goes on until the latest of them, or until all members have left. A
//! call that fails in any other way is made again, member by member, so that whoever is to blame fails alone.

mod group;
mod rows;
mod seat;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mlwasm_types::{Batching, Signature, Tensor};
use tokio::{select, time::timeout};

pub use self::group::{Company, Joinable};
pub use self::seat::{JoinedSeat, Seat};
use self::{
    group::{Group, Groups, Joined},
    rows::{check_joinable, divide, join},
    seat::{Answer, Presence, Waiting},
};
use crate::{
    error::{LeaseError, NotJoinable, RunError},
    keep::Keep,
    lease::SandboxLease,
    lock::lock,
    pool::SandboxPool,
    request::RunReport,
    tensors::{NamedTensor, TensorRequest},
};

/// Longer than any request may take: a group leaves the queue with its last member.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// The joined calls of a deployment's revision so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JoinedCounts {
    /// Calls of requests that could be joined, of one or of many.
    pub calls: u64,
    /// Rows in all of them.
    pub rows: u64,
    /// Requests that wait now, in groups. Each group is one in the pool's own queue.
    pub waiting: usize,
}

/// What joins the requests of one pool.
///
/// # Concurrency
///
/// Any thread may join and leave a group. One lock guards the list of groups; it is held for a few moves of a pointer. Within
/// it, no other lock is taken.
pub(crate) struct Joiner {
    settings: Batching,
    groups: Mutex<Groups>,
    calls: AtomicU64,
    rows: AtomicU64,
}

impl Joiner {
    /// No groups yet. The inputs of one never have more than `most_bytes`, unless one request alone has.
    pub(crate) fn new(settings: Batching, most_bytes: usize) -> Self {
        Self {
            settings,
            groups: Mutex::new(Groups::new(settings.max_batch_size, most_bytes)),
            calls: AtomicU64::new(0),
            rows: AtomicU64::new(0),
        }
    }

    pub(crate) fn counts(&self) -> JoinedCounts {
        JoinedCounts {
            calls: self.calls.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            waiting: lock(&self.groups).waiting(),
        }
    }

    /// The request of these inputs, if it can be joined with others: if all of them have the same number of rows.
    pub(crate) fn joinable(
        &self,
        inputs: &Arc<[NamedTensor]>,
        company: Company,
    ) -> Option<Joinable> {
        let rows = rows::rows(inputs).filter(|_| company != Company::None)?;
        // One that fills a call has no room for others.
        (rows < self.settings.max_batch_size).then(|| Joinable {
            inputs: Arc::clone(inputs),
            rows,
            company,
        })
    }

    /// Whether a request waits for others although a sandbox may be free, since some are at work.
    fn delays(&self, pool: &SandboxPool) -> bool {
        self.settings.max_queue_delay_us > 0 && pool.load().busy > 0
    }

    fn count(&self, rows: u32) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(rows.into(), Ordering::Relaxed);
    }
}

/// A seat for a request that can be joined: a sandbox of its own if one is free, else a place among others. Waits until
/// `until`; the request is over at `deadline`.
///
/// # Errors
///
/// As [`SandboxPool::lease`].
///
/// # Cancel safety
///
/// Dropping the future leaves the group, and the queue if the group is empty then.
pub(crate) async fn seat(
    pool: &Arc<SandboxPool>,
    joiner: &Joiner,
    request: Joinable,
    (until, deadline): (Instant, Instant),
) -> Result<Seat, LeaseError> {
    if !joiner.delays(pool)
        && let Some(lease) = pool.lease_at_once()
    {
        joiner.count(request.rows);
        return Ok(Seat::Own(lease));
    }
    let (receiver, group) = {
        let joined = lock(&joiner.groups).join(request, deadline, || pool.tasks().token());
        match joined {
            Joined::Behind(receiver, group) => (receiver, group),
            Joined::First(receiver, group, gone) => {
                let leading = Arc::clone(pool);
                pool.tasks().spawn(async move {
                    select! {
                        () = lead(leading, group) => {}
                        () = gone.cancelled() => {}
                    }
                });
                (receiver, group)
            }
        }
    };
    Waiting::new(receiver, &joiner.groups, group)
        .until(until)
        .await
}

/// Waits for a sandbox in the name of a group, and has it answer all who are in it by then.
async fn lead(pool: Arc<SandboxPool>, id: u64) {
    let Some(joiner) = pool.joiner() else { return };
    if joiner.delays(&pool) {
        let full = lock(&joiner.groups).fullness(id);
        // Late or full: it goes on in both cases.
        timeout(joiner.settings.max_queue_delay(), full.notified())
            .await
            .ok();
    }
    let lease = pool.lease(Instant::now() + LONGEST_WAIT).await;
    let Some(group) = lock(&joiner.groups).close(id) else {
        return;
    };
    match lease {
        Ok(lease) => answer(&pool, joiner, lease, group).await,
        Err(error) => group.refuse(error),
    }
}

async fn answer(pool: &Arc<SandboxPool>, joiner: &Joiner, lease: SandboxLease, group: Group) {
    let gone = group.gone.clone();
    let mut members = group.into_members();
    if members.len() == 1
        && let Some(member) = members.pop()
    {
        joiner.count(member.request.rows);
        // Whoever has left meanwhile drops it, and the sandbox goes back.
        member.seat.send(Ok(Seat::Own(lease))).ok();
        return;
    }
    let rows: Vec<u32> = members.iter().map(|member| member.request.rows).collect();
    let inputs: Vec<&[NamedTensor]> = members.iter().map(|it| &*it.request.inputs).collect();
    let inputs = join(&inputs);
    let latest = members.iter().map(|member| member.deadline).max();
    // All of them are, or none.
    let is_mirror = members
        .iter()
        .all(|member| member.request.company == Company::Copies);
    let presence = Presence::first(gone);
    let answers: Vec<_> = members
        .into_iter()
        .map(|member| JoinedSeat::take(member.seat, pool, presence.clone()))
        .collect();
    drop(presence);
    let Some(latest) = latest else { return };
    joiner.count(rows.iter().sum());
    let lent: Vec<_> = inputs.iter().map(NamedTensor::lend).collect();
    let request = TensorRequest {
        // What it prints belongs to no one of them.
        id: "",
        deployment: pool.deployment().as_str(),
        is_mirror,
        queued_at: Instant::now(),
        inputs: &lent,
        keep: Keep::default(),
    };
    let report = lease.infer_joined(request, &rows, latest).await;
    for (answer, told) in answers.into_iter().zip(told(report, rows.len())) {
        // Whoever has left needs none.
        answer.send(told).ok();
    }
}

/// What each of so many members is told of a joined call.
fn told(report: RunReport<Vec<Vec<Tensor>>>, members: usize) -> Vec<Answer> {
    let (begun, ended, infer) = (report.begun, report.ended, report.infer);
    let of = |outcome| {
        Answer::Report(RunReport {
            outcome,
            begun,
            ended,
            infer,
        })
    };
    let each = |answer: &dyn Fn() -> Answer| (0..members).map(|_| answer()).collect();
    match report.outcome {
        Ok(parts) => parts.into_iter().map(|part| of(Ok(part))).collect(),
        Err(RunError::DeadlineExceeded) => each(&|| of(Err(RunError::DeadlineExceeded))),
        Err(error) => each(&|| Answer::Alone(error.clone())),
    }
}

/// The outputs of a joined call, for each request of so many `rows` its own.
///
/// # Errors
///
/// [`RunError::InvalidResponse`] if an output has more or fewer rows than went in.
pub(crate) fn divided(outputs: Vec<Tensor>, rows: &[u32]) -> Result<Vec<Vec<Tensor>>, RunError> {
    divide(outputs, rows).map_err(|error| RunError::InvalidResponse {
        message: error.to_string(),
    })
}

/// Checks that requests to a scorer of this signature, none of a raw one, can be joined.
///
/// # Errors
///
/// [`NotJoinable`] names what is in the way.
pub(crate) fn check(signature: Option<&Signature>) -> Result<(), NotJoinable> {
    match signature {
        Some(signature) => check_joinable(signature),
        None => Err(NotJoinable::Raw),
    }
}
