//! Every route of the administration API, and what its caller must be allowed to do: one line each.
//!
//! A route can not be added without a scope: it is what makes a line whole.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, delete, get, head, patch, post, put},
};
use http::Method;
use mlwasm_types::Scope;

use super::{
    Api, access, admin_tokens, artifacts, audit, backup, collected, cost, deployments, endpoints,
    failures, keys, logs, models, problem, restore, revisions, rollout, shadow, status, tokens,
    traffic,
};

/// One method of one address.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The least that a token must allow.
    pub(super) needs: Scope,
    handler: MethodRouter<Arc<Api>>,
}

const ENDPOINTS: &str = "/v1/endpoints";
const ENDPOINT: &str = "/v1/endpoints/{endpoint}";
const TRAFFIC: &str = "/v1/endpoints/{endpoint}/traffic";
const MIRROR: &str = "/v1/endpoints/{endpoint}/mirror";
const SHADOW_REPORT: &str = "/v1/endpoints/{endpoint}/shadow-report";
const ROLLOUT: &str = "/v1/endpoints/{endpoint}/rollout";
const ROLLOUT_COMMAND: &str = "/v1/endpoints/{endpoint}/rollout/{command}";
const KEYS: &str = "/v1/endpoints/{endpoint}/keys";
const REGENERATE: &str = "/v1/endpoints/{endpoint}/keys/{slot}/regenerate";
const TOKENS: &str = "/v1/endpoints/{endpoint}/tokens";
const DEPLOYMENTS: &str = "/v1/endpoints/{endpoint}/deployments";
const DEPLOYMENT: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}";
const LOGS: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}/logs";
const FAILURES: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}/failures";
const FAILED_BODY: &str =
    "/v1/endpoints/{endpoint}/deployments/{deployment}/failures/{sequence}/body";
const COLLECTED: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}/collected";
const REVISIONS: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}/revisions";
const ROLLBACK: &str = "/v1/endpoints/{endpoint}/deployments/{deployment}/rollback";
const MODELS: &str = "/v1/models";
const MODEL: &str = "/v1/models/{model}";
const MODEL_VERSION: &str = "/v1/models/{model}/{version}";
const ARTIFACT: &str = "/v1/artifacts/{digest}";
const ADMIN_TOKENS: &str = "/v1/admin-tokens";
const ADMIN_TOKEN: &str = "/v1/admin-tokens/{name}";

/// All routes.
pub(super) fn all() -> Vec<Route> {
    use Scope::{Admin, Deploy, Read, Score};
    let route = |method, path, needs, handler| Route {
        method,
        path,
        needs,
        handler,
    };
    let (m_get, m_put, m_delete) = (|| Method::GET, || Method::PUT, || Method::DELETE);
    let m_post = || Method::POST;
    vec![
        route(m_get(), "/v1/access", Read, get(access::show)),
        route(m_get(), "/v1/status", Read, get(status::show)),
        route(m_get(), "/v1/cost", Read, get(cost::show)),
        route(m_get(), ENDPOINTS, Read, get(endpoints::list)),
        route(m_get(), ENDPOINT, Read, get(endpoints::show)),
        route(m_put(), ENDPOINT, Deploy, put(endpoints::put)),
        route(Method::PATCH, ENDPOINT, Deploy, patch(endpoints::patch)),
        route(m_delete(), ENDPOINT, Deploy, delete(endpoints::delete)),
        route(m_get(), TRAFFIC, Read, get(traffic::show)),
        route(m_put(), TRAFFIC, Deploy, put(traffic::put)),
        route(m_get(), MIRROR, Read, get(traffic::show_mirror)),
        route(m_put(), MIRROR, Deploy, put(traffic::put_mirror)),
        route(m_get(), SHADOW_REPORT, Read, get(shadow::show)),
        route(m_delete(), SHADOW_REPORT, Deploy, delete(shadow::reset)),
        route(m_get(), ROLLOUT, Read, get(rollout::show)),
        route(m_put(), ROLLOUT, Deploy, put(rollout::start)),
        route(m_post(), ROLLOUT_COMMAND, Deploy, post(rollout::command)),
        route(m_get(), KEYS, Score, get(keys::show)),
        route(m_post(), REGENERATE, Deploy, post(keys::regenerate)),
        route(m_post(), TOKENS, Score, post(tokens::issue)),
        route(m_get(), DEPLOYMENTS, Read, get(deployments::list)),
        route(m_get(), DEPLOYMENT, Read, get(deployments::show)),
        route(m_put(), DEPLOYMENT, Deploy, put(deployments::put)),
        route(Method::PATCH, DEPLOYMENT, Deploy, patch(deployments::patch)),
        route(m_delete(), DEPLOYMENT, Deploy, delete(deployments::delete)),
        route(m_get(), LOGS, Read, get(logs::show)),
        route(m_get(), FAILURES, Read, get(failures::show)),
        // Bodies are about people where requests are: seeing them takes more than seeing what is deployed.
        route(m_get(), COLLECTED, Deploy, get(collected::show)),
        route(m_delete(), COLLECTED, Deploy, delete(collected::delete)),
        route(m_get(), FAILED_BODY, Deploy, get(failures::body)),
        route(m_get(), REVISIONS, Read, get(revisions::list)),
        route(m_post(), ROLLBACK, Deploy, post(revisions::roll_back)),
        route(m_get(), MODELS, Read, get(models::list)),
        route(m_get(), MODEL, Read, get(models::versions)),
        route(m_post(), MODEL, Deploy, post(models::register)),
        route(m_delete(), MODEL, Deploy, delete(models::delete)),
        route(m_get(), MODEL_VERSION, Read, get(models::show)),
        route(
            m_delete(),
            MODEL_VERSION,
            Deploy,
            delete(models::delete_version),
        ),
        // Components and models are what others would copy: seeing them takes more than seeing what is deployed.
        route(m_get(), ARTIFACT, Deploy, get(artifacts::read)),
        route(Method::HEAD, ARTIFACT, Deploy, head(artifacts::probe)),
        route(m_put(), ARTIFACT, Deploy, put(artifacts::receive)),
        route(m_get(), ADMIN_TOKENS, Admin, get(admin_tokens::list)),
        route(m_put(), ADMIN_TOKEN, Admin, put(admin_tokens::create)),
        route(m_delete(), ADMIN_TOKEN, Admin, delete(admin_tokens::revoke)),
        route(m_get(), "/v1/audit", Admin, get(audit::show)),
        route(m_get(), "/v1/backup", Admin, get(backup::read)),
        route(m_put(), "/v1/restore", Admin, put(restore::replace)),
    ]
}

/// The router of all routes. Each asks for its scope.
pub(super) fn router(api: &Arc<Api>) -> Router {
    let routes = all().into_iter().fold(Router::new(), |router, route| {
        let gate = access::Gate {
            needs: route.needs,
            store: api.store.clone(),
        };
        let check = middleware::from_fn_with_state(gate, access::check);
        router.route(route.path, route.handler.route_layer(check))
    });
    routes
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .with_state(Arc::clone(api))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_method_of_an_address_has_one_line() {
        let lines = all();
        let keys: BTreeSet<_> = lines
            .iter()
            .map(|route| (route.path, route.method.as_str()))
            .collect();
        assert_eq!(keys.len(), lines.len());
    }

    #[test]
    fn what_changes_something_takes_more_than_reading() {
        for route in all() {
            let is_weak = route.needs < Scope::Deploy;
            let only_issues = route.path == TOKENS;
            assert!(
                route.method.is_safe() || !is_weak || only_issues,
                "{} {}",
                route.method,
                route.path
            );
        }
    }
}
