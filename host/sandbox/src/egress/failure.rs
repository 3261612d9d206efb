//! Why a call failed, in the words of wasi:http.

use std::{error::Error as StdError, io, iter::successors};

use hyper_util::client::legacy;
use wasmtime_wasi_http::{Error, p2::bindings::http::types::ErrorCode};

use super::{client::ConnectTimeout, lookup::Unknown};

/// What a guest is told of a call without an answer.
pub(super) fn of_head(error: &legacy::Error) -> Error {
    let causes = || causes(error);
    if causes().any(|cause| cause.is::<ConnectTimeout>()) {
        return Error::ConnectionTimeout;
    }
    if causes().any(|cause| cause.is::<Unknown>()) {
        return Error::DnsError {
            rcode: Some("address not available".to_owned()),
            info_code: None,
        };
    }
    if let Some(tls) = causes().find_map(tls) {
        return match tls {
            rustls::Error::InvalidCertificate(_) => Error::TlsCertificateError,
            _ => Error::TlsProtocolError,
        };
    }
    if error.is_connect() {
        let kind = causes().find_map(|cause| cause.downcast_ref().map(io::Error::kind));
        return match kind {
            Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
            Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
            Some(_) | None => Error::DestinationUnavailable,
        };
    }
    let http = causes().find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match http {
        Some(error) => of_body(error),
        None => Error::ConnectionTerminated,
    }
}

/// What a guest is told of an answer that breaks off.
pub(super) fn of_body(error: &hyper::Error) -> Error {
    if error.is_parse_too_large() {
        Error::HttpResponseHeaderSectionSize(None)
    } else if error.is_parse() {
        Error::HttpProtocolError
    } else if error.is_incomplete_message() || error.is_body_write_aborted() {
        Error::HttpResponseIncomplete
    } else {
        Error::ConnectionTerminated
    }
}

/// What a guest is told that asks about an error of an answer's stream: of those that an answer can have.
pub(crate) fn of_stream(error: &Error) -> ErrorCode {
    match error {
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::HttpResponseBodySize(size) => ErrorCode::HttpResponseBodySize(*size),
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        _ => ErrorCode::ConnectionTerminated,
    }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        (*error).source()
    })
}

/// TLS errors come within errors of I/O, which do not show what is in them as their source.
fn tls<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    inner
        .downcast_ref()
        .or_else(|| inner.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref())
}
