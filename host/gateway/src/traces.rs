//! Traces: which requests leave one, and what each leaves at its end.
//!
//! Nothing here knows how a trace is sent: a request that is sampled puts one record with the times that are taken anyway into a
//! bounded queue when it is over, and goes on. Whoever holds the [`TraceReceiver`] makes spans of them. A record that finds
//! the queue full is dropped and counted. Where traces are off, a request pays one branch; one that is not sampled, a look
//! at its headers and a random number.

mod ids;
mod parent;
mod record;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use tokio::sync::mpsc;

pub use ids::{SpanId, TraceId};
pub(crate) use record::Moments;
pub use record::{RequestTrace, Step, StepKind, TraceRole, TracedExchange};

use crate::{
    context::Context,
    form::Form,
    record::shortened,
    route::{Target, target},
};

/// The header that says which span a request belongs to (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What other systems put beside it.
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Which requests are traced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceSettings {
    /// The share of the requests without a parent that leave a trace, from 0 to 1. A parent decides for its own.
    pub sample_ratio: f64,
    /// Records that wait at most.
    pub max_waiting: usize,
}

/// The end at which requests leave their records; off, or on. Clones are the same.
///
/// # Concurrency
///
/// Shared by all requests; a bounded queue, no lock.
#[derive(Clone, Debug)]
pub struct Traces(Option<Arc<Sampler>>);

#[derive(Debug)]
struct Sampler {
    sample_ratio: f64,
    queue: mpsc::Sender<Box<RequestTrace>>,
    counts: Arc<Counts>,
}

/// The end at which records are taken out.
#[derive(Debug)]
pub struct TraceReceiver {
    queue: mpsc::Receiver<Box<RequestTrace>>,
    counts: Arc<Counts>,
}

/// What became of the records.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Sent, and taken by the collector.
    pub(crate) exported: AtomicU64,
    /// Dropped, since too many waited.
    pub(crate) full: AtomicU64,
    /// Dropped, since the collector did not take them.
    pub(crate) refused: AtomicU64,
}

/// A request's own span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The trace that it is part of.
    pub trace: TraceId,
    /// Itself.
    pub id: SpanId,
    /// The client's span, if the request came with one.
    pub parent: Option<SpanId>,
    /// The client's `tracestate`, as it came.
    pub state: Option<String>,
    /// The span of the request that this one is a copy of.
    pub copy_of: Option<(TraceId, SpanId)>,
    /// The address that was asked, without names in it.
    pub route: &'static str,
    /// The endpoint as the request names it, whether or not there is one.
    pub endpoint: String,
}

impl Traces {
    /// No traces.
    pub fn off() -> Self {
        Self(None)
    }

    /// Traces as `settings` say, and where their records come out.
    pub fn on(settings: TraceSettings) -> (Self, TraceReceiver) {
        let (sender, receiver) = mpsc::channel(settings.max_waiting);
        let counts = Arc::<Counts>::default();
        let sampler = Sampler {
            sample_ratio: settings.sample_ratio,
            queue: sender,
            counts: Arc::clone(&counts),
        };
        let receiver = TraceReceiver {
            queue: receiver,
            counts,
        };
        (Self(Some(Arc::new(sampler))), receiver)
    }

    /// The span of a request that begins, if it is to score and leaves a trace.
    pub(crate) fn begin(&self, head: &Parts, form: Form) -> Option<Box<Span>> {
        self.0.as_ref()?.begin(head, form).map(Box::new)
    }

    /// Takes the record of a request that has ended.
    pub(crate) fn offer(&self, record: RequestTrace) {
        if let Some(sampler) = &self.0
            && sampler.queue.try_send(Box::new(record)).is_err()
        {
            sampler.counts.full.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What became of the records; none if traces are off.
    pub(crate) fn counts(&self) -> Option<&Counts> {
        self.0.as_ref().map(|sampler| &*sampler.counts)
    }
}

impl Sampler {
    fn begin(&self, head: &Parts, form: Form) -> Option<Span> {
        let parent = parent::of(&head.headers);
        let trace = match &parent {
            Some(parent) if !parent.is_sampled => return None,
            Some(parent) => parent.trace,
            None => {
                let trace = TraceId::make();
                if trace.fraction() >= self.sample_ratio {
                    return None;
                }
                trace
            }
        };
        let (route, endpoint) = match target(head) {
            Ok(Target::Score(address)) => (form.route(), address.endpoint),
            // Whom the call is for stands in its message.
            Ok(Target::Grpc(method)) => (method.scoring_route()?, ""),
            _ => return None,
        };
        Some(Span {
            trace,
            id: SpanId::make(),
            state: parent
                .is_some()
                .then(|| parent::state(&head.headers))
                .flatten(),
            parent: parent.map(|parent| parent.span),
            copy_of: None,
            route,
            endpoint: shortened(endpoint),
        })
    }
}

impl Span {
    /// The span of another request that the client made within the same call.
    pub(crate) fn beside(&self) -> Self {
        Self {
            id: SpanId::make(),
            ..self.clone()
        }
    }

    /// The span of a copy of this request: the beginning of a trace of its own, since nobody waits for it.
    pub(crate) fn copied(&self) -> Self {
        Self {
            trace: TraceId::make(),
            id: SpanId::make(),
            parent: None,
            state: None,
            copy_of: Some((self.trace, self.id)),
            route: self.route,
            endpoint: self.endpoint.clone(),
        }
    }

    /// Says in the headers that a scorer sees that this span is the one to belong to.
    pub(crate) fn announce(&self, headers: &mut HeaderMap) {
        let Self { trace, id, .. } = self;
        let text = format!("00-{:032x}-{:016x}-01", trace.0, id.0);
        // Digits and dashes are allowed in a header.
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(TRACEPARENT, value);
        }
        if self.state.is_none() {
            // It belongs to a parent that there is none of.
            headers.remove(TRACESTATE);
        }
    }
}

/// Tells the scorer of a request that is traced which span it works for.
pub(crate) fn announce(context: &Context, headers: &mut HeaderMap) {
    if let Some(span) = &context.span {
        span.announce(headers);
    }
}

impl TraceReceiver {
    /// Takes out up to `most` records once there are any, and returns how many; 0 if there will be none.
    ///
    /// # Cancel safety
    ///
    /// Safe: what is not returned stays in the queue.
    pub async fn receive(&mut self, into: &mut Vec<RequestTrace>, most: usize) -> usize {
        let mut some = Vec::with_capacity(most);
        let count = self.queue.recv_many(&mut some, most).await;
        into.extend(some.into_iter().map(|record| *record));
        count
    }

    /// Takes no further records; what waits can still be received. What comes later is counted as dropped.
    pub fn close(&mut self) {
        self.queue.close();
    }

    /// Notes that so many records reached their collector.
    pub fn exported(&self, records: usize) {
        let records = records as u64;
        self.counts.exported.fetch_add(records, Ordering::Relaxed);
    }

    /// Notes that so many records did not.
    pub fn refused(&self, records: usize) {
        let records = records as u64;
        self.counts.refused.fetch_add(records, Ordering::Relaxed);
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }
}

#[cfg(test)]
mod tests;
