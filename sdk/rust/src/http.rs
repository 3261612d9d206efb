//! Calls to others by HTTP: to those that the deployment names in `egress`, and nobody else.
//!
//! With the feature `http` alone: a scorer that is built with it and uses it imports `wasi:http`, which servers refuse unless the
//! deployment has `egress`. Calls end with the request at the latest. Redirects are not followed: to follow one is a call of
//! your own, which is checked like any. A copy of a live request (`is_mirror`) calls nobody.
//!
//! ```
//! use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, http};
//!
//! struct Risk;
//!
//! #[derive(serde::Deserialize, serde::Serialize)]
//! struct Features {
//!     income: f32,
//! }
//!
//! impl Scorer for Risk {
//!     fn init() -> Result<Self, InitError> {
//!         Ok(Self)
//!     }
//!
//!     fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
//!         let customer = request.text()?;
//!         let answer = http::get(&format!("https://features.internal:8443/customers/{customer}"))?;
//!         let features: Features = answer.succeeded()?.json()?;
//!         Response::json(&(features.income > 10_000.0))
//!     }
//! }
//! # let host = mlwasm_sdk::testing::FakeHost::new().with_http(|call| {
//! #     assert_eq!(call.url(), "https://features.internal:8443/customers/7");
//! #     Ok(http::Response { status: 200, headers: vec![], body: b"{\"income\": 20000}".to_vec() })
//! # });
//! # let mut sandbox = host.init::<Risk>().unwrap();
//! # assert_eq!(sandbox.run(mlwasm_sdk::testing::post("text/plain", "7")).unwrap().body, b"true");
//! ```

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{Header, ScoreError};

#[cfg(not(target_family = "wasm"))]
use crate::testing::send;
#[cfg(target_family = "wasm")]
use crate::wasm::send;

/// A call that is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<Header>,
    body: Vec<u8>,
    timeout: Option<Duration>,
}

/// An answer, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status, 200 to 599.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a call has no answer, or not the one that was wanted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The request is none: its URL, a header or its JSON.
    #[error("invalid call: {0}")]
    Invalid(String),
    /// The deployment's `egress` does not name whom to call, or the request is a copy of a live one.
    #[error("the call to {0} was denied: the deployment's egress does not allow it")]
    Denied(String),
    /// It took longer than it may.
    #[error("the call to {0} took too long")]
    TimedOut(String),
    /// Nobody answered, or the answer broke off.
    #[error("the call failed: {0}")]
    Failed(String),
    /// The answer has another status than 200 to 299.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The answer's body is not what it should be.
    #[error("the answer can not be read: {0}")]
    Unreadable(String),
}

impl From<CallError> for ScoreError {
    fn from(error: CallError) -> Self {
        Self::internal(error)
    }
}

/// Asks for `url`.
///
/// # Errors
///
/// As [`Request::send`].
pub fn get(url: &str) -> Result<Response, CallError> {
    Request::new("GET", url).send()
}

/// Posts `value` as JSON.
///
/// # Errors
///
/// As [`Request::json`] and [`Request::send`].
pub fn post_json<T: Serialize + ?Sized>(url: &str, value: &T) -> Result<Response, CallError> {
    Request::new("POST", url).json(value)?.send()
}

impl Request {
    /// A call of `method` to `url`, which begins with `http://` or `https://`.
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
        }
    }

    /// The same with one more header. `host` and those of the connection are set by the platform and refused here.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with `value` as its body.
    ///
    /// # Errors
    ///
    /// [`CallError::Invalid`] if it has no JSON form.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, CallError> {
        let json =
            serde_json::to_vec(value).map_err(|error| CallError::Invalid(error.to_string()))?;
        Ok(self.header("content-type", "application/json").body(json))
    }

    /// The same, which waits no longer than this to be connected, for the first byte, and for each next one. The request that
    /// the scorer answers ends it in any case.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Its method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its headers.
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// Its body.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// Makes the call, and waits for the whole answer, of whatever status.
    ///
    /// In tests, the closure of [`FakeHost::with_http`](crate::testing::FakeHost::with_http) answers.
    ///
    /// # Errors
    ///
    /// [`CallError`]: who is not named in `egress` is [denied](CallError::Denied).
    pub fn send(self) -> Result<Response, CallError> {
        let target = Target::of(&self.url)?;
        send(&self, &target)
    }

    #[cfg(target_family = "wasm")]
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.timeout
    }
}

