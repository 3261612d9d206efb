//! The access log: every request has its line, and no request waits for it.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
    process::Command,
};

use mlwasm_harness::{Platform, Setup, eventually, guests};
use reqwest::Method;
use serde_json::Value;

use crate::support::version;

/// A platform whose access log is in the file `access.log` of its home, with further settings of the section.
async fn logging(settings: &str) -> Platform {
    // The server's own folder is where the file is: the test's home is not known before the start.
    let config = format!("[access_log]\n{settings}\n");
    Platform::start_with(Setup {
        config: Some(config),
        ..Setup::default()
    })
    .await
}

/// A folder, and the setting that puts the log there.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    let setting = format!("path = {:?}", path.display().to_string());
    (folder, setting)
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    // The last one may be on its way.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The line of the request with this id, once it is there.
async fn line(folder: &tempfile::TempDir, id: &str) -> Value {
    let path = folder.path().join("access.log");
    eventually("the request is in the access log", async || {
        let found = lines(&path);
        found.into_iter().find(|line| line["XRequestId"] == id)
    })
    .await
}

fn check(line: &Value, expected: &[(&str, Value)]) {
    for (column, value) in expected {
        assert_eq!(&line[*column], value, "{column} of {line}");
    }
}

#[tokio::test]
async fn a_request_has_a_line_with_azures_columns_and_no_credential() {
    let (folder, setting) = folder();
    let platform = logging(&setting).await;
    version(&platform, "blue", "blue").await;

    let call = platform.scoring("e").await.id("r-1").query("secret=hush");
    let call = call.header("user-agent", "agent \"one\"\tü");
    assert_eq!(call.body("12345").send().await.text(), "blue");

    let line = line(&folder, "r-1").await;
    check(
        &line,
        &[
            ("Method", "POST".into()),
            ("Path", "/endpoints/e/score".into()),
            ("Protocol", "HTTP/1.1".into()),
            ("ResponseCode", 200.into()),
            ("ResponseCodeReason", "scorer".into()),
            ("ModelStatusCode", 200.into()),
            ("ModelStatusReason", "OK".into()),
            ("RequestPayloadSize", 5.into()),
            ("ResponsePayloadSize", 4.into()),
            ("UserAgent", "agent \"one\"\tü".into()),
            ("EndpointName", "e".into()),
            ("DeploymentName", "blue".into()),
            ("AuthType", "key".into()),
        ],
    );
    let time = line["TimeGenerated"].as_str().unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    let ms = |column: &str| line[column].as_f64().unwrap();
    assert!(
        ms("RequestDurationMs") <= ms("ResponseDurationMs"),
        "{line}"
    );
    assert!(ms("ResponseDurationMs") <= ms("TotalDurationMs"), "{line}");
    assert!(
        ms("QueueDurationMs") + ms("GuestDurationMs") <= ms("TotalDurationMs") + 0.01,
        "{line}"
    );
    let text = fs::read_to_string(folder.path().join("access.log")).unwrap();
    assert!(!text.contains("hush"), "{text}");
    assert!(!text.contains(&platform.key("e").await), "{text}");
}

#[tokio::test]
async fn a_refused_request_and_a_failed_one_say_who_refused_and_why() {
    let (folder, setting) = folder();
    let platform = logging(&setting).await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "blue")
        .run()
        .await;

    assert_eq!(
        platform.scoring("e").await.id("trap").send().await.status(),
        424
    );
    let post = |path: &str, id: &str| platform.scoring_call(Method::POST, path).id(id).send();
    assert_eq!(post("/endpoints/e/score", "no-key").await.status(), 401);
    assert_eq!(
        post("/endpoints/nowhere/score", "nowhere").await.status(),
        404
    );
    let live = platform.scoring_call(Method::GET, "/livez").id("live");
    assert_eq!(live.send().await.status(), 200);

    let null = Value::Null;
    check(
        &line(&folder, "trap").await,
        &[
            ("ResponseCode", 424.into()),
            ("ResponseCodeReason", "scorer-fault".into()),
            ("ModelStatusCode", 500.into()),
            ("ModelStatusReason", "trapped".into()),
            ("DeploymentName", "blue".into()),
        ],
    );
    check(
        &line(&folder, "no-key").await,
        &[
            ("ResponseCode", 401.into()),
            ("ResponseCodeReason", "unauthorized".into()),
            ("ModelStatusCode", null.clone()),
            ("EndpointName", "e".into()),
            ("DeploymentName", null.clone()),
            ("AuthType", null.clone()),
        ],
    );
    check(
        &line(&folder, "nowhere").await,
        &[
            ("ResponseCode", 404.into()),
            ("ResponseCodeReason", "unknown-endpoint".into()),
            ("EndpointName", "nowhere".into()),
        ],
    );
    check(
        &line(&folder, "live").await,
        &[
            ("ResponseCode", 200.into()),
            ("ResponseCodeReason", "gateway".into()),
            ("EndpointName", null),
        ],
    );
}

