//! Configuration as files: `apply` makes what they say in an order that sends no request to nothing, `diff` says what it
//! would do.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use mlwasm_harness::{Platform, guests, models, workspace};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::setosa;

/// An endpoint whose requests go to two deployments that are described after it.
const ENDPOINT: &str = "\
name: e
tags: {team: risk}
traffic: {blue: 90, green: 10}
mirror_traffic: {red: 5}
routes:
  - {header: x-tenant, value: acme, deployment: green}
";

/// A folder on the platform's disk with these files and the guest `version`.
fn folder(platform: &Platform, files: &[(&str, &str)]) -> PathBuf {
    let folder = platform.home().join("project");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(guests::path("version"), folder.join("version.wasm")).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

fn deployment(name: &str) -> String {
    format!(
        "name: {name}\nendpoint_name: e\ncode_configuration: {{scoring_script: version.wasm}}\n\
         environment_variables: {{VERSION: {name}}}\ninstance_count: 1\n"
    )
}

/// The files of an endpoint and its three deployments, two of them in one file.
fn rollout(platform: &Platform) -> PathBuf {
    let two = format!(
        "{}---\n# the next one\n{}",
        deployment("green"),
        deployment("red")
    );
    folder(
        platform,
        &[
            ("a-endpoint.yml", ENDPOINT),
            ("blue.yaml", &deployment("blue")),
            ("others.yml", &two),
            ("notes.txt", "no: {yaml"),
        ],
    )
}

async fn apply(platform: &Platform, path: &Path) -> mlwasm_harness::Output {
    let path = path.to_str().unwrap();
    platform.cli(&["apply", "-f", path, "-o", "json"]).await
}

async fn diff(platform: &Platform, path: &Path) -> mlwasm_harness::Output {
    platform.cli(&["diff", "-f", path.to_str().unwrap()]).await
}

fn results(output: &mlwasm_harness::Output) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let objects = output.json();
    let objects = objects.as_array().unwrap().iter();
    objects
        .map(|it| (text(&it["name"]), text(&it["result"])))
        .collect()
}

async fn generation(platform: &Platform) -> Value {
    let status = platform.cli(&["status", "-o", "json"]).await.ok();
    status.json()["generation"].clone()
}

#[tokio::test]
async fn a_folder_becomes_an_endpoint_that_serves_and_a_second_time_nothing() {
    let platform = Platform::start().await;
    let folder = rollout(&platform);
    let applied = apply(&platform, &folder).await.ok();
    let created =
        ["e", "e/blue", "e/green", "e/red"].map(|it| (it.to_owned(), "created".to_owned()));
    assert_eq!(results(&applied), created);
    let endpoint = platform.endpoint("e").await.spec;
    assert_eq!(endpoint.traffic.to_string(), "blue=90 green=10");
    assert_eq!(endpoint.mirror_traffic.len(), 1);
    assert_eq!(endpoint.tags["team"], "risk");
    let call = platform.scoring("e").await;
    let answer = call.header("x-tenant", "acme").send().await;
    assert_eq!((answer.status(), answer.text()), (200, "green".to_owned()));

    let before = generation(&platform).await;
    let again = apply(&platform, &folder).await.ok();
    assert!(
        results(&again)
            .iter()
            .all(|(_, result)| result == "unchanged"),
        "{again:#?}"
    );
    assert!(again.stderr.contains("nothing to change"), "{again:#?}");
    assert_eq!(generation(&platform).await, before);
    let same = diff(&platform, &folder).await.ok();
    assert_eq!(same.stdout, "");
}