impl Response {
    /// This, if its status is 200 to 299.
    ///
    /// # Errors
    ///
    /// [`CallError::Status`].
    pub fn succeeded(self) -> Result<Self, CallError> {
        match self.status {
            200..=299 => Ok(self),
            status => Err(CallError::Status(status)),
        }
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&Header> {
        let mut headers = self.headers.iter();
        headers.find(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// [`CallError::Unreadable`] if it is no UTF-8.
    pub fn text(&self) -> Result<&str, CallError> {
        str::from_utf8(&self.body).map_err(|error| CallError::Unreadable(error.to_string()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// [`CallError::Unreadable`] if it is none, or another one than `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        serde_json::from_slice(&self.body).map_err(|error| CallError::Unreadable(error.to_string()))
    }
}

/// The parts of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) is_tls: bool,
    pub(crate) authority: &'a str,
    /// With the query; without what follows a `#`, which is no server's business.
    pub(crate) path: &'a str,
}

impl<'a> Target<'a> {
    fn of(url: &'a str) -> Result<Self, CallError> {
        let invalid = || {
            CallError::Invalid(format!(
                "{url:?} is no URL that begins with http:// or https://"
            ))
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(invalid()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            is_tls,
            authority,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeHost, post};
    use crate::{InitError, Scorer};

    #[test]
    fn a_url_has_its_parts() {
        for (url, parts) in [
            ("https://a:8443/b?c=d#e", Some((true, "a:8443", "/b?c=d"))),
            ("HTTP://a", Some((false, "a", ""))),
            ("http://a?b=/c", Some((false, "a", "?b=/c"))),
            ("http://[::1]:80/", Some((false, "[::1]:80", "/"))),
            ("ftp://a", None),
            ("a/b", None),
            ("http://", None),
            ("http:///x", None),
        ] {
            let target = Target::of(url).ok();
            let found = target.map(|it| (it.is_tls, it.authority, it.path));
            assert_eq!(found, parts, "{url}");
        }
    }

    struct Calls;

    impl Scorer for Calls {
        fn init() -> Result<Self, InitError> {
            Ok(Self)
        }

        fn run(&mut self, request: crate::Request) -> Result<crate::Response, ScoreError> {
            let call = Request::new("PUT", request.text()?).header("x-a", "b");
            let answer = call.json(&[1, 2])?.send()?.succeeded()?;
            crate::Response::json(&answer.text()?)
        }
    }

    #[test]
    fn a_fake_host_answers_calls() {
        let host = FakeHost::new().with_http(|call| {
            assert_eq!((call.method(), call.body_bytes()), ("PUT", &b"[1,2]"[..]));
            assert_eq!(call.headers().len(), 2);
            match call.url() {
                "http://a/" => Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: b"hello".to_vec(),
                }),
                url => Err(CallError::Denied(url.to_owned())),
            }
        });
        let mut sandbox = host.init::<Calls>().unwrap();
        let answer = sandbox.run(post("text/plain", "http://a/")).unwrap();
        assert_eq!(answer.body, b"\"hello\"");
        let denied = sandbox.run(post("text/plain", "http://b/")).unwrap_err();
        assert!(denied.to_string().contains("denied"), "{denied}");
        assert!(sandbox.run(post("text/plain", "b")).is_err());
    }

    #[test]
    fn a_host_without_an_answer_denies() {
        let mut sandbox = FakeHost::new().init::<Calls>().unwrap();
        let denied = sandbox.run(post("text/plain", "http://b/")).unwrap_err();
        assert!(denied.to_string().contains("denied"), "{denied}");
    }
}
