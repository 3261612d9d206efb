//! Copies of live requests for the mirror's target.
//!
//! A copy is work of its own: it begins after the original was admitted, waits for nothing that the original
//! waits for, and its end is seen in the meters only. There are at most so many at once; the rest is shed. Copies run on threads that
//! stand back: where both want the processor, the requests of clients get it.
//!
//! Where answers are compared, the original leaves its own with the copy when it has it: a few pointers in a slot that is
//! made with the copy. Whatever comes of that is the copy's work.

mod answer;
mod copy;

use std::sync::Arc;

use mlwasm_routing::{Budget, MirrorResult};
use mlwasm_sandbox::{ScoringResponse, TaskGroup};
use tokio::sync::oneshot;

use crate::{
    choose::Chosen,
    context::{Context, Timings},
    rejection::Rejection,
    run::Input,
    traces::Traces,
};
use answer::{Heard, Side};
use copy::{Copied, Copy, Pairing};

/// The copies in flight.
///
/// # Concurrency
///
/// Any number of requests offer copies; two atomic counters, no lock.
#[derive(Debug)]
pub(crate) struct Mirrors {
    budget: Arc<Budget>,
    traces: Traces,
    tasks: TaskGroup,
}

/// Takes the live answer of a request whose copy is to be compared with it. Dropped without one, the copy knows that there
/// is none.
#[derive(Debug)]
pub(crate) struct Listener(oneshot::Sender<Heard>);

impl Mirrors {
    /// Room for so many copies and so many bytes of their bodies.
    pub(crate) fn new(
        most_requests: usize,
        most_bytes: usize,
        traces: Traces,
        tasks: TaskGroup,
    ) -> Self {
        let budget = Budget::new(most_requests, most_bytes);
        Self {
            budget,
            traces,
            tasks,
        }
    }

    /// Sends a copy of the request to the mirror's target, if it is one to copy and there is room. Returns what wants to hear
    /// the live answer.
    pub(crate) fn offer(
        &self,
        chosen: &Chosen,
        context: &Context,
        input: &Input,
    ) -> Option<Listener> {
        let to = chosen.mirror()?;
        let Some(share) = self.budget.take(input.size()) else {
            to.target.meters().mirrored(MirrorResult::Shed);
            return None;
        };
        let (pairing, listener) = to
            .tap
            .as_ref()
            .map(|tap| {
                let (sender, live) = oneshot::channel();
                let deployment = Arc::clone(chosen.deployment());
                let tap = Arc::clone(tap);
                let pairing = Pairing::new(tap, deployment, context.arrived, live);
                (pairing, Listener(sender))
            })
            .unzip();
        let request = Copied {
            id: context.id.clone(),
            input: input.clone(),
            live: context.span.clone(),
            traces: self.traces.clone(),
        };
        let copy = Copy::new(Arc::clone(&to.target), request, share);
        self.tasks.spawn(copy.run(pairing, self.tasks.clone()));
        listener
    }

    /// How many copies are in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.budget.taken()
    }
}

impl Listener {
    /// Passes on how the live request ended. Nothing is copied but pointers.
    pub(crate) fn hear(self, result: &Result<ScoringResponse, Rejection>, timings: &Timings) {
        if let Some(heard) = Heard::of(Side::Live, result, timings) {
            // A copy that is gone compares nothing.
            self.0.send(heard).ok();
        }
    }
}
