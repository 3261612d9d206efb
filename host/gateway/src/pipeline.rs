//! The way of one request, step by step.
//!
//! Each step takes the value that only the former one can make, so none can be skipped:
//! `route` → [`Routed`](crate::route::Routed) → `authenticate` → [`Caller`](crate::authenticate::Caller) →
//! `choose` → [`Chosen`] → `enter` → [`Entered`] → read the body → wait for a sandbox →
//! [`Permit`](crate::admit::Permit) → offer to the mirror → `run` → `respond`.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Instant,
};

use http::{Request, Version, request::Parts};
use hyper::body::Incoming;
use mlwasm_routing::{DeploymentMeters, Outcome};
use tracing::Instrument as _;

use crate::{
    admit::{self, Entered},
    authenticate::authenticate,
    body::{BodyLimits, RequestBody},
    choose::{Chosen, choose},
    connection::Connection,
    context::{Context, Timings},
    gateway::Gateway,
    health::{self, Readiness},
    rejection::Rejection,
    respond::{self, Answer, Origin},
    route::{Target, route, target},
    run::{self, Input, Role},
};

/// A request whose body may still be on its way.
struct Inbound {
    head: Parts,
    body: RequestBody,
}

/// What the steps before the first wait come to.
enum Placed {
    /// A deployment is to answer.
    Chosen(Chosen),
    /// The gateway has answered.
    Answered(Answer),
}

/// Answers one request. Always: a panic on the way is a 500 and a count.
///
/// # Cancel safety
///
/// Dropping the future, as hyper does when the client is gone, leaves queue and deployment and discards the
/// sandbox; the deployment's meters count the request as cancelled.
pub(crate) async fn handle(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let presence = connection.activity().begin();
    let gateway = connection.gateway();
    let context = Context::begin(request.headers());
    let span = tracing::debug_span!("request", request.id = context.id.as_str());
    let version = request.version();
    let (head, body) = request.into_parts();
    let mut inbound = Inbound {
        head,
        body: RequestBody::new(body),
    };
    let answered = {
        // Pinned before it is wrapped: wrapping would move it, and it is large.
        let work = pin!(gateway.answer(&context, &mut inbound));
        unpanicked(work.instrument(span)).await
    };
    let mut answer = answered.unwrap_or_else(|| {
        gateway.meters().panicked();
        let cause = "panic".to_owned();
        gateway.refuse(&Rejection::HostError { cause }, &context, Origin::Gateway)
    });
    if !inbound.body.is_read() {
        presence.leaves_body_unread();
        if inbound.body.is_long() && version < Version::HTTP_2 {
            respond::end_connection(&mut answer);
        }
    }
    Ok(answer)
}

impl Gateway {
    async fn answer(&self, context: &Context, inbound: &mut Inbound) -> Answer {
        let chosen = match self.begin(&inbound.head, context) {
            Ok(Placed::Chosen(chosen)) => chosen,
            Ok(Placed::Answered(answer)) => return answer,
            Err(rejection) => return self.refuse(&rejection, context, Origin::Gateway),
        };
        let mut record = Record::begin(chosen.deployment().meters(), context.arrived);
        let mut timings = Timings::default();
        let result = self.score(&chosen, context, inbound, &mut timings).await;
        let answer = match result {
            Ok(answer) => {
                record.outcome = scored_outcome(answer.status().as_u16());
                answer
            }
            Err(rejection) => {
                record.outcome = rejection.kind().outcome();
                self.refuse(&rejection, context, Origin::Deployment(&chosen, &timings))
            }
        };
        tracing::debug!(
            deployment = chosen.deployment().name().as_str(),
            outcome = record.outcome.label(),
            "request finished"
        );
        answer
    }

    fn begin(&self, head: &Parts, context: &Context) -> Result<Placed, Rejection> {
        Ok(match self.destination(head)? {
            Target::Live => Placed::Answered(health::live()),
            Target::Ready => Placed::Answered(health::ready(self.readiness())),
            Target::Score { endpoint } => {
                tracing::debug!(endpoint, "request routed");
                Placed::Chosen(self.place(endpoint, head, context)?)
            }
        })
    }

