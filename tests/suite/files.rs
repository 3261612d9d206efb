//! The files beside a model are what a scorer can read, and all that it can.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use mlwasm_harness::{Deploy, Platform, Setup, guests};
use mlwasm_types::Digest;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::platform_with;

/// A file of several reads: more than the host takes from the disk at once.
const LARGE: usize = 3 << 20;

async fn ask(platform: &Platform, what: &str, path: &str) -> Value {
    let call = platform.scoring("e").await;
    let answer = call.json(&json!({"do": what, "path": path})).send().await;
    assert_eq!(answer.status(), 200, "{what} {path}: {}", answer.text());
    answer.json()
}

async fn assert_refused(platform: &Platform, what: &str, path: &str) {
    let answer = ask(platform, what, path).await;
    assert!(answer["error"].is_string(), "{what} {path}: {answer}");
}

/// The guest that does what it is asked, as `blue` of the endpoint `e`.
fn blue(platform: &Platform) -> Deploy<'_> {
    platform.deploy(guests::path("files")).to("e", "blue")
}

async fn with_labels() -> Platform {
    let platform = Platform::start().await;
    let labels = platform.file("labels.txt", "setosa\n");
    let words = platform.file("words.json", "{}");
    let large = platform.file("large.bin", vec![b'x'; LARGE]);
    blue(&platform)
        .model_file("labels.txt", &labels)
        .model_file("vocab/words.json", &words)
        .model_file("vocab/large.bin", &large)
        .run()
        .await;
    platform
}

