//! The body of an answer: nearly always one piece, and for gRPC pieces with trailers after them.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    /// One piece, empty once it was taken.
    Whole(Bytes),
    /// Some pieces that are there.
    Frames(VecDeque<Frame<Bytes>>),
    /// Pieces that are yet to come. Dropping the body tells who makes them that nobody listens.
    Stream(mpsc::Receiver<Frame<Bytes>>),
}

impl From<Bytes> for AnswerBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl AnswerBody {
    /// Takes a body that is one piece.
    pub(crate) fn take_whole(&mut self) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) => Some(std::mem::take(bytes)),
            Self::Frames(_) | Self::Stream(_) => None,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Frames(frames) => Poll::Ready(frames.pop_front().map(Ok)),
            Self::Stream(frames) => frames.poll_recv(cx).map(|frame| frame.map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Frames(frames) => frames.is_empty(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // Not exact, or the length of a message would be declared, which gRPC does not do.
            Self::Frames(_) | Self::Stream(_) => SizeHint::default(),
        }
    }
}
