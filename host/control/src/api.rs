//! The administration API, `/v1`: one file a resource, and every error is a [`Problem`](mlwasm_types::api::Problem).
//!
//! A handler checks, commits, and waits until the data plane serves the generation that it made: who reads "done" can
//! rely on the next request being routed so. It never waits for a revision to become ready, unless asked to.

mod artifacts;
mod body;
mod cost;
mod deployments;
mod endpoints;
mod failures;
mod finish;
mod guard;
mod keys;
mod logs;
mod patch;
mod patching;
mod precondition;
mod problem;
mod shadow;
mod status;
mod traffic;
mod views;

use std::{sync::Arc, time::Duration};

use axum::{
    Router, middleware,
    response::Response,
    routing::{get, post},
};
use mlwasm_sandbox::{Engine, TaskGroup};
use mlwasm_types::Generation;
use tokio::{
    sync::{Mutex, Semaphore, watch},
    time::timeout,
};

use crate::{
    anonymous::AnonymousCallers,
    artifacts::Artifacts,
    cost::Ledger,
    data_dir::DataDir,
    reconcile::LiveView,
    shadow::Shadows,
    store::{Change, Committed, Expected, Store},
};
pub(crate) use guard::Guard;
use problem::Failure;

/// What a handler returns.
type Answer = Result<Response, Failure>;

/// The longest that a request may ask to wait for something to happen.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long a change may take to reach the data plane before it is answered nonetheless. It takes milliseconds.
const SWITCH_PATIENCE: Duration = Duration::from_secs(5);

/// What the handlers share.
pub(crate) struct Api {
    pub(crate) store: Store,
    pub(crate) artifacts: Artifacts,
    pub(crate) engine: Engine,
    pub(crate) data: DataDir,
    pub(crate) live: watch::Receiver<Arc<LiveView>>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) shadows: Arc<Shadows>,
    pub(crate) about: About,
    pub(crate) max_component_bytes: u64,
    pub(crate) anonymous_callers: AnonymousCallers,
    /// Ended when the server goes down.
    pub(crate) tasks: TaskGroup,
    /// Held over reading, merging and writing: else patches that come at once would undo each other's attempts.
    pub(crate) patching: Mutex<()>,
    /// Bounds the memory and the time of components that are being checked.
    pub(crate) checks: Semaphore,
    /// Bounds the files that are being written.
    pub(crate) uploads: Semaphore,
}

/// What the server says of itself.
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) inference: String,
    /// The data plane's address, without a slash at its end.
    pub(crate) scoring_base: String,
}

impl Api {
    /// Makes `change`, and returns once the data plane serves it.
    async fn change(&self, change: Change, expected: Expected) -> Result<Committed, Failure> {
        let committed = self.store.commit(change, expected).await?;
        self.live_at(committed.after.generation).await;
        Ok(committed)
    }

    async fn live_at(&self, generation: Generation) {
        let mut live = self.live.clone();
        let reached = live.wait_for(|live| live.generation >= generation);
        if timeout(SWITCH_PATIENCE, reached).await.is_err() {
            tracing::warn!(%generation, "a change was stored and is not served yet");
        }
    }

    fn live(&self) -> Arc<LiveView> {
        Arc::clone(&self.live.borrow())
    }
}

/// The routes, behind `guard`.
pub(crate) fn router(api: Arc<Api>, guard: &Guard) -> Router {
    let endpoint = get(endpoints::show)
        .put(endpoints::put)
        .patch(endpoints::patch)
        .delete(endpoints::delete);
    let deployment = get(deployments::show)
        .put(deployments::put)
        .patch(deployments::patch)
        .delete(deployments::delete);
    let artifact = get(artifacts::read)
        .head(artifacts::probe)
        .put(artifacts::receive);
    let routes = Router::new()
        .route("/v1/status", get(status::show))
        .route("/v1/cost", get(cost::show))
        .route("/v1/endpoints", get(endpoints::list))
        .route("/v1/endpoints/{endpoint}", endpoint)
        .route(
            "/v1/endpoints/{endpoint}/traffic",
            get(traffic::show).put(traffic::put),
        )
        .route(
            "/v1/endpoints/{endpoint}/mirror",
            get(traffic::show_mirror).put(traffic::put_mirror),
        )
        .route(
            "/v1/endpoints/{endpoint}/shadow-report",
            get(shadow::show).delete(shadow::reset),
        )
        .route("/v1/endpoints/{endpoint}/keys", get(keys::show))
        .route(
            "/v1/endpoints/{endpoint}/keys/{slot}/regenerate",
            post(keys::regenerate),
        )
        .route(
            "/v1/endpoints/{endpoint}/deployments",
            get(deployments::list),
        )
        .route(
            "/v1/endpoints/{endpoint}/deployments/{deployment}",
            deployment,
        )
        .route(
            "/v1/endpoints/{endpoint}/deployments/{deployment}/logs",
            get(logs::show),
        )
        .route(
            "/v1/endpoints/{endpoint}/deployments/{deployment}/failures",
            get(failures::show),
        )
        .route("/v1/artifacts/{digest}", artifact)
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .with_state(api);
    let guard = guard.clone();
    protect(
        routes.layer(middleware::from_fn_with_state(guard.clone(), guard::token)),
        &guard,
    )
}

/// `router` with the checks and headers that keep web pages out, without asking for the token.
pub(crate) fn protect(router: Router, guard: &Guard) -> Router {
    router
        .layer(middleware::from_fn_with_state(
            guard.clone(),
            guard::browsers,
        ))
        .layer(middleware::from_fn(finish::finish))
}
