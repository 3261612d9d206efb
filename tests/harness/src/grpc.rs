//! One call over gRPC to the data plane, and what came back. Messages are bytes: tests know what is in them.

use bytes::{Buf as _, Bytes};
use http::HeaderMap;
use http_body_util::BodyExt as _;

use crate::failure::{OrFail as _, fail};

/// A call that is being put together.
#[derive(Debug)]
#[must_use = "a call is made by `send`"]
pub struct GrpcCall {
    builder: reqwest::RequestBuilder,
    messages: Vec<u8>,
}

/// What came back of a call.
#[derive(Clone, Debug)]
pub struct GrpcAnswer {
    /// The code of its end.
    pub code: u32,
    /// The words of its end, as they were sent: percent-encoded.
    pub message: String,
    /// Its messages.
    pub messages: Vec<Bytes>,
    /// The headers before them.
    pub headers: HeaderMap,
}

impl GrpcCall {
    pub(crate) fn new(builder: reqwest::RequestBuilder) -> Self {
        let builder = builder
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        Self {
            builder,
            messages: Vec::new(),
        }
    }

    /// Adds a message.
    pub fn message(self, message: impl AsRef<[u8]>) -> Self {
        let message = message.as_ref();
        let length = u32::try_from(message.len()).or_fail("framing a message");
        let mut frame = vec![0];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(message);
        self.bytes(&frame)
    }

    /// Adds bytes as they are, which need not be a message.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.messages.extend_from_slice(bytes);
        self
    }

    /// Adds a header.
    pub fn metadata(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Shows a key.
    pub fn key(self, key: &str) -> Self {
        let value = format!("Bearer {key}");
        self.metadata("authorization", &value)
    }

    /// Makes the call and reads the whole answer. Fails the test if there is none.
    pub async fn send(self) -> GrpcAnswer {
        let sent = self.builder.body(self.messages).send().await;
        let response: http::Response<reqwest::Body> = sent.or_fail("calling over gRPC").into();
        let (head, body) = response.into_parts();
        if head.status != 200 {
            fail(format!(
                "a call was answered with HTTP status {}",
                head.status
            ));
        }
        let collected = body.collect().await.or_fail("reading an answer over gRPC");
        let end = collected.trailers().cloned();
        let end = end.unwrap_or_else(|| head.headers.clone());
        let text = |name: &str| Some(end.get(name)?.to_str().ok()?.to_owned());
        let code = text("grpc-status").and_then(|code| code.parse().ok());
        GrpcAnswer {
            code: code.ok_or("none").or_fail("reading grpc-status"),
            message: text("grpc-message").unwrap_or_default(),
            messages: messages(collected.to_bytes()),
            headers: head.headers,
        }
    }
}

fn messages(mut bytes: Bytes) -> Vec<Bytes> {
    let mut messages = Vec::new();
    while bytes.has_remaining() {
        if bytes.remaining() < 5 || bytes.get_u8() != 0 {
            fail("an answer over gRPC is no message");
        }
        let length = bytes.get_u32() as usize;
        messages.push(bytes.split_to(length));
    }
    messages
}