#[tokio::test]
async fn a_client_that_left_has_a_line_too() {
    let (folder, setting) = folder();
    let platform = logging(&setting).await;
    platform
        .deploy(guests::path("spin"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    let call = platform.scoring("e").await.id("gone").send();
    tokio::select! {
        answer = call => panic!("{answer:?}"),
        () = crate::support::busy(&platform, 1) => {}
    }

    check(
        &line(&folder, "gone").await,
        &[
            ("ResponseCode", 499.into()),
            ("ResponseCodeReason", "client-left".into()),
            ("ModelStatusCode", Value::Null),
            ("DeploymentName", "blue".into()),
        ],
    );
}

#[tokio::test]
async fn what_was_answered_before_a_stop_is_in_the_file() {
    let (folder, setting) = folder();
    let mut platform = logging(&setting).await;
    version(&platform, "blue", "blue").await;
    for n in 0..100 {
        let call = platform.scoring("e").await.id(&format!("r-{n}"));
        assert_eq!(call.send().await.status(), 200);
    }

    assert_eq!(platform.terminate().await.code, Some(0));

    let found = lines(&folder.path().join("access.log"));
    let ids: Vec<_> = found.iter().map(|line| &line["XRequestId"]).collect();
    let sent: Vec<Value> = (0..100).map(|n| format!("r-{n}").into()).collect();
    assert!(ids.iter().copied().eq(&sent), "{ids:?}");
}

#[tokio::test]
async fn what_still_waits_at_a_stop_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    // Opened for both, it opens before there is a writer.
    let held = File::options().read(true).write(true).open(&path).unwrap();
    let mut platform = logging(&format!("path = {:?}", path.display().to_string())).await;
    // Nobody takes anything out of the pipe, so that after 64 KiB lines wait. It ends with the server.
    let mut pipe = File::open(&path).unwrap();
    drop(held);
    version(&platform, "blue", "blue").await;
    const SENT: usize = 1_000;
    for n in 0..SENT {
        let call = platform.scoring("e").await.id(&format!("r-{n}"));
        assert_eq!(call.send().await.status(), 200);
    }
    let written = platform
        .metrics()
        .await
        .count("mlwasm_access_log_lines_total", &[]);
    assert!(written < SENT as u64, "{written} are written: none waits");

    platform.ask_to_end();
    // From here on the server asks its tasks to end.
    let admin = platform
        .server()
        .admin()
        .trim_start_matches("http://")
        .to_owned();
    eventually("the administration is closed", async || {
        tokio::net::TcpStream::connect(&admin)
            .await
            .is_err()
            .then_some(())
    })
    .await;
    let read = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    });
    let text = read.await.unwrap();
    assert_eq!(platform.ended().await.code, Some(0));
    let found = text
        .lines()
        .filter(|line| line.contains("\"EndpointName\":\"e\""))
        .count();
    assert_eq!(found, SENT);
}

#[tokio::test]
async fn a_full_disk_costs_lines_and_no_request() {
    let platform = logging("path = \"/dev/full\"").await;
    version(&platform, "blue", "blue").await;
    for _ in 0..10 {
        assert_eq!(platform.score("e", "").await.text(), "blue");
    }
    eventually("the lines are counted as dropped", async || {
        let metrics = platform.metrics().await;
        let dropped = metrics.count("mlwasm_access_log_dropped_total", &[]);
        assert_eq!(metrics.count("mlwasm_access_log_lines_total", &[]), 0);
        (dropped == 10).then_some(())
    })
    .await;
    assert!(
        platform
            .server()
            .log()
            .contains("access log can not be written")
    );
}

#[tokio::test]
async fn a_log_that_can_not_be_opened_stops_the_start_and_is_named() {
    let ended = Platform::fail_to_start(Setup {
        config: Some("[access_log]\npath = \"/nowhere/access.log\"\n".to_owned()),
        ..Setup::default()
    })
    .await;
    assert_eq!(ended.code, Some(1));
    for words in ["access_log.path", "/nowhere/access.log"] {
        assert!(ended.log.contains(words), "{ended:?}");
    }
}

#[tokio::test]
async fn standard_error_is_a_place_for_it_and_nowhere_is_the_default() {
    let platform = logging("path = \"stderr\"").await;
    let live = platform.scoring_call(Method::GET, "/livez").id("shown");
    live.send().await;
    eventually("the request is in the server's log", async || {
        let log = platform.server().log();
        log.contains("\"XRequestId\":\"shown\"").then_some(())
    })
    .await;

    let platform = Platform::start().await;
    let live = platform.scoring_call(Method::GET, "/livez").id("unseen");
    live.send().await;
    let metrics = platform.admin(Method::GET, "/metrics").send().await.text();
    assert!(!metrics.contains("mlwasm_access_log"), "{metrics}");
}
