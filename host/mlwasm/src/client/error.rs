//! Why the server did not do what a command asked for.

use ureq::Timeout;

use super::ServerUrl;

/// Why there is no answer, or no good one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody listens there.
    #[error("no mlwasm server answers at {server} ({reason}): `mlwasm serve` starts one")]
    Unreachable {
        /// The address.
        server: ServerUrl,
        /// The system's words.
        reason: String,
    },
    /// The connection broke, or the answer took too long.
    #[error("the server at {server} gave no answer")]
    NoAnswer {
        /// The address.
        server: ServerUrl,
        /// What happened.
        #[source]
        source: ureq::Error,
    },
    /// The answer is not this API's.
    #[error(
        "the server at {server} did not answer in JSON: is it mlwasm's administration address?"
    )]
    NotJson {
        /// The address.
        server: ServerUrl,
        /// Where the answer is broken.
        #[source]
        source: serde_json::Error,
    },
    /// The token is missing or wrong.
    #[error("the server at {server} does not let this command in: {hint}")]
    Unauthorised {
        /// The address.
        server: ServerUrl,
        /// What is wrong with the token, or where one is looked for.
        hint: String,
    },
    /// The token is not allowed to do that.
    #[error("{detail}")]
    Forbidden {
        /// The server's words.
        detail: String,
    },
    /// The server's certificate is not trusted, or it does not speak TLS.
    #[error(
        "the server at {server} could not be trusted ({reason}): --ca-file or MLWASM_CA_FILE names the certificates to trust"
    )]
    Untrusted {
        /// The address.
        server: ServerUrl,
        /// What TLS says.
        reason: String,
    },
    /// There is no such object.
    #[error("{detail}")]
    NotFound {
        /// The server's words.
        detail: String,
    },
    /// The object is in use, or something like that.
    #[error("{detail}")]
    Conflict {
        /// The server's words.
        detail: String,
    },
    /// Someone else was faster.
    #[error("another command changed it at the same time, so nothing was done: run this one again")]
    Stale,
    /// The server refuses for another reason.
    #[error("{detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's words.
        detail: String,
    },
    /// The request can not be written down, for example for a character in the address.
    #[error("the request is malformed")]
    Malformed {
        /// What is wrong.
        #[source]
        source: ureq::http::Error,
    },
}

impl ClientError {
    pub(super) fn malformed(source: ureq::http::Error) -> Self {
        Self::Malformed { source }
    }

    /// The error for a request that `server` did not answer.
    pub(super) fn no_answer(server: ServerUrl, source: ureq::Error) -> Self {
        use std::io::ErrorKind;
        let unreachable = match &source {
            ureq::Error::Io(error) => matches!(
                error.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
                    | ErrorKind::AddrNotAvailable
            ),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed => true,
            _ => false,
        };
        if let Some(reason) = distrust(&source) {
            return Self::Untrusted { server, reason };
        }
        if unreachable {
            return Self::Unreachable {
                server,
                reason: reason(&source),
            };
        }
        Self::NoAnswer { server, source }
    }
}

/// What TLS says; none if something else went wrong.
fn distrust(error: &ureq::Error) -> Option<String> {
    match error {
        ureq::Error::Rustls(error) => Some(error.to_string()),
        // The library wraps what fails in the middle of a handshake.
        ureq::Error::Io(error) => {
            let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
            Some(inner.to_string())
        }
        _ => None,
    }
}

/// What happened, in few words; the system's number for it helps nobody.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.kind().to_string(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::Timeout(_) => "connecting took too long".to_owned(),
        other => other.to_string(),
    }
}
