//! Which headers of a failed request are kept.
//!
//! Of those that are known to hold no secret, name and value; of all others the name alone. A list of what is secret would
//! be one header short the day that a client invents one.

use http::{HeaderMap, HeaderName};
use mlwasm_types::failure::KeptHeader;

use crate::log::escaped;

/// Bytes of names and values together.
const MAX_BYTES: usize = 4 << 10;

/// What is kept of `headers`, and how many there was no room for.
pub(super) fn kept(headers: &HeaderMap) -> (Vec<KeptHeader>, u64) {
    let mut kept = Vec::new();
    let mut bytes = 0;
    for (name, value) in headers {
        let is_shown = is_harmless(name) && !value.is_sensitive();
        let value =
            is_shown.then(|| escaped(&String::from_utf8_lossy(value.as_bytes()), MAX_BYTES));
        let size = name.as_str().len() + value.as_ref().map_or(0, String::len);
        if bytes + size > MAX_BYTES {
            break;
        }
        bytes += size;
        kept.push(KeptHeader {
            name: name.as_str().to_owned(),
            value,
        });
    }
    let left_out = headers.len() - kept.len();
    (kept, left_out as u64)
}

/// Headers by which a body is read, a deployment chosen or a request traced.
fn is_harmless(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept"
            | "accept-charset"
            | "accept-encoding"
            | "accept-language"
            | "azureml-model-deployment"
            | "azureml-model-group"
            | "connection"
            | "content-encoding"
            | "content-language"
            | "content-length"
            | "content-type"
            | "date"
            | "expect"
            | "host"
            | "inference-header-content-length"
            | "mlwasm-deployment"
            | "te"
            | "traceparent"
            | "transfer-encoding"
            | "user-agent"
            | "x-correlation-id"
            | "x-ms-client-request-id"
            | "x-ms-request-id"
            | "x-request-id"
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        headers.iter().map(pair).collect()
    }

    #[test]
    fn only_values_that_are_known_to_be_harmless_are_kept() {
        for (name, is_shown) in [
            ("content-type", true),
            ("user-agent", true),
            ("traceparent", true),
            ("azureml-model-deployment", true),
            ("authorization", false),
            ("proxy-authorization", false),
            ("cookie", false),
            ("x-api-key", false),
            ("x-session-token", false),
            ("x-client-secret", false),
            ("x-db-password", false),
            ("ocp-apim-subscription-key", false),
            // Of people, not secrets; nobody needs them to find a fault.
            ("x-forwarded-for", false),
            ("forwarded", false),
            // Where a page was opened from: addresses carry tokens.
            ("referer", false),
            ("x-anything", false),
        ] {
            let (kept, left_out) = kept(&map(&[(name, "v")]));
            let value = is_shown.then(|| "v".to_owned());
            assert_eq!((kept[0].name.as_str(), &kept[0].value), (name, &value));
            assert_eq!(left_out, 0);
        }
    }

    #[test]
    fn a_value_marked_as_secret_is_not_kept() {
        let mut value = HeaderValue::from_static("text/plain");
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("content-type"), value)]);
        assert_eq!(kept(&headers).0[0].value, None);
    }

    #[test]
    fn a_value_can_not_speak_to_a_terminal() {
        let value = HeaderValue::from_bytes(b"a\x9b\t\xff").unwrap();
        let headers = HeaderMap::from_iter([(HeaderName::from_static("user-agent"), value)]);
        let shown = kept(&headers).0.remove(0).value.unwrap();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let name = "user-agent".len();
        for (length, left_out) in [
            (MAX_BYTES - name - 1, 0),
            (MAX_BYTES - name, 0),
            (MAX_BYTES - name + 1, 1),
        ] {
            let headers = map(&[("user-agent", &"x".repeat(length))]);
            let (kept, out) = kept(&headers);
            assert_eq!((kept.len() as u64 + out, out), (1, left_out), "{length}");
        }
    }
}
