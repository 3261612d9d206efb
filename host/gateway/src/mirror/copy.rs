//! One copy: its run, and what becomes of its answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_routing::{
    CopyTurn, Deployment, MirrorResult, ShadowTap,
    budget::Share,
    shadow::{PairSource, ShadowAnswer, ShadowPair},
};
use mlwasm_sandbox::{ScoringRequest, ScoringResponse, TaskGroup};
use tokio::{
    select,
    time::{sleep, timeout_at},
};

use super::answer::{Heard, Side};
use crate::{
    admit::{self, Entered, Seated},
    choose::Chosen,
    collect,
    context::{Context, RequestId, Timings},
    form::prepare,
    rejection::{Fault, Kind, Rejection},
    run::{self, Input, Role},
    traces::{Moments, RequestTrace, Span, TraceRole, Traces},
};

/// A clock that counts seconds has moved on by then: times in answers show as noise.
const REPLAY_DELAY: Duration = Duration::from_millis(1_100);
/// How often a replay looks for a sandbox to spare, and the time between two looks.
const REPLAY_TRIES: u32 = 20;
const REPLAY_PAUSE: Duration = Duration::from_millis(50);
/// How often a copy looks whether requests have left room for it.
const ROOM_PAUSE: Duration = Duration::from_millis(1);

/// One copy.
#[derive(Debug)]
pub(super) struct Copy {
    end: End,
    request: Copied,
    pairing: Option<Pairing>,
    // Held until the copy is done with.
    _share: Share,
}

/// The request that was copied.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) id: RequestId,
    pub(super) input: Input,
    /// Its span, if it leaves a trace: then so does each run of the copy.
    pub(super) live: Option<Box<Span>>,
    pub(super) traces: Traces,
}

/// How a run of a copied request ended.
struct Ran {
    result: Result<ScoringResponse, Rejection>,
    timings: Timings,
}

/// What a copy's answer is to be compared with.
#[derive(Debug)]
pub(super) struct Pairing {
    tap: Arc<ShadowTap>,
    /// The deployment whose answer the client gets.
    baseline: Arc<Deployment>,
    arrived: Instant,
    /// The live answer; none where there is none to compare with.
    pub(super) live: Option<Heard>,
}

/// Counts the copy when it is dropped, so also when its run panics or the server ends: then it failed.
#[derive(Debug)]
struct End {
    target: Arc<Deployment>,
    result: MirrorResult,
}

impl Drop for End {
    fn drop(&mut self) {
        self.target.meters().mirrored(self.result);
    }
}

impl End {
    fn is(mut self, result: &Result<ScoringResponse, Rejection>) {
        if let Some(revision) = self.target.serving() {
            match costs_a_sandbox(result) {
                Some(true) => revision.breaker.failed(),
                Some(false) => revision.breaker.succeeded(),
                None => {}
            }
        }
        self.result = match result {
            Ok(response) if response.status.as_u16() < 400 => MirrorResult::Ok,
            Ok(_) => MirrorResult::Failed,
            Err(rejection) if is_for_want_of_room(rejection) => MirrorResult::Shed,
            Err(_) => MirrorResult::Failed,
        };
    }
}

/// Whether the copy's sandbox must be made anew; none where it had none.
fn costs_a_sandbox(result: &Result<ScoringResponse, Rejection>) -> Option<bool> {
    match result {
        Ok(_) | Err(Rejection::BadRequest(_)) => Some(false),
        Err(Rejection::Fault { fault, .. }) => Some(match fault {
            Fault::Trapped | Fault::LimitExceeded => true,
            Fault::Internal | Fault::InvalidResponse => false,
        }),
        Err(Rejection::DeadlineExceeded { .. } | Rejection::HostError { .. }) => Some(true),
        Err(_) => None,
    }
}

fn is_for_want_of_room(rejection: &Rejection) -> bool {
    matches!(rejection.kind(), Kind::TooManyRequests | Kind::QueueTimeout)
}

