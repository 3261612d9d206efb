//! Every route of the administration API, what its caller must be allowed to do, and what it says of itself: one line each.
//!
//! A route can not be added without a scope and a description: they are what makes a line whole.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, delete, get, head, patch, post, put},
};
use http::Method;
use mlwasm_types::Scope;

use super::{
    Api, access, admin_tokens, artifacts, audit, backup, collected, cost, deployments, endpoints,
    failures, instance_types, keys, logs, models, openapi::Operation, problem, restore, revisions,
    rollout, shadow, status, tokens, traffic,
};

/// One method of one address.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The least that a token must allow.
    pub(super) needs: Scope,
    handler: MethodRouter<Arc<Api>>,
    /// What it says of itself, to those who call it.
    pub(super) describe: fn() -> Operation,
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
#[rustfmt::skip] // One line a route: a table that is read as one.
pub(super) fn all() -> Vec<Route> {
    use Scope::{Admin, Deploy, Read, Score};
    let route = |method, path, needs, handler, describe| Route {
        method,
        path,
        needs,
        handler,
        describe,
    };
    let (m_get, m_put, m_delete) = (|| Method::GET, || Method::PUT, || Method::DELETE);
    let m_post = || Method::POST;
    vec![
        route(m_get(), "/v1/access", Read, get(access::show), access::showing),
        route(m_get(), "/v1/status", Read, get(status::show), status::showing),
        route(m_get(), "/v1/cost", Read, get(cost::show), cost::showing),
        route(m_get(), ENDPOINTS, Read, get(endpoints::list), endpoints::listing),
        route(m_get(), ENDPOINT, Read, get(endpoints::show), endpoints::showing),
        route(m_put(), ENDPOINT, Deploy, put(endpoints::put), endpoints::putting),
        route(Method::PATCH, ENDPOINT, Deploy, patch(endpoints::patch), endpoints::patching),
        route(m_delete(), ENDPOINT, Deploy, delete(endpoints::delete), endpoints::deleting),
        route(m_get(), TRAFFIC, Read, get(traffic::show), traffic::showing),
        route(m_put(), TRAFFIC, Deploy, put(traffic::put), traffic::putting),
        route(m_get(), MIRROR, Read, get(traffic::show_mirror), traffic::showing_mirror),
        route(m_put(), MIRROR, Deploy, put(traffic::put_mirror), traffic::putting_mirror),
        route(m_get(), SHADOW_REPORT, Read, get(shadow::show), shadow::showing),
        route(m_delete(), SHADOW_REPORT, Deploy, delete(shadow::reset), shadow::resetting),
        route(m_get(), ROLLOUT, Read, get(rollout::show), rollout::showing),
        route(m_put(), ROLLOUT, Deploy, put(rollout::start), rollout::starting),
        route(m_post(), ROLLOUT_COMMAND, Deploy, post(rollout::command), rollout::commanding),
        route(m_get(), KEYS, Score, get(keys::show), keys::showing),
        route(m_post(), REGENERATE, Deploy, post(keys::regenerate), keys::regenerating),
        route(m_post(), TOKENS, Score, post(tokens::issue), tokens::issuing),
        route(m_get(), DEPLOYMENTS, Read, get(deployments::list), deployments::listing),
        route(m_get(), DEPLOYMENT, Read, get(deployments::show), deployments::showing),
        route(m_put(), DEPLOYMENT, Deploy, put(deployments::put), deployments::putting),
        route(Method::PATCH, DEPLOYMENT, Deploy, patch(deployments::patch), deployments::patching),
        route(m_delete(), DEPLOYMENT, Deploy, delete(deployments::delete), deployments::deleting),
        route(m_get(), LOGS, Read, get(logs::show), logs::showing),
        route(m_get(), FAILURES, Read, get(failures::show), failures::showing),
        // Bodies are about people where requests are: seeing them takes more than seeing what is deployed.
        route(m_get(), COLLECTED, Deploy, get(collected::show), collected::showing),
        route(m_delete(), COLLECTED, Deploy, delete(collected::delete), collected::deleting),
        route(m_get(), FAILED_BODY, Deploy, get(failures::body), failures::reading_body),
        route(m_get(), REVISIONS, Read, get(revisions::list), revisions::listing),
        route(m_post(), ROLLBACK, Deploy, post(revisions::roll_back), revisions::rolling_back),
        route(m_get(), "/v1/instance-types", Read, get(instance_types::list), instance_types::listing),
        route(m_get(), MODELS, Read, get(models::list), models::listing),
        route(m_get(), MODEL, Read, get(models::versions), models::listing_versions),
        route(m_post(), MODEL, Deploy, post(models::register), models::registering),
        route(m_delete(), MODEL, Deploy, delete(models::delete), models::deleting),
        route(m_get(), MODEL_VERSION, Read, get(models::show), models::showing),
        route(m_delete(), MODEL_VERSION, Deploy, delete(models::delete_version), models::deleting_version),
        // Components and models are what others would copy: seeing them takes more than seeing what is deployed.
        route(m_get(), ARTIFACT, Deploy, get(artifacts::read), artifacts::reading),
        route(Method::HEAD, ARTIFACT, Deploy, head(artifacts::probe), artifacts::probing),
        route(m_put(), ARTIFACT, Deploy, put(artifacts::receive), artifacts::receiving),
        route(m_get(), ADMIN_TOKENS, Admin, get(admin_tokens::list), admin_tokens::listing),
        route(m_put(), ADMIN_TOKEN, Admin, put(admin_tokens::create), admin_tokens::creating),
        route(m_delete(), ADMIN_TOKEN, Admin, delete(admin_tokens::revoke), admin_tokens::revoking),
        route(m_get(), "/v1/audit", Admin, get(audit::show), audit::showing),
        route(m_get(), "/v1/backup", Admin, get(backup::read), backup::reading),
        route(m_put(), "/v1/restore", Admin, put(restore::replace), restore::replacing),
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
