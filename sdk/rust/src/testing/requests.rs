//! Requests as a client would send them.

use crate::Request;

/// A request with this JSON in its body.
pub fn post_json(body: impl Into<Vec<u8>>) -> Request {
    post("application/json", body)
}

/// A request with this body, to the deployment `test`. Set further fields with `Request { query, ..post(…) }`.
pub fn post(content_type: &str, body: impl Into<Vec<u8>>) -> Request {
    Request {
        id: "test".to_owned(),
        deployment: "test".to_owned(),
        content_type: Some(content_type.to_owned()),
        body: body.into(),
        ..Request::default()
    }
}
