//! Who may ask: whoever bears a token, and no web page. What they may do, `access` says.
//!
//! A page in an operator's browser can send requests here. It always sends `Origin` where that matters, and if it got
//! here by pointing its own name at this machine (DNS rebinding), `Host` is that name.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Uri, header, uri::Authority};
use jiff::Timestamp;
use mlwasm_types::Scope;

use super::problem::{Failure, ProblemKind, unauthorized};
use crate::{
    admin_tokens::{Bearer, FIRST_TOKEN, TokenDigest, bearer_of},
    store::Store,
};

/// What a request is checked against.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Rules>);

struct Rules {
    /// The data folder's token. Digests are compared, not tokens: they have one length, whatever is presented.
    first: TokenDigest,
    /// Keeps all other tokens.
    store: Store,
    /// Besides the names and addresses of this machine itself. Lower case.
    allowed_hosts: Vec<String>,
}

impl Guard {
    pub(crate) fn new(first_token: &str, allowed_hosts: &[String], store: Store) -> Self {
        let lower = |host: &String| host.to_ascii_lowercase();
        Self(Arc::new(Rules {
            first: TokenDigest::of(first_token.as_bytes()),
            store,
            allowed_hosts: allowed_hosts.iter().map(lower).collect(),
        }))
    }

    fn bearer(&self, headers: &HeaderMap) -> Option<Bearer> {
        let presented = TokenDigest::of(presented(headers)?);
        if presented == self.0.first {
            return Some(Bearer {
                name: FIRST_TOKEN.into(),
                scope: Scope::Admin,
            });
        }
        let state = self.0.store.read();
        bearer_of(presented, &state.admin_tokens, Timestamp::now())
    }

    fn allows_host(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        if host.contains('@') {
            return false;
        }
        let name = authority.host().to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        name == "localhost" || is_loopback || self.0.allowed_hosts.contains(&name)
    }

    fn refuse_browsers(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
        if headers.contains_key(header::ORIGIN) {
            return Err(Failure::new(
                ProblemKind::OriginNotAllowed,
                "requests with an Origin header are refused: web pages may not use the administration API",
            ));
        }
        let named = headers
            .get_all(header::HOST)
            .iter()
            .map(|host| host.to_str().unwrap_or_default());
        let mut hosts = uri
            .authority()
            .map(Authority::as_str)
            .into_iter()
            .chain(named)
            .peekable();
        if hosts.peek().is_some() && hosts.all(|host| self.allows_host(host)) {
            return Ok(());
        }
        Err(Failure::new(
            ProblemKind::HostNotAllowed,
            "the Host header does not name this machine: use localhost or 127.0.0.1, or add the name to allowed_hosts",
        ))
    }
}

fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next()?, values.next());
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    (more.is_none() && scheme.eq_ignore_ascii_case(b"Bearer ")).then(|| token.trim_ascii())
}

/// Lets requests pass that no web page sent.
pub(crate) async fn browsers(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.refuse_browsers(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Lets requests pass that bear a token; what comes after finds the [`Bearer`].
pub(crate) async fn token(
    State(guard): State<Guard>,
    mut request: Request,
    next: Next,
) -> Response {
    match guard.bearer(request.headers()) {
        Some(bearer) => {
            request.extensions_mut().insert(bearer);
            next.run(request).await
        }
        None => unauthorized().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::{audit::AuditRetention, store::SqliteStore};

    fn guard() -> Guard {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("state.db");
        let store = SqliteStore::open(&database, AuditRetention::default()).unwrap();
        let hosts = ["Admin.example".to_owned()];
        Guard::new("a-secret-token-1", &hosts, Store::open(store).unwrap())
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        for (host, allowed) in [
            ("localhost", true),
            ("LOCALHOST:8090", true),
            ("127.0.0.1:8090", true),
            ("127.9.9.9", true),
            ("[::1]:8090", true),
            ("admin.example:443", true),
            ("ADMIN.EXAMPLE", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("user@localhost", false),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("[::]", false),
            ("", false),
            ("localhost, evil.example", false),
        ] {
            let headers = headers(&[(header::HOST, host)]);
            let result = guard().refuse_browsers(&Uri::from_static("/v1/status"), &headers);
            assert_eq!(result.is_ok(), allowed, "{host:?}");
        }
    }

    #[test]
    fn every_host_that_is_named_must_be_allowed() {
        let local = headers(&[(header::HOST, "localhost")]);
        let two = headers(&[(header::HOST, "localhost"), (header::HOST, "evil.example")]);
        let evil = Uri::from_static("http://evil.example/v1/status");
        let plain = Uri::from_static("/v1/status");
        assert!(guard().refuse_browsers(&plain, &two).is_err());
        assert!(guard().refuse_browsers(&evil, &local).is_err());
        assert!(guard().refuse_browsers(&plain, &HeaderMap::new()).is_err());
    }

    #[test]
    fn any_origin_is_refused() {
        for origin in ["null", "http://localhost:8090", ""] {
            let headers = headers(&[(header::HOST, "localhost"), (header::ORIGIN, origin)]);
            assert!(
                guard()
                    .refuse_browsers(&Uri::from_static("/"), &headers)
                    .is_err(),
                "{origin:?}"
            );
        }
    }

    #[test]
    fn the_token_is_known_and_no_other() {
        for (value, known) in [
            ("Bearer a-secret-token-1", true),
            ("bearer a-secret-token-1", true),
            ("Bearer a-secret-token-2", false),
            ("Bearer a-secret-token", false),
            ("Bearer ", false),
            ("Basic a-secret-token-1", false),
            ("a-secret-token-1", false),
            ("", false),
        ] {
            let headers = headers(&[(header::AUTHORIZATION, value)]);
            assert_eq!(guard().bearer(&headers).is_some(), known, "{value:?}");
        }
        let valid = (header::AUTHORIZATION, "Bearer a-secret-token-1");
        assert_eq!(guard().bearer(&headers(&[valid.clone(), valid])), None);
        assert_eq!(guard().bearer(&HeaderMap::new()), None);
    }
}
