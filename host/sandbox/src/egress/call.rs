//! One call: from the request that a guest hands over to the last byte of the answer.
//!
//! The answer is read off its connection by a worker, a frame ahead of the guest, and not by the guest: so a connection is
//! dropped when the request ends, also if the guest never looks at it again, and goes back to the others only when it was read
//! to its end.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::timeout,
};
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody};

use super::{
    GrantedEgress,
    calls::Share,
    client::CONNECT_TIMEOUT,
    departing::Departing,
    failure,
    meter::{EgressOutcome, Ticket},
};

/// Longest that anything takes for which there is no limit: the request's own deadline comes first.
const FOREVER: Duration = Duration::from_secs(24 * 3_600);

/// The answer's head, and what reads its body: to be run until it ends, or dropped to end the call.
pub(crate) type Answer = (Response<WasiBody>, Worker);
type Worker = Box<dyn Future<Output = Result<()>> + Send>;

/// A call that a guest asks for, which is allowed.
pub(crate) struct Asked {
    pub(crate) request: Request<WasiBody>,
    pub(crate) limits: Limits,
}

/// What a guest says of its call's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl From<Option<RequestOptions>> for Limits {
    fn from(options: Option<RequestOptions>) -> Self {
        let options = options.unwrap_or_default();
        let limit = |limit: Option<Duration>| limit.unwrap_or(FOREVER).min(FOREVER);
        Self {
            connect: limit(options.connect_timeout).min(CONNECT_TIMEOUT),
            first_byte: limit(options.first_byte_timeout),
            between_bytes: limit(options.between_bytes_timeout),
        }
    }
}

/// Makes the call.
///
/// # Cancel safety
///
/// Dropping the future ends the call.
pub(crate) async fn call(egress: Arc<GrantedEgress>, asked: Asked, share: Share) -> Result<Answer> {
    let ticket = Ticket::new(&egress.meter);
    let Asked { request, limits } = asked;
    let carrier = share.carrier();
    let request = request.map(|body| Departing::new(body, carrier.clone()));
    // Connecting has its own limit inside.
    let patience = limits.connect.saturating_add(limits.first_byte);
    let head = timeout(patience, egress.client.send(request, limits.connect));
    let head = tokio::select! {
        biased;
        () = share.over() => return Err(Error::ConnectionTerminated),
        head = head => head,
    };
    if carrier.has_exceeded() {
        return Err(Error::HttpRequestBodySize(None));
    }
    let head = match head {
        Ok(Ok(head)) => head,
        Ok(Err(error)) => {
            ticket.end(EgressOutcome::Failed);
            return Err(failure::of_head(&error));
        }
        Err(_) => {
            ticket.end(EgressOutcome::Failed);
            return Err(Error::ConnectionReadTimeout);
        }
    };
    if head.status() == StatusCode::SWITCHING_PROTOCOLS {
        ticket.end(EgressOutcome::Failed);
        return Err(Error::HttpUpgradeFailed);
    }
    let (parts, incoming) = head.into_parts();
    let (sender, receiver) = mpsc::channel(1);
    let is_whole = Arc::new(AtomicBool::new(false));
    let arriving = Arriving {
        receiver,
        is_whole: Arc::clone(&is_whole),
    };
    let reading = Reading {
        incoming,
        sender,
        share,
        is_whole,
        limit: limits.between_bytes,
    };
    let worker = async move {
        // What went wrong, the guest is told by the body.
        if let Some(outcome) = reading.run().await {
            ticket.end(outcome);
        }
        Ok(())
    };
    let body = arriving.boxed_unsync();
    Ok((Response::from_parts(parts, body), Box::new(worker)))
}

/// An answer's body as it comes off the connection.
struct Reading {
    incoming: Incoming,
    sender: Sender<Result<Frame<Bytes>>>,
    share: Share,
    is_whole: Arc<AtomicBool>,
    limit: Duration,
}

impl Reading {
    /// What came of the call; none if it was let go.
    async fn run(mut self) -> Option<EgressOutcome> {
        let carrier = self.share.carrier();
        loop {
            let next = tokio::select! {
                biased;
                () = self.share.over() => return None,
                next = timeout(self.limit, self.incoming.frame()) => next,
            };
            let (frame, outcome) = match next {
                Ok(None) => {
                    self.is_whole.store(true, Ordering::Release);
                    return Some(EgressOutcome::Answered);
                }
                Ok(Some(Ok(frame))) => {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    if carrier.carry(bytes) {
                        (Ok(frame), None)
                    } else {
                        (
                            Err(Error::HttpResponseBodySize(None)),
                            Some(EgressOutcome::Cut),
                        )
                    }
                }
                Ok(Some(Err(error))) => {
                    (Err(failure::of_body(&error)), Some(EgressOutcome::Failed))
                }
                Err(_) => (
                    Err(Error::ConnectionReadTimeout),
                    Some(EgressOutcome::Failed),
                ),
            };
            let sent = tokio::select! {
                biased;
                () = self.share.over() => return None,
                sent = self.sender.send(frame) => sent,
            };
            if sent.is_err() || outcome.is_some() {
                return outcome;
            }
        }
    }
}

/// The same, as the guest takes it. It ends well only if the answer did: one that was cut never looks whole.
struct Arriving {
    receiver: Receiver<Result<Frame<Bytes>>>,
    is_whole: Arc<AtomicBool>,
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.receiver.poll_recv(context).map(|frame| {
            let is_cut = frame.is_none() && !self.is_whole.load(Ordering::Acquire);
            if is_cut {
                return Some(Err(Error::ConnectionTerminated));
            }
            frame
        })
    }
}