impl Copy {
    pub(super) fn new(
        target: Arc<Deployment>,
        request: Copied,
        pairing: Option<Pairing>,
        share: Share,
    ) -> Self {
        Self {
            end: End {
                target,
                result: MirrorResult::Failed,
            },
            request,
            pairing,
            _share: share,
        }
    }

    pub(super) async fn run(self, tasks: TaskGroup) {
        select! {
            () = self.work() => {}
            // Nobody waits for a copy: it goes first when the server ends.
            () = tasks.cancelled() => {}
        }
    }

    async fn work(self) {
        let Self {
            end,
            request,
            pairing,
            _share,
        } = self;
        let scored = async {
            let target = Arc::clone(&end.target);
            let ran = request.score(target, Role::Mirror).await;
            end.is(&ran.result);
            ran
        };
        match pairing {
            None => drop(scored.await),
            Some(pairing) => pairing.compare(&request, scored).await,
        }
    }
}

impl Pairing {
    /// Of a request that arrived then, whose answer is not known yet.
    pub(super) fn new(tap: Arc<ShadowTap>, baseline: Arc<Deployment>, arrived: Instant) -> Self {
        Self {
            tap,
            baseline,
            arrived,
            live: None,
        }
    }

    /// Waits for the copy's answer, and hands both over.
    async fn compare(self, request: &Copied, scored: impl Future<Output = Ran>) {
        let Self {
            tap,
            baseline,
            arrived,
            live,
        } = self;
        // First, so that a long body is not kept while the copy runs.
        let live = match live {
            Some(heard) => Some(heard.reduced().await),
            None => None,
        };
        let other = scored.await.answer(Side::Copy).await;
        let (Some(live), Some(other)) = (live, other) else {
            tap.uncompared();
            return;
        };
        let pair = |live, other, source| ShadowPair {
            request_id: request.id.as_str().to_owned(),
            arrived,
            live,
            other,
            source,
        };
        let is_well = live.status < 400;
        tap.offer(pair(live.clone(), other, PairSource::Mirror));
        // What failed is not tried again: it would cost another sandbox.
        if is_well && let Some(other) = request.replay(&tap, baseline).await {
            tap.offer(pair(live, other, PairSource::Replay));
        }
    }
}

impl Ran {
    async fn answer(self, side: Side) -> Option<ShadowAnswer> {
        let heard = Heard::of(side, &self.result, &self.timings)?;
        Some(heard.reduced().await)
    }

    /// What the run leaves, if the request that was copied leaves a trace.
    fn trace(&self, context: Context, chosen: &Chosen, role: Role) -> Option<RequestTrace> {
        let moments = Moments {
            arrived: context.arrived,
            ended: Instant::now(),
        };
        let (status, outcome) = match &self.result {
            Ok(response) => (response.status, "scorer"),
            Err(rejection) => (rejection.kind().status(), rejection.kind().slug()),
        };
        Some(RequestTrace {
            span: *context.span?,
            role: if role == Role::Replay {
                TraceRole::Replay
            } else {
                TraceRole::Mirror
            },
            started: moments.started(),
            took: moments.took(),
            steps: moments.steps(&self.timings),
            deployment: Some(Arc::clone(chosen.deployment())),
            request_id: context.id.as_str().to_owned(),
            status: Some(status.as_u16()),
            outcome,
            exchange: None,
        })
    }
}

impl Copied {
    /// Asks the live deployment once more, if it is time to and it has nothing better to do.
    async fn replay(
        &self,
        tap: &Arc<ShadowTap>,
        baseline: Arc<Deployment>,
    ) -> Option<ShadowAnswer> {
        if !is_at_rest(&baseline) {
            return None;
        }
        let _turn = tap.take_replay(Instant::now())?;
        sleep(REPLAY_DELAY).await;
        // Others that waited as long may be first.
        let mut tries = 0;
        while !is_at_rest(&baseline) {
            tries += 1;
            if tries == REPLAY_TRIES {
                return None;
            }
            sleep(REPLAY_PAUSE).await;
        }
        let ran = Box::pin(self.score(baseline, Role::Replay)).await;
        ran.answer(Side::Copy).await
    }

