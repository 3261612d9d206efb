//! From what happened to what the client reads.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, DATE},
};
use mlwasm_sandbox::ScoringResponse;

use crate::{
    choose::{AZUREML_DEPLOYMENT, Chosen, DEPLOYMENT},
    context::{Context, REQUEST_ID, Timings},
};

mod body;
mod refusal;

pub(crate) use body::AnswerBody;
pub(crate) use refusal::{Origin, refused};

/// An answer as hyper takes it.
pub(crate) type Answer = Response<AnswerBody>;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const ERROR_STATUS: HeaderName = HeaderName::from_static("ms-azureml-model-error-statuscode");
const ERROR_REASON: HeaderName = HeaderName::from_static("ms-azureml-model-error-reason");

/// The platform's own headers on an answer, and one to spare: the map is made as large as it gets.
const OWN_HEADERS: usize = 6;

/// Headers that the platform answers with itself. Those of the connection never get here.
fn is_ours(name: &HeaderName) -> bool {
    [
        DATE,
        REQUEST_ID,
        DEPLOYMENT,
        AZUREML_DEPLOYMENT,
        SERVER_TIMING,
        ERROR_STATUS,
        ERROR_REASON,
    ]
    .contains(name)
}

/// The scorer's own answer, with the platform's headers.
pub(crate) fn scored(
    chosen: &Chosen,
    context: &Context,
    timings: &Timings,
    response: ScoringResponse,
) -> Answer {
    let mut headers = HeaderMap::with_capacity(OWN_HEADERS + response.headers.len());
    if let Some(content_type) = response.content_type {
        headers.insert(CONTENT_TYPE, content_type);
    }
    add_scorers_headers(&mut headers, response.headers);
    add_request_id(&mut headers, context);
    add_deployment(&mut headers, chosen, timings);
    let mut answer = Response::new(AnswerBody::from(response.body));
    *answer.status_mut() = response.status;
    *answer.headers_mut() = headers;
    answer
}

/// A description of what the chosen deployment takes and gives, in JSON.
pub(crate) fn described(chosen: &Chosen, context: &Context, document: Bytes) -> Answer {
    let mut answer = Response::new(AnswerBody::from(document));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // The next request may see another deployment, or another revision.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add_request_id(headers, context);
    let name = chosen.deployment().header_value();
    headers.insert(DEPLOYMENT, name.clone());
    headers.insert(AZUREML_DEPLOYMENT, name.clone());
    answer
}

fn add_scorers_headers(headers: &mut HeaderMap, scorers: Vec<(HeaderName, HeaderValue)>) {
    for (name, value) in scorers {
        if !is_ours(&name) {
            headers.append(name, value);
        }
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

    #[test]
    fn a_scorer_sets_its_own_headers_and_none_of_ours() {
        let mut headers = HeaderMap::new();
        let given = [
            ("x-model", "iris"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("date", "forged"),
            ("x-request-id", "forged"),
            ("mlwasm-deployment", "forged"),
            ("server-timing", "forged"),
        ];
        let given = given.map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        add_scorers_headers(&mut headers, given.to_vec());
        assert_eq!(headers["x-model"], "iris");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        assert_eq!(headers.len(), 3);
    }
}
