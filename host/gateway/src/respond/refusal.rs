//! The answer to a refused request: a problem document (RFC 9457).

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use mlwasm_types::api::Problem;
use serde::Serialize;

use super::{Answer, AnswerBody, ERROR_REASON, ERROR_STATUS, add_deployment, add_request_id};
use crate::{
    choose::Chosen,
    context::{Context, Timings},
    form::Form,
    rejection::{Kind, Rejection},
};

/// As many headers as a refusal may have.
const MOST_HEADERS: usize = 10;

/// Longest detail in characters: a scorer's text may be longer.
const MAX_DETAIL: usize = 4_096;

/// What an error says beside its reason.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// No deployment was chosen yet.
    Gateway,
    /// This deployment was to answer.
    Deployment(&'a Chosen, &'a Timings),
}

/// The answer to a refused request.
pub(crate) fn refused(rejection: &Rejection, context: &Context, origin: Origin<'_>) -> Answer {
    let kind = rejection.kind();
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(Problem::CONTENT_TYPE),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = kind.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    add_particulars(&mut headers, rejection);
    add_request_id(&mut headers, context);
    if let Origin::Deployment(chosen, timings) = origin {
        add_deployment(&mut headers, chosen, timings);
    }
    let mut answer = Response::new(AnswerBody::from(problem(rejection, kind, context)));
    *answer.status_mut() = kind.status();
    *answer.headers_mut() = headers;
    answer
}

fn problem(rejection: &Rejection, kind: Kind, context: &Context) -> Bytes {
    let mut detail = rejection.to_string();
    if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL) {
        detail.truncate(end);
    }
    let problem = Problem {
        request_id: Some(context.id.as_str().to_owned()),
        ..Problem::new(kind.status().as_u16(), kind.slug(), detail)
    };
    // A problem is plain data: it always has a JSON form.
    let written = match context.form {
        Form::Own => serde_json::to_vec(&problem),
        Form::V1 | Form::V2 | Form::Grpc => serde_json::to_vec(&ProtocolProblem {
            error: &problem.detail,
            problem: &problem,
        }),
    };
    written.unwrap_or_default().into()
}

/// A problem with the one field that clients of the inference protocols look for.
#[derive(Serialize)]
struct ProtocolProblem<'a> {
    error: &'a str,
    #[serde(flatten)]
    problem: &'a Problem,
}

