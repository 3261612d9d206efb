//! Into the deployment, then into a sandbox: first a gate without a queue, then a queue with a bound.
//!
//! The body is read between the two. So at most as many bodies are in memory as the deployment admits requests,
//! an overload is refused before a body is read, and no sandbox waits for a slow client.
//!
//! The waits themselves are awaited by the callers: each `async fn` between would copy the future once more.

use std::time::{Duration, Instant};

use mlwasm_routing::{Admitted, Revision};
use mlwasm_sandbox::{LeaseError, SandboxLease};

use crate::{choose::Chosen, context::Context, rejection::Rejection};

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

    /// The revision whose sandbox the request needs.
    pub(crate) fn revision(&self) -> &'c Revision {
        self.revision
    }

    /// Until when a request that queues from `start` on may wait for a sandbox.
    pub(crate) fn longest_wait(&self, start: Instant) -> Instant {
        let longest = start + self.revision.settings.max_queue_wait();
        self.deadline.min(longest)
    }

    /// What a wait for a sandbox has come to; `until` is what the wait was told.
    pub(crate) fn permit(
        self,
        lease: Result<SandboxLease, LeaseError>,
        until: Instant,
        waited: Duration,
    ) -> Result<Permit<'c>, Rejection> {
        let deployment = self.chosen.deployment();
        deployment.meters().queue.observe(waited);
        match lease {
            Ok(lease) => Ok(Permit {
                entered: self,
                lease,
            }),
            Err(LeaseError::NoLiveSandbox) => Err(Rejection::NoLiveSandbox {
                deployment: deployment.name().to_string(),
            }),
            Err(LeaseError::QueueTimeout) if until == self.deadline => Err(self.too_late()),
            Err(LeaseError::QueueTimeout) => Err(Rejection::QueueTimeout {
                limit: self.revision.settings.max_queue_wait(),
            }),
        }
    }
}

impl<'c> Permit<'c> {
    /// The sandbox, and what must stay alive while it is used.
    pub(crate) fn into_parts(self) -> (SandboxLease, Entered<'c>) {
        (self.lease, self.entered)
    }
}
