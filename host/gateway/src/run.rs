//! One run of the scorer: what it is given, and what its end means for the caller.
//!
//! The run itself is awaited by the callers. Each `async fn` between would copy the future of the run once more,
//! which is the largest thing on a request's way.
#![warn(clippy::wildcard_enum_match_arm)]

use std::{mem, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri, header::CONTENT_TYPE, request::Parts};
use mlwasm_sandbox::{Keep, RunError, RunReport, ScoringRequest, ScoringResponse};

use crate::{
    admit::Waited,
    choose::Chosen,
    context::{RequestId, Timings},
    form::Form,
    rejection::{Fault, Rejection},
    traces::Span,
};

/// What a scorer sees of a request. Cheap to clone but for the headers.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    form: Form,
}

impl Input {
    /// Takes what a run needs out of a request. The sandbox withholds credentials from the scorer.
    pub(crate) fn take(form: Form, head: &mut Parts, body: Bytes) -> Self {
        Self {
            form,
            uri: mem::take(&mut head.uri),
            headers: mem::take(&mut head.headers),
            body,
        }
    }

    /// The same, and its scorer is told that it works for `span`.
    pub(crate) fn within(&self, span: &Span) -> Self {
        let mut input = self.clone();
        span.announce(&mut input.headers);
        input
    }

    /// The request as a sandbox takes it, for which it has waited since `queued_at`. Nothing of it is kept.
    pub(crate) fn request<'a>(
        &'a self,
        id: &'a RequestId,
        chosen: &'a Chosen,
        role: Role,
        queued_at: Instant,
    ) -> ScoringRequest<'a> {
        ScoringRequest {
            id: id.as_str(),
            deployment: chosen.deployment().name().as_str(),
            is_mirror: role != Role::Live,
            queued_at,
            query: self.uri.query().unwrap_or_default(),
            headers: &self.headers,
            content_type: self.content_type().and_then(|value| value.to_str().ok()),
            body: &self.body,
            keep: Keep::default(),
        }
    }

    /// In which words the request asks. One over gRPC is in REST form by now.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// All headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The media type of the body.
    pub(crate) fn content_type(&self) -> Option<&HeaderValue> {
        self.headers.get(CONTENT_TYPE)
    }

    /// The body.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The size of the body in bytes.
    pub(crate) fn size(&self) -> usize {
        self.body.len()
    }
}

/// Whose answer the client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// This run's.
    Live,
    /// Another one's: this run is the copy.
    Mirror,
    /// Another one's: this run asks the live deployment again, and is none of its traffic.
    Replay,
}

/// The response of a run that has ended, or what its end means for the caller.
pub(crate) fn conclude(
    report: RunReport,
    waited: &Waited<'_>,
    role: Role,
    timings: &mut Timings,
) -> Result<ScoringResponse, Rejection> {
    let entered = &waited.entered;
    timings.queue = report.begun.saturating_duration_since(waited.since);
    timings.guest = report.guest();
    timings.infer = report.infer;
    timings.ended = Some(report.ended);
    if role != Role::Replay {
        let meters = entered.chosen().deployment().meters();
        meters.queue.observe(timings.queue);
        meters.guest.observe(timings.guest);
        if !report.infer.is_zero() {
            meters.infer.observe(report.infer);
        }
    }
    report.outcome.map_err(|error| match error {
        RunError::BadRequest(text) => Rejection::BadRequest(text),
        RunError::DeadlineExceeded => entered.too_late(),
        RunError::Internal(message) => fault(Fault::Internal, message),
        RunError::Trapped { message } => fault(Fault::Trapped, message),
        error @ RunError::LimitExceeded { .. } => fault(Fault::LimitExceeded, error.to_string()),
        RunError::InvalidResponse { message } => fault(Fault::InvalidResponse, message),
        RunError::Host { message } => Rejection::HostError { cause: message },
    })
}

fn fault(fault: Fault, message: String) -> Rejection {
    Rejection::Fault { fault, message }
}
