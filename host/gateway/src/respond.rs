//! From what happened to what the client reads.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
};
use http_body_util::Full;
use mlwasm_sandbox::ScoringResponse;

use crate::{
    choose::{AZUREML_DEPLOYMENT, Chosen, DEPLOYMENT},
    context::{Context, REQUEST_ID, Timings},
    rejection::{Fault, Rejection},
};

mod refusal;

pub(crate) use refusal::{Origin, refused};

/// An answer as hyper takes it.
pub(crate) type Answer = Response<Full<Bytes>>;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const ERROR_STATUS: HeaderName = HeaderName::from_static("ms-azureml-model-error-statuscode");
const ERROR_REASON: HeaderName = HeaderName::from_static("ms-azureml-model-error-reason");

/// The platform's own headers on an answer, and one to spare: the map is made as large as it gets.
const OWN_HEADERS: usize = 6;

/// Headers that a scorer can not set: they belong to the connection, or the platform answers with them itself.
fn is_ours(name: &HeaderName) -> bool {
    [
        CONNECTION,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        DATE,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        REQUEST_ID,
        DEPLOYMENT,
        AZUREML_DEPLOYMENT,
        SERVER_TIMING,
        ERROR_STATUS,
        ERROR_REASON,
    ]
    .contains(name)
        || matches!(
            name.as_str(),
            "keep-alive" | "proxy-connection" | "http2-settings"
        )
}

/// The scorer's own answer, with the platform's headers.
pub(crate) fn scored(
    chosen: &Chosen,
    context: &Context,
    timings: &Timings,
    response: ScoringResponse,
) -> Result<Answer, Rejection> {
    let status = StatusCode::from_u16(response.status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .ok_or_else(|| invalid(format!("status {} is not 200 to 599", response.status)))?;
    let mut headers = HeaderMap::with_capacity(OWN_HEADERS + response.headers.len());
    if !response.content_type.is_empty() {
        let value = HeaderValue::from_maybe_shared(Bytes::from(response.content_type))
            .map_err(|_| invalid("its content type holds control characters".to_owned()))?;
        headers.insert(CONTENT_TYPE, value);
    }
    add_scorers_headers(&mut headers, response.headers)?;
    add_request_id(&mut headers, context);
    add_deployment(&mut headers, chosen, timings);
    let mut answer = Response::new(Full::new(Bytes::from(response.body)));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn add_scorers_headers(
    headers: &mut HeaderMap,
    scorers: Vec<(String, Vec<u8>)>,
) -> Result<(), Rejection> {
    for (name, value) in scorers {
        let parsed = HeaderName::from_bytes(name.as_bytes()).ok();
        let Some(name) = parsed else {
            return Err(invalid(format!("{name:?} is not a header name")));
        };
        if is_ours(&name) {
            continue;
        }
        let value = HeaderValue::from_maybe_shared(Bytes::from(value))
            .map_err(|_| invalid(format!("header {name} holds control characters")))?;
        headers.append(name, value);
    }
    Ok(())
}

fn invalid(message: String) -> Rejection {
    Rejection::Fault {
        fault: Fault::InvalidResponse,
        message,
    }
}

/// Tells an HTTP/1 client that its connection ends with this answer.
pub(crate) fn end_connection(answer: &mut Answer) {
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
}

fn add_request_id(headers: &mut HeaderMap, context: &Context) {
    headers.insert(REQUEST_ID, context.id.header_value());
}

fn add_deployment(headers: &mut HeaderMap, chosen: &Chosen, timings: &Timings) {
    let name = chosen.deployment().header_value();
    headers.insert(DEPLOYMENT, name.clone());
    headers.insert(AZUREML_DEPLOYMENT, name.clone());
    headers.insert(SERVER_TIMING, timings.header_value());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejection::Kind;

    #[test]
    fn a_scorer_sets_its_own_headers_and_none_of_ours() {
        let mut headers = HeaderMap::new();
        let given = [
            ("X-Model", "iris"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("Content-Length", "999"),
            ("transfer-encoding", "chunked"),
            ("x-request-id", "forged"),
            ("mlwasm-deployment", "forged"),
            ("keep-alive", "timeout=5"),
        ];
        let given = given.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        add_scorers_headers(&mut headers, given.to_vec()).unwrap();
        assert_eq!(headers["x-model"], "iris");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        assert_eq!(headers.len(), 3);

        for (name, value) in [("two words", "x"), ("x-split", "a\r\nb: c")] {
            let given = vec![(name.to_owned(), value.as_bytes().to_vec())];
            let error = add_scorers_headers(&mut headers, given).unwrap_err();
            assert_eq!(error.kind(), Kind::ScorerFault);
        }
    }
}
