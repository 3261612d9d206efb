//! What is noted of one request while it is answered, for the access log and for its trace, and handed over at its end.

use std::{sync::Arc, time::Instant};

use http::{HeaderValue, Method, Version, header::USER_AGENT, request::Parts};
use hyper::body::Body as _;
use jiff::Timestamp;
use mlwasm_routing::Deployment;
use mlwasm_types::AuthMode;

use crate::{
    access_log::AccessLog,
    body::RequestBody,
    choose::Chosen,
    context::{Context, RequestId, Timings, find},
    rejection::Rejection,
    respond::Answer,
    route::{Target, target},
    traces::{Moments, RequestTrace, Span, TraceRole, TracedExchange, Traces},
};

/// Longest path that is kept, in bytes; an endpoint's has less than 100.
const LONGEST_PATH: usize = 512;
/// Longest name of an endpoint that is kept, in characters: any that exists.
const LONGEST_NAME: usize = 64;
/// Longest user agent in a trace, in bytes.
const LONGEST_AGENT: usize = 256;

/// Where the records of requests go.
#[derive(Debug)]
pub struct Records {
    /// A line for each.
    pub access_log: AccessLog,
    /// Spans of some.
    pub traces: Traces,
}

/// The reason of an answer that nobody got.
pub(crate) const CLIENT_LEFT: &str = "client-left";

/// One request.
#[derive(Debug)]
pub(crate) struct Entry {
    /// When its answer was ready, or its client had left.
    pub(crate) time: Timestamp,
    pub(crate) ended: Instant,
    pub(crate) arrived: Instant,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) version: Version,
    pub(crate) user_agent: Option<HeaderValue>,
    pub(crate) id: RequestId,
    /// As the request names it, whether or not there is one.
    pub(crate) endpoint: Option<String>,
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// How the caller proved who it is; none if it did not.
    pub(crate) auth: Option<AuthMode>,
    pub(crate) timings: Timings,
    pub(crate) request_bytes: u64,
    /// When the body was complete, if it ever was.
    pub(crate) received: Option<Instant>,
    pub(crate) answer: Option<Answered>,
    span: Option<Box<Span>>,
}

/// What the client got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) bytes: u64,
    /// What the platform says of it.
    pub(crate) reason: &'static str,
    pub(crate) model: Option<ModelStatus>,
}

/// What the scorer answered, where it was asked and ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelStatus {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
}

/// A request that will be in the access log and in its trace, where there is one, when this is dropped.
#[derive(Debug)]
pub(crate) struct Logged(Option<Noted>);

#[derive(Debug)]
struct Noted {
    // Taken when it is sent.
    entry: Option<Box<Entry>>,
    records: Arc<Records>,
}

impl Records {
    /// Neither.
    pub fn off() -> Self {
        Self {
            access_log: AccessLog::off(),
            traces: Traces::off(),
        }
    }

    /// Begins with a request; its record is handed over however it ends.
    pub(crate) fn begin(self: &Arc<Self>, head: &Parts, context: &Context) -> Logged {
        let is_noted = self.access_log.is_on() || context.span.is_some();
        Logged(is_noted.then(|| Noted {
            entry: Some(Box::new(Entry::new(head, context))),
            records: Arc::clone(self),
        }))
    }
}

impl Logged {
    /// Notes who is to answer.
    pub(crate) fn chosen(&mut self, chosen: &Chosen) {
        if let Some(entry) = self.entry() {
            entry.deployment = Some(Arc::clone(chosen.deployment()));
            entry.auth = chosen.auth();
        }
    }

    /// Notes the endpoint that a message names.
    pub(crate) fn addressed(&mut self, endpoint: &str) {
        if let Some(entry) = self.entry() {
            let endpoint = shortened(endpoint);
            if let Some(span) = &mut entry.span {
                span.endpoint.clone_from(&endpoint);
            }
            entry.endpoint = Some(endpoint);
        }
    }

    /// Leaves no record of it: each message of a stream has one of its own.
    pub(crate) fn forget(&mut self) {
        if let Some(noted) = &mut self.0 {
            noted.entry = None;
        }
    }

    /// Notes where the time went, and how it ended for the scorer.
    pub(crate) fn scored(&mut self, result: &Result<Answer, Rejection>, timings: &Timings) {
        if let Some(entry) = self.entry() {
            entry.timings = *timings;
            entry.answer = Some(Answered::of(result));
        }
    }

    /// Notes what the client gets.
    pub(crate) fn answered(&mut self, answer: &Answer, body: &RequestBody) {
        if let Some(entry) = self.entry() {
            entry.request_bytes = body.received();
            let completed = || body.completed().unwrap_or(entry.arrived);
            entry.received = body.is_read().then(completed);
            let noted = entry.answer.get_or_insert(Answered::BY_GATEWAY);
            noted.status = answer.status().as_u16();
            noted.bytes = answer.body().size_hint().lower();
        }
    }

    /// Notes that the gateway refuses the request.
    pub(crate) fn refused(&mut self, rejection: &Rejection) {
        if let Some(entry) = self.entry() {
            entry.answer = Some(Answered {
                reason: rejection.kind().slug(),
                ..Answered::BY_GATEWAY
            });
        }
    }

