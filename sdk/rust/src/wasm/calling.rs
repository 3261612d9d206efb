//! Calls to others, on WebAssembly: by `wasi:http`, one at a time and whole.

mod bindings;

use std::time::Duration;

use bindings::wasi::http::outgoing_handler::handle;
use bindings::wasi::http::types::{
    ErrorCode, Fields, HeaderError, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme, http_error_code,
};
use bindings::wasi::io::streams::StreamError;

use crate::Header;
use crate::http::{CallError, Request, Response, Target};

/// Bytes that WASI takes of a body at once.
const PIECE: usize = 4 << 10;
/// Bytes of an answer that are asked for at once.
const READ: u64 = 64 << 10;

pub(crate) fn send(request: &Request, target: &Target<'_>) -> Result<Response, CallError> {
    let told = |code: ErrorCode| told(target, code);
    let outgoing = outgoing(request, target)?;
    let body = match request.body_bytes() {
        [] => None,
        _ => Some(outgoing.body().map_err(|()| invalid("it has no body"))?),
    };
    let coming = handle(outgoing, options(request.wait())).map_err(told)?;
    if let Some(body) = body {
        // One that breaks off has its reason in the answer.
        write(body, request.body_bytes()).ok();
    }
    coming.subscribe().block();
    let answer = coming.get().and_then(Result::ok);
    let answer = answer.ok_or_else(|| CallError::Failed("there is no answer".to_owned()))?;
    read(&answer.map_err(told)?, target)
}

fn outgoing(request: &Request, target: &Target<'_>) -> Result<OutgoingRequest, CallError> {
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    if !request.body_bytes().is_empty() {
        let length = request.body_bytes().len().to_string();
        headers.push(("content-length".to_owned(), length.into_bytes()));
    }
    let headers = Fields::from_list(&headers).map_err(|error| match error {
        HeaderError::Forbidden => invalid("a header is one that the platform sets"),
        HeaderError::InvalidSyntax | HeaderError::Immutable => {
            invalid("a header is none that HTTP allows")
        }
    })?;
    let outgoing = OutgoingRequest::new(headers);
    let scheme = if target.is_tls {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let path = match target.path {
        path if path.starts_with('/') => path.to_owned(),
        query => format!("/{query}"),
    };
    outgoing
        .set_method(&method(request.method()))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(target.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&path)))
        .map_err(|()| invalid("its method or its URL is none that HTTP allows"))?;
    Ok(outgoing)
}

fn invalid(reason: &str) -> CallError {
    CallError::Invalid(reason.to_owned())
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn options(timeout: Option<Duration>) -> Option<RequestOptions> {
    let limit = u64::try_from(timeout?.as_nanos()).ok();
    let options = RequestOptions::new();
    // A host that knows none of them still ends the call with the request.
    options.set_connect_timeout(limit).ok();
    options.set_first_byte_timeout(limit).ok();
    options.set_between_bytes_timeout(limit).ok();
    Some(options)
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), ()> {
    let stream = body.write()?;
    for piece in bytes.chunks(PIECE) {
        stream.blocking_write_and_flush(piece).map_err(drop)?;
    }
    // Before the body that it belongs to.
    drop(stream);
    OutgoingBody::finish(body, None).map_err(drop)
}

fn read(answer: &IncomingResponse, target: &Target<'_>) -> Result<Response, CallError> {
    let broken = || CallError::Failed("the answer has no body".to_owned());
    let headers = answer.headers().entries().into_iter();
    let headers = headers.map(|(name, value)| Header { name, value });
    let incoming = answer.consume().map_err(|()| broken())?;
    let stream = incoming.stream().map_err(|()| broken())?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(READ) {
            Ok(mut piece) => body.append(&mut piece),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match http_error_code(&error) {
                    Some(code) => told(target, code),
                    None => CallError::Failed("the answer broke off".to_owned()),
                });
            }
        }
    }
    Ok(Response {
        status: answer.status(),
        headers: headers.collect(),
        body,
    })
}

/// What a scorer is told of an error.
fn told(target: &Target<'_>, code: ErrorCode) -> CallError {
    let authority = || target.authority.to_owned();
    match code {
        ErrorCode::HttpRequestDenied => CallError::Denied(authority()),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::DnsTimeout => CallError::TimedOut(authority()),
        other => CallError::Failed(format!("{}: {other:?}", target.authority)),
    }
}
