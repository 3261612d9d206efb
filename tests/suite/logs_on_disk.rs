//! What scorers printed is there after the server's end, within bounds, and no request pays for it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mlwasm_harness::{Platform, Setup, eventually, guests};
use mlwasm_types::api::{LogLine, LogPage};
use reqwest::Method;

async fn chatty(settings: &str) -> Platform {
    let platform = Platform::start_with(Setup {
        config: Some(format!("[logs]\n{settings}\n")),
        ..Setup::default()
    })
    .await;
    deploy(&platform).await;
    platform
}

async fn deploy(platform: &Platform) {
    platform
        .deploy(guests::path("chatty"))
        .to("e", "blue")
        .set("sandbox.max_log_lines_per_second", 10_000)
        .run()
        .await;
}

async fn chat(platform: &Platform, id: &str, lines: u32) {
    let call = platform.scoring("e").await.id(id);
    let answer = call.query(&format!("lines={lines}")).send().await;
    assert_eq!(answer.status(), 200);
}

async fn lines(platform: &Platform) -> Vec<LogLine> {
    let path = "/v1/endpoints/e/deployments/blue/logs?lines=100000";
    let page: LogPage = platform.admin(Method::GET, path).send().await.read();
    page.lines
}

/// The requests during which something was printed, in order.
fn ids(lines: &[LogLine]) -> Vec<String> {
    let mut ids: Vec<_> = lines
        .iter()
        .filter_map(|line| line.request_id.clone())
        .collect();
    ids.dedup();
    ids
}

/// The files of all logs.
fn files(platform: &Platform) -> Vec<PathBuf> {
    let in_folder = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries
            .map(|entry| entry.unwrap().path())
            .collect::<Vec<_>>()
    };
    let endpoints = in_folder(&platform.data_dir().join("logs"));
    endpoints
        .iter()
        .flat_map(|folder| in_folder(folder))
        .collect()
}

/// Waits until a line of this request is on disk.
async fn on_disk(platform: &Platform, id: &str) {
    let wanted = format!("\"request_id\":\"{id}\"");
    eventually("the line is on disk", async || {
        let mut texts = files(platform)
            .into_iter()
            .filter_map(|file| fs::read_to_string(file).ok());
        texts.any(|text| text.contains(&wanted)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn lines_are_there_after_a_restart_and_the_numbers_go_on() {
    let mut platform = chatty("").await;
    chat(&platform, "before", 3).await;
    let before = lines(&platform).await;
    assert_eq!(platform.terminate().await.code, Some(0));
    platform.restart().await;
    chat(&platform, "after", 1).await;

    let after = lines(&platform).await;
    assert_eq!(after[..before.len()], before);
    assert_eq!(ids(&after), ["before", "after"]);
    assert!(after.is_sorted_by(|one, next| one.sequence < next.sequence));
}

#[tokio::test]
async fn a_crash_costs_the_last_moment_and_a_line_that_it_cut_is_passed_over() {
    let mut platform = chatty("").await;
    chat(&platform, "before", 3).await;
    on_disk(&platform, "before").await;
    platform.kill9();
    let [file] = &files(&platform)[..] else {
        panic!("{:?}", files(&platform))
    };
    let mut text = fs::read(file).unwrap();
    text.extend_from_slice(b"{\"sequence\":999,\"time\":\"20");
    fs::write(file, text).unwrap();
    platform.restart().await;
    chat(&platform, "after", 1).await;
    on_disk(&platform, "after").await;

    for _ in 0..2 {
        assert_eq!(ids(&lines(&platform).await), ["before", "after"]);
        platform.kill9();
        platform.restart().await;
    }
}

#[tokio::test]
async fn files_rotate_within_their_bound_and_the_last_lines_stay() {
    let mut platform = chatty("deployment_mb = 1").await;
    // Some of the lines are above what may be printed in a second: how many requests it takes is open.
    eventually("all files are there", async || {
        chat(&platform, "many", 1_000).await;
        (files(&platform).len() >= 4).then_some(())
    })
    .await;
    for _ in 0..4 {
        chat(&platform, "many", 1_000).await;
    }
    eventually("the last line is kept", async || {
        chat(&platform, "last", 1).await;
        let kept = lines(&platform).await;
        (ids(&kept).last()? == "last").then_some(())
    })
    .await;
    assert_eq!(platform.terminate().await.code, Some(0));
    let files = files(&platform);
    assert_eq!(files.len(), 4, "{files:?}");
    let bytes: u64 = files
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .sum();
    assert!(bytes <= 1 << 20, "{bytes}");

    platform.restart().await;
    let ids = ids(&lines(&platform).await);
    assert_eq!(ids, ["many", "last"]);
}

#[tokio::test]
async fn a_deleted_deployments_files_go_and_its_successor_begins_anew() {
    let platform = chatty("").await;
    chat(&platform, "first", 1).await;
    on_disk(&platform, "first").await;
    let delete = [
        "deployment",
        "delete",
        "-e",
        "e",
        "-n",
        "blue",
        "--yes",
        "--force",
    ];
    platform.cli(&delete).await.succeeded();
    eventually("the files are gone", async || {
        files(&platform).is_empty().then_some(())
    })
    .await;

    deploy(&platform).await;
    platform
        .cli(&["traffic", "e", "blue=100"])
        .await
        .succeeded();
    chat(&platform, "second", 1).await;
    assert_eq!(ids(&lines(&platform).await), ["second"]);
}

#[tokio::test]
async fn memory_alone_leaves_nothing_behind() {
    let mut platform = chatty("deployment_mb = 0").await;
    chat(&platform, "before", 1).await;
    assert_eq!(ids(&lines(&platform).await), ["before"]);
    platform.terminate().await;
    assert_eq!(files(&platform), Vec::<PathBuf>::new());
    platform.restart().await;
    assert!(ids(&lines(&platform).await).is_empty());
}

#[tokio::test]
async fn a_disk_that_refuses_costs_the_lines_on_disk_and_nothing_else() {
    let platform = chatty("").await;
    chat(&platform, "before", 1).await;
    on_disk(&platform, "before").await;
    // A file where the folder was: nothing can be made there any more.
    let folder = platform.data_dir().join("logs/e");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    for n in 0..3 {
        chat(&platform, &format!("r-{n}"), 1).await;
    }
    eventually("the lines are counted", async || {
        let metrics = platform.metrics().await;
        let labels = [("endpoint", "e"), ("deployment", "blue")];
        (metrics.count("mlwasm_log_lines_unwritten_total", &labels) >= 6).then_some(())
    })
    .await;
    assert_eq!(
        ids(&lines(&platform).await),
        ["before", "r-0", "r-1", "r-2"]
    );
    let said = platform.server().log();
    assert_eq!(
        said.matches("can not be written to disk").count(),
        1,
        "{said}"
    );

    // The disk is well again.
    fs::remove_file(&folder).unwrap();
    chat(&platform, "well", 1).await;
    on_disk(&platform, "well").await;
}

#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let platform = chatty("").await;
    chat(&platform, "r-1", 1).await;
    on_disk(&platform, "r-1").await;
    for file in files(&platform) {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
    }
}
