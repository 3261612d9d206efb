//! Who may do what: each route lets those in whose token's scope is enough, and tells the audit log of the others.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode};
use mlwasm_types::{
    Scope,
    access::{Access, RouteAccess},
    api::Problem,
};

use super::{
    Answer, body,
    finish::RequestId,
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
    routes,
};
use crate::{
    admin_tokens::Bearer,
    audit,
    author::{Actor, Author},
    store::Store,
};

/// What a route asks of its callers.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) needs: Scope,
    /// Where refusals are noted.
    pub(super) store: Store,
}

/// Lets a request pass whose bearer may do it; the handler then finds its [`Author`]. Notes what was refused.
pub(super) async fn check(
    State(gate): State<Gate>,
    Extension(bearer): Extension<Bearer>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let author = Author {
        actor: Actor::Token(Arc::clone(&bearer.name)),
        request_id: id.map(|id| id.0),
    };
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = if bearer.scope.covers(gate.needs) {
        request.extensions_mut().insert(author.clone());
        next.run(request).await
    } else {
        forbidden(&bearer, gate.needs).into_response()
    };
    if let Some(reason) = refusal(&method, &response) {
        let line = audit::refused(&author, format!("{method} {path}"), reason);
        if let Err(error) = gate.store.note(line).await {
            // What was refused was refused: only the note of it is lost.
            tracing::warn!(%error, "a refusal could not be noted in the audit log");
        }
    }
    response
}

/// Why a request was refused; none if it was not, or if it only looked for something that is not there.
fn refusal(method: &Method, response: &Response) -> Option<String> {
    let status = response.status();
    let is_told = status == StatusCode::FORBIDDEN || !method.is_safe();
    let problem = response.extensions().get::<Problem>()?;
    (is_told && status.is_client_error()).then(|| reason(problem))
}

/// What the audit log keeps of a problem: of a body that breaks a rule only that it does, since the details may quote it, and
/// it may hold what should have been a reference to a secret.
fn reason(problem: &Problem) -> String {
    match StatusCode::from_u16(problem.status) {
        Ok(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => problem.title.clone(),
        Ok(_) | Err(_) => format!("{}: {}", problem.title, problem.detail),
    }
}

fn forbidden(bearer: &Bearer, needs: Scope) -> Failure {
    Failure::new(
        ProblemKind::ScopeTooSmall,
        format!(
            "this needs the scope {needs}, and the token {} has the scope {}: use another, which `mlwasm admin-token \
             create NAME --scope {needs}` makes",
            bearer.name, bearer.scope
        ),
    )
}

/// Who asks, and what they may do.
pub(super) async fn show(Extension(bearer): Extension<Bearer>) -> Answer {
    let routes = routes::all().into_iter().map(|route| RouteAccess {
        method: route.method.to_string(),
        path: route.path.to_owned(),
        scope: route.needs,
        is_allowed: bearer.scope.covers(route.needs),
    });
    Ok(body::shown(&Access {
        token: bearer.name.to_string(),
        scope: bearer.scope,
        routes: routes.collect(),
    }))
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Access,
        "show_access",
        "Show who asks and what they may do",
    )
    .answers::<Access>(StatusCode::OK, "The token, its scope and all routes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_breaks_a_rule_is_not_quoted() {
        for (status, is_quoted) in [(400, false), (422, false), (403, true), (409, true)] {
            let problem = Problem::new(status, "some-kind", "canary");
            let told = reason(&problem);
            assert!(told.starts_with("Some kind"), "{told}");
            assert_eq!(told.contains("canary"), is_quoted, "{status}");
        }
    }

    #[test]
    fn only_refusals_are_noted() {
        let response = |status: u16| {
            let mut kinds = ProblemKind::ALL.into_iter();
            let kind = kinds.find(|kind| kind.status() == status).unwrap();
            Failure::new(kind, "detail").into_response()
        };
        for (method, status, is_noted) in [
            (Method::GET, 403, true),
            (Method::GET, 404, false),
            (Method::PUT, 403, true),
            (Method::PUT, 412, true),
            (Method::DELETE, 404, true),
            (Method::PUT, 503, false),
        ] {
            let noted = refusal(&method, &response(status));
            assert_eq!(noted.is_some(), is_noted, "{method} {status}");
        }
        assert_eq!(refusal(&Method::PUT, &StatusCode::OK.into_response()), None);
    }
}
