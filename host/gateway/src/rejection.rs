//! Every reason for which a client gets an error from the platform, and what it gets.
//!
//! The text of a [`Rejection`] is what the client reads. [`Kind`] holds what does not depend on the request; a
//! new variant must be given one, and the compiler lists the rest.
#![warn(clippy::wildcard_enum_match_arm)]

use std::time::Duration;

use http::StatusCode;
use mlwasm_routing::{ChooseError, Full, Outcome};

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("no such route: score by POST to /endpoints/NAME/score or /v2/models/NAME/infer")]
    NoRoute,
    #[error("this route takes {allow} only")]
    MethodNotAllowed { allow: &'static str },
    #[error("the request has more than one host header")]
    ManyHosts,
    #[error("the request has more than {most} header fields")]
    TooManyHeaders { most: usize },
    #[error("the server is shutting down")]
    Draining,
    #[error("there is no endpoint {name:?}")]
    UnknownEndpoint { name: String },
    // Says nothing of what is wrong: who guesses keys shall learn nothing.
    #[error("a valid key of the endpoint is needed: send `authorization: Bearer KEY`")]
    Unauthorized,
    #[error(transparent)]
    NoDeployment(#[from] ChooseError),
    #[error("deployment {deployment} has no revision that is ready")]
    NotReady { deployment: String },
    #[error(
        "deployment {deployment} has a raw scorer, which does not tell what it takes: only typed scorers are described"
    )]
    NoSignature { deployment: String },
    #[error(transparent)]
    Full(#[from] Full),
    #[error("the body is larger than {most} bytes")]
    BodyTooLarge { most: u64 },
    #[error("the body did not arrive within {limit:?}")]
    BodyLate { limit: Duration },
    #[error("the body is malformed")]
    BodyMalformed,
    // Hardly ever read: who broke off is gone.
    #[error("the body broke off")]
    BodyCut,
    #[error("no sandbox came free within {limit:?}")]
    QueueTimeout { limit: Duration },
    #[error("deployment {deployment} has no live sandbox")]
    NoLiveSandbox { deployment: String },
    #[error("the request took longer than {limit:?}")]
    DeadlineExceeded { limit: Duration },
    // What stands in the body of an inference protocol is wrong; the scorer was not asked.
    #[error("{0}")]
    Malformed(String),
    #[error(
        "a body in content-encoding {name:?} can not be read: expected gzip, deflate or identity"
    )]
    UnknownEncoding { name: String },
    #[error(
        "models are not loaded and unloaded here: an operator does it with `mlwasm deploy` and `mlwasm traffic`"
    )]
    Administration,
    #[error("{0}")]
    BadRequest(String),
    #[error("{}: {message}", fault.sentence())]
    Fault { fault: Fault, message: String },
    // The cause is for the log: the client can do nothing about it.
    #[error("the server failed")]
    HostError { cause: String },
}

/// What went wrong in the scorer, for 424.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It trapped.
    Trapped,
    /// It went over a limit of its sandbox.
    LimitExceeded,
    /// It said so itself.
    Internal,
    /// It answered what is no HTTP response.
    InvalidResponse,
}

impl Fault {
    /// The value of `ms-azureml-model-error-reason`.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Trapped => "trapped",
            Self::LimitExceeded => "limit_exceeded",
            Self::Internal => "internal",
            Self::InvalidResponse => "invalid_response",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Trapped => "the scorer trapped",
            Self::LimitExceeded => "the scorer exceeded a limit",
            Self::Internal => "the scorer failed",
            Self::InvalidResponse => "the scorer's response is invalid",
        }
    }
}

/// The kinds of refusal: what programs distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    NoRoute,
    MethodNotAllowed,
    BadHost,
    HeadersTooLarge,
    Draining,
    UnknownEndpoint,
    Unauthorized,
    UnknownDeployment,
    NoTraffic,
    NotReady,
    NoSignature,
    TooManyRequests,
    BodyTooLarge,
    BodyTimeout,
    BodyMalformed,
    BodyCut,
    QueueTimeout,
    NoLiveSandbox,
    Timeout,
    BadRequest,
    ScorerFault,
    HostError,
    UnknownEncoding,
    Administration,
}

impl Rejection {
    /// Which kind it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NoRoute => Kind::NoRoute,
            Self::MethodNotAllowed { .. } => Kind::MethodNotAllowed,
            Self::ManyHosts => Kind::BadHost,
            Self::TooManyHeaders { .. } => Kind::HeadersTooLarge,
            Self::Draining => Kind::Draining,
            Self::UnknownEndpoint { .. } => Kind::UnknownEndpoint,
            Self::Unauthorized => Kind::Unauthorized,
            Self::NoDeployment(ChooseError::UnknownDeployment { .. }) => Kind::UnknownDeployment,
            Self::NoDeployment(ChooseError::NoTraffic { .. }) => Kind::NoTraffic,
            Self::NotReady { .. } => Kind::NotReady,
            Self::NoSignature { .. } => Kind::NoSignature,
            Self::Full(Full { .. }) => Kind::TooManyRequests,
            Self::BodyTooLarge { .. } => Kind::BodyTooLarge,
            Self::BodyLate { .. } => Kind::BodyTimeout,
            Self::BodyMalformed => Kind::BodyMalformed,
            Self::BodyCut => Kind::BodyCut,
            Self::QueueTimeout { .. } => Kind::QueueTimeout,
            Self::NoLiveSandbox { .. } => Kind::NoLiveSandbox,
            Self::DeadlineExceeded { .. } => Kind::Timeout,
            Self::Malformed(_) => Kind::BodyMalformed,
            Self::UnknownEncoding { .. } => Kind::UnknownEncoding,
            Self::Administration => Kind::Administration,
            Self::BadRequest(_) => Kind::BadRequest,
            Self::Fault { .. } => Kind::ScorerFault,
            Self::HostError { .. } => Kind::HostError,
        }
    }
}