    fn destination<'r>(&self, head: &'r Parts) -> Result<Target<'r>, Rejection> {
        let most = self.settings().max_headers;
        if head.headers.len() > most {
            return Err(Rejection::TooManyHeaders { most });
        }
        target(head)
    }

    /// The steps that read the table. The request sees no other one, and holds this one no longer.
    fn place(&self, endpoint: &str, head: &Parts, context: &Context) -> Result<Chosen, Rejection> {
        if self.readiness() == Readiness::Draining {
            return Err(Rejection::Draining);
        }
        let table = self.tables().load();
        let routed = route(&table, endpoint)?;
        let caller = authenticate(routed, &head.headers)?;
        choose(caller, &head.headers, &context.id)
    }

    async fn score(
        &self,
        chosen: &Chosen,
        context: &Context,
        inbound: &mut Inbound,
        timings: &mut Timings,
    ) -> Result<Answer, Rejection> {
        let entered = admit::enter(chosen, context)?;
        let body = inbound
            .body
            .read(self.body_limits(&entered, context))
            .await?;
        // Asking the clock costs as much as routing: a body that came with its head was read at arrival.
        let start = if inbound.body.was_awaited() {
            Instant::now()
        } else {
            context.arrived
        };
        let permit = entered.wait_for_sandbox(start, timings).await?;
        let input = Input::take(&mut inbound.head, body);
        self.mirrors().offer(chosen, &context.id, &input);
        let (lease, entered) = permit.into_parts();
        let request = input.request(&context.id, chosen, Role::Live);
        let report = lease.run(request, entered.deadline()).await;
        let response = run::conclude(report, &entered, timings)?;
        respond::scored(chosen, context, timings, response)
    }

    fn body_limits(&self, entered: &Entered<'_>, context: &Context) -> BodyLimits {
        let settings = self.settings();
        let until = entered
            .deadline()
            .min(context.arrived + settings.body_timeout);
        BodyLimits {
            bytes: settings.max_body_bytes,
            until,
            within: until - context.arrived,
        }
    }

    fn refuse(&self, rejection: &Rejection, context: &Context, origin: Origin<'_>) -> Answer {
        let kind = rejection.kind();
        self.meters().rejected(kind);
        if let Rejection::HostError { cause } = rejection {
            let id = context.id.as_str();
            tracing::error!(request.id = id, error = cause.as_str(), "request failed");
        }
        tracing::debug!(outcome = kind.slug(), error = %rejection, "request refused");
        respond::refused(rejection, context, origin)
    }
}

/// Counts a request on its deployment's meters when it ends, however it ends.
struct Record<'a> {
    meters: &'a DeploymentMeters,
    arrived: Instant,
    // Who is dropped before an answer was cancelled.
    outcome: Outcome,
}

impl<'a> Record<'a> {
    fn begin(meters: &'a DeploymentMeters, arrived: Instant) -> Self {
        Self {
            meters,
            arrived,
            outcome: Outcome::Cancelled,
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() {
            Outcome::HostError
        } else {
            self.outcome
        };
        self.meters.finished(outcome, self.arrived.elapsed());
    }
}

/// How a request ended that the scorer itself answered with this status.
fn scored_outcome(status: u16) -> Outcome {
    match status {
        ..400 => Outcome::Ok,
        400..500 => Outcome::Refused,
        500.. => Outcome::ScorerError,
    }
}

/// What `work` returns; none if it panicked.
async fn unpanicked<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        // After a panic nothing of the request is used again: its future is dropped.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_payload) => Poll::Ready(None),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scorers_status_says_how_the_request_ended() {
        for (status, outcome) in [
            (200, Outcome::Ok),
            (399, Outcome::Ok),
            (400, Outcome::Refused),
            (499, Outcome::Refused),
            (500, Outcome::ScorerError),
            (599, Outcome::ScorerError),
        ] {
            assert_eq!(scored_outcome(status), outcome, "{status}");
        }
    }

    #[tokio::test]
    async fn a_panic_is_caught_and_counted_as_the_hosts_fault() {
        let meters = DeploymentMeters::new();
        let work = async {
            let _record = Record::begin(&meters, Instant::now());
            tokio::task::yield_now().await;
            panic!("on purpose");
        };
        assert!(unpanicked(work).await.is_none());
        assert_eq!(meters.durations(Outcome::HostError).count(), 1);
        assert_eq!(meters.durations(Outcome::Cancelled).count(), 0);
    }

    #[tokio::test]
    async fn a_request_that_is_dropped_counts_as_cancelled() {
        let meters = DeploymentMeters::new();
        drop(Record::begin(&meters, Instant::now()));
        assert_eq!(meters.durations(Outcome::Cancelled).count(), 1);
    }
}
