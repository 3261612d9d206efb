//! Copies of live requests for the mirror's target.
//!
//! A copy is work of its own: it begins when the original has ended, however that was, waits for nothing that clients wait for, and
//! its end is seen in the meters only. There are at most so many at once; the rest is shed. Copies run on threads that stand back:
//! where both want the processor, the requests of clients get it. A target that does nothing but fail gets few: each copy would cost
//! it a sandbox, and to make one anew is work that no priority hides from the requests of clients.
//!
//! Where answers are compared, the original leaves its own with the copy: a few pointers. Whatever comes of that is the copy's work.

mod answer;
mod copy;

use std::{sync::Arc, time::Duration};

use mlwasm_routing::{Budget, Deployment, MirrorResult};
use mlwasm_sandbox::{ScoringResponse, TaskGroup};
use tokio::{
    select,
    sync::mpsc::{self, Receiver, Sender},
    time::sleep,
};

use crate::{
    choose::Chosen,
    context::{Context, Timings},
    rejection::Rejection,
    run::Input,
    traces::Traces,
};
use answer::{Heard, Side};
use copy::{Copied, Copy, Pairing};

/// How often originals that have ended are looked for, while there are some.
const TICK: Duration = Duration::from_millis(1);
/// Looks in vain after which the next one to end has to wake who looks.
const LOOKS_IN_VAIN: u32 = 20;

/// The copies in flight.
///
/// # Concurrency
///
/// Any number of requests offer copies; two atomic counters and a queue, no lock.
#[derive(Debug)]
pub(crate) struct Mirrors {
    budget: Arc<Budget>,
    traces: Traces,
    // As long as the budget: what has a share has a place.
    queue: Sender<Copy>,
}

/// A request of which there will be a copy. Dropped, it has ended.
#[derive(Debug)]
pub(crate) struct Original<'m> {
    mirrors: &'m Mirrors,
    // Taken when it has ended.
    copied: Option<Box<ToCopy>>,
}

#[derive(Debug)]
struct ToCopy {
    target: Arc<Deployment>,
    request: Copied,
    pairing: Option<Pairing>,
}

impl Mirrors {
    /// Room for so many copies and so many bytes of their bodies.
    pub(crate) fn new(
        most_requests: usize,
        most_bytes: usize,
        traces: Traces,
        tasks: TaskGroup,
    ) -> Self {
        let (queue, copies) = mpsc::channel(most_requests.max(1));
        tasks.spawn(start_all(copies, tasks.clone()));
        Self {
            budget: Budget::new(most_requests, most_bytes),
            traces,
            queue,
        }
    }

    /// Notes that the mirror's target is to get a copy of the request, if it is one to copy.
    pub(crate) fn offer(
        &self,
        chosen: &Chosen,
        context: &Context,
        input: &Input,
    ) -> Option<Original<'_>> {
        let to = chosen.mirror()?;
        let serving = to.target.serving();
        if serving.is_some_and(|it| !it.breaker.admits(context.arrived)) {
            to.target.meters().mirrored(MirrorResult::HeldBack);
            return None;
        }
        let pairing = to.tap.as_ref().map(|tap| {
            let baseline = Arc::clone(chosen.deployment());
            Pairing::new(Arc::clone(tap), baseline, context.arrived)
        });
        let request = Copied {
            id: context.id.clone(),
            input: input.clone(),
            live: context.span.clone(),
            traces: self.traces.clone(),
        };
        Some(Original {
            mirrors: self,
            copied: Some(Box::new(ToCopy {
                target: Arc::clone(&to.target),
                request,
                pairing,
            })),
        })
    }

    fn copy(&self, copied: ToCopy) {
        let ToCopy {
            target,
            request,
            pairing,
        } = copied;
        match self.budget.take(request.input.size()) {
            // The queue ends with the server.
            Some(share) => drop(
                self.queue
                    .try_send(Copy::new(target, request, pairing, share)),
            ),
            None => target.meters().mirrored(MirrorResult::Shed),
        }
    }

    /// How many copies are in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.budget.taken()
    }
}

impl Original<'_> {
    /// Notes how the request ended. Nothing is copied but pointers.
    pub(crate) fn ends(mut self, result: &Result<ScoringResponse, Rejection>, timings: &Timings) {
        let pairing = self.copied.as_mut().and_then(|it| it.pairing.as_mut());
        if let Some(pairing) = pairing {
            pairing.live = Heard::of(Side::Live, result, timings);
        }
    }
}

impl Drop for Original<'_> {
    fn drop(&mut self) {
        if let Some(copied) = self.copied.take() {
            self.mirrors.copy(*copied);
        }
    }
}

/// Starts copies, up to a tick after they came.
///
/// To wake a thread that sleeps would cost a request more than all else that it does for its copy. So nobody is woken while
/// copies keep coming.
async fn start_all(mut queue: Receiver<Copy>, tasks: TaskGroup) {
    let start = |copy: Copy| tasks.spawn(copy.run(tasks.clone()));
    let work = async {
        while let Some(copy) = queue.recv().await {
            start(copy);
            let mut in_vain = 0;
            while in_vain < LOOKS_IN_VAIN {
                sleep(TICK).await;
                in_vain += 1;
                while let Ok(copy) = queue.try_recv() {
                    start(copy);
                    in_vain = 0;
                }
            }
        }
    };
    select! {
        () = work => {}
        () = tasks.cancelled() => {}
    }
}