#[tokio::test]
async fn a_diff_names_each_setting_and_changes_nothing() {
    let platform = Platform::start().await;
    let folder = rollout(&platform);
    let all = diff(&platform, &folder).await;
    assert_eq!(all.code, 1, "{all:#?}");
    assert_eq!(all.stdout, "+ e\n+ e/blue\n+ e/green\n+ e/red\n");
    let none = platform.cli(&["endpoint", "list", "-o", "json"]).await.ok();
    assert_eq!(none.json(), json!([]));
    let digest = mlwasm_types::Digest::of(&fs::read(guests::path("version")).unwrap());
    let artifact = platform.admin(Method::HEAD, &format!("/v1/artifacts/{digest}"));
    assert_eq!(artifact.send().await.status(), 404);

    apply(&platform, &folder).await.succeeded();
    let before = generation(&platform).await;
    let more = deployment("blue").replace(
        "instance_count: 1",
        "instance_count: 2\nsandbox: {memory_limit_mb: 32}",
    );
    fs::write(folder.join("blue.yaml"), more).unwrap();
    let endpoint = ENDPOINT
        .replace("blue: 90, green: 10", "blue: 100")
        .replace("team: risk", "owner: me");
    fs::write(folder.join("a-endpoint.yml"), endpoint).unwrap();
    let some = diff(&platform, &folder).await;
    assert_eq!(some.code, 1, "{some:#?}");
    assert_eq!(
        some.stdout,
        "~ e tags.owner: unset -> me\n~ e tags.team: risk -> unset\n\
         ~ e traffic: blue=90 green=10 -> blue=100\n\
         ~ e/blue instance_count: 1 -> 2\n~ e/blue sandbox.memory_limit_mb: 64 -> 32\n"
    );
    let path = folder.to_str().unwrap();
    let json = platform
        .cli(&[
            "diff",
            "-f",
            path,
            "-o",
            "json",
            "--query",
            "[1].changes[0]",
        ])
        .await;
    assert_eq!(json.code, 1, "{json:#?}");
    assert_eq!(
        json.json(),
        json!({"setting": "instance_count", "from": 1, "to": 2})
    );
    assert_eq!(generation(&platform).await, before);

    let applied = apply(&platform, &folder).await.ok();
    let changed: Vec<_> = results(&applied)
        .into_iter()
        .filter(|(_, it)| it == "changed")
        .collect();
    assert_eq!(changed.len(), 2, "{applied:#?}");
    assert_eq!(
        platform
            .deployment("e", "blue")
            .await
            .spec
            .instance_count
            .get(),
        2
    );
    diff(&platform, &folder).await.succeeded();
}

#[tokio::test]
async fn what_no_file_names_stays() {
    let platform = Platform::start().await;
    let folder = rollout(&platform);
    apply(&platform, &folder).await.succeeded();
    platform
        .cli(&["endpoint", "update", "e", "--set", "sticky_header=x-user"])
        .await
        .succeeded();
    let set = ["--set", "request_settings.request_timeout_ms=700"];
    let update = ["deployment", "update", "-e", "e", "-n", "blue"]
        .into_iter()
        .chain(set);
    platform.cli(&update.collect::<Vec<_>>()).await.succeeded();
    fs::remove_file(folder.join("others.yml")).unwrap();
    fs::write(
        folder.join("a-endpoint.yml"),
        "name: e\ndescription: ours\n",
    )
    .unwrap();
    fs::write(
        folder.join("blue.yaml"),
        "name: blue\nendpoint_name: e\ninstance_count: 3\n",
    )
    .unwrap();

    apply(&platform, &folder).await.succeeded();

    let endpoint = platform.endpoint("e").await.spec;
    assert_eq!(endpoint.sticky_header.as_deref(), Some("x-user"));
    assert_eq!(endpoint.traffic.to_string(), "blue=90 green=10");
    assert_eq!(endpoint.description.as_deref(), Some("ours"));
    let blue = platform.deployment("e", "blue").await.spec;
    assert_eq!(blue.request_settings.request_timeout_ms, 700);
    assert_eq!(
        (blue.instance_count.get(), blue.environment_variables.len()),
        (3, 1)
    );
    assert_eq!(
        platform
            .deployment("e", "red")
            .await
            .spec
            .instance_count
            .get(),
        1
    );
}

