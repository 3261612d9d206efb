//! What others wrote, unchanged, from PyPI: the clients of Triton, KServe and MLServer, and the SDK that reads the files of Azure ML.

use std::fs;

use mlwasm_harness::{Platform, Python, models, plugins};
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
async fn mlserver_s_command_asks_in_bulk() {
    run("mlserver_infer.py").await;
}

#[tokio::test]
async fn kserve_s_clients_speak_both_protocols() {
    run("kserve_clients.py").await;
}

/// Files with Azure's keys alone: those of its schema, which asks for `instance_type`.
const AZURE_ENDPOINT: &str = "\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
name: flowers
auth_mode: key
tags: {team: botany}
traffic: {blue: 100}
";
const AZURE_DEPLOYMENT: &str = "\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: flowers
model: {path: ./iris.onnx}
code_configuration: {code: ., scoring_script: iris.wasm}
environment_variables: {GREETING: hello}
instance_type: Standard_DS3_v2
instance_count: 2
request_settings: {request_timeout_ms: 3000, max_concurrent_requests_per_instance: 1, max_queue_wait_ms: 500}
data_collector: {collections: {request: {enabled: 'true'}}, sampling_rate: 0.5}
egress_public_network_access: disabled
";

#[tokio::test]
async fn azures_own_sdk_reads_the_files_that_apply_reads() {
    let platform = Platform::start().await;
    let folder = platform.home().join("project");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(plugins::path("iris"), folder.join("iris.wasm")).unwrap();
    fs::copy(models::iris(1), folder.join("iris.onnx")).unwrap();
    fs::write(folder.join("endpoint.yml"), AZURE_ENDPOINT).unwrap();
    fs::write(folder.join("deployment.yml"), AZURE_DEPLOYMENT).unwrap();
    let folder = folder.to_str().unwrap();

    let read = Python::script("azure_files.py").input(folder).run().await;
    let read: serde_json::Value = read.ok().json();
    assert_eq!(
        read["endpoint"],
        json!(["flowers", "key", {"blue": 100}, {"team": "botany"}])
    );
    assert_eq!(
        read["deployment"],
        json!(["blue", "flowers", 2, {"GREETING": "hello"}, 1])
    );

    let applied = platform.cli(&["apply", "-f", folder]).await.ok();
    assert!(applied.stderr.contains("instance_type"), "{applied:#?}");
    let blue = platform.deployment("flowers", "blue").await;
    assert_eq!(blue.spec.instance_count.get(), 2);
    let answer = platform
        .score("flowers", r#"{"data": [[5.1, 3.5, 1.4, 0.2]]}"#)
        .await;
    assert_eq!(answer.status(), 200, "{answer:?}");
}
