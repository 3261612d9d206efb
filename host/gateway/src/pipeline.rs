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

use bytes::Bytes;
use http::{HeaderMap, Request, Version, request::Parts};
use hyper::body::Incoming;
use mlwasm_routing::{Deployment, Outcome};
use mlwasm_sandbox::ScoringRequest;
use tracing::Instrument as _;

use crate::{
    admit::{self, Entered, Seated},
    authenticate::authenticate,
    body::{BodyLimits, RequestBody},
    choose::{Chosen, choose},
    collect,
    connection::Connection,
    context::{Context, Timings},
    form::{self, Call, Form},
    gateway::Gateway,
    grpc::{self, Opened},
    health::{self, Readiness},
    record::Logged,
    rejection::Rejection,
    respond::{self, Answer, Origin},
    route::{Address, Target, route, target},
    run::{self, Input, Role},
    swagger, traces,
    v2::{self, Coding},
};

/// A request whose body may still be on its way.
pub(crate) struct Inbound {
    pub(crate) head: Parts,
    pub(crate) body: RequestBody,
}

/// What the steps before the first wait come to.
enum Placed {
    /// A deployment is to answer.
    Chosen(Chosen),
    /// The gateway has answered.
    Answered(Answer),
    /// Whom it is for stands in its message.
    Call(grpc::Method),
}