#[tokio::test]
async fn a_mistake_in_any_file_changes_nothing() {
    let platform = Platform::start().await;
    let folder = rollout(&platform);
    for (text, words) in [
        (
            "name: red\nendpoint_name: e\ninstance_cuont: 1\n",
            &["z.yml:3:1:", "instance_cuont"][..],
        ),
        (
            "\nname: b\nendpoint_name: e\nmodel: no.onnx\n",
            &["z.yml:2:", "no.onnx"],
        ),
        (
            "name: b\nendpoint_name: e\nmodel: m.pkl\n",
            &["z.yml:1:", "m.pkl is a Python pickle", "skl2onnx"],
        ),
        (
            "name: b\nendpoint_name: other\nmodel: mlwasm:iris:1\n",
            &["z.yml:1:", "endpoint other does not exist"],
        ),
        (
            "name: b\nendpoint_name: e\nmodel: mlwasm:iris:1\n",
            &["z.yml:1:", "iris"],
        ),
        (
            "name: f\ntraffic: {blue: 100}\n",
            &["z.yml:1:", "deployment f/blue gets requests"],
        ),
        (
            "name: f\nsticky_header: a b\n",
            &["z.yml:2:", "sticky_header"],
        ),
        (
            "name: b\nendpoint_name: e\ncode_configuration: {scoring_script: version.wasm}\nsandbox: {memory_limit_mb: 1025}\n",
            &["z.yml:4:", "sandbox.memory_limit_mb", "1024"],
        ),
        (
            "name: b\nendpoint_name: e\ncode_configuration: {scoring_script: version.wasm}\ndata_collector:\n  collections: {}\n  max_bytes: 0\n",
            &["z.yml:6:", "data_collector.max_bytes"],
        ),
        (
            "name: blue\nendpoint_name: e\ninstance_count: 1\n",
            &["z.yml:1:", "blue.yaml:1"],
        ),
        (
            "name: b\nendpoint_name: e\n",
            &["z.yml:1:", "nothing to deploy"],
        ),
    ] {
        fs::write(folder.join("z.yml"), text).unwrap();
        apply(&platform, &folder).await.refused(1, words);
        let output = diff(&platform, &folder).await;
        output.refused(1, words);
    }
    let none = platform.cli(&["endpoint", "list", "-o", "json"]).await.ok();
    assert_eq!(none.json(), json!([]));
    let absent = folder.join("absent.yml");
    apply(&platform, &absent).await.refused(1, &["absent.yml"]);
    assert_eq!(platform.cli(&["apply"]).await.code, 2);
}

#[tokio::test]
async fn a_deployment_that_can_not_serve_gets_no_traffic_and_is_tried_again() {
    let platform = Platform::start().await;
    let broken = format!(
        "{}---\nname: green\nendpoint_name: e\ncode_configuration: {{scoring_script: fails.wasm}}\n",
        deployment("blue")
    );
    let endpoint = "name: e\ntraffic: {blue: 50, green: 50}\n";
    let folder = folder(
        &platform,
        &[("endpoint.yml", endpoint), ("all.yml", &broken)],
    );
    fs::copy(guests::path("fail_init"), folder.join("fails.wasm")).unwrap();

    let words = [
        "all.yml:7:",
        "e/green",
        "done before: created endpoint e, created deployment e/blue",
    ];
    apply(&platform, &folder).await.refused(1, &words);
    assert!(platform.endpoint("e").await.spec.traffic.is_off());
    let again = diff(&platform, &folder).await;
    assert_eq!(again.code, 1);
    assert!(
        again.stdout.contains("~ e/green would be tried again: "),
        "{again:#?}"
    );

    fs::copy(guests::path("version"), folder.join("fails.wasm")).unwrap();
    apply(&platform, &folder).await.succeeded();
    let traffic = platform.endpoint("e").await.spec.traffic.to_string();
    assert_eq!(traffic, "blue=50 green=50");
}

