//! What the protocol's REST form answers.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY},
};
use serde::Serialize;
use serde_json::json;

use super::{Coding, Inquiry, describe::IndexEntry, inquire::Told};
use crate::{
    form::with_patience,
    health::Readiness,
    respond::{Answer, AnswerBody},
};

/// Answers of fewer bytes are not compressed: the headers that say so would be as long as what is saved.
const WORTH_COMPRESSING: usize = 1 << 10;

/// The answer to an inquiry by this method.
pub(crate) fn told(inquiry: Inquiry<'_>, told: &Told, method: &Method) -> Answer {
    let mut answer = match (inquiry, told) {
        (Inquiry::List, Told::Index(entries)) => listed(entries),
        _ => of_told(told),
    };
    if method == Method::HEAD {
        *answer.body_mut() = AnswerBody::from(Bytes::new());
    }
    answer
}

fn of_told(told: &Told) -> Answer {
    match told {
        Told::Server(server) => of_json(server),
        Told::Live => of_json(&json!({"live": true})),
        Told::Ready(readiness) => {
            let mut answer = of_json(&json!({"ready": *readiness == Readiness::Ready}));
            if *readiness != Readiness::Ready {
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            answer
        }
        Told::Metadata(metadata) => of_json(metadata),
        Told::ModelReady(name) => of_json(&json!({"name": name, "ready": true})),
        Told::Config(config) => of_json(config),
        Told::Statistics(statistics) => of_json(&json!({"model_stats": statistics})),
        Told::Index(entries) => of_json(entries),
    }
}

/// The names of the models, as KServe's first protocol lists them.
fn listed(entries: &[IndexEntry]) -> Answer {
    let mut names: Vec<_> = entries.iter().map(|entry| &*entry.name).collect();
    names.dedup();
    of_json(&json!({"models": names}))
}

fn of_json(value: &impl Serialize) -> Answer {
    // Plain data always has a JSON form.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut answer = Response::new(AnswerBody::from(Bytes::from(body)));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Compresses an answer as its client accepts it.
pub(crate) async fn compress(answer: &mut Answer, coding: Option<Coding>) {
    let Some(coding) = coding else { return };
    if answer.headers().contains_key(CONTENT_ENCODING) || !answer.status().is_success() {
        return;
    }
    let Some(bytes) = answer.body_mut().take_whole() else {
        return;
    };
    let whole = bytes.clone();
    let compressed = if bytes.len() < WORTH_COMPRESSING {
        None
    } else {
        let work = move || coding.close(&whole);
        with_patience(bytes.len(), work).await.ok().flatten()
    };
    // What could not be compressed goes as it is.
    let is_compressed = compressed.is_some();
    *answer.body_mut() = AnswerBody::from(compressed.unwrap_or(bytes));
    if is_compressed {
        let headers: &mut HeaderMap = answer.headers_mut();
        headers.insert(CONTENT_ENCODING, coding.header_value());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
}
