//! What is wrong is refused in one clear sentence, with the right exit code, and what served before serves on.

use std::path::PathBuf;

use mlwasm_harness::{Deploy, Output, Platform, guests, models, plugins};
use mlwasm_types::{ProvisioningState, RevisionNumber};

use crate::support::{blue_and_green, version};

/// A server that serves revision 1 of `blue`; each test then tries to deploy something worse onto it.
async fn serving() -> Platform {
    let platform = Platform::start().await;
    version(&platform, "blue", "good").await;
    platform
}

/// Runs a deployment onto `blue` that must be refused in a sentence that holds `words`, and looks at what serves then.
async fn refused(deploy: Deploy<'_>, platform: &Platform, words: &[&str]) {
    let output = deploy.to("e", "blue").attempt().await;
    output.refused(1, words);
    still_good(platform).await;
}

async fn still_good(platform: &Platform) {
    let status = platform.deployment("e", "blue").await.status;
    assert_eq!(status.serving_revision, Some(RevisionNumber(1)));
    let answer = platform.score("e", "").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "good"));
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    let platform = serving().await;
    let files: [(&str, &[u8]); 5] = [
        ("empty.wasm", b""),
        ("text.wasm", b"#!/bin/sh\necho hello\n"),
        ("text-format.wasm", b"(component)"),
        ("core-module.wasm", b"\0asm\x01\0\0\0"),
        (
            "machine-code.wasm",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
        ),
    ];
    for (name, bytes) in files {
        let file = platform.file(name, bytes);
        refused(platform.deploy(file), &platform, &["component"]).await;
    }
}

#[tokio::test]
async fn a_component_that_breaks_off_is_refused() {
    let platform = serving().await;
    let whole = std::fs::read(guests::path("echo")).unwrap();
    let file = platform.file("half.wasm", &whole[..whole.len() / 2]);
    refused(platform.deploy(file), &platform, &["component"]).await;
}

#[tokio::test]
async fn a_component_of_another_world_is_told_which_export_it_lacks() {
    let platform = serving().await;
    let nothing = platform.file("nothing.wasm", b"\0asm\x0d\0\x01\0");
    for file in [guests::path("no_run"), nothing] {
        let words = ["mlwasm:scoring/scorer"];
        refused(platform.deploy(file), &platform, &words).await;
    }
}

#[tokio::test]
async fn an_import_that_no_host_offers_is_named() {
    let platform = serving().await;
    let words = ["acme:private/secrets"];
    refused(
        platform.deploy(guests::path("foreign_import")),
        &platform,
        &words,
    )
    .await;
}

#[tokio::test]
async fn a_scorer_that_says_no_in_init_is_quoted() {
    let platform = serving().await;
    let deploy = platform.deploy(guests::path("fail_init"));
    refused(deploy, &platform, &["init", "no threshold set"]).await;

    let status = platform.deployment("e", "blue").await.status;
    assert_eq!(status.provisioning_state, ProvisioningState::Failed);
    assert_eq!(status.revision, RevisionNumber(2));
    assert!(status.error.unwrap().contains("no threshold set"));
}

#[tokio::test]
async fn a_scorer_that_loops_in_init_is_stopped() {
    let platform = serving().await;
    let deploy = platform
        .deploy(guests::path("spin_init"))
        .set("sandbox.init_timeout_ms", 300);
    refused(deploy, &platform, &["init", "deadline", "300"]).await;
}

#[tokio::test]
async fn a_scorer_that_traps_in_init_is_reported() {
    let platform = serving().await;
    let deploy = platform.deploy(guests::path("trap_init"));
    refused(deploy, &platform, &["init", "trap"]).await;
}

#[tokio::test]
async fn a_model_that_the_scorer_opens_and_the_deployment_lacks_is_named() {
    let platform = serving().await;
    let deploy = platform.deploy(guests::path("opens_missing_model"));
    refused(deploy, &platform, &["nope"]).await;
}

#[tokio::test]
async fn a_broken_model_is_refused() {
    let platform = serving().await;
    let whole = std::fs::read(models::iris(1)).unwrap();
    let files = [
        platform.file("empty.onnx", b""),
        platform.file("text.onnx", b"not a model"),
        platform.file("half.onnx", &whole[..whole.len() / 2]),
    ];
    for file in &files {
        let deploy = platform.deploy(plugins::path("iris")).model("model", file);
        refused(deploy, &platform, &["model"]).await;
        refused(platform.deploy(file), &platform, &["model"]).await;
    }
}

