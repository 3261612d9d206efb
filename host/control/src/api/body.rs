//! What a request carries: names in its address, settings in its query, JSON in its body.

use std::time::Duration;

use axum::{
    RequestPartsExt as _,
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, Path, Query},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use mlwasm_types::Generation;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    precondition::tag,
    problem::{Failure, ProblemKind},
};

/// The largest JSON body: a thousand models and their names fit ten times over.
pub(crate) const MOST_JSON_BYTES: usize = 1 << 20;

/// The longest that a JSON body may take to come.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// The names in a request's address.
pub(crate) struct At<T>(pub(crate) T);

/// The settings in a request's query. One that is not known is an error.
pub(crate) struct Settings<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let path = parts.extract::<Path<T>>().await;
        path.map(|Path(names)| Self(names))
            .map_err(|rejection| Failure::unreadable(own_words(&rejection.body_text())))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Settings<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query
            .map(|Query(settings)| Self(settings))
            .map_err(|rejection| Failure::unreadable(own_words(&rejection.body_text())))
    }
}

/// What is wrong, without the framework's words around it.
fn own_words(text: &str) -> String {
    let query = text.strip_prefix("Failed to deserialize query string: ");
    let address = text.strip_prefix("Invalid URL: ");
    match (query, address) {
        (Some(what), _) => format!("in the query: {what}"),
        (None, Some(what)) => format!("in the address: {what}"),
        (None, None) => text.to_owned(),
    }
}

/// The JSON that `body` holds.
///
/// # Errors
///
/// 400 if it is none, 413 if it is longer than [`MOST_JSON_BYTES`], 408 if it does not come; 415 if it is said to be something
/// else.
pub(crate) async fn json(headers: &HeaderMap, body: Body) -> Result<Value, Failure> {
    check_media_type(headers, &[JSON])?;
    parsed(&bytes(body).await?)
}

/// The merge patch that `body` holds.
///
/// # Errors
///
/// As [`json`].
pub(crate) async fn merge_patch(headers: &HeaderMap, body: Body) -> Result<Value, Failure> {
    check_media_type(headers, &[MERGE_PATCH, JSON])?;
    parsed(&bytes(body).await?)
}

/// The JSON that `body` holds; an object without members if it is empty.
///
/// # Errors
///
/// As [`json`].
pub(crate) async fn json_or_empty(headers: &HeaderMap, body: Body) -> Result<Value, Failure> {
    let bytes = bytes(body).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    check_media_type(headers, &[JSON])?;
    parsed(&bytes)
}

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// Refuses a body that is said to be none of `taken`. One that nothing is said of is looked at: what is no JSON shows then.
fn check_media_type(headers: &HeaderMap, taken: &[&str]) -> Result<(), Failure> {
    let Some(given) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let given = String::from_utf8_lossy(given.as_bytes());
    let essence = given.split(';').next().unwrap_or_default().trim();
    if taken.iter().any(|it| it.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    Err(Failure::new(
        ProblemKind::UnsupportedMediaType,
        format!(
            "the Content-Type is {essence:?}: expected {}",
            taken.join(" or ")
        ),
    ))
}

fn parsed(bytes: &[u8]) -> Result<Value, Failure> {
    super::json::parse(bytes)
        .map_err(|error| Failure::unreadable(format!("the body is not JSON: {error}")))
}

async fn bytes(body: Body) -> Result<Bytes, Failure> {
    let bytes = timeout(BODY_PATIENCE, to_bytes(body, MOST_JSON_BYTES));
    match bytes.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(Failure::new(
            ProblemKind::BodyTooLarge,
            format!("the body is longer than {MOST_JSON_BYTES} bytes"),
        )),
        Ok(Err(_)) => Err(Failure::unreadable("the body ended before its end")),
        Err(_) => Err(Failure::new(
            ProblemKind::BodyTimeout,
            format!("the body did not come within {BODY_PATIENCE:?}"),
        )),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// What `json` says, as `T`.
///
/// # Errors
///
/// 422 that names the setting.
pub(crate) fn read<T: DeserializeOwned>(json: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if path == "." {
            Failure::invalid(error.to_string())
        } else {
            Failure::invalid(format!("{path}: {error}"))
        }
    })
}

/// `json` with `name` as its `field`, which the address says already and the body need not.
///
/// # Errors
///
/// 422 if the body says something else, or is not an object.
pub(crate) fn named(mut json: Value, field: &str, name: &str) -> Result<Value, Failure> {
    let Value::Object(members) = &mut json else {
        return Err(Failure::invalid("the body is not a JSON object"));
    };
    match members.get(field) {
        Some(given) if given != name => Err(Failure::invalid(format!(
            "{field} is {given}, but the address says {name:?}"
        ))),
        Some(_) => Ok(json),
        None => {
            members.insert(field.to_owned(), name.into());
            Ok(json)
        }
    }
}

/// `json` without the `members` that only the server writes: whoever sends back what `GET` showed means no harm.
pub(crate) fn without(mut json: Value, members: &[&str]) -> Value {
    if let Value::Object(all) = &mut json {
        all.retain(|name, _| !members.contains(&name.as_str()));
    }
    json
}

/// An answer of `body` as JSON.
pub(crate) fn shown<T: Serialize>(body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let json = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, json)], bytes).into_response()
        }
        Err(error) => Failure::bug(&error).into_response(),
    }
}

/// An answer of one object, with its entity tag.
pub(crate) fn object<T: Serialize>(body: &T, generation: Generation) -> Response {
    let mut response = shown(body);
    response.headers_mut().insert(header::ETAG, tag(generation));
    response
}

/// `response` as the answer to a request that made something.
pub(crate) fn created(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::CREATED;
    response
}
