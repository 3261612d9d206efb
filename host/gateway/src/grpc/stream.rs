//! `ModelStreamInfer`: message after message of one call, each a request of its own, answered in their order.
//!
//! A message that is refused is answered with what is wrong, and the stream goes on. The stream ends with its last message, when
//! the client is gone, when a message is broken in itself, or when the server ends. Messages are read one at a time: a client that
//! sends faster than it is answered waits. As with every call, whom a message is for is known before its tensors are received.

mod messages;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, request::Parts};
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::{
    answer::{self, prepare, trailers},
    frame::framed,
    generated::inference::{ModelInferResponse, ModelStreamInferResponse},
    service::address,
    status::Status,
};
use crate::{
    body::RequestBody,
    choose::Chosen,
    connection::Connection,
    context::Context,
    pipeline::Inbound,
    record::Logged,
    rejection::Rejection,
    respond::{Answer, AnswerBody},
};
use messages::{Broken, Messages};

/// Begins a stream: what is returned tells its answers as they come.
pub(super) fn begin(
    connection: &Arc<Connection>,
    context: &Context,
    inbound: &mut Inbound,
) -> Answer {
    let (sender, receiver) = mpsc::channel(1);
    if let Some(incoming) = inbound.body.take_incoming() {
        let coding = super::coding(&inbound.head.headers);
        let stream = Stream {
            connection: Arc::clone(connection),
            context: context.clone(),
            head: inbound.head.clone(),
            messages: Messages::new(incoming, coding, connection.gateway().settings()),
        };
        connection.gateway().tasks().spawn(stream.run(sender));
    }
    let mut answer = Answer::new(AnswerBody::Stream(receiver));
    prepare(answer.headers_mut());
    answer
}

struct Stream {
    connection: Arc<Connection>,
    context: Context,
    head: Parts,
    messages: Messages,
}

impl Stream {
    async fn run(mut self, sender: mpsc::Sender<Frame<Bytes>>) {
        let end = tokio::select! {
            end = self.answer_all(&sender) => end,
            // hyper drops the body when the client is gone.
            () = sender.closed() => return,
        };
        // Nobody may listen any more.
        sender.send(trailers(&end)).await.ok();
    }

    async fn answer_all(&mut self, sender: &mpsc::Sender<Frame<Bytes>>) -> Status {
        let connection = Arc::clone(&self.connection);
        loop {
            // Only while nothing is being answered: what is, has the server's grace.
            let has_more = tokio::select! {
                has_more = self.messages.wait() => has_more,
                () = connection.gateway().draining().cancelled() => {
                    return Status::unavailable("the server is shutting down");
                }
            };
            match has_more {
                Ok(true) => {}
                Ok(false) => return Status::OK,
                Err(broken) => return broken.status(),
            }
            let answer = match self.answer_one().await {
                Ok(answer) => answer,
                Err(broken) => return broken.status(),
            };
            if sender.send(Frame::data(framed(&answer))).await.is_err() {
                return Status::OK;
            }
        }
    }

    /// Answers the message that has begun to come.
    async fn answer_one(&mut self) -> Result<ModelStreamInferResponse, Broken> {
        let connection = Arc::clone(&self.connection);
        let gateway = connection.gateway();
        let _presence = connection.activity().begin();
        let mut context = Context::of_message(&self.context);
        let mut logged = gateway.records().begin(&self.head, &context);
        let placed = self.place(&mut context, &mut logged).await?;
        let mut inbound = Inbound {
            head: self.head.clone(),
            body: RequestBody::whole(Bytes::new()),
        };
        let answer = match placed {
            Ok(chosen) => {
                inbound.body = RequestBody::whole(self.messages.take().await?);
                let served = gateway.answer(&chosen, &context, &mut inbound, &mut logged);
                Box::pin(served).await
            }
            Err(rejection) => {
                self.messages.skip().await?;
                gateway.refuse_early(&rejection, &context, &mut logged)
            }
        };
        logged.answered(&answer, &inbound.body);
        let (head, mut body) = answer.into_parts();
        let body = body.take_whole().unwrap_or_default();
        Ok(told(head.status, &head.headers, body).await)
    }

    /// Who is to answer the message, from its beginning.
    async fn place(
        &mut self,
        context: &mut Context,
        logged: &mut Logged,
    ) -> Result<Result<Chosen, Rejection>, Broken> {
        let names = match self.messages.names().await? {
            Ok(names) => names,
            Err(rejection) => return Ok(Err(rejection)),
        };
        logged.addressed(&names.model);
        context.addressed(&names.model);
        let address = address(&names.model, &names.version);
        let gateway = self.connection.gateway();
        Ok(gateway.choose(address, &self.head.headers, context))
    }
}

async fn told(status: StatusCode, headers: &HeaderMap, body: Bytes) -> ModelStreamInferResponse {
    match answer::response(status, headers, body).await {
        Ok(response) => ModelStreamInferResponse {
            error_message: String::new(),
            infer_response: Some(response),
        },
        Err(status) => ModelStreamInferResponse {
            error_message: status.message,
            infer_response: Some(ModelInferResponse::default()),
        },
    }
}
