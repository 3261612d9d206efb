//! Clients that others wrote, unchanged: Triton's and KServe's, from PyPI.

use mlwasm_harness::{Platform, Python, models};
use serde_json::json;

use crate::support::iris;

/// A platform with an endpoint `typed`, a model without code, and `iris`, a scorer that takes bytes; and what a script is told.
async fn platform() -> (Platform, String) {
    let platform = Platform::start().await;
    platform
        .deploy(models::iris(1))
        .to("typed", "blue")
        .run()
        .await;
    iris(&platform, "blue", 1).await;
    let told = json!({
        "address": platform.server().scoring(),
        "keys": {"typed": platform.key("typed").await, "iris": platform.key("iris").await},
    });
    (platform, told.to_string())
}

async fn run(script: &str) {
    let (_platform, told) = platform().await;
    let output = Python::script(script).input(told).run().await;
    output.succeeded();
}

#[tokio::test]
async fn triton_s_client_speaks_http() {
    run("triton_http.py").await;
}

#[tokio::test]
async fn triton_s_client_speaks_grpc() {
    run("triton_grpc.py").await;
}

#[tokio::test]
async fn kserve_s_clients_speak_both_protocols() {
    run("kserve_clients.py").await;
}
