//! One file brings a server back, elsewhere or after a disk died: the same table, the same keys, the same answers.

use std::{fs, path::Path};

use futures_util::future::join_all;
use mlwasm_harness::{Output, Platform, eventually};
use mlwasm_types::ProvisioningState;
use reqwest::Method;
use serde_json::json;

use crate::support::{blue_and_green, iris, setosa, traffic};

/// Backs the server up to a file of this name.
async fn back_up(platform: &Platform, name: &str) -> std::path::PathBuf {
    let file = platform.home().join(name);
    let arguments = ["backup", file.to_str().unwrap()];
    platform.cli(&arguments).await.succeeded();
    file
}

async fn restore(platform: &Platform, file: &Path, folder: &Path) -> Output {
    let (file, folder) = (file.to_str().unwrap(), folder.to_str().unwrap());
    platform.cli(&["restore", file, "--data-dir", folder]).await
}

#[tokio::test]
async fn a_server_on_a_restored_folder_serves_as_the_one_that_was_backed_up() {
    let mut platform = blue_and_green().await;
    traffic(&platform, "blue=80 green=20").await;
    iris(&platform, "blue", 1).await;
    let model = mlwasm_harness::models::iris(2);
    let register = ["model", "create", "--name", "iris", "--path"];
    let register = [&register[..], &[model.to_str().unwrap()]].concat();
    platform.cli(&register).await.succeeded();
    let (keys, before) = (platform.keys("e").await, platform.endpoint("e").await);
    let file = back_up(&platform, "backup.tar").await;
    // What comes later is not in it.
    traffic(&platform, "blue=0 green=100").await;

    let restored = platform.home().join("restored");
    let told = restore(&platform, &file, &restored).await.ok();
    assert!(told.stdout.contains("endpoints"), "{}", told.stdout);
    platform.kill9();
    fs::rename(platform.data_dir(), platform.home().join("lost")).unwrap();
    fs::rename(&restored, platform.data_dir()).unwrap();
    platform.restart().await;

    assert_eq!(platform.keys("e").await, keys);
    let after = platform.endpoint("e").await;
    assert_eq!(
        (after.spec, after.generation),
        (before.spec, before.generation)
    );
    let answer = platform.score("iris", setosa().to_string()).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa");
    let models = platform.admin(Method::GET, "/v1/models").send().await;
    assert_eq!(models.json()[0]["name"], "iris", "{models:?}");
    // The registered model's file is there, too.
    let path = "/v1/endpoints/iris/deployments/blue";
    let patch = platform.admin(Method::PATCH, path);
    let patch = patch.json(&json!({"models": {"next": "mlwasm:iris:1"}}));
    assert_eq!(patch.send().await.status(), 200);
}

#[tokio::test]
async fn a_backup_in_the_midst_of_changes_is_of_one_moment() {
    let platform = blue_and_green().await;
    let changes = async {
        for number in 0..40 {
            let path = format!("/v1/endpoints/e{number}");
            let put = platform.admin(Method::PUT, &path).json(&json!({}));
            assert_eq!(put.send().await.status(), 201);
        }
    };
    let backups = join_all((0..4).map(async |number| {
        let file = back_up(&platform, &format!("{number}.tar")).await;
        let folder = platform.home().join(format!("folder-{number}"));
        let told = [
            "-o",
            "json",
            "restore",
            file.to_str().unwrap(),
            "--data-dir",
        ];
        let told = [&told[..], &[folder.to_str().unwrap()]].concat();
        platform.cli(&told).await.ok().json()
    }));
    let ((), restored) = tokio::join!(changes, backups);
    for told in restored {
        // Each of the changes adds an endpoint and a generation; the first endpoint took more.
        let (generation, endpoints) = (told["generation"].as_u64(), told["endpoints"].as_u64());
        let first = platform.endpoint("e0").await.generation.0;
        assert_eq!(
            generation.unwrap() - (first - 1),
            endpoints.unwrap() - 1,
            "{told}"
        );
    }
}

#[tokio::test]
async fn what_is_no_whole_backup_leaves_nothing_behind() {
    let platform = blue_and_green().await;
    let file = back_up(&platform, "backup.tar").await;
    let whole = fs::read(&file).unwrap();
    let folder = platform.home().join("restored");
    let attempt = async |name: &str, bytes: &[u8]| {
        let file = platform.file(name, bytes);
        let refused = restore(&platform, &file, &folder).await;
        assert!(!folder.exists(), "{name} left something");
        refused
    };
    let half = attempt("half.tar", &whole[..whole.len() / 2]).await;
    half.refused(1, &["no whole backup"]);
    // Cut where an entry ends: the last one is the state.
    let state = whole
        .windows(8)
        .rposition(|bytes| bytes == b"state.db")
        .unwrap();
    let cut = attempt("cut.tar", &whole[..state]).await;
    cut.refused(1, &["no whole backup", "state.db"]);
    let mut flipped = whole.clone();
    flipped[state - 4096] ^= 1;
    let damaged = attempt("flipped.tar", &flipped).await;
    damaged.refused(1, &["no whole backup", "damaged"]);
    let text = attempt("text.tar", b"not a backup").await;
    text.refused(1, &["no whole backup"]);

    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mine"), "kept").unwrap();
    let refused = restore(&platform, &file, &folder).await;
    refused.refused(1, &["is not empty"]);
    assert_eq!(fs::read(folder.join("mine")).unwrap(), b"kept");
    let again = platform.cli(&["backup", file.to_str().unwrap()]).await;
    again.refused(2, &["is there already", "--force"]);
    assert_eq!(fs::read(&file).unwrap(), whole);
}

#[tokio::test]
async fn a_backup_is_for_its_owner_alone_and_needs_the_highest_scope() {
    use std::os::unix::fs::PermissionsExt as _;

    let platform = blue_and_green().await;
    let file = back_up(&platform, "backup.tar").await;
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let create = [
        "-o",
        "json",
        "admin-token",
        "create",
        "ci",
        "--scope",
        "deploy",
    ];
    let token = platform.cli(&create).await.ok().json();
    let token = token["token"].as_str().unwrap();
    let refused = platform
        .cli_with_env(&[("MLWASM_TOKEN", token)], &["backup", "other.tar"])
        .await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("admin"), "{refused:?}");
    let view = platform.deployment("e", "blue").await.status;
    assert_eq!(view.provisioning_state, ProvisioningState::Succeeded);
    // Nothing of a copy stays in the data folder.
    let unfinished = platform.data_dir().join("artifacts/unfinished");
    eventually("the copy of the state is gone", async || {
        let left = fs::read_dir(&unfinished).unwrap().count();
        (left == 0).then_some(())
    })
    .await;
}
