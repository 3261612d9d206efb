//! The last failures of one deployment's scorers, each with what its author needs to find the fault.
//!
//! Nothing here is touched by a request that succeeds. What a storm of failures costs is bounded: so many are kept, each of
//! so many bytes, and in each second only so many are looked at; the rest is counted. Bodies are digested, never kept.

mod headers;
mod trace;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use mlwasm_types::{
    Digest, RevisionNumber,
    failure::{FailedRequest, Failure, FailureKind, FailurePage, FailureTimings},
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

pub(crate) use trace::{MAX_FRAMES, Trace};

use crate::{
    error::{RunError, StartError},
    lock::lock,
    log::escaped,
    request::{Asked, Payload, RunReport},
};

/// Failures that are looked at in one second: describing one takes as long as making a new sandbox.
const LOOKS_PER_SECOND: u32 = 100;
/// Bytes of a message.
const MAX_MESSAGE: usize = 4 << 10;
/// Bytes of bodies after which no further one is digested in the same second: about 20 ms of one core.
const DIGESTED_PER_SECOND: usize = 16 << 20;
/// A digest of more bytes takes milliseconds, which is too long for a thread that does I/O.
const LARGE_BODY: usize = 1 << 20;
/// Bytes of bodies that are kept of one deployment's failures; the oldest bodies go first, and their failures stay.
const MOST_KEPT_BYTES: usize = 4 << 20;
/// The time after which both begin anew.
const WINDOW: Duration = Duration::from_secs(1);

/// The last failures of one deployment, over all its revisions. In memory, as its log is.
///
/// # Concurrency
///
/// Any thread may add and read. The lock guards the ring, and is held for one failure or one page.
pub struct Failures {
    kept: usize,
    ring: Mutex<Ring>,
}

/// What is kept of the body of a request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedBody {
    /// Its beginning.
    pub body: Bytes,
    /// The length of the whole in bytes.
    pub bytes: u64,
}

/// Where the failures of one revision go.
#[derive(Clone, Debug)]
pub struct RevisionFailures {
    failures: Arc<Failures>,
    revision: RevisionNumber,
}

/// What went wrong.
struct Fault<'a> {
    kind: FailureKind,
    limit: Option<String>,
    message: &'a str,
}

#[derive(Default)]
struct Ring {
    /// In the order of their sequence numbers.
    failures: VecDeque<Kept>,
    total: u64,
    body_bytes: usize,
    window: Option<Window>,
}

/// A failure, and what is kept of its request's body.
#[derive(Clone)]
struct Kept {
    failure: Failure,
    body: Option<Bytes>,
}

/// What was done in the current second.
struct Window {
    began: Instant,
    looks: u32,
    digested: usize,
}

/// Leave to look at one failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    sequence: u64,
    body: Body,
}

/// What may be done with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Digest,
    Measure,
}

impl Failures {
    /// No failures yet; the last `kept` will be kept.
    pub fn new(kept: usize) -> Arc<Self> {
        Arc::new(Self {
            kept,
            ring: Mutex::default(),
        })
    }

    /// Where the failures of `revision` go.
    pub fn of(self: &Arc<Self>, revision: RevisionNumber) -> RevisionFailures {
        RevisionFailures {
            failures: Arc::clone(self),
            revision,
        }
    }

    /// The last failures, at most `last` of them.
    pub fn page(&self, last: usize) -> FailurePage {
        let ring = lock(&self.ring);
        let start = ring.failures.len().saturating_sub(last);
        FailurePage {
            failures: ring.failures.range(start..).map(Kept::shown).collect(),
            total: ring.total,
        }
    }

    /// What is kept of the body of the request that failed with this number; none if nothing is.
    pub fn body(&self, sequence: u64) -> Option<FailedBody> {
        let ring = lock(&self.ring);
        let of = |kept: &&Kept| kept.failure.sequence == sequence;
        let kept = ring.failures.iter().find(of)?;
        Some(FailedBody {
            body: kept.body.clone()?,
            bytes: kept.failure.request.as_ref()?.body_bytes,
        })
    }

    /// Counts a failure, whose request had so many bytes; none if it is not to be looked at.
    fn admit(&self, now: Instant, body: usize) -> Option<Look> {
        let mut ring = lock(&self.ring);
        ring.total += 1;
        let sequence = ring.total;
        if self.kept == 0 {
            return None;
        }
        let body = ring.window_at(now).admit(body)?;
        Some(Look { sequence, body })
    }

    fn keep(&self, kept: Kept) {
        let mut ring = lock(&self.ring);
        // Failures of several threads may come in another order than they were counted in.
        let place = ring
            .failures
            .partition_point(|other| other.failure.sequence < kept.failure.sequence);
        ring.body_bytes += kept.body_bytes();
        ring.failures.insert(place, kept);
        if ring.failures.len() > self.kept
            && let Some(oldest) = ring.failures.pop_front()
        {
            ring.body_bytes -= oldest.body_bytes();
        }
        ring.drop_old_bodies();
    }
}

impl RevisionFailures {
    /// Keeps the failure of a request. The client's own mistakes are not among them.
    pub(crate) fn run<T>(
        &self,
        request: &Asked<'_>,
        error: &RunError,
        trace: &Trace,
        report: &RunReport<T>,
    ) {
        let (kind, limit, message) = match error {
            RunError::BadRequest(_) => return,
            RunError::Internal(text) => (FailureKind::Internal, None, text.clone()),
            RunError::DeadlineExceeded => (FailureKind::Deadline, None, error.to_string()),
            RunError::Trapped { message } => (FailureKind::Trap, None, message.clone()),
            RunError::LimitExceeded { limit, message } => {
                (FailureKind::Limit, Some(limit.to_string()), message.clone())
            }
            RunError::InvalidResponse { message } => {
                (FailureKind::InvalidResponse, None, message.clone())
            }
            RunError::Host { message } => (FailureKind::HostError, None, message.clone()),
        };
        let fault = Fault {
            kind,
            limit,
            message: &message,
        };
        self.keep(&fault, trace, Some((request, timings(request, report))));
    }

