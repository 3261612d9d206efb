//! gRPC's own health checks: `Check` once, `Watch` until something changes.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::{
    answer::{prepare, trailers},
    frame::framed,
    generated::health::{HealthCheckResponse, health_check_response::ServingStatus},
    status::Status,
};
use crate::{
    connection::Connection,
    gateway::Gateway,
    health::Readiness,
    rejection::Rejection,
    respond::{Answer, AnswerBody},
};

/// How often a watcher looks whether something has changed. The end of the server is told at once.
const LOOK: Duration = Duration::from_secs(1);

/// Whether the service of this name takes calls; the empty name is the server itself.
pub(super) fn check(gateway: &Gateway, service: &str) -> Result<HealthCheckResponse, Rejection> {
    match service {
        "" | "inference.GRPCInferenceService" | "grpc.health.v1.Health" => Ok(status(gateway)),
        unknown => Err(Rejection::UnknownEndpoint {
            name: unknown.chars().take(64).collect(),
        }),
    }
}

fn status(gateway: &Gateway) -> HealthCheckResponse {
    let status = match gateway.readiness() {
        Readiness::Ready => ServingStatus::Serving,
        Readiness::Starting | Readiness::Draining => ServingStatus::NotServing,
    };
    HealthCheckResponse {
        status: status.into(),
    }
}

/// Tells the state now, and again whenever it changes, until the server ends.
pub(super) fn watch(connection: &Arc<Connection>, service: &str) -> Answer {
    let (sender, receiver) = mpsc::channel(2);
    let watcher = Arc::clone(connection);
    let unknown = check(connection.gateway(), service)
        .err()
        .map(|_| HealthCheckResponse {
            status: ServingStatus::ServiceUnknown.into(),
        });
    connection
        .gateway()
        .tasks()
        .spawn(keep_telling(watcher, sender, unknown));
    let mut answer = Answer::new(AnswerBody::Stream(receiver));
    prepare(answer.headers_mut());
    answer
}

async fn keep_telling(
    connection: Arc<Connection>,
    sender: mpsc::Sender<Frame<Bytes>>,
    unknown: Option<HealthCheckResponse>,
) {
    let gateway = connection.gateway();
    let mut told = None;
    loop {
        let now = unknown.unwrap_or_else(|| status(gateway));
        if told != Some(now) {
            told = Some(now);
            if sender.send(Frame::data(framed(&now))).await.is_err() {
                return;
            }
        }
        if gateway.readiness() == Readiness::Draining {
            let end = Status::unavailable("the server is shutting down");
            // Nobody may listen any more.
            sender.send(trailers(&end)).await.ok();
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = gateway.draining().cancelled() => {}
            () = sender.closed() => return,
        }
    }
}
