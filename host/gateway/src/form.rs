//! In which words a request asks, and what is done so that all take the same way.
//!
//! A request in any of the inference protocols becomes an [`Input`](crate::run::Input) in the protocol's REST form, once, right
//! after its body was read: decompressed, and out of its gRPC message. So scorers, mirrors and collections see one form, and the
//! steps of the pipeline do not know of the others. What is long is done on a thread that may take its time.

mod call;
mod receive;
mod trial;

use http::{HeaderMap, HeaderName, HeaderValue, Version, header::CONTENT_TYPE, request::Parts};

pub(crate) use call::{Call, SeatedCall, prepare};
pub(crate) use receive::{Received, receive};
pub use trial::TrialCall;

use crate::rejection::Rejection;

/// In which words a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The scorer's own: any bytes.
    Own,
    /// The open inference protocol over REST.
    V2,
    /// KServe's first protocol.
    V1,
    /// The open inference protocol over gRPC.
    Grpc,
}

/// Tells a scorer which protocol the body is in. The host's to set, never a client's.
pub(crate) const PROTOCOL: HeaderName = HeaderName::from_static("mlwasm-protocol");
/// Tells a scorer by which endpoint it was asked, for its answer in that protocol. The host's to set.
pub(crate) const ENDPOINT: HeaderName = HeaderName::from_static("mlwasm-endpoint");
/// How many bytes of a body are JSON: binary data follows.
pub(crate) const JSON_LENGTH: HeaderName =
    HeaderName::from_static("inference-header-content-length");

/// JSON of this many bytes is read in well under a millisecond, and may be read between other requests.
const LONG: usize = 64 << 10;

impl Form {
    /// The form of a request with this head.
    pub(crate) fn of(version: Version, path: &str, headers: &HeaderMap) -> Self {
        // Most requests, found with one look.
        if path.starts_with("/endpoints/") {
            Self::Own
        } else if path == "/v2" || path.starts_with("/v2/") {
            Self::V2
        } else if path.starts_with("/v1/models") {
            Self::V1
        } else if version == Version::HTTP_2 && is_grpc(headers) {
            Self::Grpc
        } else {
            Self::Own
        }
    }

    /// The address of scoring in these words, without names in it.
    pub(crate) fn route(self) -> &'static str {
        match self {
            Self::Own => "/endpoints/{endpoint}/score",
            Self::V2 => "/v2/models/{endpoint}/infer",
            Self::V1 => "/v1/models/{endpoint}:predict",
            Self::Grpc => "/inference.GRPCInferenceService/ModelInfer",
        }
    }

    /// What [`PROTOCOL`] says of it; nothing of the scorer's own.
    fn protocol(self) -> Option<HeaderValue> {
        match self {
            Self::Own => None,
            Self::V2 | Self::Grpc => Some(HeaderValue::from_static("v2")),
            Self::V1 => Some(HeaderValue::from_static("v1")),
        }
    }
}

/// `application/grpc`, alone or with the messages' format, which is the one that we read.
fn is_grpc(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = value.and_then(|value| value.strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(b";") || rest.starts_with(b"+proto")
    })
}

/// Takes away what only the host may tell a scorer. Nearly always there is nothing, which a look finds out.
pub(crate) fn withhold(head: &mut Parts) {
    for name in [PROTOCOL, ENDPOINT] {
        if crate::context::find(&head.headers, &name).is_some() {
            head.headers.remove(name);
        }
    }
}

/// The number in [`JSON_LENGTH`], if it is there.
pub(crate) fn json_length(headers: &HeaderMap) -> Result<Option<usize>, Rejection> {
    let Some(value) = headers.get(JSON_LENGTH) else {
        return Ok(None);
    };
    let digits = value.to_str().ok().filter(|text| {
        // `parse` takes a plus sign, which no number of HTTP has.
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    });
    let length = digits.and_then(|digits| digits.parse().ok());
    length
        .map(Some)
        .ok_or_else(|| Rejection::Malformed(format!("{JSON_LENGTH}: expected a number of bytes")))
}

/// What `work` returns: done here if the bytes that it is about are few, else on a thread that may take its time.
pub(crate) async fn with_patience<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Rejection> {
    if bytes <= LONG {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Rejection::HostError {
        cause: format!("reading a body: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_told_by_the_path_and_grpc_by_its_content_type() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        for (version, path, content_type, form) in [
            (one, "/endpoints/v2/score", "", Form::Own),
            (two, "/endpoints/iris/score", "application/grpc", Form::Own),
            (one, "/v2", "", Form::V2),
            (one, "/v2/models/iris/infer", "application/grpc", Form::V2),
            (one, "/v2x", "", Form::Own),
            (one, "/v1/models/iris:predict", "", Form::V1),
            (
                two,
                "/inference.GRPCInferenceService/ModelInfer",
                "application/grpc",
                Form::Grpc,
            ),
            (two, "/a/b", "application/grpc+proto", Form::Grpc),
            (two, "/a/b", "application/grpc; charset=x", Form::Grpc),
            (two, "/a/b", "application/grpc-web", Form::Own),
            (two, "/a/b", "application/grpc+json", Form::Own),
            (one, "/a/b", "application/grpc", Form::Own),
        ] {
            let headers =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(
                Form::of(version, path, &headers),
                form,
                "{path} {content_type}"
            );
        }
    }

    #[test]
    fn a_length_is_digits() {
        for (text, expected) in [
            ("0", Some(0)),
            ("17", Some(17)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            ("99999999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(JSON_LENGTH, HeaderValue::from_static(text))]);
            assert_eq!(json_length(&headers).ok().flatten(), expected, "{text}");
        }
        assert!(matches!(json_length(&HeaderMap::new()), Ok(None)));
    }
}
