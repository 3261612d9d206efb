//! From a body as it came to one in the protocol's REST form, and the headers that say so.

use bytes::Bytes;
use http::{
    HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
    request::Parts,
};

use super::{ENDPOINT, Form, JSON_LENGTH, PROTOCOL, with_patience};
use crate::{
    grpc,
    rejection::Rejection,
    route::{Target, target},
    v2::Coding,
};

/// A body in REST form.
#[derive(Debug)]
pub(crate) struct Received {
    /// The endpoint that the request names.
    pub(crate) endpoint: String,
    pub(crate) body: Bytes,
    /// How much of it is JSON, if what came said it elsewhere than in a header.
    pub(crate) json_length: Option<usize>,
}

/// The body of a request in `form`, which came as `body` and may have at most `most` bytes. Writes into the head what a scorer
/// has to know of it.
pub(crate) async fn receive(
    form: Form,
    head: &mut Parts,
    body: Bytes,
    most: u64,
) -> Result<Bytes, Rejection> {
    let received = match form {
        Form::Own => return Ok(body),
        Form::Grpc => {
            let coding = grpc::coding(&head.headers);
            with_patience(body.len(), move || grpc::open_request(&body, coding, most)).await??
        }
        Form::V1 | Form::V2 => {
            let coding = Coding::of_request(&head.headers)?;
            let endpoint = match target(head)? {
                Target::Score(address) => address.endpoint.to_owned(),
                _ => return Err(Rejection::NoRoute),
            };
            let body = match coding {
                None => body,
                Some(coding) => {
                    // What a compressed body comes to, nobody knows before: never here.
                    with_patience(usize::MAX, move || coding.open(&body, most)).await??
                }
            };
            Received {
                endpoint,
                body,
                json_length: None,
            }
        }
    };
    Ok(mark(head, form, received))
}

fn mark(head: &mut Parts, form: Form, received: Received) -> Bytes {
    let headers = &mut head.headers;
    headers.remove(CONTENT_ENCODING);
    if let Some(length) = received.json_length {
        headers.insert(JSON_LENGTH, HeaderValue::from(length));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
    }
    if !headers.contains_key(CONTENT_TYPE) {
        // Clients need not say it, and scorers like to know.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(protocol) = form.protocol() {
        headers.insert(PROTOCOL, protocol);
    }
    // An endpoint was found by this name, so that it is one that a header may hold.
    if let Ok(endpoint) = HeaderValue::from_str(&received.endpoint) {
        headers.insert(ENDPOINT, endpoint);
    }
    received.body
}
