//! Models have names and versions, and no deployment depends on what becomes of them.

use std::time::{Duration, SystemTime};

use mlwasm_harness::{Platform, models, plugins};
use mlwasm_types::RegisteredModel;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::setosa;

/// Registers a version of the iris model as the next version of `iris`.
async fn register(platform: &Platform, version: u8) -> RegisteredModel {
    let path = models::iris(version);
    let path = path.to_str().unwrap();
    let create = ["model", "create", "--name", "iris", "--path", path];
    let output = platform.cli(&[&create[..], &["-o", "json"]].concat()).await;
    output.ok().read()
}

/// Deploys the iris scorer as `blue` with the model that the reference names.
async fn deploy(platform: &Platform, reference: &str) {
    platform
        .deploy(plugins::path("iris"))
        .to("iris", "blue")
        .arguments(&["--model", reference])
        .run()
        .await;
}

async fn json(platform: &Platform, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["-o", "json"]].concat();
    platform.cli(&arguments).await.ok().json()
}

#[tokio::test]
async fn versions_are_counted_listed_shown_and_never_given_twice() {
    let platform = Platform::start().await;
    let (first, second) = (register(&platform, 1).await, register(&platform, 2).await);
    assert_eq!((first.version.0, second.version.0), (1, 2));
    assert_ne!(first.model.digest, second.model.digest);
    let list = json(&platform, &["model", "list"]).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(
        json(&platform, &["model", "list", "--name", "iris"]).await,
        list
    );
    assert_eq!(
        json(&platform, &["model", "show", "--name", "iris"]).await,
        list[1]
    );
    let show = ["model", "show", "--name", "iris", "--version", "1"];
    assert_eq!(json(&platform, &show).await, list[0]);
    let table = platform.cli(&["model", "list"]).await.ok().stdout;
    assert!(table.contains("VERSION"), "{table}");

    let delete = ["model", "delete", "--name", "iris", "--yes"];
    let version = [&delete[..], &["--version", "2"]].concat();
    platform.cli(&version).await.succeeded();
    platform
        .cli(&version)
        .await
        .refused(3, &["version 2", "versions are 1"]);
    assert_eq!(register(&platform, 2).await.version.0, 3);
    let all = [&delete[..], &["--all-versions"]].concat();
    platform.cli(&all).await.succeeded();
    platform.cli(&all).await.refused(3, &["iris"]);
    let gone = ["model", "show", "--name", "iris"];
    platform.cli(&gone).await.refused(3, &["iris"]);
    assert_eq!(json(&platform, &["model", "list"]).await, json!([]));
    assert_eq!(register(&platform, 1).await.version.0, 4);
    let unsaid = platform.cli(&delete).await;
    assert_eq!(unsaid.code, 2, "{unsaid:#?}");
}

#[tokio::test]
async fn a_deployment_names_a_registered_model_by_its_version_or_the_latest() {
    let platform = Platform::start().await;
    let (first, second) = (register(&platform, 1).await, register(&platform, 2).await);
    let digest = async || platform.deployment("iris", "blue").await.spec.models["model"].digest;
    deploy(&platform, "mlwasm:iris:1").await;
    assert_eq!(digest().await, first.model.digest);
    let used = json(
        &platform,
        &["model", "show", "--name", "iris", "--version", "1"],
    )
    .await;
    assert_eq!(used["used_by"], json!(["iris/blue"]));

    deploy(&platform, "model=azureml:iris@latest").await;
    assert_eq!(digest().await, second.model.digest);
    let file = platform.file(
        "blue.yml",
        "model: {path: \"azureml:iris:1\", sessions: 2}\n",
    );
    let update = ["deployment", "update", "-e", "iris", "-n", "blue", "-f"];
    platform
        .cli(&[&update[..], &[file.to_str().unwrap()]].concat())
        .await
        .succeeded();
    let model = platform.deployment("iris", "blue").await.spec.models["model"].clone();
    assert_eq!(
        (model.digest, model.sessions.get()),
        (first.model.digest, 2)
    );

    // The latest is looked up when the deployment is changed, and not later.
    register(&platform, 2).await;
    let patch = platform.admin(Method::PATCH, "/v1/endpoints/iris/deployments/blue");
    let patch = patch.json(&json!({"models": {"model": "mlwasm:iris:2"}}));
    assert_eq!(patch.send().await.status(), 200);
    assert_eq!(digest().await, second.model.digest);
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_is_refused_and_says_what_there_is() {
    let platform = Platform::start().await;
    register(&platform, 1).await;
    let deploy = |reference: &str| {
        platform
            .deploy(plugins::path("iris"))
            .to("iris", "blue")
            .arguments(&["--model", reference])
    };
    let output = deploy("mlwasm:iris:2").attempt().await;
    output.refused(1, &["models.model", "mlwasm:iris:2", "versions are 1"]);
    let output = deploy("mlwasm:flowers@latest").attempt().await;
    output.refused(1, &["models.model", "mlwasm:flowers@latest"]);
    let output = deploy("mlwasm:iris").attempt().await;
    assert_eq!(output.code, 2, "{output:#?}");

    let missing = json!({"digest": mlwasm_types::Digest::of(b"not here")});
    for (body, status) in [
        (missing, 422),
        (json!({}), 422),
        (json!({"digest": "sha256:00"}), 422),
    ] {
        let post = platform.admin(Method::POST, "/v1/models/iris").json(&body);
        let answer = post.send().await;
        assert_eq!(answer.status(), status, "{answer:?}");
        answer.problem();
    }
    let show = platform
        .admin(Method::GET, "/v1/models/iris/7")
        .send()
        .await;
    assert_eq!(show.status(), 404);
    show.problem();
}

#[tokio::test]
async fn a_deployment_outlives_the_model_it_was_made_from() {
    let mut platform = Platform::start().await;
    register(&platform, 1).await;
    deploy(&platform, "mlwasm:iris:1").await;
    let before = platform.score("iris", setosa().to_string()).await.json();

    let delete = [
        "model",
        "delete",
        "--name",
        "iris",
        "--all-versions",
        "--yes",
    ];
    platform.cli(&delete).await.succeeded();
    register(&platform, 2).await;
    platform.kill9();
    // Files that nobody needs are removed at a start, once they are a day old.
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 24 * 3600);
    let unused = platform.data_dir().join("artifacts");
    age(&unused, long_ago);
    platform.restart().await;

    let after = platform.score("iris", setosa().to_string()).await;
    assert_eq!((after.status(), after.json()), (200, before));
    // And what is registered is kept without being deployed.
    deploy(&platform, "mlwasm:iris@latest").await;
    assert_eq!(
        platform.score("iris", setosa().to_string()).await.status(),
        200
    );
}

/// Makes every file below `folder` look as old as that.
fn age(folder: &std::path::Path, time: SystemTime) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age(&path, time);
        } else {
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        }
    }
}