/// A folder on the platform's disk with these files.
fn folder(platform: &Platform, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = platform.home().join(name);
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The only folder of files that the server has made.
fn host_folder(platform: &Platform) -> PathBuf {
    let mut folders = fs::read_dir(platform.data_dir().join("files")).unwrap();
    let folder = folders.next().unwrap().unwrap().path();
    assert!(folders.next().is_none());
    folder
}

#[tokio::test]
async fn a_scorer_reads_the_files_of_its_deployment() {
    let platform = with_labels().await;

    for (what, path, answer) in [
        ("where", "", json!("/model")),
        ("list", "/model", json!(["labels.txt", "vocab"])),
        ("list", "/model/vocab", json!(["large.bin", "words.json"])),
        ("read", "/model/labels.txt", json!("setosa\n")),
        ("read", "/model/vocab/../labels.txt", json!("setosa\n")),
        ("read_by_name", "vocab/words.json", json!("{}")),
        ("length", "/model/vocab/large.bin", json!(LARGE)),
    ] {
        assert_eq!(ask(&platform, what, path).await, answer, "{what} {path}");
    }
}

#[tokio::test]
async fn nothing_else_is_reachable_and_nothing_can_be_changed() {
    let platform = with_labels().await;
    let host = host_folder(&platform);
    // The host makes none; one that were there would lead nowhere.
    symlink("/etc/passwd", host.join("passwd")).unwrap();
    symlink("/etc", host.join("etc")).unwrap();
    let secret = platform.data_dir().join("secret");
    assert!(secret.exists());

    for path in [
        "/etc/passwd",
        "/model/../etc/passwd",
        "/model/../../../../../etc/passwd",
        "/model/vocab/../../secret",
        "/model/../../secret",
        "/model/passwd",
        "/model/etc/passwd",
        "/model//etc/passwd",
        "../secret",
        secret.to_str().unwrap(),
        host.join("labels.txt").to_str().unwrap(),
    ] {
        assert_refused(&platform, "read", path).await;
    }
    for path in ["/", ".", "/model/..", "/model/../..", "/model/etc"] {
        assert_refused(&platform, "list", path).await;
    }
    let changes = [
        "write",
        "append",
        "create_folder",
        "remove",
        "rename",
        "link",
        "touch",
    ];
    for what in changes {
        for path in [
            "/model/labels.txt",
            "/model/new",
            "/model/../new",
            "/tmp/new",
        ] {
            assert_refused(&platform, what, path).await;
        }
    }
    let answer = ask(&platform, "read", "/model/labels.txt").await;
    assert_eq!(answer, "setosa\n");
    assert!(!host.join("new").exists());
    let artifacts = platform.data_dir().join("artifacts/sha256");
    let stored = fs::read(artifacts.join(Digest::of(b"setosa\n").hex()));
    assert_eq!(stored.unwrap(), b"setosa\n");
}

#[tokio::test]
async fn a_deployment_without_files_sees_no_folder() {
    let platform = platform_with("files").await;

    assert_eq!(ask(&platform, "where", "").await, Value::Null);
    assert_refused(&platform, "list", "/model").await;
    assert_refused(&platform, "list", "/").await;
}

#[tokio::test]
async fn the_folder_is_where_the_deployment_says() {
    let platform = Platform::start().await;
    let labels = platform.file("labels.txt", "setosa");
    blue(&platform)
        .model_file("labels.txt", &labels)
        .set("model_mount_path", "/models/iris")
        .run()
        .await;

    assert_eq!(ask(&platform, "where", "").await, "/models/iris");
    let answer = ask(&platform, "read", "/models/iris/labels.txt").await;
    assert_eq!(answer, "setosa");
    assert_eq!(ask(&platform, "read_by_name", "labels.txt").await, "setosa");
    assert_refused(&platform, "read", "/model/labels.txt").await;

    // An author's own value stays.
    let own = blue(&platform).env("AZUREML_MODEL_DIR", "/elsewhere");
    own.run().await;
    assert_eq!(ask(&platform, "where", "").await, "/elsewhere");
}

#[tokio::test]
async fn two_deployments_read_their_own() {
    let platform = Platform::start().await;
    for name in ["blue", "green"] {
        let labels = platform.file("labels.txt", name);
        let guest = platform.deploy(guests::path("files")).to("e", name);
        guest.model_file("labels.txt", &labels).run().await;
    }
    for name in ["blue", "green"] {
        let call = platform.scoring("e").await.deployment(name);
        let read = json!({"do": "read", "path": "/model/labels.txt"});
        assert_eq!(call.json(&read).send().await.json(), name);
    }
}

#[tokio::test]
async fn azures_folder_is_the_model_and_the_files_beside_it() {
    let platform = Platform::start().await;
    let project = folder(
        &platform,
        "project",
        &[
            ("model/labels.txt", "setosa"),
            ("model/vocab/words.json", "{}"),
            ("model/.hidden", "x"),
            ("more/extra.txt", "more"),
        ],
    );
    fs::copy(guests::path("files"), project.join("scorer.wasm")).unwrap();
    let model = mlwasm_harness::models::iris(1);
    fs::copy(&model, project.join("model/iris.onnx")).unwrap();
    let file = project.join("blue.yml");
    let blue = "name: blue\nendpoint_name: e\nmodel: {path: ./model}\nmodel_mount_path: /var/models\n\
                code_configuration: {scoring_script: scorer.wasm}\n";
    let deploy = async |more: &str| {
        fs::write(&file, format!("{blue}{more}")).unwrap();
        let deploy = ["deploy", "-f", file.to_str().unwrap()];
        platform.cli(&deploy).await.succeeded();
        ask(&platform, "list", "/var/models").await
    };

    assert_eq!(deploy("").await, json!(["labels.txt", "vocab"]));
    let spec = platform.deployment("e", "blue").await.spec;
    let models: Vec<_> = spec.models.keys().map(ToString::to_string).collect();
    assert_eq!(models, ["model"]);

    let both = deploy("files: {extra.txt: more/extra.txt}\n").await;
    assert_eq!(both, json!(["extra.txt", "labels.txt", "vocab"]));
    assert_eq!(deploy("files: ./more\n").await, both);

    // The file is the whole of it: what it does not name any more goes.
    fs::remove_dir_all(project.join("model/vocab")).unwrap();
    assert_eq!(deploy("").await, json!(["labels.txt"]));
    let apply = ["apply", "-f", file.to_str().unwrap(), "-o", "json"];
    let results = platform.cli(&apply).await.ok().json();
    assert_eq!(results[0]["result"], "unchanged", "{results}");
}

#[tokio::test]
async fn files_are_a_part_of_the_revision() {
    let platform = Platform::start().await;
    for text in ["one", "two"] {
        let labels = platform.file("labels.txt", text);
        blue(&platform)
            .model_file("labels.txt", &labels)
            .run()
            .await;
        let read = ask(&platform, "read", "/model/labels.txt").await;
        assert_eq!(read, text);
    }
    let history = [
        "deployment",
        "history",
        "-e",
        "e",
        "-n",
        "blue",
        "-o",
        "json",
    ];
    let history = platform.cli(&history).await.ok().json();
    let change = &history[1]["changes"][0];
    assert_eq!(change["setting"], "files.labels.txt", "{history}");

    let back = ["deployment", "rollback", "-e", "e", "-n", "blue"];
    platform.cli(&back).await.succeeded();

    let read = ask(&platform, "read", "/model/labels.txt").await;
    assert_eq!(read, "one");
}

#[tokio::test]
async fn files_survive_a_crash_and_move_with_a_backup() {
    let mut platform = with_labels().await;
    platform.kill9();
    platform.restart().await;
    let read = async |platform: &Platform| ask(platform, "read", "/model/labels.txt").await;
    assert_eq!(read(&platform).await, "setosa\n");

    let (file, restored) = (platform.home().join("b.tar"), platform.home().join("r"));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let back_up = ["backup".to_owned(), path(&file)];
    platform.cli(&back_up).await.succeeded();
    let data_dir = "--data-dir".to_owned();
    let restore = ["restore".to_owned(), path(&file), data_dir, path(&restored)];
    platform.cli(&restore).await.succeeded();
    platform.kill9();
    fs::remove_dir_all(platform.data_dir()).unwrap();
    fs::rename(&restored, platform.data_dir()).unwrap();
    platform.restart().await;
    assert_eq!(read(&platform).await, "setosa\n");
}

#[tokio::test]
async fn a_file_that_the_disk_has_spoilt_is_told_and_what_serves_goes_on() {
    let platform = with_labels().await;
    let stored = platform.data_dir().join("artifacts/sha256");
    let stored = stored.join(Digest::of(b"{}").hex());
    fs::remove_file(&stored).unwrap();
    fs::write(&stored, "no").unwrap();

    let more = platform.file("more.txt", "more");
    let changed = blue(&platform)
        .model_file("more.txt", &more)
        .attempt()
        .await;

    changed.refused(
        1,
        &[
            "file \"vocab/words.json\"",
            "damaged on disk",
            "upload it again",
        ],
    );
    let read = ask(&platform, "read", "/model/vocab/words.json").await;
    assert_eq!(read, "{}");
}

#[tokio::test]
async fn open_files_count_as_handles() {
    let platform = with_labels().await;
    let call = platform.scoring("e").await;
    let hold = json!({"do": "hold", "path": "/model/labels.txt"});

    let answer = call.json(&hold).send().await;

    assert_eq!(answer.status(), 424);
    let labels = [("endpoint", "e"), ("limit", "max_handles")];
    let metrics = platform.metrics().await;
    assert_eq!(metrics.count("mlwasm_limit_exceeded_total", &labels), 1);
}

#[tokio::test]
async fn what_the_files_of_a_deployment_take_is_limited() {
    const LIMIT: usize = 10_000;
    let platform = Platform::start_with(Setup {
        environment: vec![(
            "MLWASM_SANDBOX__MAX_FILES_BYTES".to_owned(),
            LIMIT.to_string(),
        )],
        ..Setup::default()
    })
    .await;
    let half = platform.file("half.bin", vec![b'a'; LIMIT / 2]);
    for (length, fits) in [(-1, true), (0, true), (1, false)] {
        let length = (LIMIT / 2).checked_add_signed(length).unwrap();
        let rest = platform.file("rest.bin", vec![b'b'; length]);
        let deploy = blue(&platform)
            .model_file("a", &half)
            .model_file("b", &rest);
        let output = deploy.attempt().await;
        match fits {
            true => output.succeeded(),
            false => output.refused(1, &["files", "10001 bytes", "10000", "max_files_bytes"]),
        }
    }
}

#[tokio::test]
async fn names_that_lead_out_of_the_folder_are_refused() {
    let platform = platform_with("files").await;
    let component = platform.deployment("e", "blue").await.spec.component;
    let labels = Digest::of(b"labels");
    let upload = platform.admin(Method::PUT, &format!("/v1/artifacts/{labels}"));
    assert!(upload.body("labels").send().await.status() < 300);
    let put = async |files: Value, mount: Option<&str>| {
        let blue = platform.admin(Method::PUT, "/v1/endpoints/e/deployments/blue");
        let spec = json!({"component": component, "files": files, "model_mount_path": mount});
        blue.json(&spec).send().await
    };

    for name in [
        "../secret",
        "/etc/passwd",
        "a//b",
        "",
        ".",
        "a/..",
        "a\\b",
        "a\nb",
    ] {
        let refused = put(json!({name: labels}), None).await;
        assert_eq!(refused.status(), 422, "{name:?}");
        let detail = refused.problem().detail;
        assert!(detail.contains("file name"), "{name:?}: {detail}");
    }
    for (mount, word) in [("model", "absolute"), ("/a/../b", ".."), ("/", "absolute")] {
        let refused = put(json!({"a": labels}), Some(mount)).await;
        assert_eq!(refused.status(), 422, "{mount}");
        let detail = refused.problem().detail;
        let words = ["model_mount_path", word];
        assert!(words.iter().all(|word| detail.contains(word)), "{detail}");
    }
    let refused = put(json!({"a": labels, "a/b": labels}), None).await;
    assert_eq!(refused.status(), 422);
    assert!(
        refused
            .problem()
            .detail
            .contains("\"a\" is a file, and the folder")
    );
    let absent = Digest::of(b"absent");
    let refused = put(json!({"labels.txt": absent}), None).await;
    assert!(
        refused
            .problem()
            .detail
            .contains("files.labels.txt: artifact")
    );
    let taken = put(json!({"a": labels}), Some("/a")).await;
    assert!(taken.status() < 300, "{}", taken.text());
}
