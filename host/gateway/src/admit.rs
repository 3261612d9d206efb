//! Into the deployment, then into a sandbox: first a gate without a queue, then a queue with a bound.
//!
//! The body is read between the two. So at most as many bodies are in memory as the deployment admits requests,
//! an overload is refused before a body is read, and no sandbox waits for a slow client.

use std::time::Instant;

use mlwasm_routing::{Admitted, Revision};
use mlwasm_sandbox::{LeaseError, SandboxLease};

use crate::{
    choose::Chosen,
    context::{Context, Timings},
    rejection::Rejection,
};

/// Proof that the deployment counts the request among those inside. Dropping it leaves.
#[derive(Debug)]
pub(crate) struct Entered<'c> {
    chosen: &'c Chosen,
    revision: &'c Revision,
    deadline: Instant,
    // Held, never read: dropping it leaves the deployment.
    _admitted: Admitted,
}

/// Proof that a sandbox is the request's own.
#[derive(Debug)]
pub(crate) struct Permit<'c> {
    entered: Entered<'c>,
    lease: SandboxLease,
}

/// Takes the request into the chosen deployment.
pub(crate) fn enter<'c>(chosen: &'c Chosen, context: &Context) -> Result<Entered<'c>, Rejection> {
    let deployment = chosen.deployment();
    let revision = deployment.serving().ok_or_else(|| Rejection::NotReady {
        deployment: deployment.name().to_string(),
    })?;
    Ok(Entered {
        chosen,
        revision,
        deadline: context.arrived + revision.settings.request_timeout(),
        _admitted: revision.admission.admit()?,
    })
}

impl<'c> Entered<'c> {
    /// The deployment that the request is in.
    pub(crate) fn chosen(&self) -> &'c Chosen {
        self.chosen
    }

    /// The moment at which the request is over, wherever its time went.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The request has lasted too long.
    pub(crate) fn too_late(&self) -> Rejection {
        Rejection::DeadlineExceeded {
            limit: self.revision.settings.request_timeout(),
        }
    }

    /// Waits for a sandbox. The queue's time counts from `start`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the queue and the deployment.
    pub(crate) async fn wait_for_sandbox(
        self,
        start: Instant,
        timings: &mut Timings,
    ) -> Result<Permit<'c>, Rejection> {
        let longest = self.revision.settings.max_queue_wait();
        let until = self.deadline.min(start + longest);
        let lease = self.revision.pool.lease(until).await;
        timings.queue = start.elapsed();
        self.chosen
            .deployment()
            .meters()
            .queue
            .observe(timings.queue);
        match lease {
            Ok(lease) => Ok(Permit {
                entered: self,
                lease,
            }),
            Err(LeaseError::NoLiveSandbox) => Err(Rejection::NoLiveSandbox {
                deployment: self.chosen.deployment().name().to_string(),
            }),
            Err(LeaseError::QueueTimeout) if until == self.deadline => Err(self.too_late()),
            Err(LeaseError::QueueTimeout) => Err(Rejection::QueueTimeout { limit: longest }),
        }
    }
}

impl<'c> Permit<'c> {
    /// The sandbox, and what must stay alive while it is used.
    pub(crate) fn into_parts(self) -> (SandboxLease, Entered<'c>) {
        (self.lease, self.entered)
    }
}