    fn entry(&mut self) -> Option<&mut Entry> {
        self.0.as_mut()?.entry.as_deref_mut()
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let Some(mut entry) = self.entry.take() else {
            return;
        };
        entry.time = Timestamp::now();
        entry.ended = Instant::now();
        if let Some(span) = entry.span.take() {
            self.records.traces.offer(entry.trace(*span));
        }
        self.records.access_log.offer(entry);
    }
}

impl Answered {
    /// An answer that no scorer had a part in.
    const BY_GATEWAY: Self = Self {
        status: 0,
        bytes: 0,
        reason: "gateway",
        model: None,
    };

    fn of(result: &Result<Answer, Rejection>) -> Self {
        let (reason, model) = match result {
            Ok(answer) => {
                let status = answer.status().as_u16();
                ("scorer", Some(ModelStatus { status, reason: "" }))
            }
            Err(rejection) => (rejection.kind().slug(), model_status(rejection)),
        };
        Self {
            reason,
            model,
            ..Self::BY_GATEWAY
        }
    }
}

/// What a scorer's failure is to a client of Azure's: the same as in `ms-azureml-model-error-statuscode` and `-reason`.
fn model_status(rejection: &Rejection) -> Option<ModelStatus> {
    match rejection {
        Rejection::BadRequest(_) => Some(ModelStatus {
            status: 400,
            reason: "bad_request",
        }),
        Rejection::Fault { fault, .. } => Some(ModelStatus {
            status: 500,
            reason: fault.reason(),
        }),
        // Refused before the scorer was asked, or stopped while it was at work.
        _ => None,
    }
}

impl Entry {
    fn new(head: &Parts, context: &Context) -> Self {
        let endpoint = match target(head) {
            Ok(Target::Score(address) | Target::Describe(address)) => {
                Some(shortened(address.endpoint))
            }
            Ok(Target::Inquiry(inquiry)) => {
                inquiry.address().map(|address| shortened(address.endpoint))
            }
            Ok(Target::Live | Target::Ready | Target::Grpc(_)) | Err(_) => None,
        };
        Self {
            time: Timestamp::UNIX_EPOCH,
            ended: context.arrived,
            arrived: context.arrived,
            method: head.method.clone(),
            path: cut(head.uri.path()).to_owned(),
            version: head.version,
            user_agent: find(&head.headers, &USER_AGENT).cloned(),
            id: context.id.clone(),
            endpoint,
            deployment: None,
            auth: None,
            timings: Timings::default(),
            request_bytes: 0,
            received: None,
            answer: None,
            span: context.span.clone(),
        }
    }

    /// The answer that the client got; none if it had left.
    pub(crate) fn seen(&self) -> Option<Answered> {
        self.answer.filter(|answer| answer.status != 0)
    }

    fn trace(&self, span: Span) -> RequestTrace {
        let moments = Moments {
            arrived: self.arrived,
            ended: self.ended,
        };
        let seen = self.seen();
        let agent = self.user_agent.as_ref();
        RequestTrace {
            span,
            role: TraceRole::Live,
            started: moments.started(),
            took: moments.took(),
            steps: moments.steps(&self.timings),
            deployment: self.deployment.clone(),
            request_id: self.id.as_str().to_owned(),
            status: seen.map(|answer| answer.status),
            outcome: seen.map_or(CLIENT_LEFT, |answer| answer.reason),
            exchange: Some(TracedExchange {
                path: self.path.clone(),
                version: self.version,
                user_agent: agent.map(|agent| {
                    let kept = agent.as_bytes();
                    let kept = &kept[..kept.len().min(LONGEST_AGENT)];
                    String::from_utf8_lossy(kept).into_owned()
                }),
                request_bytes: self.request_bytes,
                response_bytes: seen.map_or(0, |answer| answer.bytes),
            }),
        }
    }
}

/// As much of an endpoint's name as is kept.
pub(crate) fn shortened(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

fn cut(path: &str) -> &str {
    // A path is ASCII; `get` is for the day when it is not.
    path.get(..LONGEST_PATH).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Fault;

    #[test]
    fn a_path_is_cut_above_its_bound() {
        for (length, kept) in [
            (1, 1),
            (LONGEST_PATH, LONGEST_PATH),
            (LONGEST_PATH + 1, LONGEST_PATH),
        ] {
            assert_eq!(cut(&"a".repeat(length)).len(), kept);
        }
    }

    #[test]
    fn what_the_scorer_answered_is_told_apart_from_what_the_platform_did() {
        let fault = Rejection::Fault {
            fault: Fault::Trapped,
            message: String::new(),
        };
        for (rejection, reason, model) in [
            (Rejection::Draining, "shutting-down", None),
            (fault, "scorer-fault", Some((500, "trapped"))),
            (
                Rejection::BadRequest(String::new()),
                "bad-request",
                Some((400, "bad_request")),
            ),
        ] {
            let noted = Answered::of(&Err(rejection));
            let found = noted.model.map(|model| (model.status, model.reason));
            assert_eq!((noted.reason, found), (reason, model));
        }
    }
}
