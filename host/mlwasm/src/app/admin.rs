//! The administration listener: the API and the metrics.

use std::{sync::Arc, time::Duration};

use axum::{Router, http::header, routing::get};
use mlwasm_control::Control;
use mlwasm_gateway::{Gateway, metrics};
use mlwasm_sandbox::TaskGroup;
use tokio::{net::TcpListener, time::timeout};

/// Long polls would wait longer than a stop may take: what is not answered by then is cut off.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// The administration API, being served.
pub(super) struct Admin {
    tasks: TaskGroup,
}

impl Admin {
    /// Accepts requests on `listener` from now on.
    pub(super) fn start(listener: TcpListener, control: &Control, gateway: Arc<Gateway>) -> Self {
        let router = control
            .router()
            .merge(control.protect(metrics_router(gateway)));
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

fn metrics_router(gateway: Arc<Gateway>) -> Router {
    let text = move || {
        let gateway = Arc::clone(&gateway);
        async move {
            (
                [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)],
                gateway.metrics(),
            )
        }
    };
    Router::new().route("/metrics", get(text))
}
