//! Native runs that wait at the same time are joined, and nobody notices but by the time that it takes.

use std::path::{Path, PathBuf};

use mlwasm_harness::{Answer, Platform, eventually, guests, models};
use mlwasm_types::ProvisioningState;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::base16;

/// A deployment file of the guest `infer` and one model: see [`models::of_tests`].
fn file(platform: &Platform, model: &str, options: &str) -> PathBuf {
    let path = models::of_tests(model);
    let text = format!(
        "code_configuration: {{scoring_script: {}}}
model: {{path: {}{options}}}
instance_count: 8
request_settings: {{request_timeout_ms: 60000, max_queue_wait_ms: 60000}}
",
        guests::path("infer").display(),
        path.display(),
    );
    platform.file(&format!("{model}.yml"), text)
}

/// The options of `rows`, with a sample that makes it a slow model from its first run on.
fn joining(platform: &Platform) -> String {
    let sample = platform.file("sample.json", rows_sample().to_string());
    format!(
        ", batching: {{max_batch_size: 64}}, sample: {}",
        sample.display()
    )
}

fn rows_sample() -> Value {
    json!({"inputs": [
        {"name": "x", "datatype": "FP32", "shape": [1, 1], "data": [1]},
        {"name": "rounds", "datatype": "INT64", "shape": [1], "data": [20_000]},
        {"name": "index", "datatype": "INT64", "shape": [1], "data": [0]},
    ]})
}

async fn deploy(platform: &Platform, endpoint: &str, name: &str, file: &Path) {
    let arguments = [
        "deploy",
        "--endpoint",
        endpoint,
        "--name",
        name,
        "-f",
        file.to_str().unwrap(),
    ];
    platform.cli(&arguments).await.succeeded();
}

/// A request for one row of `rows`.
fn row(x: f32, rounds: i64, index: i64) -> Value {
    let tensor = |name: &str, element: &str, shape: Value, data: String| json!({"name": name, "element": element, "shape": shape, "data": data});
    json!({"inputs": [
        tensor("x", "float32", json!([1, 1]), base16(x.to_le_bytes())),
        tensor("rounds", "int64", json!([1]), base16(rounds.to_le_bytes())),
        tensor("index", "int64", json!([1]), base16(index.to_le_bytes())),
    ]})
}

/// What a request for a row is answered.
fn is_doubled(answer: &Answer, x: f32) {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let doubled = json!({"name": "doubled", "element": "float32", "shape": [1, 1], "data": base16((2.0 * x).to_le_bytes())});
    assert_eq!(answer.json()["outputs"][0], doubled);
}

/// The runs and their rows of the model of a deployment.
async fn batches(platform: &Platform, endpoint: &str, name: &str) -> (u64, u64) {
    let metrics = platform.metrics().await;
    let labels = [
        ("endpoint", endpoint),
        ("deployment", name),
        ("model", "model"),
    ];
    (
        metrics.count("mlwasm_inference_batches_total", &labels),
        metrics.count("mlwasm_inference_batch_rows_total", &labels),
    )
}

async fn lanes(platform: &Platform, state: &str) -> u64 {
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_inference_lanes", &[("state", state)])
}

#[tokio::test]
async fn clients_of_two_deployments_that_share_a_model_get_their_own_answers() {
    let platform = Platform::start().await;
    let file = file(&platform, "rows", &joining(&platform));
    for endpoint in ["one", "two"] {
        deploy(&platform, endpoint, "blue", &file).await;
    }
    let keys = [platform.key("one").await, platform.key("two").await];
    let mut clients = JoinSet::new();
    for client in 0..12_u8 {
        let endpoint = usize::from(client % 2);
        let path = ["/endpoints/one/score", "/endpoints/two/score"][endpoint];
        let calls = (0..4_u8).map(|n| {
            let x = f32::from(client) * 10.0 + f32::from(n);
            // The third call of each client is one that the model fails on.
            let body = row(x, 20_000, if n == 2 { 7 } else { 1 });
            let call = platform
                .scoring_call(reqwest::Method::POST, path)
                .key(&keys[endpoint]);
            (n, x, call.json(&body))
        });
        let calls: Vec<_> = calls.collect();
        clients.spawn(async move {
            for (n, x, call) in calls {
                let answer = call.send().await;
                if n == 2 {
                    assert_eq!(answer.json()["error"]["kind"], "failed", "{answer:?}");
                } else {
                    is_doubled(&answer, x);
                }
            }
        });
    }
    clients.join_all().await;

    let (runs, rows) = batches(&platform, "one", "blue").await;
    assert_eq!(rows, 48);
    assert!(runs < 48, "nothing was joined");
    assert_eq!(batches(&platform, "two", "blue").await, (runs, rows));
}

