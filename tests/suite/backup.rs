//! One file brings a server back, elsewhere or after a disk died: the same table, the same keys, the same answers.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use mlwasm_harness::{Output, Platform, eventually};
use mlwasm_types::{
    DeploymentSpec, EndpointSpec, ProvisioningState, RevisionNumber,
    api::{DeploymentView, EndpointView},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{blue_and_green, iris, setosa, traffic, version};

/// Backs the server up to a file of this name.
async fn back_up(platform: &Platform, name: &str) -> PathBuf {
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

/// Restores a backup into the server that runs.
async fn replace(platform: &Platform, file: &Path, options: &[&str]) -> Output {
    let arguments = ["-o", "json", "restore", file.to_str().unwrap()];
    platform.cli(&[&arguments[..], options].concat()).await
}

/// What is wanted, as the API shows it.
async fn state(platform: &Platform) -> Vec<(EndpointSpec, Vec<DeploymentSpec>)> {
    let endpoints = platform.admin(Method::GET, "/v1/endpoints").send().await;
    let endpoints: Vec<EndpointView> = endpoints.read();
    let mut state = Vec::new();
    for endpoint in endpoints {
        let path = format!("/v1/endpoints/{}/deployments", endpoint.spec.name);
        let deployments = platform.admin(Method::GET, &path).send().await;
        let deployments: Vec<DeploymentView> = deployments.read();
        let deployments = deployments.into_iter().map(|view| view.spec).collect();
        state.push((endpoint.spec, deployments));
    }
    state
}

/// What `work` comes to while both deployments of `e` are asked, all of which is answered; and how often.
async fn under_load<T>(platform: &Platform, work: impl Future<Output = T>) -> (u64, T) {
    let done = AtomicBool::new(false);
    let load = async {
        let mut answers = 0;
        while !done.load(Ordering::Relaxed) {
            for name in ["blue", "green"] {
                let answer = platform.scoring("e").await.deployment(name).send().await;
                assert_eq!(answer.status(), 200, "{answer:?}");
                answers += 1;
            }
        }
        answers
    };
    let work = async {
        let result = work.await;
        done.store(true, Ordering::Relaxed);
        result
    };
    tokio::join!(load, work)
}

#[tokio::test]
async fn a_server_goes_back_while_it_serves_and_drops_nothing() {
    let platform = blue_and_green().await;
    iris(&platform, "blue", 1).await;
    traffic(&platform, "blue=80 green=20").await;
    let (before, keys) = (state(&platform).await, platform.keys("e").await);
    let file = back_up(&platform, "backup.tar").await;
    let generation = async || {
        let status = platform
            .admin(Method::GET, "/v1/status")
            .send()
            .await
            .json();
        status["generation"].as_u64().unwrap()
    };
    // Green becomes another one, an endpoint goes and another comes; blue stays what it is.
    version(&platform, "green", "other").await;
    traffic(&platform, "blue=100 green=0").await;
    platform
        .cli(&["endpoint", "delete", "iris", "--yes"])
        .await
        .succeeded();
    platform
        .cli(&["endpoint", "create", "late"])
        .await
        .succeeded();
    let (changed, at) = (state(&platform).await, generation().await);

    let (answers, told) = under_load(&platform, async {
        replace(&platform, &file, &["--yes"]).await.ok().json()
    })
    .await;
    assert!(answers > 0);
    assert_eq!(
        (told["endpoints"].as_u64(), told["deployments"].as_u64()),
        (Some(2), Some(3))
    );
    assert_eq!(told["generation"].as_u64(), Some(at + 1));
    assert_eq!(generation().await, at + 1);
    assert_eq!(state(&platform).await, before);
    assert_eq!(platform.keys("e").await, keys);
    let answer = platform.score("iris", setosa().to_string()).await.json();
    assert_eq!(answer["predictions"][0]["class"], "setosa");
    let green = platform.scoring("e").await.deployment("green").send().await;
    assert_eq!(green.text(), "green");
    // Blue was not touched, green got its next revision.
    let revision = async |name| platform.deployment("e", name).await.status.revision;
    assert_eq!(revision("blue").await, RevisionNumber(1));
    assert_eq!(revision("green").await, RevisionNumber(3));
    let audit = platform
        .cli(&["-o", "json", "audit", "--lines", "1"])
        .await
        .ok()
        .json();
    assert_eq!(audit["lines"][0]["action"], "restore backup", "{audit}");
    assert_eq!(audit["lines"][0]["actor"], "token:admin", "{audit}");

    // A second time there is nothing to do, and nothing is kept for it.
    let again = replace(&platform, &file, &["--yes"]).await.ok();
    assert_eq!(
        (again.json()["generation"].as_u64(), &again.json()["former"]),
        (Some(at + 1), &Value::Null)
    );
    // The way back.
    let former = PathBuf::from(told["former"].as_str().unwrap());
    assert!(former.starts_with(platform.data_dir()), "{former:?}");
    replace(&platform, &former, &["--yes"]).await.succeeded();
    assert_eq!(state(&platform).await, changed);
}

#[tokio::test]
async fn a_restore_asks_and_is_refused_when_someone_else_was_faster_or_may_not() {
    let platform = blue_and_green().await;
    let file = back_up(&platform, "backup.tar").await;
    traffic(&platform, "blue=0 green=100").await;
    let now = state(&platform).await;
    replace(&platform, &file, &[]).await.refused(2, &["--yes"]);
    let bytes = fs::read(&file).unwrap();
    let put = |bytes: &[u8]| {
        platform
            .admin(Method::PUT, "/v1/restore")
            .body(bytes.to_owned())
    };
    let stale = put(&bytes).header("if-match", "\"1\"").send().await;
    assert_eq!(stale.status(), 412, "{stale:?}");
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("text", b"not a backup"),
        ("half", &bytes[..bytes.len() / 2]),
    ] {
        let refused = put(bytes).send().await;
        assert_eq!(refused.status(), 422, "{name}: {refused:?}");
        let detail = refused.problem().detail;
        assert!(
            detail.contains("nothing was changed") && detail.contains("no whole backup"),
            "{detail}"
        );
    }
    let unknown = platform
        .admin(Method::PUT, "/v1/restore?keys=mine")
        .body(bytes.clone());
    assert_eq!(unknown.send().await.status(), 400);
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
    let ci = [("MLWASM_TOKEN", token["token"].as_str().unwrap())];
    let arguments = ["restore", file.to_str().unwrap(), "--yes"];
    platform
        .cli_with_env(&ci, &arguments)
        .await
        .refused(1, &["admin"]);
    assert_eq!(state(&platform).await, now);
    // Nothing that was refused leaves anything.
    let data = platform.data_dir();
    assert!(!data.join("restoring").exists());
    let former = fs::read_dir(data.join("backups")).map_or(0, Iterator::count);
    assert_eq!(former, 0);
    // The token was made since: it stays, whatever the backup knows.
    replace(&platform, &file, &["--yes"]).await.succeeded();
    assert_eq!(platform.cli_with_env(&ci, &["status"]).await.code, 0);
}

#[tokio::test]
async fn a_backup_of_another_server_is_restored_only_with_keys_of_this_one() {
    let there = blue_and_green().await;
    let file = back_up(&there, "backup.tar").await;
    let here = Platform::start().await;
    let refused = replace(&here, &file, &["--yes"]).await;
    refused.refused(1, &["another server", "--new-keys", "--data-dir"]);
    assert_eq!(state(&here).await, []);
    replace(&here, &file, &["--yes", "--new-keys"])
        .await
        .succeeded();
    assert_ne!(here.keys("e").await, there.keys("e").await);
    let answer = here.score("e", "").await;
    assert_eq!((answer.status(), answer.text().as_str()), (200, "blue"));
    let old = here.scoring_call(Method::POST, "/endpoints/e/score");
    let old = old.key(&there.key("e").await).send().await;
    assert_eq!(old.status(), 401);
}

#[tokio::test]
async fn a_power_cut_in_the_midst_of_a_restore_leaves_the_state_before_or_after() {
    let mut platform = blue_and_green().await;
    let after = state(&platform).await;
    let file = back_up(&platform, "backup.tar").await;
    traffic(&platform, "blue=0 green=100").await;
    version(&platform, "green", "other").await;
    let changed = back_up(&platform, "changed.tar").await;
    let before = state(&platform).await;
    let mut dice = crate::support::Dice::new(11);
    let mut seen = [0, 0];
    for _ in 0..12 {
        replace(&platform, &changed, &["--yes"]).await.succeeded();
        let put = platform.admin(Method::PUT, "/v1/restore");
        let put = put.body(fs::read(&file).unwrap()).try_send();
        // A cut at any time of a restore, which takes some tens of milliseconds.
        let moment = Duration::from_micros(dice.below(60_000));
        let acknowledged = tokio::time::timeout(moment, put).await;
        let acknowledged =
            acknowledged.is_ok_and(|answer| answer.is_ok_and(|it| it.status() == 200));
        platform.kill9();
        platform.restart().await;
        let found = state(&platform).await;
        assert!(found == before || found == after, "neither: {found:?}");
        assert!(!acknowledged || found == after, "acknowledged and gone");
        seen[usize::from(found == after)] += 1;
        assert!(!platform.data_dir().join("restoring").exists());
        let answer = platform.scoring("e").await.deployment("green").send().await;
        let expected = if found == after { "green" } else { "other" };
        assert_eq!((answer.status(), answer.text().as_str()), (200, expected));
    }
    println!("before, after: {seen:?}");
}
