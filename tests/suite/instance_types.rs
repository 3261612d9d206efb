//! Instance types: a deployment takes the limits of a profile of the server's by naming it, keeps them when the profile changes, and is
//! refused where there is none of that name.

use std::{fs, path::Path};

use mlwasm_harness::{Output, Platform, Setup, guests};
use mlwasm_types::DeploymentSpec;
use reqwest::Method;
use serde_json::{Value, json};

const PROFILES: &str = "
[instance_types]
small = { description = \"for tests\", sandbox = { memory_limit_mb = 32, max_infer_calls = 3 } }
Standard_DS3_v2 = { sandbox = { memory_limit_mb = 256 }, request_settings = { request_timeout_ms = 60000 } }
";

fn with(config: &str) -> Setup {
    Setup {
        config: Some(config.to_owned()),
        ..Setup::default()
    }
}

async fn platform() -> Platform {
    Platform::start_with(with(PROFILES)).await
}

async fn deploy(platform: &Platform, more: &[&str]) -> Output {
    let scorer = guests::path("version");
    let common = ["deploy", scorer.to_str().unwrap(), "-e", "e", "-n", "blue"];
    platform.cli(&[&common[..], more].concat()).await
}

async fn blue(platform: &Platform) -> DeploymentSpec {
    platform.deployment("e", "blue").await.spec
}

/// Memory, native runs and time: what the profiles speak of.
fn limits(spec: &DeploymentSpec) -> (u32, u32, u64) {
    let (sandbox, request) = (&spec.sandbox, &spec.request_settings);
    (
        sandbox.memory_limit_mb,
        sandbox.max_infer_calls,
        request.request_timeout_ms,
    )
}

#[tokio::test]
async fn a_deployment_takes_the_limits_of_the_profile_that_it_names() {
    let platform = platform().await;
    deploy(&platform, &["--instance-type", "small"])
        .await
        .succeeded();
    let spec = blue(&platform).await;
    assert_eq!(spec.instance_type.as_ref().unwrap().as_str(), "small");
    assert_eq!(limits(&spec), (32, 3, 5_000));

    // What is said besides wins, in the same command and later.
    let more = [
        "--instance-type",
        "Standard_DS3_v2",
        "--set",
        "sandbox.memory_limit_mb=128",
    ];
    deploy(&platform, &more).await.succeeded();
    assert_eq!(limits(&blue(&platform).await), (128, 3, 60_000));
    let again = ["--instance-type", "Standard_DS3_v2", "--tag", "a=b"];
    deploy(&platform, &again).await.succeeded();
    assert_eq!(limits(&blue(&platform).await), (128, 3, 60_000));
    assert_eq!(platform.score("e", "").await.status(), 200);
}

#[tokio::test]
async fn a_put_and_a_patch_take_them_alike() {
    let platform = platform().await;
    deploy(&platform, &[]).await.succeeded();
    let path = "/v1/endpoints/e/deployments/blue";
    let patch = platform.admin(Method::PATCH, path);
    let patched = patch.json(&json!({"instance_type": "small"})).send().await;
    assert_eq!(patched.status(), 200, "{patched:?}");
    assert_eq!(limits(&blue(&platform).await), (32, 3, 5_000));

    let component = blue(&platform).await.component;
    let body = json!({
        "component": component, "instance_type": "Standard_DS3_v2", "sandbox": {"max_infer_calls": 9},
    });
    let put = platform.admin(Method::PUT, path).json(&body).send().await;
    assert_eq!(put.status(), 200, "{put:?}");
    assert_eq!(limits(&blue(&platform).await), (256, 9, 60_000));

    for method in [Method::PUT, Method::PATCH] {
        let body = json!({"component": component, "instance_type": "smal"});
        let refused = platform.admin(method, path).json(&body).send().await;
        assert_eq!(refused.status(), 422);
        let problem = refused.problem();
        assert_eq!(problem.kind, "urn:mlwasm:problem:invalid-spec");
        let known = "no profile \"smal\"; it has Standard_DS3_v2, small";
        assert!(problem.detail.contains(known), "{problem:?}");
    }
}

#[tokio::test]
async fn what_runs_keeps_its_limits_when_the_profile_changes() {
    let mut platform = platform().await;
    deploy(&platform, &["--instance-type", "small"])
        .await
        .succeeded();
    let before = platform.deployment("e", "blue").await;
    platform.terminate().await;
    platform.file("mlwasm.toml", PROFILES.replace("= 32", "= 16"));
    platform.restart().await;
    let after = platform.deployment("e", "blue").await;
    assert_eq!(after.spec, before.spec);
    assert_eq!(after.status.revision, before.status.revision);

    let scorer = guests::path("version");
    let green = ["deploy", scorer.to_str().unwrap(), "-e", "e", "-n", "green"];
    let green = [&green[..], &["--instance-type", "small"]].concat();
    platform.cli(&green).await.succeeded();
    let green = platform.deployment("e", "green").await.spec;
    assert_eq!(green.sandbox.memory_limit_mb, 16);
}

fn write(platform: &Platform, instance_type: &str, more: &str) -> String {
    let folder = platform.home().join("files");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(guests::path("version"), folder.join("version.wasm")).unwrap();
    fs::write(folder.join("endpoint.yml"), "name: e\n").unwrap();
    let text = format!(
        "name: blue\nendpoint_name: e\ninstance_type: {instance_type}\ncode_configuration: {{scoring_script: version.wasm}}\n{more}"
    );
    fs::write(folder.join("blue.yml"), text).unwrap();
    path(&folder)
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_files_profile_is_compared_and_applied_with_all_that_it_brings() {
    let platform = platform().await;
    let folder = write(&platform, "small", "");
    platform.cli(&["apply", "-f", &folder]).await.succeeded();
    assert_eq!(limits(&blue(&platform).await), (32, 3, 5_000));
    let same = platform.cli(&["diff", "-f", &folder]).await;
    assert_eq!(same.code, 0, "{same:#?}");

    let folder = write(
        &platform,
        "Standard_DS3_v2",
        "sandbox: {memory_limit_mb: 32}\n",
    );
    let differs = platform.cli(&["diff", "-f", &folder]).await;
    assert_eq!(differs.code, 1, "{differs:#?}");
    // The memory stays, since the file says so.
    for word in ["instance_type", "request_settings.request_timeout_ms"] {
        assert!(differs.stdout.contains(word), "{differs:#?}");
    }
    assert!(!differs.stdout.contains("memory_limit_mb"), "{differs:#?}");
    platform.cli(&["apply", "-f", &folder]).await.succeeded();
    assert_eq!(limits(&blue(&platform).await), (32, 3, 60_000));
    let same = platform.cli(&["diff", "-f", &folder]).await;
    assert_eq!(same.code, 0, "{same:#?}");
}

#[tokio::test]
async fn a_machines_size_that_is_no_profile_gets_a_note_and_a_misspelt_profile_is_refused() {
    let platform = platform().await;
    let folder = write(&platform, "Standard_E16s_v3", "");
    let applied = platform.cli(&["apply", "-f", &folder]).await.ok();
    let note = "instance_type Standard_E16s_v3 has no effect here";
    assert!(applied.stderr.contains(note), "{applied:#?}");
    assert!(
        applied.stderr.contains("it has Standard_DS3_v2, small"),
        "{applied:#?}"
    );
    assert_eq!(blue(&platform).await.instance_type, None);

    let folder = write(&platform, "smal", "");
    let known = [
        "blue.yml:3",
        "no profile \"smal\"",
        "it has Standard_DS3_v2, small",
    ];
    for command in ["diff", "apply"] {
        let refused = platform.cli(&[command, "-f", &folder]).await;
        refused.refused(1, &known);
    }
    let refused = deploy(&platform, &["--instance-type", "smal"]).await;
    refused.refused(1, &known[1..]);
}

#[tokio::test]
async fn the_profiles_are_listed() {
    let platform = platform().await;
    let listed = platform
        .cli(&["instance-type", "list", "-o", "json"])
        .await
        .ok()
        .json();
    let expected: Value = json!({
        "small": {"description": "for tests", "sandbox": {"memory_limit_mb": 32, "max_infer_calls": 3}},
        "Standard_DS3_v2": {"sandbox": {"memory_limit_mb": 256}, "request_settings": {"request_timeout_ms": 60000}},
    });
    assert_eq!(listed, expected);
    let table = platform.cli(&["instance-type", "list"]).await.ok();
    assert!(table.stdout.contains("memory_limit_mb=32"), "{table:#?}");
}

#[tokio::test]
async fn a_profile_that_no_deployment_could_have_stops_the_start() {
    for (profile, words) in [
        (
            "{ sandbox = { memory_limit_mb = 1025 } }",
            &["instance_types.big.sandbox.memory_limit_mb", "1024"][..],
        ),
        ("{ sandbox = { memory = 1 } }", &["unknown field `memory`"]),
        ("{ limits = 1 }", &["instance_types.big", "limits"]),
    ] {
        let config = format!("[instance_types]\nbig = {profile}\n");
        let ended = Platform::fail_to_start(with(&config)).await;
        for word in words {
            assert!(ended.log.contains(word), "{word}: {ended:?}");
        }
    }
    let config = "[sandbox]\nmax_memory_mb = 64\n[instance_types]\nbig = { sandbox = { memory_limit_mb = 65 } }\n";
    let ended = Platform::fail_to_start(with(config)).await;
    let words =
        "instance_types.big.sandbox.memory_limit_mb (65) is above sandbox.max_memory_mb (64)";
    assert!(ended.log.contains(words), "{ended:?}");
}