#[tokio::test]
async fn a_setting_out_of_its_bounds_is_named_with_them() {
    let platform = serving().await;
    let cases = [
        ("request_settings.request_timeout_ms", "600001", "600000"),
        ("sandbox.memory_limit_mb", "1025", "1024"),
        ("instance_count", "1001", "1000"),
    ];
    for (setting, value, bound) in cases {
        let deploy = platform
            .deploy(guests::path("echo"))
            .set(setting, value)
            .to("e", "blue");
        let output = deploy.attempt().await;
        says(&output, &[1, 2], &[setting, value, bound]);
    }
    still_good(&platform).await;
}

#[tokio::test]
async fn a_setting_that_does_not_exist_is_named() {
    let platform = serving().await;
    let deploy = platform
        .deploy(guests::path("echo"))
        .set("instance_cuont", 3)
        .to("e", "blue");
    says(&deploy.attempt().await, &[1, 2], &["instance_cuont"]);
    still_good(&platform).await;
}

#[tokio::test]
async fn an_unknown_key_in_a_file_is_found_by_line_and_column() {
    let platform = serving().await;
    let file = platform.file(
        "d.yml",
        "name: blue\nendpoint_name: e\n\n  \ninstance_cuont: 3\n",
    );
    let deploy = platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .arguments(&["-f", file.to_str().unwrap()]);
    says(
        &deploy.attempt().await,
        &[1, 2],
        &["instance_cuont", ":5:1:"],
    );
    still_good(&platform).await;
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let platform = serving().await;
    for path in ["/nowhere/scorer.wasm", "/nowhere/model.onnx"] {
        let output = platform
            .deploy(PathBuf::from(path))
            .to("e", "blue")
            .attempt()
            .await;
        says(&output, &[1, 2], &[path]);
    }
    still_good(&platform).await;
}

#[tokio::test]
async fn names_obey_the_rule_at_its_ends() {
    let platform = serving().await;
    let longest = "a".repeat(32);
    for name in ["a", "B9", "a-b", &longest] {
        platform
            .deploy(guests::path("echo"))
            .to("e", name)
            .run()
            .await;
    }
    let too_long = "a".repeat(33);
    for name in [
        "",
        "9a",
        "a-",
        "-a",
        "bl_ue",
        "bl.ue",
        "blau/grün",
        "..",
        &too_long,
    ] {
        let deploy = platform.deploy(guests::path("echo"));
        // A value of its own argument: a name that begins with `-` would else be read as an option.
        let output = deploy
            .arguments(&["--endpoint=e", &format!("--name={name}")])
            .attempt()
            .await;
        says(&output, &[2], &["name", "letters"]);
    }
    for name in ["stats", "ready", "config", "infer", "versions"] {
        let output = platform
            .deploy(guests::path("echo"))
            .to(name, "blue")
            .attempt()
            .await;
        says(&output, &[2], &[name, "reserved"]);
    }
}

#[tokio::test]
async fn traffic_that_does_not_sum_to_100_or_0_is_refused_naming_the_sum() {
    let platform = blue_and_green().await;
    for (shares, sum) in [
        (["blue=90", "green=9"], "99"),
        (["blue=90", "green=11"], "101"),
    ] {
        let output = platform
            .cli(&[&["traffic", "e"], &shares[..]].concat())
            .await;
        says(&output, &[1, 2], &[sum]);
    }
    assert_eq!(platform.score("e", "").await.text(), "blue");
    for shares in [["blue=90", "green=10"], ["blue=0", "green=0"]] {
        platform
            .cli(&[&["traffic", "e"], &shares[..]].concat())
            .await
            .succeeded();
    }
}

#[tokio::test]
async fn traffic_to_a_deployment_that_does_not_exist_names_it_and_those_that_do() {
    let platform = blue_and_green().await;
    let output = platform.cli(&["traffic", "e", "blue=90", "red=10"]).await;
    output.refused(3, &["red", "blue", "green"]);
    assert_eq!(platform.score("e", "").await.text(), "blue");
}

#[tokio::test]
async fn an_unknown_deployment_in_the_header_is_named() {
    let platform = blue_and_green().await;
    let call = platform.scoring("e").await.deployment("red");
    let answer = call.send().await;
    assert_eq!(answer.status(), 404);
    assert!(answer.problem().detail.contains("red"), "{answer:?}");
}

/// As [`Output::refused`], where either of two exit codes will do and usage may be explained after the sentence.
#[track_caller]
fn says(output: &Output, codes: &[i32], words: &[&str]) {
    let is_error = |line: &&str| line.starts_with("error: ");
    let error = output.stderr.lines().find(is_error).unwrap_or_default();
    let has_words = words.iter().all(|word| error.contains(word));
    assert!(
        codes.contains(&output.code) && has_words && output.stdout.is_empty(),
        "expected exit {codes:?} and {words:?}: {output:#?}"
    );
}
