//! The page at `/docs`, which shows the document, and the document itself: neither asks for a token.
//!
//! All files of the page are in the binary. It can send requests that read: those that change something bear an `Origin`,
//! which the administration API refuses, so the page does not offer them.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use utoipa_swagger_ui::{Config, serve};

use crate::api::{Answer, problem};

const DOCUMENT: &str = "/v1/openapi.json";

/// The document, from the page: so that it holds behind a proxy that serves both under another path.
const DOCUMENT_OF_PAGE: &str = "../v1/openapi.json";

/// Nothing is loaded from elsewhere, no other page may frame this one, and what scripts there are come from here. Styles
/// within elements are how the page lays itself out.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes of the document and of its page.
pub(in crate::api) fn router() -> Router {
    Router::new()
        .route(DOCUMENT, get(super::show))
        .route("/docs", get(|| async { to_page() }))
        .route("/docs/", get(|uri| file(uri, String::new())))
        .route(
            "/docs/{file}",
            get(|uri, Path(name): Path<String>| file(uri, name)),
        )
}

// Relative, as the document.
fn to_page() -> Response {
    let location = HeaderValue::from_static("docs/");
    (
        StatusCode::PERMANENT_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::new([DOCUMENT_OF_PAGE])
        .deep_linking(true)
        .display_operation_id(true)
        .filter(true)
        .supported_submit_methods(["get", "head"])
        // The usual one is elsewhere.
        .validator_url("none");
    Arc::new(config)
});

async fn file(uri: Uri, name: String) -> Answer {
    let found = serve(&name, Arc::clone(&CONFIG)).ok().flatten();
    let Some(file) = found else {
        return Err(problem::no_route(uri).await);
    };
    let media_type = HeaderValue::from_str(&file.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let policy = HeaderName::from_static("content-security-policy");
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (policy, HeaderValue::from_static(POLICY)),
    ];
    let mut response = (headers, file.bytes.into_owned()).into_response();
    if file.gzpipped {
        let gzip = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, gzip);
    }
    Ok(response)
}
