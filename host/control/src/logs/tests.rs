//! What is promised of logs on disk: they go on, they stay within bounds, and a deleted deployment's go.

use std::{fs, path::Path};

use mlwasm_sandbox::LogQuery;

use super::*;

fn retention(max_deployment_bytes: u64) -> LogRetention {
    LogRetention {
        max_deployment_bytes,
        max_bytes: 1 << 30,
    }
}

fn names() -> (EndpointName, DeploymentName) {
    (
        EndpointName::new("e").unwrap(),
        DeploymentName::new("blue").unwrap(),
    )
}

/// One life of a server: what `act` does with the log of `blue`, and what it finds.
async fn live<T>(folder: &Path, most: u64, act: impl FnOnce(&Logs, &DeploymentLog) -> T) -> T {
    let tasks = TaskGroup::new();
    let (logs, unwritten) = Logs::open(folder.to_owned(), retention(most), tasks.clone()).unwrap();
    tasks.spawn(write(unwritten, tasks.clone()));
    let (endpoint, deployment) = names();
    let log = logs.log_of((&endpoint, &deployment), Generation(3));
    log.recall();
    let found = act(&logs, &log);
    tasks.shutdown().await;
    found
}

fn texts(log: &DeploymentLog) -> Vec<(u64, String)> {
    let page = log.page(LogQuery {
        after: None,
        lines: usize::MAX,
    });
    let lines = page.lines.into_iter();
    lines.map(|line| (line.sequence, line.text)).collect()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("e/blue.3.jsonl")
}

#[tokio::test]
async fn the_next_life_has_the_lines_of_the_one_before_and_goes_on_counting() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1 << 20, |_, log| log.host("one")).await;
    live(folder.path(), 1 << 20, |_, log| log.host("two")).await;
    let found = live(folder.path(), 1 << 20, |_, log| texts(log)).await;
    assert_eq!(found, [(1, "one".to_owned()), (2, "two".to_owned())]);
}

#[tokio::test]
async fn a_line_that_was_cut_is_passed_over_and_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1 << 20, |_, log| {
        log.host("one");
        log.host("two");
    })
    .await;
    let path = file(folder.path());
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 5]).unwrap();
    live(folder.path(), 1 << 20, |_, log| log.host("three")).await;
    let found = live(folder.path(), 1 << 20, |_, log| texts(log)).await;
    assert_eq!(found, [(1, "one".to_owned()), (2, "three".to_owned())]);
}

#[tokio::test]
async fn nothing_is_written_where_nothing_is_to_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 0, |_, log| log.host("one")).await;
    assert!(!file(folder.path()).exists());
    let found = live(folder.path(), 0, |_, log| texts(log)).await;
    assert_eq!(found, []);
}

#[tokio::test]
async fn files_rotate_and_stay_within_their_bound() {
    let folder = tempfile::tempdir().unwrap();
    let most = 1 << 20;
    for _ in 0..6 {
        // As many as the host may say in a second: 400 KiB a life.
        live(folder.path(), most, |_, log| {
            for _ in 0..100 {
                log.host("x".repeat(4 << 10));
            }
        })
        .await;
        let files = fs::read_dir(folder.path().join("e")).unwrap();
        let bytes: u64 = files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum();
        assert!(bytes <= most, "{bytes}");
    }
    let files = fs::read_dir(folder.path().join("e")).unwrap().count();
    assert_eq!(files, 4);
    let found = live(folder.path(), most, |_, log| texts(log)).await;
    assert_eq!(found.last().unwrap().0, 600);
    assert!(found.is_sorted());
}

#[tokio::test]
async fn a_deleted_deployments_files_go_after_the_lines_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1 << 20, |_, log| log.host("before")).await;
    let (endpoint, deployment) = names();
    live(folder.path(), 1 << 20, |logs, log| {
        log.host("last");
        logs.forget((&endpoint, &deployment), Generation(3));
    })
    .await;
    assert!(!folder.path().join("e").exists());
}

#[tokio::test]
async fn a_disk_that_refuses_costs_lines_on_disk_alone_and_they_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    // A file where a folder should be.
    fs::write(folder.path().join("e"), "").unwrap();
    let tasks = TaskGroup::new();
    let opened = Logs::open(folder.path().to_owned(), retention(1 << 20), tasks.clone());
    let (logs, unwritten) = opened.unwrap();
    tasks.spawn(write(unwritten, tasks.clone()));
    let (endpoint, deployment) = names();
    let log = logs.log_of((&endpoint, &deployment), Generation(3));
    log.host("one");
    log.host("two");
    tasks.shutdown().await;
    assert_eq!(log.lost_lines(), 2);
    assert_eq!(texts(&log).len(), 2);
}
