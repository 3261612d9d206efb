//! `mlwasm deploy`: one command from a file to an answer.

use mlwasm_harness::{Platform, eventually, guests, models, plugins};
use mlwasm_types::{DeploymentName, Percent, ProvisioningState, RevisionNumber};

use crate::support::{blue_and_green, setosa, version};

async fn share(platform: &Platform, name: &str) -> Percent {
    let endpoint = platform.endpoint("e").await;
    endpoint
        .spec
        .traffic
        .share(&DeploymentName::new(name).unwrap())
}

#[tokio::test]
async fn one_command_on_a_fresh_server_does_the_whole_job() {
    let platform = Platform::start().await;

    let output = platform
        .deploy(guests::path("echo"))
        .to("e", "green")
        .attempt()
        .await
        .ok();

    assert!(output.stderr.contains("100"), "{output:#?}");
    let answer = platform.score("e", "hello").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "hello"));
    assert_eq!(answer.deployment(), "green");
}

#[tokio::test]
async fn the_first_deployment_gets_all_traffic_and_later_ones_none() {
    let platform = blue_and_green().await;

    assert_eq!(share(&platform, "blue").await, Percent::ALL);
    assert_eq!(share(&platform, "green").await, Percent::ZERO);
    assert_eq!(platform.score("e", "").await.text(), "blue");
}

#[tokio::test]
async fn an_endpoint_that_was_there_before_gives_its_first_deployment_no_traffic() {
    let platform = Platform::start().await;
    platform
        .cli(&["endpoint", "create", "-n", "e"])
        .await
        .succeeded();

    version(&platform, "blue", "blue").await;

    assert_eq!(share(&platform, "blue").await, Percent::ZERO);
    assert_eq!(platform.score("e", "").await.status(), 404);
}

#[tokio::test]
async fn all_traffic_moves_to_a_deployment_that_asks_for_it() {
    let platform = blue_and_green().await;

    platform
        .deploy(guests::path("version"))
        .to("e", "red")
        .env("VERSION", "red")
        .arguments(&["--all-traffic"])
        .run()
        .await;

    assert_eq!(share(&platform, "red").await, Percent::ALL);
    assert_eq!(share(&platform, "blue").await, Percent::ZERO);
    assert_eq!(platform.score("e", "").await.text(), "red");
}

#[tokio::test]
async fn a_deployment_of_the_same_name_is_the_next_revision_and_serves_at_once() {
    let platform = Platform::start().await;
    version(&platform, "blue", "one").await;
    let first = platform.deployment("e", "blue").await;

    version(&platform, "blue", "two").await;

    let second = platform.deployment("e", "blue").await;
    assert_eq!(first.status.serving_revision, Some(RevisionNumber(1)));
    assert_eq!(second.status.revision, RevisionNumber(2));
    assert_eq!(second.status.serving_revision, Some(RevisionNumber(2)));
    assert!(second.generation > first.generation);
    assert_eq!(platform.score("e", "").await.text(), "two");
    assert_eq!(share(&platform, "blue").await, Percent::ALL);
}

#[tokio::test]
async fn a_model_alone_is_served_without_code() {
    let platform = Platform::start().await;

    platform.deploy(models::iris(1)).to("e", "blue").run().await;

    let answer = platform.score("e", setosa().to_string()).await.json();
    assert_eq!(answer["outputs"]["label"]["data"][0], 0, "{answer}");
}

#[tokio::test]
async fn a_scorer_and_its_model_are_deployed_together() {
    let platform = Platform::start().await;

    platform
        .deploy(plugins::path("iris"))
        .to("e", "blue")
        .model("model", &models::iris(1))
        .run()
        .await;

    let answer = platform.score("e", setosa().to_string()).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa", "{answer}");
}

#[tokio::test]
async fn settings_of_the_command_are_those_of_the_deployment() {
    let platform = Platform::start().await;

    let view = platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .instances(3)
        .env("THRESHOLD", "0.5")
        .set("request_settings.request_timeout_ms", 1_234)
        .set("sandbox.memory_limit_mb", 32)
        .run()
        .await;

    assert_eq!(view.spec.instance_count.get(), 3);
    assert_eq!(view.spec.environment_variables["THRESHOLD"], "0.5");
    assert_eq!(view.spec.request_settings.request_timeout_ms, 1_234);
    assert_eq!(view.spec.sandbox.memory_limit_mb, 32);
    assert_eq!(view.status.sandboxes.idle, 3);
}

#[tokio::test]
async fn settings_may_come_from_a_file_and_arguments_win() {
    let platform = Platform::start().await;
    let file = platform.file(
        "deployment.yml",
        "name: blue\nendpoint_name: e\ninstance_count: 3\nenvironment_variables: {A: file, B: file}\n\
         request_settings: {request_timeout_ms: 1234}\n",
    );

    let view = platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .arguments(&["-f", file.to_str().unwrap()])
        .env("B", "argument")
        .instances(1)
        .run()
        .await;

    assert_eq!(view.spec.instance_count.get(), 1);
    assert_eq!(view.spec.request_settings.request_timeout_ms, 1_234);
    assert_eq!(view.spec.environment_variables["A"], "file");
    assert_eq!(view.spec.environment_variables["B"], "argument");
}

#[tokio::test]
async fn a_file_alone_says_all_with_paths_from_where_it_lies() {
    let platform = Platform::start().await;
    std::fs::copy(plugins::path("iris"), platform.home().join("scorer.wasm")).unwrap();
    std::fs::copy(models::iris(1), platform.home().join("iris.onnx")).unwrap();
    let file = platform.file(
        "deployment.yml",
        "$schema: https://example.org/ignored\nname: blue\nendpoint_name: e\nmodel: {path: ./iris.onnx}\n\
         code_configuration: {code: ., scoring_script: scorer.wasm}\n",
    );

    let deploy = ["deploy", "-f", file.to_str().unwrap()];
    platform.cli(&deploy).await.succeeded();

    let answer = platform.score("e", setosa().to_string()).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa", "{answer}");
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let platform = Platform::start().await;
    let before = platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .env("VERSION", "kept")
        .set("request_settings.request_timeout_ms", 1_234)
        .run()
        .await;

    let arguments = ["-e", "e", "-n", "blue", "--set", "instance_count=3"];
    platform
        .cli(&[&["deployment", "update"], &arguments[..]].concat())
        .await
        .succeeded();

    let after = platform.deployment("e", "blue").await;
    assert_eq!(after.spec.instance_count.get(), 3);
    let mut expected = before.spec.clone();
    expected.instance_count = after.spec.instance_count;
    assert_eq!(after.spec, expected);
    assert_eq!(after.status.serving_revision, Some(RevisionNumber(2)));
    assert_eq!(platform.score("e", "").await.text(), "kept");
}

#[tokio::test]
async fn without_waiting_the_deployment_comes_by_itself() {
    let platform = Platform::start().await;

    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .arguments(&["--no-wait"])
        .attempt()
        .await
        .succeeded();

    eventually("the deployment serves", async || {
        let status = platform.deployment("e", "blue").await.status;
        (status.provisioning_state == ProvisioningState::Succeeded).then_some(())
    })
    .await;
    assert_eq!(platform.score("e", "hello").await.text(), "hello");
}
