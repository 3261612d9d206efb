//! The wait of one request for its part of a job.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::sync::oneshot;

use super::{Batcher, jobs::Left};
use crate::{backend::Ran, lanes::LaneQueue};

/// The outputs of a run that waits for a lane or is on one. Dropping it takes the request out of the job; a run that
/// nobody waits for any more is stopped.
pub(crate) struct Pending {
    pub(super) receiver: oneshot::Receiver<Ran>,
    /// None once the answer is here.
    pub(super) place: Option<Place>,
}

/// Where a request waits.
pub(super) struct Place {
    pub(super) batcher: Arc<Batcher>,
    // Held, so that whoever lets go of the model does not close the queue.
    pub(super) queue: Arc<LaneQueue>,
    pub(super) job: u64,
}

impl Future for Pending {
    type Output = Ran;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ran> {
        let Poll::Ready(ran) = Pin::new(&mut self.receiver).poll(context) else {
            return Poll::Pending;
        };
        self.place = None;
        Poll::Ready(ran.expect("a lane answers whoever waits, unless the host panicked on it"))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else {
            return;
        };
        // Closed under the lock, so that a lane that takes the job counts this member or never sees it.
        let mut jobs = place.batcher.jobs();
        self.receiver.close();
        let left = jobs.leave(place.job);
        drop(jobs);
        if left == Left::Nobody {
            place.queue.withdraw();
        }
    }
}
