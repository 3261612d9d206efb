//! Reading a request's body: no more than the limit, not for longer than allowed, without a copy where it
//! arrives in one piece.

use std::{
    error::Error as _,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::Poll,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Incoming};

use crate::rejection::Rejection;

/// In bytes, what one read of the socket brings. When a request is refused before its body is read, and the rest
/// is longer or of unknown length, the connection ends: a new one costs less than reading the rest.
const WORTH_DRAINING: u64 = 64 << 10;

/// The body of a request, read or not.
#[derive(Debug)]
pub(crate) struct RequestBody {
    incoming: Incoming,
    is_read: bool,
    was_awaited: bool,
}

/// Until when a body may arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// Most bytes.
    pub(crate) bytes: u64,
    /// The moment at which it must be complete.
    pub(crate) until: Instant,
    /// The time that this moment leaves, for the message.
    pub(crate) within: Duration,
}

impl RequestBody {
    pub(crate) fn new(incoming: Incoming) -> Self {
        Self {
            incoming,
            is_read: false,
            was_awaited: false,
        }
    }

    /// Whether nothing of it is left to come.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read || self.incoming.is_end_stream()
    }

    /// Whether it was not all there when it was asked for.
    pub(crate) fn was_awaited(&self) -> bool {
        self.was_awaited
    }

    /// Whether so much is left to come that the connection is not worth keeping.
    pub(crate) fn is_long(&self) -> bool {
        !self.is_read()
            && self
                .incoming
                .size_hint()
                .upper()
                .is_none_or(|most| most > WORTH_DRAINING)
    }

    /// The whole body. Called once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses what was read.
    pub(crate) async fn read(&mut self, limits: BodyLimits) -> Result<Bytes, Rejection> {
        // A declared length is refused before a byte is read, and before `100 Continue` is sent.
        if self.incoming.size_hint().lower() > limits.bytes {
            return Err(Rejection::BodyTooLarge { most: limits.bytes });
        }
        let bytes = {
            let mut work = pin!(collect(Pin::new(&mut self.incoming), limits.bytes));
            // Most bodies arrive with their head: only the others pay for a timer.
            match poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
                Poll::Ready(done) => done,
                Poll::Pending => {
                    self.was_awaited = true;
                    let late = |_| Rejection::BodyLate {
                        limit: limits.within,
                    };
                    tokio::time::timeout_at(limits.until.into(), work)
                        .await
                        .map_err(late)?
                }
            }?
        };
        self.is_read = true;
        Ok(bytes)
    }
}

async fn collect<B>(mut body: Pin<&mut B>, most: u64) -> Result<Bytes, Rejection>
where
    B: Body<Data = Bytes, Error = hyper::Error> + ?Sized,
{
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await else {
            break;
        };
        let frame = frame.map_err(|error| broken(&error))?;
        // Trailers carry nothing that a scorer sees.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = first.len() + rest.len() + data.len();
        if u64::try_from(length).is_ok_and(|length| length > most) {
            return Err(Rejection::BodyTooLarge { most });
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                let expected = usize::try_from(body.size_hint().lower()).unwrap_or_default();
                rest.reserve(first.len() + data.len() + expected);
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() {
        first
    } else {
        rest.freeze()
    })
}

/// hyper tells malformed chunks by the kind of an I/O error among the causes. All else is a client that has gone.
fn broken(error: &hyper::Error) -> Rejection {
    let mut cause = error.source();
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if let Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) = kind {
            return Rejection::BodyMalformed;
        }
        cause = error.source();
    }
    Rejection::BodyCut
}
