//! The administration API, `/v1`: one file a resource, and every error is a [`Problem`](mlwasm_types::api::Problem).
//!
//! A handler checks, commits, and waits until the data plane serves the generation that it made: who reads "done" can
//! rely on the next request being routed so. It never waits for a revision to become ready, unless asked to.

mod access;
mod admin_tokens;
mod artifacts;
mod audit;
mod backup;
mod body;
mod collected;
mod cost;
mod deployments;
mod endpoints;
mod failures;
mod finish;
mod guard;
mod instance_types;
mod json;
mod keys;
mod logs;
mod models;
mod openapi;
mod patch;
mod patching;
mod precondition;
mod problem;
mod restore;
mod revisions;
mod rollout;
mod routes;
mod shadow;
mod since;
mod status;
mod tokens;
mod traffic;
mod views;

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware, response::Response};
use mlwasm_sandbox::{Engine, TaskGroup};
use mlwasm_types::{Generation, InstanceTypes};
use tokio::{
    sync::{Mutex, Semaphore, watch},
    time::timeout,
};

use crate::{
    anonymous::AnonymousCallers,
    artifacts::Artifacts,
    author::Author,
    collection::Collections,
    cost::Ledger,
    data_dir::DataDir,
    egress::EgressRules,
    reconcile::LiveView,
    rollout::Rollouts,
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
    pub(crate) rollouts: Arc<Rollouts>,
    pub(crate) shadows: Arc<Shadows>,
    pub(crate) collections: Arc<Collections>,
    pub(crate) about: About,
    pub(crate) max_component_bytes: u64,
    pub(crate) max_files_bytes: u64,
    pub(crate) instance_types: InstanceTypes,
    pub(crate) egress: EgressRules,
    pub(crate) anonymous_callers: AnonymousCallers,
    /// Ended when the server goes down.
    pub(crate) tasks: TaskGroup,
    /// Held over reading, merging and writing: else patches that come at once would undo each other's attempts.
    pub(crate) patching: Mutex<()>,
    /// Bounds the memory and the time of components that are being checked.
    pub(crate) checks: Semaphore,
    /// Bounds the files that are being written.
    pub(crate) uploads: Semaphore,
    /// Held while a backup is restored: one at a time.
    pub(crate) restoring: Mutex<()>,
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
    async fn change(
        &self,
        change: Change,
        expected: Expected,
        author: Author,
    ) -> Result<Committed, Failure> {
        let committed = self.store.commit(change, expected, author).await?;
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

/// The routes, behind `guard`; what they are, whoever is on this machine may read.
pub(crate) fn router(api: &Arc<Api>, guard: &Guard) -> Router {
    let routes = with_token(routes::router(api), guard);
    protect(routes.merge(openapi::router()), guard)
}

/// `router` for those alone who bear a token, whatever its scope.
pub(crate) fn with_token(router: Router, guard: &Guard) -> Router {
    router
        .method_not_allowed_fallback(problem::no_method)
        .layer(middleware::from_fn_with_state(guard.clone(), guard::token))
}

/// `router` with the checks and headers that keep web pages out, without asking for the token.
pub(crate) fn protect(router: Router, guard: &Guard) -> Router {
    router
        .method_not_allowed_fallback(problem::no_method)
        .layer(middleware::from_fn_with_state(
            guard.clone(),
            guard::browsers,
        ))
        .layer(middleware::from_fn(finish::finish))
}