fn add_particulars(headers: &mut HeaderMap, rejection: &Rejection) {
    if let Rejection::MethodNotAllowed { allow } = rejection {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Rejection::Unauthorized = rejection {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Rejection::Fault { fault, .. } = rejection {
        headers.insert(ERROR_STATUS, HeaderValue::from_static("500"));
        headers.insert(ERROR_REASON, HeaderValue::from_static(fault.reason()));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt as _;
    use mlwasm_routing::{ChooseError, Full as DeploymentFull};

    use super::*;
    use crate::{context::REQUEST_ID, rejection::Fault};

    fn context() -> Context {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("r-1"));
        Context::begin(&headers)
    }

    fn fault(fault: Fault) -> Rejection {
        Rejection::Fault {
            fault,
            message: "out of bounds".into(),
        }
    }

    fn body(answer: Answer) -> Problem {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let collected = { runtime }
            .build()
            .unwrap()
            .block_on(answer.into_body().collect());
        serde_json::from_slice(&collected.unwrap().to_bytes()).unwrap()
    }

    /// Refusals before a deployment is chosen, each with its status, the words of its type and its detail.
    fn of_the_gateway() -> Vec<(Rejection, &'static str)> {
        let endpoint = || "iris".to_owned();
        let unknown = ChooseError::UnknownDeployment {
            endpoint: endpoint(),
            name: "red".into(),
        };
        let off = ChooseError::NoTraffic {
            endpoint: endpoint(),
        };
        let cause = "a secret".to_owned();
        vec![
            (
                Rejection::NoRoute,
                "404 no-such-route: no such route: score by POST to /endpoints/NAME/score or /v2/models/NAME/infer",
            ),
            (
                Rejection::MethodNotAllowed { allow: "POST" },
                "405 method-not-allowed: this route takes POST only",
            ),
            (
                Rejection::ManyHosts,
                "400 bad-host: the request has more than one host header",
            ),
            (
                Rejection::TooManyHeaders { most: 100 },
                "431 headers-too-large: the request has more than 100 header fields",
            ),
            (
                Rejection::Draining,
                "503 shutting-down: the server is shutting down",
            ),
            (
                Rejection::UnknownEndpoint { name: endpoint() },
                "404 unknown-endpoint: there is no endpoint \"iris\"",
            ),
            (
                Rejection::Unauthorized,
                "401 unauthorized: a valid key of the endpoint is needed: send `authorization: Bearer KEY`",
            ),
            (
                unknown.into(),
                "404 unknown-deployment: endpoint iris has no deployment \"red\"",
            ),
            (
                off.into(),
                "404 no-traffic: no deployment of endpoint iris has traffic above 0 percent",
            ),
            (
                Rejection::HostError { cause },
                "500 host-error: the server failed",
            ),
        ]
    }

    /// Refusals of the chosen deployment.
    #[expect(clippy::too_many_lines, reason = "a table, a line a case")]
    fn of_a_deployment() -> Vec<(Rejection, &'static str)> {
        let limit = Duration::from_millis(500);
        let deployment = "blue".to_owned();
        let dead = Rejection::NoLiveSandbox {
            deployment: deployment.clone(),
        };
        let raw = Rejection::NoSignature {
            deployment: deployment.clone(),
        };
        vec![
            (
                raw,
                "404 no-signature: deployment blue has a raw scorer, which does not tell what it takes: only typed \
                 scorers are described",
            ),
            (
                Rejection::NotReady { deployment },
                "503 not-ready: deployment blue has no revision that is ready",
            ),
            (
                DeploymentFull { most: 4 }.into(),
                "429 too-many-requests: 4 requests are in the deployment, as many as it takes",
            ),
            (
                Rejection::BodyTooLarge { most: 16 },
                "413 body-too-large: the body is larger than 16 bytes",
            ),
            (
                Rejection::BodyLate { limit },
                "408 body-timeout: the body did not arrive within 500ms",
            ),
            (
                Rejection::BodyMalformed,
                "400 body-malformed: the body is malformed",
            ),
            (Rejection::BodyCut, "400 body-cut: the body broke off"),
            (
                Rejection::QueueTimeout { limit },
                "429 queue-timeout: no sandbox came free within 500ms",
            ),
            (
                dead,
                "503 no-live-sandbox: deployment blue has no live sandbox",
            ),
            (
                Rejection::DeadlineExceeded { limit },
                "408 request-timeout: the request took longer than 500ms",
            ),
            (
                Rejection::Malformed("inputs[0].name: there is none".into()),
                "400 body-malformed: inputs[0].name: there is none",
            ),
            (
                Rejection::UnknownEncoding { name: "br".into() },
                "415 unknown-encoding: a body in content-encoding \"br\" can not be read: expected gzip, deflate or identity",
            ),
            (
                Rejection::Administration,
                "403 administration: models are not loaded and unloaded here: an operator does it with `mlwasm deploy` and `mlwasm traffic`",
            ),
            (
                Rejection::BadRequest("no petals".into()),
                "400 bad-request: no petals",
            ),
            (
                fault(Fault::Trapped),
                "424 scorer-fault: the scorer trapped: out of bounds",
            ),
            (
                fault(Fault::LimitExceeded),
                "424 scorer-fault: the scorer exceeded a limit: out of bounds",
            ),
            (
                fault(Fault::Internal),
                "424 scorer-fault: the scorer failed: out of bounds",
            ),
            (
                fault(Fault::InvalidResponse),
                "424 scorer-fault: the scorer's response is invalid: out of bounds",
            ),
        ]
    }

    fn all() -> impl Iterator<Item = (Rejection, &'static str)> {
        of_the_gateway().into_iter().chain(of_a_deployment())
    }

    #[test]
    fn each_rejection_has_its_status_and_body() {
        let mut kinds: Vec<_> = Kind::ALL.to_vec();
        for (rejection, expected) in all() {
            kinds.retain(|kind| *kind != rejection.kind());
            let answer = refused(&rejection, &context(), Origin::Gateway);
            let status = answer.status().as_u16();
            assert_eq!(answer.headers()[REQUEST_ID], "r-1");
            assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
            let problem = body(answer);
            let slug = problem.kind.strip_prefix("urn:mlwasm:problem:").unwrap();
            assert_eq!(format!("{status} {slug}: {}", problem.detail), expected);
            assert_eq!(problem.status, status);
            assert_eq!(problem.request_id.as_deref(), Some("r-1"));
        }
        assert!(kinds.is_empty(), "no case for {kinds:?}");
    }

    #[test]
    fn overload_and_absence_say_when_to_come_back() {
        for (rejection, _) in all() {
            let answer = refused(&rejection, &context(), Origin::Gateway);
            let says = answer.headers().contains_key(RETRY_AFTER);
            let is_for_now = matches!(answer.status().as_u16(), 429 | 503);
            assert_eq!(says, is_for_now, "{rejection:?}");
        }
    }

    #[test]
    fn a_scorers_fault_is_told_as_azure_tells_it() {
        let answer = refused(&fault(Fault::LimitExceeded), &context(), Origin::Gateway);
        assert_eq!(answer.headers()[ERROR_STATUS], "500");
        assert_eq!(answer.headers()[ERROR_REASON], "limit_exceeded");
        let answer = refused(&Rejection::Unauthorized, &context(), Origin::Gateway);
        assert_eq!(answer.headers()[WWW_AUTHENTICATE], "Bearer");
        assert!(!answer.headers().contains_key(ERROR_STATUS));
    }

    #[test]
    fn a_scorers_long_text_is_cut_between_characters() {
        let answer = refused(
            &Rejection::BadRequest("ü".repeat(10_000)),
            &context(),
            Origin::Gateway,
        );
        assert_eq!(body(answer).detail.chars().count(), MAX_DETAIL);
    }
}