    /// Keeps the failure of a start. A server that is full is not the scorer's, nor is a setting that does not suit it.
    pub(crate) fn start(&self, error: &StartError, trace: &Trace) {
        let (kind, limit) = match error {
            StartError::NoRoom | StartError::NotJoinable(_) | StartError::NotGranted { .. } => {
                return;
            }
            StartError::InitFailed { .. } => (FailureKind::Internal, None),
            StartError::DeadlineExceeded { .. } => (FailureKind::Deadline, None),
            StartError::Trapped { .. } => (FailureKind::Trap, None),
            StartError::LimitExceeded { limit, .. } => {
                (FailureKind::Limit, Some(limit.to_string()))
            }
            StartError::InvalidSignature(_) => (FailureKind::InvalidResponse, None),
            StartError::Host { .. } => (FailureKind::HostError, None),
        };
        let fault = Fault {
            kind,
            limit,
            message: &error.to_string(),
        };
        self.keep(&fault, trace, None);
    }

    fn keep(&self, fault: &Fault<'_>, trace: &Trace, run: Option<(&Asked<'_>, FailureTimings)>) {
        let body = run.map_or(0, |(request, _)| request.payload.bytes());
        let Some(look) = self.failures.admit(Instant::now(), body) else {
            return;
        };
        let failure = Failure {
            sequence: look.sequence,
            time: Timestamp::now(),
            revision: self.revision,
            kind: fault.kind,
            limit: fault.limit.clone(),
            message: escaped(fault.message, MAX_MESSAGE),
            request: run.map(|(request, timings)| described(request, look.body, timings)),
            backtrace: trace.frames(),
        };
        let body = run.and_then(|(request, _)| look.body.kept(request));
        self.failures.keep(Kept { failure, body });
    }
}

impl Kept {
    fn body_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Bytes::len)
    }

    /// The failure as everyone may see it who may see the deployment.
    fn shown(&self) -> Failure {
        let mut failure = self.failure.clone();
        if let Some(request) = &mut failure.request {
            request.body_kept = self.body.as_ref().map(|body| body.len() as u64);
        }
        failure
    }
}

impl Body {
    /// As much of the request's body as is to be kept.
    fn kept(self, request: &Asked<'_>) -> Option<Bytes> {
        let Payload::Body(body) = request.payload else {
            return None;
        };
        let most = match self {
            Self::Digest => request.keep.failed_body,
            // They come too fast.
            Self::Measure => 0,
        };
        let beginning = &body[..body.len().min(most)];
        (most > 0).then(|| Bytes::copy_from_slice(beginning))
    }
}

impl Ring {
    fn drop_old_bodies(&mut self) {
        for kept in &mut self.failures {
            if self.body_bytes <= MOST_KEPT_BYTES {
                return;
            }
            self.body_bytes -= kept.body_bytes();
            kept.body = None;
        }
    }

    /// The current second's account.
    fn window_at(&mut self, now: Instant) -> &mut Window {
        let is_over = |window: &Window| now.saturating_duration_since(window.began) >= WINDOW;
        if self.window.as_ref().is_some_and(is_over) {
            self.window = None;
        }
        self.window.get_or_insert(Window {
            began: now,
            looks: 0,
            digested: 0,
        })
    }
}

impl Window {
    fn admit(&mut self, body: usize) -> Option<Body> {
        if self.looks == LOOKS_PER_SECOND {
            return None;
        }
        self.looks += 1;
        // The first one is digested whatever its size: bodies have a limit of their own.
        if self.digested >= DIGESTED_PER_SECOND {
            return Some(Body::Measure);
        }
        self.digested = self.digested.saturating_add(body);
        Some(Body::Digest)
    }
}

fn described(request: &Asked<'_>, body: Body, timings: FailureTimings) -> FailedRequest {
    let (headers, headers_left_out) = request.headers.map(headers::kept).unwrap_or_default();
    FailedRequest {
        id: request.id.to_owned(),
        is_mirror: request.is_mirror,
        query_bytes: request.query.len() as u64,
        headers,
        headers_left_out,
        body_bytes: request.payload.bytes() as u64,
        body_kept: None,
        body_digest: match body {
            Body::Digest => Some(digest(request.payload)),
            Body::Measure => None,
        },
        timings,
    }
}

fn timings<T>(request: &Asked<'_>, report: &RunReport<T>) -> FailureTimings {
    FailureTimings {
        queue_ms: milliseconds(report.begun.saturating_duration_since(request.queued_at)),
        guest_ms: milliseconds(report.guest()),
        infer_ms: milliseconds(report.infer),
    }
}

/// The digest of `payload`, without holding up the other tasks of this thread for long.
fn digest(payload: Payload<'_>) -> Digest {
    let has_other_threads = || {
        Handle::try_current()
            .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
    };
    if payload.bytes() > LARGE_BODY && has_other_threads() {
        block_in_place(|| payload.digest())
    } else {
        payload.digest()
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures")
            .field("kept", &self.kept)
            .field("total", &lock(&self.ring).total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