#[tokio::test]
async fn what_someone_else_changes_between_reading_and_writing_is_not_lost() {
    let platform = Platform::start().await;
    let folder = rollout(&platform);
    apply(&platform, &folder).await.succeeded();
    // Blue is waited for; green, which comes after it, is changed by hand meanwhile, again and again.
    let next = |name: &str| deployment(name).replace(&format!("VERSION: {name}"), "VERSION: next");
    fs::write(folder.join("blue.yaml"), next("blue")).unwrap();
    fs::write(folder.join("others.yml"), next("green")).unwrap();
    let over = AtomicBool::new(false);
    let by_hand = async {
        let mut changes = 0;
        while !over.load(Ordering::Relaxed) {
            let path = "/v1/endpoints/e/deployments/green";
            let patch = platform.admin(Method::PATCH, path);
            let patch = patch.json(&json!({"description": format!("change {changes}")}));
            assert_eq!(patch.send().await.status(), 200);
            changes += 1;
        }
        changes
    };
    let applied = async {
        let output = apply(&platform, &folder).await;
        over.store(true, Ordering::Relaxed);
        output
    };
    let (changes, output) = tokio::join!(by_hand, applied);
    output.refused(
        1,
        &[
            "others.yml:1:",
            "changed",
            "done before: changed deployment e/blue",
        ],
    );
    let green = platform.deployment("e", "green").await.spec;
    assert_eq!(green.description, Some(format!("change {}", changes - 1)));
    assert_eq!(green.environment_variables["VERSION"], "green");
    // Nobody else is at it: now it goes through, and keeps what no file names.
    apply(&platform, &folder).await.succeeded();
    let green = platform.deployment("e", "green").await.spec;
    assert_eq!(green.environment_variables["VERSION"], "next");
    assert!(green.description.is_some());
}

#[tokio::test]
async fn a_registered_model_is_compared_by_its_digest() {
    let platform = Platform::start().await;
    let register = async |version| {
        let model = models::iris(version);
        let path = model.to_str().unwrap();
        let line = ["model", "create", "--name", "iris", "--path", path];
        platform.cli(&line).await.succeeded();
    };
    register(1).await;
    let text = "name: e\n---\nname: blue\nendpoint_name: e\nmodel: mlwasm:iris@latest\n";
    let folder = folder(&platform, &[("all.yml", text)]);
    apply(&platform, &folder).await.succeeded();
    diff(&platform, &folder).await.succeeded();
    register(2).await;
    let newer = diff(&platform, &folder).await;
    assert_eq!(newer.code, 1, "{newer:#?}");
    assert!(
        newer.stdout.starts_with("~ e/blue models.model.digest: "),
        "{newer:#?}"
    );
}

#[tokio::test]
async fn control_and_treatment_change_places() {
    let platform = Platform::start().await;
    let roles = |blue: &str, green: &str| {
        let role = |name: &str, role: &str| format!("---\n{}role: {role}\n", deployment(name));
        format!("name: e\n{}{}", role("blue", blue), role("green", green))
    };
    let folder = folder(&platform, &[("all.yml", &roles("control", "treatment"))]);
    apply(&platform, &folder).await.succeeded();
    for (blue, green) in [("treatment", "control"), ("control", "treatment")] {
        fs::write(folder.join("all.yml"), roles(blue, green)).unwrap();
        apply(&platform, &folder).await.succeeded();
        diff(&platform, &folder).await.succeeded();
    }
}

