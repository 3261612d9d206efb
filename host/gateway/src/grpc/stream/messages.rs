//! The messages of a stream, one after another, as they come.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::super::{
    frame::{self, PREFIX},
    names::{self, Names},
    status::Status,
};
use crate::{GatewaySettings, rejection::Rejection, v2::Coding};

/// The messages of a stream, still framed.
pub(super) struct Messages {
    incoming: Incoming,
    coding: Option<Coding>,
    come: BytesMut,
    /// Most bytes of a message.
    most: u64,
    /// Longest that a message may take to arrive.
    within: Duration,
    /// Until when the one that has begun must be there.
    until: Instant,
}

/// The stream can not go on: nobody knows where its next message begins.
#[derive(Debug)]
pub(super) struct Broken(Rejection);

impl Broken {
    pub(super) fn status(&self) -> Status {
        Status::of_rejection(&self.0)
    }
}

impl Messages {
    pub(super) fn new(
        incoming: Incoming,
        coding: Option<Coding>,
        settings: &GatewaySettings,
    ) -> Self {
        Self {
            incoming,
            coding,
            come: BytesMut::new(),
            most: settings.max_body_bytes,
            within: settings.body_timeout,
            until: Instant::now(),
        }
    }

    /// Waits until a message begins to come; false at the end of the stream.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub(super) async fn wait(&mut self) -> Result<bool, Broken> {
        let has_more = !self.come.is_empty() || self.receive().await?;
        self.until = Instant::now() + self.within;
        Ok(has_more)
    }

    /// Whom the message is for. A message that does not say so is refused, and the next may.
    pub(super) async fn names(&mut self) -> Result<Result<Names, Rejection>, Broken> {
        loop {
            self.length()?;
            match names::names(&self.come, self.coding) {
                Ok(Some(names)) => return Ok(Ok(names)),
                Ok(None) => self.receive_more().await?,
                Err(rejection) => return Ok(Err(rejection)),
            }
        }
    }

    /// Takes the whole message, with what stands before it.
    pub(super) async fn take(&mut self) -> Result<Bytes, Broken> {
        loop {
            if let Some(length) = self.length()?
                && self.come.len() >= length
            {
                return Ok(self.come.split_to(length).freeze());
            }
            self.receive_more().await?;
        }
    }

    /// Passes the message over. What has come of it is not kept.
    pub(super) async fn skip(&mut self) -> Result<(), Broken> {
        let mut left = loop {
            match self.length()? {
                Some(length) => break length,
                None => self.receive_more().await?,
            }
        };
        while left > 0 {
            if self.come.is_empty() {
                self.receive_more().await?;
            }
            let passed = left.min(self.come.len());
            drop(self.come.split_to(passed));
            left -= passed;
        }
        Ok(())
    }

    /// How long the message is, with what stands before it; none if that has not come yet.
    fn length(&self) -> Result<Option<usize>, Broken> {
        let Some(prefix) = frame::prefix(&self.come).map_err(Broken)? else {
            return Ok(None);
        };
        if prefix.length as u64 > self.most {
            return Err(Broken(Rejection::BodyTooLarge { most: self.most }));
        }
        Ok(Some(PREFIX + prefix.length))
    }

    /// Takes what comes next of a message that has begun.
    async fn receive_more(&mut self) -> Result<(), Broken> {
        let limit = self.within;
        let until = self.until.into();
        match tokio::time::timeout_at(until, self.receive()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Broken(Rejection::BodyCut)),
            Ok(Err(broken)) => Err(broken),
            Err(_) => Err(Broken(Rejection::BodyLate { limit })),
        }
    }

    /// Takes what comes next; false at the end.
    async fn receive(&mut self) -> Result<bool, Broken> {
        while let Some(frame) = self.incoming.frame().await {
            let frame = frame.map_err(|_| Broken(Rejection::BodyCut))?;
            // Trailers of a client carry nothing.
            if let Ok(data) = frame.into_data()
                && !data.is_empty()
            {
                self.come.extend_from_slice(&data);
                return Ok(true);
            }
        }
        Ok(false)
    }
}