/// Answers one request. Always: a panic on the way is a 500 and a count.
///
/// What needs no waiting is done at once, so that the future is small: hyper and every `async fn` copy it.
///
/// # Cancel safety
///
/// Dropping the future, as hyper does when the client is gone, leaves queue and deployment and discards the
/// sandbox; the deployment's meters count the request as cancelled.
pub(crate) fn handle(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Answer, Infallible>> + Send {
    let form = Form::of(request.version(), request.uri().path(), request.headers());
    let mut context = Context::begin(request.headers()).in_form(form, request.headers());
    let (head, body) = request.into_parts();
    context.span = connection.gateway().records().traces.begin(&head, form);
    let mut inbound = Inbound {
        head,
        body: RequestBody::new(body),
    };
    let mut logged = connection
        .gateway()
        .records()
        .begin(&inbound.head, &context);
    let placed = connection
        .gateway()
        .begin(&inbound.head, &context, &mut logged);
    async move {
        let presence = connection.activity().begin();
        let gateway = connection.gateway();
        let placed = match placed {
            Placed::Call(method) => {
                // Not a step of most requests, and not to be carried by their futures.
                let opening =
                    grpc::open(&connection, method, &mut context, &mut inbound, &mut logged);
                let opened = Box::pin(unpanicked(opening)).await;
                gateway.opened(opened, &context, &mut logged)
            }
            placed => placed,
        };
        let mut answer = match placed {
            Placed::Answered(answer) => answer,
            Placed::Chosen(chosen) => {
                // Pinned here: it is large, and shall not be moved.
                pin!(gateway.answer(&chosen, &context, &mut inbound, &mut logged)).await
            }
            // Opened above.
            Placed::Call(_) => gateway.refuse(&Rejection::NoRoute, &context, Origin::Gateway),
        };
        logged.answered(&answer, &inbound.body);
        if context.form == Form::Grpc {
            answer = Box::pin(grpc::close(answer)).await;
        }
        if !inbound.body.is_read() {
            presence.leaves_body_unread();
            if inbound.body.is_long() && inbound.head.version < Version::HTTP_2 {
                respond::end_connection(&mut answer);
            }
        }
        Ok(answer)
    }
}

impl Gateway {
    fn begin(&self, head: &Parts, context: &Context, logged: &mut Logged) -> Placed {
        // After a panic nothing of the request is used again but its context, which is immutable.
        let placed = catch_unwind(AssertUnwindSafe(|| self.place(head, context)));
        placed
            .unwrap_or_else(|_payload| Err(self.panicked()))
            .unwrap_or_else(|rejection| {
                logged.refused(&rejection);
                Placed::Answered(self.refuse(&rejection, context, Origin::Gateway))
            })
    }

    fn place(&self, head: &Parts, context: &Context) -> Result<Placed, Rejection> {
        match self.destination(head)? {
            Target::Live => Ok(Placed::Answered(health::live())),
            Target::Ready => Ok(Placed::Answered(health::ready(self.readiness()))),
            Target::Inquiry(inquiry) => {
                let told = v2::tell(self, inquiry, &head.headers)?;
                Ok(Placed::Answered(v2::told(inquiry, &told, &head.method)))
            }
            Target::Grpc(method) => Ok(Placed::Call(method)),
            Target::Describe(address) => {
                let chosen = self.choose(address, &head.headers, context)?;
                let document = swagger::document(address.endpoint, &chosen)?;
                let told = respond::described(&chosen, context, document);
                Ok(Placed::Answered(told))
            }
            Target::Score(address) => {
                let chosen = self.choose(address, &head.headers, context)?;
                Ok(Placed::Chosen(chosen))
            }
        }
    }

    /// The steps that read the table. The request sees no other one, and holds this one no longer.
    pub(crate) fn choose(
        &self,
        address: Address<'_>,
        headers: &HeaderMap,
        context: &Context,
    ) -> Result<Chosen, Rejection> {
        if self.readiness() == Readiness::Draining {
            return Err(Rejection::Draining);
        }
        let table = self.tables().load();
        let routed = route(&table, address.endpoint)?;
        let caller = authenticate(routed, headers)?;
        choose(caller, address, headers, &context.id)
    }

    /// What comes of opening a call; none if that panicked.
    fn opened(
        &self,
        opened: Option<Result<Opened, Rejection>>,
        context: &Context,
        logged: &mut Logged,
    ) -> Placed {
        match opened.unwrap_or_else(|| Err(self.panicked())) {
            Ok(Opened::Chosen(chosen)) => Placed::Chosen(chosen),
            Ok(Opened::Answered(answer)) => Placed::Answered(answer),
            Err(rejection) => Placed::Answered(self.refuse_early(&rejection, context, logged)),
        }
    }

    /// Refuses a request for which no deployment was chosen.
    pub(crate) fn refuse_early(
        &self,
        rejection: &Rejection,
        context: &Context,
        logged: &mut Logged,
    ) -> Answer {
        logged.refused(rejection);
        self.refuse(rejection, context, Origin::Gateway)
    }

    /// Has the chosen deployment answer, and counts and notes how it ended.
    pub(crate) async fn answer(
        &self,
        chosen: &Chosen,
        context: &Context,
        inbound: &mut Inbound,
        logged: &mut Logged,
    ) -> Answer {
        logged.chosen(chosen);
        traces::announce(context, &mut inbound.head.headers);
        let record = Record::begin(chosen.deployment(), context.arrived);
        let mut timings = Timings::default();
        let span = tracing::debug_span!("request", request.id = context.id.as_str());
        let result = {
            // Pinned before it is wrapped: wrapping would move it, and it is large.
            let work = pin!(self.score(chosen, context, inbound, &mut timings));
            unpanicked(work.instrument(span)).await
        };
        let result = result.unwrap_or_else(|| Err(self.panicked()));
        record.ends_with(&result, timings.ended);
        logged.scored(&result, &timings);
        result.unwrap_or_else(|rejection| {
            let origin = Origin::Deployment(chosen, &timings);
            self.refuse(&rejection, context, origin)
        })
    }

    fn destination<'r>(&self, head: &'r Parts) -> Result<Target<'r>, Rejection> {
        let most = self.settings().max_headers;
        if head.headers.len() > most {
            return Err(Rejection::TooManyHeaders { most });
        }
        target(head)
    }

    /// The steps of the chosen deployment.
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
        let mut start = inbound.body.completed().unwrap_or(context.arrived);
        form::withhold(&mut inbound.head);
        let (input, call, coding) = if context.form == Form::Own {
            (Input::take(Form::Own, &mut inbound.head, body), None, None)
        } else {
            let translated = self.translate(&entered, context, &mut inbound.head, body);
            let translated = Box::pin(translated).await?;
            start = Instant::now();
            translated
        };
        let wait = entered.wait(start);
        let pool = &entered.revision().pool;
        let seated = match call {
            None => pool.lease(wait.until).await.map(Seated::Body),
            Some(call) => Box::pin(entered.seat(call, context, Role::Live, wait)).await,
        };
        let permit = entered.permit(seated, wait, timings)?;
        let original = self.mirrors().offer(chosen, context, &input);
        let collected = collect::begin(chosen, context, &input, Role::Live);
        let (seated, waited) = permit.into_parts();
        let request = ScoringRequest {
            keep: collect::keep(chosen, Role::Live, collected.as_ref()),
            ..input.request(&context.id, chosen, Role::Live, waited.since)
        };
        let deadline = waited.entered.deadline();
        let report = match seated {
            Seated::Body(lease) => lease.run(request, deadline).await,
            Seated::Tensors(call) => Box::pin(call.run(request, deadline)).await,
        };
        let result = run::conclude(report, &waited, Role::Live, timings);
        if let Some(original) = original {
            original.ends(&result, timings);
        }
        if let Some(collected) = collected {
            collected.answered(&result);
        }
        let mut answer = respond::scored(chosen, context, timings, result?);
        if coding.is_some() {
            Box::pin(v2::compress(&mut answer, coding)).await;
        }
        Ok(answer)
    }

    /// What a request in the words of an inference protocol asks of its deployment, and how its answer may be compressed.
    async fn translate(
        &self,
        entered: &Entered<'_>,
        context: &Context,
        head: &mut Parts,
        body: Bytes,
    ) -> Result<(Input, Option<Box<Call>>, Option<Coding>), Rejection> {
        let coding = match context.form {
            Form::V1 | Form::V2 => Coding::of_answer(&head.headers),
            Form::Own | Form::Grpc => None,
        };
        let most = self.settings().max_body_bytes;
        let body = form::receive(context.form, head, body, most).await?;
        let input = Input::take(context.form, head, body);
        let signature = entered.revision().pool.signature();
        let call = form::prepare(&input, signature).await?;
        Ok((input, call, coding))
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

    fn panicked(&self) -> Rejection {
        self.meters().panicked();
        Rejection::HostError {
            cause: "panic".to_owned(),
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

/// Counts a request on its deployment's meters when it is dropped, however that comes.
struct Record<'a> {
    deployment: &'a Deployment,
    arrived: Instant,
    // Who is dropped before an answer was cancelled.
    outcome: Outcome,
    // If the clock was asked at the end of the run, it is not asked again.
    ended: Option<Instant>,
}

impl<'a> Record<'a> {
    fn begin(deployment: &'a Deployment, arrived: Instant) -> Self {
        Self {
            deployment,
            arrived,
            outcome: Outcome::Cancelled,
            ended: None,
        }
    }

    fn ends_with(mut self, result: &Result<Answer, Rejection>, ended: Option<Instant>) {
        self.ended = ended;
        self.outcome = match result {
            Ok(answer) => scored_outcome(answer.status().as_u16()),
            Err(rejection) => rejection.kind().outcome(),
        };
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let ended = self.ended.unwrap_or_else(Instant::now);
        let took = ended.saturating_duration_since(self.arrived);
        self.deployment.meters().finished(self.outcome, took);
        tracing::debug!(
            deployment = self.deployment.name().as_str(),
            outcome = self.outcome.label(),
            "request finished"
        );
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
    use mlwasm_routing::DeploymentMeters;
    use mlwasm_types::DeploymentName;

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
    async fn a_panic_is_caught_wherever_it_happens() {
        let work = async {
            tokio::task::yield_now().await;
            panic!("on purpose");
        };
        assert!(unpanicked(work).await.is_none());
        assert_eq!(unpanicked(async { 1 }).await, Some(1));
    }

    #[test]
    fn a_request_that_is_dropped_counts_as_cancelled_and_one_that_ends_as_it_ends() {
        let name = DeploymentName::new("blue").unwrap();
        let deployment = Deployment::new(name, DeploymentMeters::new(), None);
        let record = || Record::begin(&deployment, Instant::now());
        drop(record());
        record().ends_with(&Err(Rejection::Draining), None);
        record().ends_with(&Ok(health::live()), Some(Instant::now()));
        for outcome in Outcome::ALL {
            let count = deployment.meters().durations(outcome).count();
            let is_one = matches!(
                outcome,
                Outcome::Cancelled | Outcome::Unavailable | Outcome::Ok
            );
            assert_eq!(count, u64::from(is_one), "{outcome:?}");
        }
    }
}