impl Kind {
    /// Every kind, in the order of their counters.
    pub(crate) const ALL: [Self; 24] = [
        Self::NoRoute,
        Self::MethodNotAllowed,
        Self::BadHost,
        Self::HeadersTooLarge,
        Self::Draining,
        Self::UnknownEndpoint,
        Self::Unauthorized,
        Self::UnknownDeployment,
        Self::NoTraffic,
        Self::NotReady,
        Self::NoSignature,
        Self::TooManyRequests,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::BodyMalformed,
        Self::BodyCut,
        Self::QueueTimeout,
        Self::NoLiveSandbox,
        Self::Timeout,
        Self::BadRequest,
        Self::ScorerFault,
        Self::HostError,
        Self::UnknownEncoding,
        Self::Administration,
    ];

    /// The status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadHost | Self::BodyMalformed | Self::BodyCut | Self::BadRequest => {
                StatusCode::BAD_REQUEST
            }
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NoRoute
            | Self::UnknownEndpoint
            | Self::UnknownDeployment
            | Self::NoTraffic
            | Self::NoSignature => StatusCode::NOT_FOUND,
            Self::Administration => StatusCode::FORBIDDEN,
            Self::UnknownEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout | Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ScorerFault => StatusCode::FAILED_DEPENDENCY,
            Self::TooManyRequests | Self::QueueTimeout => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Draining | Self::NotReady | Self::NoLiveSandbox => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::HostError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The words of the problem's type, and the label of its counter.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::NoRoute => "no-such-route",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::BadHost => "bad-host",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Draining => "shutting-down",
            Self::UnknownEndpoint => "unknown-endpoint",
            Self::Unauthorized => "unauthorized",
            Self::UnknownDeployment => "unknown-deployment",
            Self::NoTraffic => "no-traffic",
            Self::NotReady => "not-ready",
            Self::NoSignature => "no-signature",
            Self::TooManyRequests => "too-many-requests",
            Self::BodyTooLarge => "body-too-large",
            Self::BodyTimeout => "body-timeout",
            Self::BodyMalformed => "body-malformed",
            Self::BodyCut => "body-cut",
            Self::QueueTimeout => "queue-timeout",
            Self::NoLiveSandbox => "no-live-sandbox",
            Self::Timeout => "request-timeout",
            Self::BadRequest => "bad-request",
            Self::ScorerFault => "scorer-fault",
            Self::HostError => "host-error",
            Self::UnknownEncoding => "unknown-encoding",
            Self::Administration => "administration",
        }
    }

    /// Seconds after which another try may succeed; none where trying again is no use.
    pub(crate) fn retry_after(self) -> Option<&'static str> {
        match self {
            Self::TooManyRequests | Self::QueueTimeout | Self::NotReady | Self::NoLiveSandbox => {
                Some("1")
            }
            // Time for whatever starts servers to start the next.
            Self::Draining => Some("5"),
            Self::NoRoute
            | Self::MethodNotAllowed
            | Self::BadHost
            | Self::HeadersTooLarge
            | Self::UnknownEndpoint
            | Self::Unauthorized
            | Self::UnknownDeployment
            | Self::NoTraffic
            | Self::NoSignature
            | Self::BodyTooLarge
            | Self::BodyTimeout
            | Self::BodyMalformed
            | Self::BodyCut
            | Self::Timeout
            | Self::BadRequest
            | Self::ScorerFault
            | Self::HostError
            | Self::UnknownEncoding
            | Self::Administration => None,
        }
    }

    /// How a request that had a deployment ended, for the deployment's meters.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::NoRoute
            | Self::MethodNotAllowed
            | Self::BadHost
            | Self::HeadersTooLarge
            | Self::UnknownEndpoint
            | Self::Unauthorized
            | Self::UnknownDeployment
            | Self::NoTraffic
            | Self::NoSignature
            | Self::BodyTooLarge
            | Self::BodyMalformed
            | Self::UnknownEncoding
            | Self::Administration
            | Self::BadRequest => Outcome::Refused,
            Self::BodyCut => Outcome::Cancelled,
            Self::BodyTimeout | Self::Timeout => Outcome::Timeout,
            Self::TooManyRequests | Self::QueueTimeout => Outcome::Overloaded,
            Self::Draining | Self::NotReady | Self::NoLiveSandbox => Outcome::Unavailable,
            Self::ScorerFault => Outcome::ScorerFault,
            Self::HostError => Outcome::HostError,
        }
    }
}
