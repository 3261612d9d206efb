//! What a request that is traced leaves at its end.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use http::Version;
use mlwasm_routing::Deployment;

use super::{Span, SpanId};
use crate::context::Timings;

/// One request, or one run of a copy.
///
/// Never a body, a query, a credential: what is here leaves the machine.
#[derive(Debug)]
pub struct RequestTrace {
    /// Its span.
    pub span: Span,
    /// Whose answer a client got.
    pub role: TraceRole,
    /// When it arrived, or was begun.
    pub started: SystemTime,
    /// From then to its end.
    pub took: Duration,
    /// Where the time went, in order.
    pub steps: Vec<Step>,
    /// Who answered, if it came so far.
    pub deployment: Option<Arc<Deployment>>,
    /// Its id, as in `x-request-id`.
    pub request_id: String,
    /// The status of the answer; none if the client had left.
    pub status: Option<u16>,
    /// `scorer` if the scorer answered, else why not, as in the access log.
    pub outcome: &'static str,
    /// What is about HTTP; none for a copy, which has no client.
    pub exchange: Option<TracedExchange>,
}

/// Whose answer a client got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceRole {
    /// This one's.
    Live,
    /// Another one's: this is the run of a mirrored request.
    Mirror,
    /// Another one's: this run asked the live deployment again, to learn what is noise.
    Replay,
}

/// A request and its answer as HTTP has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedExchange {
    /// The path without its query, cut.
    pub path: String,
    /// Which HTTP.
    pub version: Version,
    /// What the client says it is, cut.
    pub user_agent: Option<String>,
    /// Bytes of the request's body as far as it was read.
    pub request_bytes: u64,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub kind: StepKind,
    /// Its span.
    pub id: SpanId,
    /// Its beginning, after that of the request.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
}

/// What is done for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It waits for a sandbox.
    Queue,
    /// The scorer's own code.
    Guest,
    /// Native runs, together.
    Infer,
}

impl StepKind {
    /// The name of its span.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Guest => "guest",
            Self::Infer => "infer",
        }
    }
}

/// The moments of a request that began at `arrived` and took so long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) arrived: Instant,
    pub(crate) ended: Instant,
}

impl Moments {
    pub(crate) fn took(self) -> Duration {
        self.ended.saturating_duration_since(self.arrived)
    }

    /// When it began, by the clock on the wall, if it ends now.
    pub(crate) fn started(self) -> SystemTime {
        let now = SystemTime::now();
        now.checked_sub(self.took()).unwrap_or(now)
    }

    /// Where the time went. How a scorer's own time and its native runs alternate is not known: the runs are drawn as one, at
    /// the end, so that the lengths are right.
    pub(crate) fn steps(self, timings: &Timings) -> Vec<Step> {
        let took = self.took();
        let run_ended = timings
            .ended
            .map(|at| at.saturating_duration_since(self.arrived));
        // Who was not served waited to the end.
        let mut end = run_ended.unwrap_or(took).min(took);
        let mut steps = Vec::with_capacity(3);
        let lengths = [
            (StepKind::Infer, timings.infer, !timings.infer.is_zero()),
            (StepKind::Guest, timings.guest, run_ended.is_some()),
            (
                StepKind::Queue,
                timings.queue,
                run_ended.is_some() || !timings.queue.is_zero(),
            ),
        ];
        for (kind, length, _) in lengths.into_iter().filter(|(_, _, is_there)| *is_there) {
            let after = end.saturating_sub(length);
            steps.push(Step {
                kind,
                id: SpanId::make(),
                after,
                took: end - after,
            });
            end = after;
        }
        steps.reverse();
        steps
    }
}