#[tokio::test]
async fn files_of_the_form_of_azures_samples_load_and_say_what_to_do_instead() {
    let platform = Platform::start().await;
    let azure = platform.home().join("azure");
    fs::create_dir_all(&azure).unwrap();
    for (name, text) in [
        ("endpoint.yml", include_str!("apply/azure/endpoint.yml")),
        (
            "blue-deployment.yml",
            include_str!("apply/azure/blue-deployment.yml"),
        ),
        (
            "green-deployment.yml",
            include_str!("apply/azure/green-deployment.yml"),
        ),
    ] {
        fs::write(azure.join(name), text).unwrap();
    }
    let refused = diff(&platform, &azure).await;
    refused.refused(
        1,
        &[
            "blue-deployment.yml:1:",
            "sklearn_regression_model.pkl is a Python pickle",
            "skl2onnx",
        ],
    );
    let note = "blue-deployment.yml: environment (conda_file, image) has no effect here";
    assert!(refused.stderr.contains(note), "{refused:#?}");
    // With the model converted, the script is what is left.
    let blue = include_str!("apply/azure/blue-deployment.yml").replace(
        "../../model-1/model/sklearn_regression_model.pkl",
        models::iris(1).to_str().unwrap(),
    );
    let path = azure.join("blue-deployment.yml");
    fs::write(&path, &blue).unwrap();
    diff(&platform, &path)
        .await
        .refused(1, &["score.py is a Python script", "code_configuration"]);
    // And without it the model is served as it is.
    let start = blue.find("code_configuration").unwrap();
    let end = blue.find("environment:").unwrap();
    fs::write(&path, format!("{}{}", &blue[..start], &blue[end..])).unwrap();
    fs::remove_file(azure.join("green-deployment.yml")).unwrap();
    let applied = apply(&platform, &azure).await.ok();
    let note = "instance_type Standard_DS3_v2 has no effect here";
    assert!(applied.stderr.contains(note), "{applied:#?}");
    let model = platform.deployment("sample", "blue").await.spec.models;
    assert_eq!(model.len(), 1);
}

#[tokio::test]
async fn without_waiting_what_does_not_serve_yet_gets_no_traffic() {
    let platform = Platform::start().await;
    let endpoint = "name: e\ntraffic: {blue: 100}\n";
    let text = deployment("blue").replace("version.wasm", "slow.wasm");
    let text = format!("{text}sandbox: {{init_timeout_ms: 2000}}\n");
    let folder = folder(
        &platform,
        &[("endpoint.yml", endpoint), ("blue.yml", &text)],
    );
    // Its `init` never returns: it can not serve before the command has.
    fs::copy(guests::path("spin_init"), folder.join("slow.wasm")).unwrap();
    let path = folder.to_str().unwrap();
    let output = platform.cli(&["apply", "-f", path, "--no-wait"]).await.ok();
    assert!(output.stderr.contains("apply again"), "{output:#?}");
    assert!(platform.endpoint("e").await.spec.traffic.is_off());

    fs::copy(guests::path("version"), folder.join("slow.wasm")).unwrap();
    apply(&platform, &folder).await.succeeded();
    let traffic = platform.endpoint("e").await.spec.traffic.to_string();
    assert_eq!(traffic, "blue=100");
}

#[tokio::test]
async fn editors_get_a_schema_without_a_server() {
    let platform = Platform::start().await;
    for (of, key) in [
        ("deployment", "code_configuration"),
        ("endpoint", "mirror_traffic"),
    ] {
        let schema = platform.cli(&["schema", of]).await.ok().json();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert!(schema["properties"][key].is_object(), "{schema:#}");
    }
    assert_eq!(platform.cli(&["schema", "scorer"]).await.code, 2);
}

#[tokio::test]
async fn the_quickstart_applies_in_one_command() {
    let platform = Platform::start().await;
    let files = workspace().join("examples/quickstart");
    apply(&platform, &files).await.succeeded();
    let flower = setosa().to_string();
    let answer = platform.score("flowers", flower).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa", "{answer}");
    let traffic = platform.endpoint("flowers").await.spec.traffic;
    assert_eq!(traffic.to_string(), "blue=90 green=10");
    let generation = generation(&platform).await;
    apply(&platform, &files).await.succeeded();
    assert_eq!(self::generation(&platform).await, generation);
}
