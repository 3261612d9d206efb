//! The body of a call on its way out: counted, and broken off when the request ends.
//!
//! A connection writes it by itself, when the guest may long have gone: without the end in here it would wait for the guest's
//! next bytes for ever.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio_util::sync::WaitForCancellationFutureOwned;
use wasmtime_wasi_http::{Error, WasiBody};

use super::calls::Carrier;

/// See the module.
pub(super) struct Departing {
    body: WasiBody,
    carrier: Carrier,
    over: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Departing {
    pub(super) fn new(body: WasiBody, carrier: Carrier) -> Self {
        let over = Box::pin(carrier.over());
        Self {
            body,
            carrier,
            over,
        }
    }
}

impl Body for Departing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(Error::ConnectionTerminated)));
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
            && !self.carrier.carry(data.len())
        {
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(None))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