    async fn score(&self, deployment: Arc<Deployment>, role: Role) -> Ran {
        let mut timings = Timings::default();
        let chosen = Chosen::for_copy(deployment);
        let context = Context {
            id: self.id.clone(),
            arrived: Instant::now(),
            form: self.input.form(),
            patience: None,
            span: self.live.as_ref().map(|live| Box::new(live.copied())),
        };
        let result = self.scored(&chosen, &context, role, &mut timings).await;
        let ran = Ran { result, timings };
        if let Some(trace) = ran.trace(context, &chosen, role) {
            self.traces.offer(trace);
        }
        ran
    }

    async fn scored(
        &self,
        chosen: &Chosen,
        context: &Context,
        role: Role,
        timings: &mut Timings,
    ) -> Result<ScoringResponse, Rejection> {
        let input = match &context.span {
            Some(span) => &self.input.within(span),
            None => &self.input,
        };
        // Held as long as it is inside.
        let (_turn, entered) = match role {
            Role::Mirror => {
                let (turn, entered) = enter(chosen, context).await?;
                (Some(turn), entered)
            }
            Role::Live | Role::Replay => (None, admit::enter(chosen, context)?),
        };
        let mut wait = entered.wait(context.arrived);
        if role == Role::Replay {
            // What finds no sandbox at once is in the way of requests.
            wait.until = context.arrived;
        }
        // The target may take other tensors than the deployment that was asked first.
        let signature = entered.revision().pool.signature();
        let call = prepare(input, signature).await?;
        let pool = &entered.revision().pool;
        let seated = match call {
            None => pool.lease(wait.until).await.map(Seated::Body),
            Some(call) => Box::pin(entered.seat(call, context, role, wait)).await,
        };
        let (seated, waited) = entered.permit(seated, wait, timings)?.into_parts();
        let collected = collect::begin(chosen, context, input, role);
        let request = ScoringRequest {
            keep: collect::keep(chosen, role, collected.as_ref()),
            ..input.request(&context.id, chosen, role, waited.since)
        };
        let deadline = waited.entered.deadline();
        let report = match seated {
            Seated::Body(lease) => lease.run(request, deadline).await,
            Seated::Tensors(call) => Box::pin(call.run(request, deadline)).await,
        };
        let result = run::conclude(report, &waited, role, timings);
        if let Some(collected) = collected {
            collected.answered(&result);
        }
        result
    }
}

/// Takes a copy into its target when it is its turn and there is room: copies come in bursts, where requests would come one after
/// the other.
async fn enter<'c>(
    chosen: &'c Chosen,
    context: &Context,
) -> Result<(CopyTurn<'c>, Entered<'c>), Rejection> {
    let revision = admit::serving(chosen)?;
    let limit = revision.settings.max_queue_wait();
    let until = context.arrived + limit;
    let turn = timeout_at(until.into(), revision.admission.copy_turn()).await;
    let turn = turn.map_err(|_| Rejection::QueueTimeout { limit })?;
    loop {
        match admit::enter(chosen, context) {
            Err(Rejection::Full(_)) if Instant::now() < until => sleep(ROOM_PAUSE).await,
            entered => return entered.map(|entered| (turn, entered)),
        }
    }
}

/// Whether the deployment has a sandbox to spare: at least as many stay free as are at work, and one at least for a request that
/// comes meanwhile.
fn is_at_rest(deployment: &Deployment) -> bool {
    deployment.serving().is_some_and(|revision| {
        let counts = revision.pool.counts();
        counts.idle >= counts.busy + counts.refilling + 2
    })
}
