//! A request of the open inference protocol without a gateway, for whoever tries a scorer out: read, checked and answered by
//! the code that serves it.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use mlwasm_sandbox::{RunReport, SandboxLease, ScoringRequest};
use mlwasm_types::{EndpointName, Signature};

use super::{
    ENDPOINT, Form, PROTOCOL,
    call::{Call, read_v2},
    json_length,
};
use crate::{
    rejection::Rejection,
    v2::{self, Malformed},
};

/// A request of the protocol's second version for a typed scorer.
#[derive(Debug)]
pub struct TrialCall(Call);

impl TrialCall {
    /// Says in the headers of a request what a gateway says there: that it is in the protocol, and whom it asks. A raw scorer
    /// gets such a request as it is.
    pub fn mark(headers: &mut HeaderMap, endpoint: &EndpointName) {
        if let Some(protocol) = Form::V2.protocol() {
            headers.insert(PROTOCOL, protocol);
        }
        if let Ok(name) = HeaderValue::from_str(endpoint.as_str()) {
            headers.insert(ENDPOINT, name);
        }
    }

    /// The tensors of a request that is marked, for a scorer of this signature.
    ///
    /// # Errors
    ///
    /// What a client would be told, with a 400: where the body is wrong, or does not fit the signature.
    pub fn read(headers: &HeaderMap, body: &[u8], signature: &Signature) -> Result<Self, String> {
        let body = Bytes::copy_from_slice(body);
        let length = json_length(headers).map_err(|rejection| match rejection {
            Rejection::Malformed(text) => text,
            other => other.to_string(),
        })?;
        let model = headers.get(ENDPOINT).and_then(|name| name.to_str().ok());
        let model = model.unwrap_or_default().to_owned();
        v2::split(&body, length)
            .and_then(|(json, binary)| read_v2(model, &json, binary.as_ref(), signature))
            .map(Self)
            .map_err(|Malformed(text)| text)
    }

    /// Asks the scorer for `request`, whose body this is, and tells its answer as the request wants it.
    ///
    /// # Cancel safety
    ///
    /// As [`mlwasm_sandbox::Seat::infer`].
    pub async fn run(
        self,
        lease: SandboxLease,
        request: ScoringRequest<'_>,
        deadline: Instant,
    ) -> RunReport {
        Box::new(self.0.alone(lease)).run(request, deadline).await
    }
}
