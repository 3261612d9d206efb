//! What is to be kept of a request, offered to who writes it: its bodies, and what its scorer records meanwhile.
//!
//! A deployment that collects nothing costs a request one branch, one that samples a hash. Nothing here waits, and bodies are
//! shared, not copied. A request that no sandbox was found for is not collected: the access log tells of it.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_routing::collection::{CollectedBody, CollectionTap};
use mlwasm_sandbox::{Company, Keep, Record, Recorder, ScoringResponse};
use mlwasm_types::Collection;

use crate::{
    choose::Chosen,
    context::{Context, RequestId},
    rejection::Rejection,
    run::{Input, Role},
};

/// A run whose answer is collected as well. On the heap: few requests have one, and their futures are copied.
#[derive(Debug)]
pub(crate) struct Collected(Box<Kept>);

#[derive(Debug)]
struct Kept {
    run: Arc<Run>,
    /// The same run, as a sandbox knows it.
    recorder: Arc<dyn Recorder>,
}

#[derive(Debug)]
struct Run {
    tap: Arc<CollectionTap>,
    request_id: RequestId,
    correlation_id: RequestId,
    is_mirror: bool,
}

/// What is said of one body.
struct Body {
    collection: Collection,
    status: Option<u16>,
    content_type: Option<HeaderValue>,
    data: Bytes,
    /// The length of the whole.
    bytes: usize,
}

/// Offers the request's body, if the request is sampled. What is returned takes the answer's.
pub(crate) fn begin(
    chosen: &Chosen,
    context: &Context,
    input: &Input,
    role: Role,
) -> Option<Collected> {
    let tap = chosen.deployment().collector()?;
    let is_mirror = match role {
        Role::Live => false,
        Role::Mirror => true,
        // None of the deployment's traffic.
        Role::Replay => return None,
    };
    if !tap.samples(context.id.as_bytes()) {
        return None;
    }
    let run = Arc::new(Run {
        tap: Arc::clone(tap),
        request_id: context.id.clone(),
        // The request's own id is the client's to choose, and a copy has the same.
        correlation_id: RequestId::make(),
        is_mirror,
    });
    run.offer(Body {
        collection: Collection::Request,
        status: None,
        content_type: input.content_type().cloned(),
        data: input.body().clone(),
        bytes: input.size(),
    });
    let recorder = Arc::clone(&run) as Arc<dyn Recorder>;
    Some(Collected(Box::new(Kept { run, recorder })))
}

/// With whom a call in tensors may be joined: a replay with none, since it is nobody's traffic, and neither a request whose scorer's
/// records are kept, since nobody could say whose records those of a joined call are.
pub(crate) fn company(chosen: &Chosen, context: &Context, role: Role) -> Company {
    let records =
        |tap: &Arc<CollectionTap>| tap.takes_records() && tap.samples(context.id.as_bytes());
    if chosen.deployment().collector().is_some_and(records) {
        return Company::None;
    }
    match role {
        Role::Live => Company::Live,
        Role::Mirror => Company::Copies,
        Role::Replay => Company::None,
    }
}

/// What a sandbox is to keep of the run: of every request that fails, sampled or not, as much of its body as would be collected.
pub(crate) fn keep<'a>(chosen: &Chosen, role: Role, collected: Option<&'a Collected>) -> Keep<'a> {
    let tap = chosen.deployment().collector();
    let tap = tap.filter(|tap| role != Role::Replay && tap.find("request").is_some());
    Keep {
        recorder: collected.map(|Collected(kept)| &kept.recorder),
        failed_body: tap.map_or(0, |tap| tap.settings().max_bytes as usize),
    }
}

impl Collected {
    /// Offers the answer's body. A scorer that failed has none; then only the status tells of it.
    pub(crate) fn answered(self, result: &Result<ScoringResponse, Rejection>) {
        let body = match result {
            Ok(response) => Body {
                collection: Collection::Response,
                status: Some(response.status.as_u16()),
                content_type: response.content_type.clone(),
                data: response.body.clone(),
                bytes: response.body.len(),
            },
            Err(rejection) => Body {
                collection: Collection::Response,
                status: Some(rejection.kind().status().as_u16()),
                content_type: None,
                data: Bytes::new(),
                bytes: 0,
            },
        };
        self.0.run.offer(body);
    }
}

impl Run {
    fn offer(&self, body: Body) {
        if self.tap.find(body.collection.as_str()).is_none() {
            return;
        }
        self.tap.offer(CollectedBody {
            collection: body.collection,
            request_id: self.request_id.as_str().to_owned(),
            correlation_id: self.correlation_id.as_str().to_owned(),
            time: SystemTime::now(),
            is_mirror: self.is_mirror,
            content_type: body.content_type,
            status: body.status,
            body: body.data,
            bytes: body.bytes,
        });
    }
}

impl Recorder for Run {
    fn keeps(&self, collection: &str) -> Option<usize> {
        // What the server collects by itself is not for a scorer to add to.
        let (collection, _) = self.tap.find(collection)?;
        matches!(collection, Collection::Named(_)).then(|| self.tap.settings().max_bytes as usize)
    }

    fn record(&self, record: Record) {
        self.offer(Body {
            collection: Collection::Named(record.collection),
            status: None,
            content_type: Some(record.content_type),
            data: record.data,
            bytes: record.bytes,
        });
    }
}