#[tokio::test]
async fn an_operator_that_nothing_stops_keeps_neither_its_client_nor_others_waiting() {
    let platform = Platform::start().await;
    let sample = json!({"inputs": [
        {"name": "x", "datatype": "FP32", "shape": [1], "data": [1]},
        {"name": "size", "datatype": "INT64", "shape": [1], "data": [800]},
    ]});
    let sample = platform.file("sample.json", sample.to_string());
    let options = format!(", sample: {}", sample.display());
    let file = file(&platform, "one-operator", &options);
    deploy(&platform, "e", "blue", &file).await;
    platform
        .deploy(guests::path("echo"))
        .to("echo", "blue")
        .run()
        .await;
    let set = ["--set", "request_settings.request_timeout_ms=300"];
    let update = [&["deployment", "update", "-e", "e", "-n", "blue"][..], &set].concat();
    platform.cli(&update).await.succeeded();
    let product = |size: i64| {
        json!({"inputs": [
            {"name": "x", "element": "float32", "shape": [1], "data": base16(1_f32.to_le_bytes())},
            {"name": "size", "element": "int64", "shape": [1], "data": base16(size.to_le_bytes())},
        ]})
    };
    let late = platform.score("e", product(4_000).to_string()).await;
    assert_eq!(late.status(), 408, "{late:?}");
    assert_eq!(lanes(&platform, "busy").await, 1);
    let echo = platform.score("echo", "x").await;
    assert_eq!(echo.text(), "x");
    eventually("the lane is free", async || {
        (lanes(&platform, "busy").await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_work_stops_when_the_client_goes_away() {
    let platform = Platform::start().await;
    let file = file(&platform, "rows", &joining(&platform));
    deploy(&platform, "e", "blue", &file).await;
    let call = platform.scoring("e").await.json(&row(1.0, i64::MAX, 0));
    let mut client = JoinSet::new();
    client.spawn(call.send());
    eventually("the run has begun", async || {
        (lanes(&platform, "busy").await == 1).then_some(())
    })
    .await;
    client.shutdown().await;
    eventually("the run has been stopped", async || {
        (lanes(&platform, "busy").await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_option_that_can_not_be_had_is_refused_in_words_and_the_former_revision_serves_on() {
    let platform = Platform::start().await;
    let file = file(&platform, "rows", "");
    deploy(&platform, "e", "blue", &file).await;
    let update = ["deployment", "update", "-e", "e", "-n", "blue", "--set"];
    let with = |setting: &'static str| [&update[..], &[setting]].concat();

    for (setting, words) in [
        (
            "models.model.execution_provider=cuda",
            &[
                "this ONNX Runtime has",
                "cuda needs a library built with it",
            ][..],
        ),
        (
            "models.model.sessions=0",
            &["models.model.sessions", "nonzero"],
        ),
        (
            "models.model.batching.max_batch_size=1",
            &["max_batch_size is 1: expected 2 to 65536"],
        ),
        ("models.model.batch=1", &["unknown field `batch`"]),
    ] {
        platform.cli(&with(setting)).await.refused(1, words);
        is_doubled(&platform.score("e", row(4.0, 0, 0).to_string()).await, 4.0);
    }
    let fixed = models::of_tests("image");
    let fixed = format!("model={}", fixed.display());
    let deploy = ["deploy", "-e", "e", "-n", "blue", "--model", &fixed];
    let joined = [
        "--set",
        "models.model.batching.max_batch_size=8",
        "--set",
        "models.model.execution_provider=null",
    ];
    let text =
        "batching needs an open first dimension, and input \"image\" is float32 [1,3,224,224]";
    let scorer = guests::path("infer");
    let scorer = [scorer.to_str().unwrap()];
    let deploy = [&deploy[..1], &scorer, &deploy[1..], &joined].concat();
    platform.cli(&deploy).await.refused(1, &[text]);
    is_doubled(&platform.score("e", row(5.0, 0, 0).to_string()).await, 5.0);
}

#[tokio::test]
async fn a_new_model_file_keeps_the_options_of_the_old_one() {
    let platform = Platform::start().await;
    let file = file(&platform, "rows", &joining(&platform));
    deploy(&platform, "e", "blue", &file).await;
    let view = platform.deployment("e", "blue").await;
    let old = view.spec.models["model"].clone();
    assert!(old.sample.is_some());

    let same = std::fs::read(models::of_tests("rows")).unwrap();
    // The same model with an empty text for people (`doc_string`) at its end: other bytes, another digest.
    let other = platform.file("other.onnx", [&same[..], b"\x32\x00"].concat());
    let other = format!("model={}", other.display());
    let update = [
        "deployment",
        "update",
        "-e",
        "e",
        "-n",
        "blue",
        "--model",
        &other,
    ];
    platform.cli(&update).await.succeeded();

    let view = platform.deployment("e", "blue").await;
    let new = &view.spec.models["model"];
    assert_ne!(new.digest, old.digest);
    assert_eq!((&new.batching, &new.sample), (&old.batching, &old.sample));
    assert_eq!(view.status.provisioning_state, ProvisioningState::Succeeded);
    is_doubled(&platform.score("e", row(6.0, 0, 0).to_string()).await, 6.0);
}
