//! Who calls: the endpoint's key or a token for it in `authorization: Bearer`, unless the endpoint asks for neither.

use http::{HeaderMap, header::AUTHORIZATION};
use mlwasm_routing::{Callers, Endpoint};

use crate::{rejection::Rejection, route::Routed};

/// Proof that the caller may call the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'t> {
    endpoint: &'t Endpoint,
}

impl<'t> Caller<'t> {
    /// The endpoint that the caller may use.
    pub(crate) fn endpoint(self) -> &'t Endpoint {
        self.endpoint
    }
}

/// Checks the key or the token. None, a wrong or expired one and a malformed header are refused alike. Where anyone may
/// call, nothing is looked at: a client that still sends a key is served.
pub(crate) fn authenticate<'t>(
    routed: Routed<'t>,
    headers: &HeaderMap,
) -> Result<Caller<'t>, Rejection> {
    let endpoint = routed.endpoint();
    let may_call = match endpoint.callers() {
        Callers::KeyHolders(keys) => shown(headers).is_some_and(|key| keys.identify(key).is_some()),
        // One HMAC and two short JSON texts, on the thread of the request: no lock, no look at the disk.
        Callers::TokenHolders(key) => shown(headers).is_some_and(|token| key.accepts(token)),
        Callers::Anyone => true,
    };
    may_call
        .then_some(Caller { endpoint })
        .ok_or(Rejection::Unauthorized)
}

fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    bearer(headers.get(AUTHORIZATION)?.as_bytes())
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"Bearer ";
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(SCHEME) && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_follows_the_scheme() {
        let cases: [(&str, Option<&str>); 9] = [
            ("Bearer key", Some("key")),
            ("bearer key", Some("key")),
            ("BEARER  key ", Some("key")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearerkey", None),
            ("Basic key", None),
            ("key", None),
            ("", None),
        ];
        for (value, token) in cases {
            assert_eq!(
                bearer(value.as_bytes()),
                token.map(str::as_bytes),
                "{value:?}"
            );
        }
    }
}
