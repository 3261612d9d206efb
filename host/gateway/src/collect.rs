//! The bodies of a request that is to be kept, offered to who writes them.
//!
//! A deployment that collects nothing costs a request one branch, one that samples a hash. Nothing here waits, and bodies are
//! shared, not copied. A request that no sandbox was found for is not collected: the access log tells of it.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use mlwasm_routing::collection::{CollectedBody, CollectionTap};
use mlwasm_sandbox::ScoringResponse;
use mlwasm_types::Collection;

use crate::{
    choose::Chosen,
    context::{Context, RequestId},
    rejection::Rejection,
    run::{Input, Role},
};

/// A run whose answer is collected as well. On the heap: few requests have one, and their futures are copied.
#[derive(Debug)]
pub(crate) struct Collected(Box<Run>);

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
    bytes: Bytes,
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
    let run = Run {
        tap: Arc::clone(tap),
        request_id: context.id.clone(),
        // The request's own id is the client's to choose, and a copy has the same.
        correlation_id: RequestId::make(),
        is_mirror,
    };
    run.offer(Body {
        collection: Collection::Request,
        status: None,
        content_type: input.content_type().cloned(),
        bytes: input.body().clone(),
    });
    Some(Collected(Box::new(run)))
}

impl Collected {
    /// Offers the answer's body. A scorer that failed has none; then only the status tells of it.
    pub(crate) fn answered(self, result: &Result<ScoringResponse, Rejection>) {
        let body = match result {
            Ok(response) => Body {
                collection: Collection::Response,
                status: Some(response.status.as_u16()),
                content_type: response.content_type.clone(),
                bytes: response.body.clone(),
            },
            Err(rejection) => Body {
                collection: Collection::Response,
                status: Some(rejection.kind().status().as_u16()),
                content_type: None,
                bytes: Bytes::new(),
            },
        };
        self.0.offer(body);
    }
}

impl Run {
    fn offer(&self, body: Body) {
        if !self.tap.settings().collects(body.collection) {
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
            body: body.bytes,
        });
    }
}
