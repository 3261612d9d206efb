//! Copies of live requests for the mirror's target.
//!
//! A copy is work of its own: it begins after the original was admitted, waits for nothing that the original
//! waits for, and its end is seen in the meters only. There are at most so many at once; the rest is shed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use mlwasm_routing::{Deployment, MirrorResult};
use mlwasm_sandbox::TaskGroup;
use tokio::select;

use crate::{
    admit,
    choose::Chosen,
    context::{Context, RequestId, Timings},
    rejection::{Kind, Rejection},
    run::{self, Input, Role},
};

/// The copies in flight.
///
/// # Concurrency
///
/// Any number of requests offer copies; two atomic counters, no lock.
#[derive(Debug)]
pub(crate) struct Mirrors {
    budget: Arc<Budget>,
    tasks: TaskGroup,
}

#[derive(Debug)]
struct Budget {
    requests: AtomicUsize,
    bytes: AtomicUsize,
    most_requests: usize,
    most_bytes: usize,
}

/// A copy's share of the budget. Dropping it gives the share back.
#[derive(Debug)]
struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let share = Share {
            budget: Arc::clone(self),
            bytes,
        };
        // Counted before it is checked: the share gives both back if it was too much.
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        let in_flight = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        (requests < self.most_requests && in_flight.saturating_add(bytes) <= self.most_bytes)
            .then_some(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.requests.fetch_sub(1, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Mirrors {
    /// Room for so many copies and so many bytes of their bodies.
    pub(crate) fn new(most_requests: usize, most_bytes: usize, tasks: TaskGroup) -> Self {
        let budget = Arc::new(Budget {
            requests: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            most_requests,
            most_bytes,
        });
        Self { budget, tasks }
    }

    /// Sends a copy of the request to the mirror's target, if it is one to copy and there is room.
    pub(crate) fn offer(&self, chosen: &Chosen, id: &RequestId, input: &Input) {
        let Some(target) = chosen.mirror() else {
            return;
        };
        let Some(share) = self.budget.take(input.size()) else {
            target.meters().mirrored(MirrorResult::Shed);
            return;
        };
        let copy = Copy {
            end: End {
                target: Arc::clone(target),
                result: MirrorResult::Failed,
            },
            id: id.clone(),
            input: input.clone(),
            share,
        };
        self.tasks.spawn(copy.run(self.tasks.clone()));
    }

    /// How many copies are in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.budget
            .requests
            .load(Ordering::Relaxed)
            .min(self.budget.most_requests)
    }
}

/// One copy.
struct Copy {
    end: End,
    id: RequestId,
    input: Input,
    share: Share,
}

/// Counts the copy when it is dropped, so also when its run panics or the server ends: then it failed.
struct End {
    target: Arc<Deployment>,
    result: MirrorResult,
}

impl Drop for End {
    fn drop(&mut self) {
        self.target.meters().mirrored(self.result);
    }
}

impl Copy {
    async fn run(mut self, tasks: TaskGroup) {
        let result = select! {
            result = self.score() => result,
            // Nobody waits for a copy: it goes first when the server ends.
            () = tasks.cancelled() => return,
        };
        self.end.result = match result {
            Ok(status) if status < 400 => MirrorResult::Ok,
            Ok(_) => MirrorResult::Failed,
            Err(rejection) if is_for_want_of_room(&rejection) => MirrorResult::Shed,
            Err(_) => MirrorResult::Failed,
        };
        drop(self.share);
    }

    /// The status of the scorer's answer.
    async fn score(&self) -> Result<u16, Rejection> {
        let context = Context {
            id: self.id.clone(),
            arrived: Instant::now(),
        };
        let chosen = Chosen::for_copy(Arc::clone(&self.end.target));
        let mut timings = Timings::default();
        let entered = admit::enter(&chosen, &context)?;
        let wait = entered.wait(context.arrived);
        let lease = entered.revision().pool.lease(wait.until).await;
        let (lease, waited) = entered.permit(lease, wait, &mut timings)?.into_parts();
        let request = self
            .input
            .request(&context.id, &chosen, Role::Mirror, waited.since);
        let report = lease.run(request, waited.entered.deadline()).await;
        let response = run::conclude(report, &waited, &mut timings)?;
        Ok(response.status.as_u16())
    }
}

fn is_for_want_of_room(rejection: &Rejection) -> bool {
    matches!(rejection.kind(), Kind::TooManyRequests | Kind::QueueTimeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_at_its_limits_and_comes_back() {
        let tasks = TaskGroup::new();
        let mirrors = Mirrors::new(2, 100, tasks);
        let first = mirrors.budget.take(60).unwrap();
        assert!(mirrors.budget.take(41).is_none());
        let second = mirrors.budget.take(40).unwrap();
        assert!(mirrors.budget.take(0).is_none());
        assert_eq!(mirrors.in_flight(), 2);

        drop((first, second));
        assert_eq!(mirrors.in_flight(), 0);
        assert!(mirrors.budget.take(100).is_some());
        assert!(mirrors.budget.take(101).is_none());
    }
}
