//! The administration listener: the API and the metrics.

mod encrypted;

use std::{fmt::Debug, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{Router, http::header, routing::get, serve::Listener};
use mlwasm_control::{Control, RolloutCounts};
use mlwasm_gateway::{Gateway, metrics};
use mlwasm_inference::InferenceBackend;
use mlwasm_sandbox::{Engine, TaskGroup};
use rustls::ServerConfig;
use tokio::{net::TcpListener, time::timeout};

use encrypted::Encrypted;

/// Long polls would wait longer than a stop may take: what is not answered by then is cut off.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Those who count.
#[derive(Clone)]
pub(super) struct Metrics {
    pub(super) gateway: Arc<Gateway>,
    pub(super) engine: Engine,
    pub(super) inference: Arc<dyn InferenceBackend>,
}

/// The administration API, being served.
pub(super) struct Admin {
    tasks: TaskGroup,
}

impl Admin {
    /// Accepts requests on `listener` from now on, with TLS or without.
    ///
    /// # Errors
    ///
    /// If the listener has no address.
    pub(super) fn start(
        (listener, tls): (TcpListener, Option<Arc<ServerConfig>>),
        control: &Control,
        metrics: Metrics,
    ) -> anyhow::Result<Self> {
        let address = listener
            .local_addr()
            .context("asking for the bound address")?;
        let metrics = metrics_router(metrics, control.rollouts());
        // Whoever is on this machine may count along; others say who they are.
        let metrics = if address.ip().is_loopback() {
            control.protect(metrics)
        } else {
            control.protect_with_token(metrics)
        };
        let router = control.router().merge(metrics);
        let tasks = TaskGroup::new();
        match tls {
            Some(config) => {
                let listener = Encrypted::start(listener, config, &tasks)?;
                tasks.spawn(serve(listener, router, tasks.clone()));
            }
            None => tasks.spawn(serve(listener, router, tasks.clone())),
        }
        Ok(Self { tasks })
    }

    /// Lets requests in flight end, for a moment.
    pub(super) async fn stop(self) {
        if timeout(LAST_ANSWERS, self.tasks.shutdown()).await.is_err() {
            tracing::debug!("administration requests in flight are cut off");
        }
    }
}

async fn serve<L: Listener<Addr: Debug>>(listener: L, router: Router, tasks: TaskGroup) {
    let stop = async move { tasks.cancelled().await };
    let served = axum::serve(listener, router).with_graceful_shutdown(stop);
    if let Err(error) = served.await {
        tracing::error!(%error, "the administration API ended");
    }
}

fn metrics_router(
    of: Metrics,
    rollouts: impl Fn() -> RolloutCounts + Clone + Send + Sync + 'static,
) -> Router {
    let text = move || {
        let (of, counts) = (of.clone(), rollouts());
        async move {
            let text = of.gateway.metrics()
                + &metrics::compilations(&of.engine.compilations())
                + &metrics::lanes(of.inference.lanes())
                + &metrics::rollouts(&counts.steps, &counts.decisions);
            ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
        }
    };
    Router::new().route("/metrics", get(text))
}
