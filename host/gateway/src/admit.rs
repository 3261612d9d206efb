//! Into the deployment, then into a sandbox, or a call of it that answers several: first a gate without a queue, then a queue with a bound.
//!
//! The body is read between the two. So at most as many bodies are in memory as the deployment admits requests,
//! an overload is refused before a body is read, and no sandbox waits for a slow client.
//!
//! The waits themselves are awaited by the callers: each `async fn` between would copy the future once more.

use std::time::{Duration, Instant};

use mlwasm_routing::{Admitted, Revision};
use mlwasm_sandbox::{LeaseError, SandboxLease};

use crate::{
    choose::Chosen,
    collect,
    context::{Context, Timings},
    form::{Call, SeatedCall},
    rejection::Rejection,
    run::Role,
};

/// Proof that the deployment counts the request among those inside. Dropping it leaves.
#[derive(Debug)]
pub(crate) struct Entered<'c> {
    chosen: &'c Chosen,
    revision: &'c Revision,
    deadline: Instant,
    /// The time that this deadline gives the request.
    limit: Duration,
    // Held, never read: dropping it leaves the deployment.
    _admitted: Admitted,
}

/// From when and until when a request waits for a sandbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    start: Instant,
    pub(crate) until: Instant,
}

/// Who answers a request.
#[derive(Debug)]
pub(crate) enum Seated {
    /// A sandbox of its own, which gets the body.
    Body(SandboxLease),
    /// A sandbox of its own or a joined call, which gets tensors.
    Tensors(Box<SeatedCall>),
}

/// Proof that a request has who answers it.
#[derive(Debug)]
pub(crate) struct Permit<'c> {
    entered: Entered<'c>,
    wait: Wait,
    seated: Seated,
}

/// A request inside its deployment that has, or had, its sandbox.
#[derive(Debug)]
pub(crate) struct Waited<'c> {
    pub(crate) entered: Entered<'c>,
    /// When the wait for a sandbox began.
    pub(crate) since: Instant,
}

/// The chosen deployment's revision that answers.
pub(crate) fn serving(chosen: &Chosen) -> Result<&Revision, Rejection> {
    let deployment = chosen.deployment();
    deployment.serving().ok_or_else(|| Rejection::NotReady {
        deployment: deployment.name().to_string(),
    })
}

/// Takes the request into the chosen deployment.
pub(crate) fn enter<'c>(chosen: &'c Chosen, context: &Context) -> Result<Entered<'c>, Rejection> {
    let revision = serving(chosen)?;
    let longest = revision.settings.request_timeout();
    let limit = context
        .patience
        .map_or(longest, |patience| patience.min(longest));
    Ok(Entered {
        chosen,
        revision,
        deadline: context.arrived + limit,
        limit,
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
        Rejection::DeadlineExceeded { limit: self.limit }
    }

    /// The revision whose sandbox the request needs.
    pub(crate) fn revision(&self) -> &'c Revision {
        self.revision
    }

    /// The wait for a sandbox of a request that queues from `start` on.
    pub(crate) fn wait(&self, start: Instant) -> Wait {
        let longest = start + self.revision.settings.max_queue_wait();
        Wait {
            start,
            until: self.deadline.min(longest),
        }
    }

    /// Who answers a call in tensors: a sandbox, or one that answers others with it.
    ///
    /// # Cancel safety
    ///
    /// As [`Call::seat`].
    pub(crate) async fn seat(
        &self,
        call: Box<Call>,
        context: &Context,
        role: Role,
        wait: Wait,
    ) -> Result<Seated, LeaseError> {
        let company = collect::company(self.chosen, context, role);
        let times = (wait.until, self.deadline);
        let seated = call.seat(&self.revision.pool, company, times).await;
        seated.map(Seated::Tensors)
    }

    /// What a wait for a sandbox has come to. One that failed is written down here, one that did not when its run has
    /// begun, so that the clock is asked once.
    pub(crate) fn permit(
        self,
        seated: Result<Seated, LeaseError>,
        wait: Wait,
        timings: &mut Timings,
    ) -> Result<Permit<'c>, Rejection> {
        let error = match seated {
            Ok(seated) => {
                return Ok(Permit {
                    entered: self,
                    wait,
                    seated,
                });
            }
            Err(error) => error,
        };
        timings.queue = wait.start.elapsed();
        let deployment = self.chosen.deployment();
        deployment.meters().queue.observe(timings.queue);
        Err(match error {
            LeaseError::NoLiveSandbox => Rejection::NoLiveSandbox {
                deployment: deployment.name().to_string(),
            },
            LeaseError::QueueTimeout if wait.until == self.deadline => self.too_late(),
            LeaseError::QueueTimeout => Rejection::QueueTimeout {
                limit: self.revision.settings.max_queue_wait(),
            },
        })
    }
}

impl<'c> Permit<'c> {
    /// Who answers, and what must stay alive meanwhile.
    pub(crate) fn into_parts(self) -> (Seated, Waited<'c>) {
        let Self {
            entered,
            wait,
            seated,
        } = self;
        let waited = Waited {
            entered,
            since: wait.start,
        };
        (seated, waited)
    }
}
