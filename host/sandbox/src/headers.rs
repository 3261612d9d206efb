//! Which headers a scorer sees, and which it may answer with.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::CONNECTION};

use crate::bindings::{Header, HeaderView};

/// Headers that a response may have.
const MAX_RESPONSE_HEADERS: usize = 100;
/// Bytes of all of them together.
const MAX_RESPONSE_HEADER_BYTES: usize = 16 << 10;

/// The headers of a request that its scorer sees, in their order.
///
/// All but credentials, what concerns only the connection, and what the scorer gets apart.
pub(crate) fn visible(headers: &HeaderMap) -> Vec<HeaderView<'_>> {
    let mut views = Vec::with_capacity(headers.len());
    let has_named = headers.contains_key(CONNECTION);
    for (name, value) in headers {
        let is_withheld = value.is_sensitive()
            || is_credential(name)
            || is_of_the_connection(name)
            || is_given_apart(name)
            || (has_named && is_named_by_connection(headers, name));
        if !is_withheld {
            views.push(HeaderView {
                name: name.as_str(),
                value: value.as_bytes(),
            });
        }
    }
    views
}

/// The headers of a response as HTTP takes them, or what is wrong with them.
pub(crate) fn checked(headers: Vec<Header>) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    if headers.len() > MAX_RESPONSE_HEADERS {
        let count = headers.len();
        return Err(format!(
            "the response has {count} headers, at most {MAX_RESPONSE_HEADERS} are allowed"
        ));
    }
    let size = |header: &Header| header.name.len() + header.value.len();
    let bytes: usize = headers.iter().map(size).sum();
    if bytes > MAX_RESPONSE_HEADER_BYTES {
        return Err(format!(
            "the response's headers have {bytes} bytes, at most {MAX_RESPONSE_HEADER_BYTES} are allowed"
        ));
    }
    headers.into_iter().map(checked_one).collect()
}

fn checked_one(header: Header) -> Result<(HeaderName, HeaderValue), String> {
    let Ok(name) = HeaderName::from_bytes(header.name.as_bytes()) else {
        let shown: String = header.name.chars().take(64).collect();
        return Err(format!("{shown:?} is not a header name"));
    };
    if is_of_the_connection(&name) || is_given_apart(&name) {
        return Err(format!(
            "header {name} is the host's to set, not the scorer's"
        ));
    }
    match HeaderValue::from_maybe_shared(Bytes::from(header.value)) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(format!(
            "the value of header {name} is not one that HTTP allows"
        )),
    }
}

/// Secrets of the client that are meant for us or for a proxy before us.
fn is_credential(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("proxy-")
        || matches!(
            name,
            "authorization"
                | "cookie"
                | "cookie2"
                | "set-cookie"
                | "api-key"
                | "apikey"
                | "x-api-key"
                | "x-api-token"
                | "x-auth-token"
                | "x-access-token"
                | "x-csrf-token"
                | "x-xsrf-token"
                | "x-functions-key"
                | "x-goog-api-key"
                | "x-amz-security-token"
                | "x-amzn-oidc-accesstoken"
                | "x-amzn-oidc-data"
                | "x-forwarded-access-token"
                | "x-forwarded-client-cert"
                | "x-ms-token-aad-access-token"
                | "x-ms-token-aad-id-token"
                | "x-ms-token-aad-refresh-token"
                | "ocp-apim-subscription-key"
                | "cf-access-jwt-assertion"
                | "x-vault-token"
        )
}

/// Headers of one hop (RFC 9110, 7.6.1), and the framing of the message.
fn is_of_the_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "expect"
            | "host"
            | "content-length"
    )
}

/// What has a field of its own in the request and the response.
fn is_given_apart(name: &HeaderName) -> bool {
    name.as_str() == "content-type"
}

fn is_named_by_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|token| token.trim().eq_ignore_ascii_case(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_scorer_sees_all_headers_but_credentials_and_the_connection_s() {
        for (name, visible_to_scorer) in [
            ("accept", true),
            ("user-agent", true),
            ("x-request-id", true),
            ("x-forwarded-for", true),
            ("azureml-model-deployment", true),
            ("traceparent", true),
            ("authorization", false),
            ("cookie", false),
            ("proxy-authorization", false),
            ("proxy-anything", false),
            ("x-api-key", false),
            ("ocp-apim-subscription-key", false),
            ("host", false),
            ("content-length", false),
            ("content-type", false),
            ("connection", false),
            ("keep-alive", false),
            ("te", false),
            ("transfer-encoding", false),
            ("upgrade", false),
            ("expect", false),
        ] {
            let headers = map(&[(name, "x")]);
            assert_eq!(!visible(&headers).is_empty(), visible_to_scorer, "{name}");
        }
    }

    #[test]
    fn what_the_connection_header_names_is_withheld() {
        let headers = map(&[
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("x-end", "2"),
        ]);
        let names: Vec<_> = visible(&headers).iter().map(|view| view.name).collect();
        assert_eq!(names, ["x-end"]);
    }

    #[test]
    fn a_value_marked_as_secret_is_withheld() {
        let mut value = HeaderValue::from_static("key");
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-own"), value)]);
        assert!(visible(&headers).is_empty());
    }

    #[test]
    fn a_response_may_set_its_own_headers_only() {
        for (name, value, allowed) in [
            ("x-own", &b"value"[..], true),
            ("X-Own", b"value", true),
            ("location", b"/elsewhere", true),
            ("set-cookie", b"a=b", true),
            ("x-bytes", b"\xff", true),
            ("x-empty", b"", true),
            ("", b"x", false),
            ("a b", b"x", false),
            ("x\r\ny", b"x", false),
            ("x-own", b"a\r\nb: c", false),
            ("x-own", b"a\0", false),
            ("content-length", b"3", false),
            ("Content-Length", b"3", false),
            ("content-type", b"text/plain", false),
            ("transfer-encoding", b"chunked", false),
            ("connection", b"close", false),
            ("upgrade", b"h2c", false),
        ] {
            let header = Header {
                name: name.to_owned(),
                value: value.to_vec(),
            };
            assert_eq!(checked(vec![header]).is_ok(), allowed, "{name:?}");
        }
    }

    #[test]
    fn a_response_has_so_many_headers_of_such_a_size() {
        let headers = |count: usize, bytes: usize| {
            let header = Header {
                name: "x".to_owned(),
                value: vec![b'v'; bytes - 1],
            };
            vec![header; count]
        };
        assert!(checked(headers(MAX_RESPONSE_HEADERS, 2)).is_ok());
        assert!(checked(headers(MAX_RESPONSE_HEADERS + 1, 2)).is_err());
        assert!(checked(headers(1, MAX_RESPONSE_HEADER_BYTES)).is_ok());
        assert!(checked(headers(1, MAX_RESPONSE_HEADER_BYTES + 1)).is_err());
    }
}
