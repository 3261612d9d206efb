//! What a command acknowledged is there after a power cut, and the server finds back to it by itself.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use futures_util::future::join_all;
use mlwasm_harness::{Platform, guests, models};
use mlwasm_types::{Digest, ProvisioningState, RevisionNumber, api::ServerStatus};
use reqwest::Method;
use serde_json::json;

use crate::support::{blue_and_green, iris, mirror, setosa, traffic, version};

async fn cut_power(platform: &mut Platform) {
    platform.kill9();
    platform.restart().await;
}

#[tokio::test]
async fn the_same_table_serves_again_with_no_command() {
    let mut platform = blue_and_green().await;
    version(&platform, "red", "red").await;
    iris(&platform, "blue", 1).await;
    traffic(&platform, "blue=80 green=20").await;
    mirror(&platform, "red=10").await;
    let keys = platform.keys("e").await;
    let before = platform.endpoint("e").await;
    let mut answers = Vec::new();
    for n in 0..50 {
        let answer = platform
            .scoring("e")
            .await
            .id(&format!("r-{n}"))
            .send()
            .await;
        answers.push(answer.text());
    }

    cut_power(&mut platform).await;

    // The server says that it is ready when it is: no waiting here.
    for (n, before) in answers.iter().enumerate() {
        let answer = platform
            .scoring("e")
            .await
            .id(&format!("r-{n}"))
            .send()
            .await;
        assert_eq!((answer.status(), &answer.text()), (200, before));
    }
    let named = platform.scoring("e").await.deployment("red").send().await;
    assert_eq!(named.text(), "red");
    let answer = platform.score("iris", setosa().to_string()).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa");
    assert_eq!(platform.keys("e").await, keys);
    let after = platform.endpoint("e").await;
    assert_eq!(
        (after.spec, after.generation),
        (before.spec, before.generation)
    );
}

#[tokio::test]
async fn a_failed_update_leaves_the_former_revision_serving_after_a_power_cut_too() {
    let mut platform = Platform::start().await;
    version(&platform, "blue", "good").await;
    let failed = platform.deploy(guests::path("fail_init")).to("e", "blue");
    assert_eq!(failed.attempt().await.code, 1);

    for _ in 0..2 {
        cut_power(&mut platform).await;

        let answer = platform.score("e", "").await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "good"));
        let status = platform.deployment("e", "blue").await.status;
        assert_eq!(status.serving_revision, Some(RevisionNumber(1)));
        assert_eq!(status.provisioning_state, ProvisioningState::Failed);
        assert!(status.error.unwrap().contains("no threshold set"));
    }
    version(&platform, "blue", "better").await;
    assert_eq!(platform.score("e", "").await.text(), "better");
}

#[tokio::test]
async fn what_was_deleted_stays_deleted() {
    let mut platform = blue_and_green().await;
    version(&platform, "red", "red").await;
    let delete = ["deployment", "delete", "-e", "e", "-n", "green", "--yes"];
    platform.cli(&delete).await.succeeded();

    cut_power(&mut platform).await;

    let status = async |name: &str| {
        let call = platform.scoring("e").await.deployment(name);
        call.send().await.status()
    };
    assert_eq!(status("green").await, 404);
    assert_eq!(status("red").await, 200);
}

#[tokio::test]
async fn regenerated_keys_stay_regenerated() {
    let mut platform = blue_and_green().await;
    let old = platform.key("e").await;
    platform
        .cli(&["keys", "e", "regenerate", "primary"])
        .await
        .succeeded();
    let new = platform.keys("e").await;

    cut_power(&mut platform).await;

    assert_eq!(platform.keys("e").await, new);
    let status = async |key: &str| {
        let call = platform.scoring_call(Method::POST, "/endpoints/e/score");
        call.key(key).send().await.status()
    };
    assert_eq!(status(&old).await, 401);
    assert_eq!(status(&new.primary_key).await, 200);
}

#[tokio::test]
async fn whatever_was_acknowledged_in_a_storm_of_changes_is_there() {
    let mut platform = Platform::start().await;
    let mut acknowledged = join_all((0..4).map(|client| create_until_cut(&platform, client))).await;
    // The server is gone in the middle of it: each client had changes acknowledged, and one that was not.
    assert!(acknowledged.iter().all(|names| !names.is_empty()));

    cut_power_again(&mut platform).await;

    let count = acknowledged.iter().map(Vec::len).sum::<usize>() as u64;
    for name in acknowledged.drain(..).flatten() {
        platform.endpoint(&name).await;
    }
    let status: ServerStatus = platform
        .admin(Method::GET, "/v1/status")
        .send()
        .await
        .read();
    // What was under way may or may not have made it; each change counts one generation.
    assert!(
        (count..=count + 4).contains(&status.endpoints),
        "{status:?}"
    );
    assert_eq!(status.generation.0, status.endpoints);
}

/// Creates endpoints until the server is gone, and returns the names of those that were acknowledged. The first client
/// that has twenty ends the server.
async fn create_until_cut(platform: &Platform, client: u32) -> Vec<String> {
    let mut acknowledged = Vec::new();
    loop {
        let name = format!("e-{client}-{}", acknowledged.len());
        let path = format!("/v1/endpoints/{name}");
        let put = platform
            .admin(Method::PUT, &path)
            .json(&json!({"name": name}));
        match put.try_send().await {
            Ok(answer) => assert_eq!(answer.status(), 201, "{answer:?}"),
            Err(_) => return acknowledged,
        }
        acknowledged.push(name);
        if acknowledged.len() == 20 {
            platform.server().signal("KILL");
        }
    }
}

async fn cut_power_again(platform: &mut Platform) {
    platform.ended().await;
    platform.restart().await;
}

#[tokio::test]
async fn two_servers_never_share_a_folder() {
    let platform = blue_and_green().await;
    let second = platform.second_server_fails().await;
    assert_eq!(second.code, Some(1), "{second:?}");
    let folder = platform.data_dir().display().to_string();
    assert!(second.log.contains(&folder), "{second:?}");
    assert_eq!(platform.score("e", "").await.text(), "blue");
}

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Changes one byte in the middle of a file, whatever its permissions say.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn machine_code_that_was_tampered_with_is_made_anew() {
    let mut platform = blue_and_green().await;
    platform.kill9();
    let cached = files(&platform.data_dir().join("compiled"));
    assert!(!cached.is_empty());
    cached.iter().for_each(|path| damage(path));

    platform.restart().await;

    assert_eq!(platform.score("e", "").await.text(), "blue");
}

#[tokio::test]
async fn a_damaged_artifact_stops_its_own_deployment_and_no_other() {
    let mut platform = blue_and_green().await;
    iris(&platform, "blue", 1).await;
    platform.kill9();
    let model = Digest::of(&std::fs::read(models::iris(1)).unwrap()).hex();
    let artifacts = files(&platform.data_dir().join("artifacts"));
    let is_model = |path: &&PathBuf| path.to_string_lossy().contains(&model);
    damage(artifacts.iter().find(is_model).unwrap());

    platform.restart().await;

    assert_eq!(platform.score("e", "").await.text(), "blue");
    let answer = platform.score("iris", setosa().to_string()).await;
    assert_eq!(answer.status(), 503, "{answer:?}");
    let status = platform.deployment("iris", "blue").await.status;
    assert_eq!(status.provisioning_state, ProvisioningState::Failed);
    assert!(status.error.unwrap().contains("model"));
}
