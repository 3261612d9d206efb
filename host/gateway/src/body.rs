//! Reading a request's body: no more than the limit, not for longer than allowed, without a copy where it
//! arrives in one piece.

use std::{
    error::Error as _,
    future::poll_fn,
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
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
    /// None if all of it was there from the beginning.
    incoming: Option<Incoming>,
    pieces: Pieces,
    is_read: bool,
    received: u64,
    // When it was, if it had to be waited for.
    completed: Option<Instant>,
}

/// What of a body has arrived: nothing, one piece as hyper read it, or a copy of several.
#[derive(Debug, Default)]
struct Pieces {
    first: Bytes,
    joined: BytesMut,
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
            incoming: Some(incoming),
            pieces: Pieces::default(),
            is_read: false,
            received: 0,
            completed: None,
        }
    }

    /// A body that is there.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self {
            incoming: None,
            received: bytes.len() as u64,
            pieces: Pieces {
                first: bytes,
                joined: BytesMut::new(),
            },
            is_read: false,
            completed: None,
        }
    }

    /// Takes what is yet to come, for who reads it otherwise.
    pub(crate) fn take_incoming(&mut self) -> Option<Incoming> {
        self.incoming.take()
    }

    /// Whether nothing of it is left to come.
    pub(crate) fn is_read(&self) -> bool {
        self.is_read || self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    /// When it was complete, if it was not all there when it was asked for.
    pub(crate) fn completed(&self) -> Option<Instant> {
        self.completed
    }

    /// How many bytes of it were read.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Whether so much is left to come that the connection is not worth keeping.
    pub(crate) fn is_long(&self) -> bool {
        !self.is_read()
            && self.incoming.as_ref().is_some_and(|incoming| {
                let upper = incoming.size_hint().upper();
                upper.is_none_or(|most| most > WORTH_DRAINING)
            })
    }

    /// The whole body. Called once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing that was read, but nobody asks again.
    pub(crate) async fn read(&mut self, limits: BodyLimits) -> Result<Bytes, Rejection> {
        // Most bodies arrive with their head: only the others pay for a timer.
        match poll_fn(|cx| Poll::Ready(self.poll_read(cx, limits.bytes))).await {
            Poll::Ready(body) => body,
            Poll::Pending => self.wait(limits).await,
        }
    }

    /// Reads on until `found` finds something in what has come, which stays there for [`RequestBody::read`].
    ///
    /// # Cancel safety
    ///
    /// As [`RequestBody::read`].
    pub(crate) async fn read_until<T>(
        &mut self,
        limits: BodyLimits,
        found: impl Fn(&[u8]) -> Option<Result<T, Rejection>>,
    ) -> Result<T, Rejection> {
        let reading = poll_fn(|cx| {
            loop {
                if let Some(found) = found(self.pieces.come()) {
                    return Poll::Ready(found);
                }
                match ready!(self.poll_piece(cx, limits.bytes)) {
                    Ok(true) => {}
                    Ok(false) => return Poll::Ready(Err(Rejection::BodyMalformed)),
                    Err(rejection) => return Poll::Ready(Err(rejection)),
                }
            }
        });
        let late = Rejection::BodyLate {
            limit: limits.within,
        };
        tokio::time::timeout_at(limits.until.into(), reading)
            .await
            .unwrap_or(Err(late))
    }

    async fn wait(&mut self, limits: BodyLimits) -> Result<Bytes, Rejection> {
        let body = poll_fn(|cx| self.poll_read(cx, limits.bytes));
        let body = tokio::time::timeout_at(limits.until.into(), body)
            .await
            .unwrap_or(Err(Rejection::BodyLate {
                limit: limits.within,
            }))?;
        self.completed = Some(Instant::now());
        Ok(body)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, most: u64) -> Poll<Result<Bytes, Rejection>> {
        while ready!(self.poll_piece(cx, most))? {}
        self.is_read = true;
        Poll::Ready(Ok(mem::take(&mut self.pieces).whole()))
    }

    /// Takes the next piece; false if there is none.
    fn poll_piece(&mut self, cx: &mut Context<'_>, most: u64) -> Poll<Result<bool, Rejection>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(Ok(false));
        };
        // A declared length is refused before a byte is read, and before `100 Continue` is sent.
        if incoming.size_hint().lower() > most {
            return Poll::Ready(Err(Rejection::BodyTooLarge { most }));
        }
        if incoming.is_end_stream() {
            return Poll::Ready(Ok(false));
        }
        let Some(frame) = ready!(Pin::new(&mut *incoming).poll_frame(cx)) else {
            return Poll::Ready(Ok(false));
        };
        let frame = frame.map_err(|error| broken(&error))?;
        // Trailers carry nothing that a scorer sees.
        if let Ok(data) = frame.into_data() {
            if self.pieces.length_with(&data) > most {
                return Poll::Ready(Err(Rejection::BodyTooLarge { most }));
            }
            let expected = incoming.size_hint().lower();
            self.received += data.len() as u64;
            self.pieces.push(data, expected);
        }
        Poll::Ready(Ok(true))
    }
}

impl Pieces {
    fn length_with(&self, next: &Bytes) -> u64 {
        let length = self.first.len() + self.joined.len() + next.len();
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    /// Adds a piece. `expected` bytes are known to follow it.
    fn push(&mut self, piece: Bytes, expected: u64) {
        if self.first.is_empty() && self.joined.is_empty() {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            let expected = usize::try_from(expected).unwrap_or_default();
            self.joined
                .reserve(self.first.len() + piece.len() + expected);
            self.joined.extend_from_slice(&mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&piece);
    }

    /// What has come so far.
    fn come(&self) -> &[u8] {
        if self.joined.is_empty() {
            &self.first
        } else {
            &self.joined
        }
    }

    fn whole(self) -> Bytes {
        if self.joined.is_empty() {
            self.first
        } else {
            self.joined.freeze()
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_piece_is_passed_on_and_several_are_joined() {
        let piece = Bytes::from(vec![1, 2, 3]);
        let mut pieces = Pieces::default();
        pieces.push(piece.clone(), 0);
        assert_eq!(pieces.whole().as_ptr(), piece.as_ptr());

        let mut pieces = Pieces::default();
        for text in ["ab", "", "cd", "e"] {
            assert!(pieces.length_with(&Bytes::from_static(b"12345678")) >= 8);
            pieces.push(Bytes::from_static(text.as_bytes()), 1);
        }
        assert_eq!(pieces.length_with(&Bytes::new()), 5);
        assert_eq!(pieces.whole(), "abcde");
        assert!(Pieces::default().whole().is_empty());
    }
}
