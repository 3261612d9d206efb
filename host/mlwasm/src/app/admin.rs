//! The administration listener: the API and the metrics.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::header, routing::get};
use mlwasm_control::{Control, RolloutCounts};
use mlwasm_gateway::{Gateway, metrics};
use mlwasm_inference::InferenceBackend;
use mlwasm_sandbox::{Engine, TaskGroup};
use tokio::{net::TcpListener, time::timeout};

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
    /// Accepts requests on `listener` from now on.
    pub(super) fn start(listener: TcpListener, control: &Control, metrics: Metrics) -> Self {
        let router = control
            .router()
            .merge(control.protect(metrics_router(metrics, control.rollouts())));
        let tasks = TaskGroup::new();
        let group = tasks.clone();
        tasks.spawn(async move {
            let stop = async move { group.cancelled().await };
            if let Err(error) = axum::serve(listener, router)
                .with_graceful_shutdown(stop)
                .await
            {
                tracing::error!(%error, "the administration API ended");
            }
        });
        Self { tasks }
    }

    /// Lets requests in flight end, for a moment.
    pub(super) async fn stop(self) {
        if timeout(LAST_ANSWERS, self.tasks.shutdown()).await.is_err() {
            tracing::debug!("administration requests in flight are cut off");
        }
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
