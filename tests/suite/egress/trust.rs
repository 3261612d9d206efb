//! Whom the operator lets scorers call, and who vouches for them.

use mlwasm_harness::{Certificates, Commands, Origin, Platform, Setup, guests};
use serde_json::json;

use super::{caller, is_denied, open, outcome, with_setting};

#[tokio::test]
async fn by_default_scorers_call_nobody_and_the_deployer_is_told_whom_to_ask() {
    let platform = Platform::start().await;
    let refused = caller(&platform, &["https://features.internal"])
        .attempt()
        .await;
    refused.refused(
        1,
        &["https://features.internal:443", "egress.allowed_origins"],
    );
}

#[tokio::test]
async fn the_operator_s_list_stands_above_the_deployer_s() {
    let (allowed, other) = (Origin::http(), Origin::http());
    let list = format!("allowed_origins = [{:?}]", allowed.address());
    let platform = with_setting(&list).await;

    let refused = caller(&platform, &[allowed.address(), other.address()]);
    refused.attempt().await.refused(1, &[other.address()]);
    caller(&platform, &[allowed.address()]).run().await;

    let answer = outcome(&platform, json!({"url": allowed.url("/a")})).await;
    assert_eq!(answer["answer"]["body"], "/a");
    is_denied(&platform, &other.url("/")).await;
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_server_that_allows_less_after_a_restart_lets_nobody_call() {
    let origin = Origin::http();
    let mut platform = open().await;
    caller(&platform, &[origin.address()]).run().await;

    platform.file("mlwasm.toml", "[egress]\nallowed_origins = []\n");
    platform.terminate().await;
    platform.restart().await;

    let error = platform.deployment("e", "blue").await.status.error;
    let error = error.expect("it can not be served");
    assert!(error.contains("egress.allowed_origins"), "{error}");
    assert_eq!(platform.score("e", "").await.status(), 503);
}

#[tokio::test]
async fn who_speaks_tls_is_vouched_for() {
    let certificates = Certificates::new();
    let origin = Origin::https(&certificates);
    let ca_file = format!("ca_file = {:?}", certificates.authority());
    let call = json!({"url": origin.url("/a")});

    let trusting = with_setting(&format!("allowed_origins = [\"*\"]\n{ca_file}")).await;
    caller(&trusting, &[origin.address()]).run().await;
    let answer = outcome(&trusting, call.clone()).await;
    assert_eq!(answer["answer"]["body"], "/a", "{answer}");

    let doubting = open().await;
    caller(&doubting, &[origin.address()]).run().await;
    let refused = outcome(&doubting, call).await;
    let refused = refused["failed"].as_str().unwrap().to_owned();
    assert!(refused.contains("TlsCertificateError"), "{refused}");
    assert_eq!(origin.requests().len(), 1);
}

#[tokio::test]
async fn a_file_that_vouches_for_nobody_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "nothing").unwrap();
    let ended = Platform::fail_to_start(Setup {
        config: Some(format!("[egress]\nca_file = {file:?}\n")),
        ..Setup::default()
    })
    .await;
    assert_ne!(ended.code, Some(0));
    assert!(ended.log.contains("egress.ca_file"), "{}", ended.log);
}

#[tokio::test]
async fn a_component_that_calls_says_so_before_it_runs() {
    let commands = Commands::new();
    let scorer = guests::path("calls").display().to_string();

    let shown = commands.run(&["inspect", &scorer]).await.ok().stdout;
    assert!(
        shown.contains("it may call others: it imports wasi:http/"),
        "{shown}"
    );
    assert!(shown.contains("BY EGRESS: calls to the origins"), "{shown}");
    assert!(
        shown.contains("it does not start: it imports wasi:http/"),
        "{shown}"
    );

    let granted = ["inspect", &scorer, "--egress", "https://a", "-o", "json"];
    let shown = commands.run(&granted).await.ok().json();
    assert!(shown["measured"]["init_ms"].is_number(), "{shown:#}");
}
