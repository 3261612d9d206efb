//! Collections: what a deployment asks to be kept of its requests is kept, within bounds, and costs no request anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use mlwasm_harness::{Platform, Setup, eventually, guests};
use mlwasm_types::{CollectedLine, RevisionNumber};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{mirror, version};

/// The endpoint `e` with the guest `echo` as `blue`, which collects as `settings` say.
async fn collecting(settings: Value) -> Platform {
    let platform = Platform::start().await;
    echo(&platform, settings).await;
    platform
}

async fn echo(platform: &Platform, settings: Value) {
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
    collect(platform, "blue", settings).await;
}

/// Sets the data collector of a deployment of `e`.
async fn collect(platform: &Platform, name: &str, settings: Value) {
    let path = format!("/v1/endpoints/e/deployments/{name}");
    let patch = platform.admin(Method::PATCH, &path);
    let patched = patch
        .json(&json!({ "data_collector": settings }))
        .send()
        .await;
    assert_eq!(patched.status(), 200, "{patched:?}");
}

fn both() -> Value {
    json!({"collections": {"request": {"enabled": true}, "response": {"enabled": true}}})
}

/// The last lines of a collection by the command line, whatever there are.
async fn shown(platform: &Platform, name: &str, collection: &str) -> Vec<CollectedLine> {
    let arguments = ["deployment", "collected", "-e", "e", "-n", name];
    let options = ["--collection", collection, "--last", "1000", "-o", "json"];
    let output = platform.cli(&[&arguments[..], &options].concat()).await;
    serde_json::from_value(output.ok().json()).unwrap()
}

/// As [`shown`], once there are as many.
async fn collected(
    platform: &Platform,
    name: &str,
    collection: &str,
    count: usize,
) -> Vec<CollectedLine> {
    eventually("the bodies are collected", async || {
        let lines = shown(platform, name, collection).await;
        (lines.len() >= count).then_some(lines)
    })
    .await
}

/// Scores `body` as a request of this id and media type.
async fn score(platform: &Platform, id: &str, content_type: &str, body: &[u8]) {
    let call = platform.scoring("e").await.id(id);
    let call = call.header("content-type", content_type);
    let answer = call.body(body.to_vec()).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

async fn counts(platform: &Platform, family: &str) -> u64 {
    let labels = [("endpoint", "e"), ("deployment", "blue")];
    platform.metrics().await.count(family, &labels)
}

#[tokio::test]
async fn request_and_answer_are_kept_with_what_belongs_together_and_no_header() {
    let platform = collecting(both()).await;
    let call = platform.scoring("e").await.id("r-1");
    let call = call
        .header("x-secret", "hush")
        .header("content-type", "application/json");
    call.body("{\"a\": [1.50]}").send().await;
    score(&platform, "r-2", "application/octet-stream", b"\xff\x00").await;

    let requests = collected(&platform, "blue", "request", 2).await;
    let answers = collected(&platform, "blue", "response", 2).await;

    for lines in [&requests, &answers] {
        let ids: Vec<_> = lines.iter().map(|line| line.request_id.as_str()).collect();
        assert_eq!(ids, ["r-1", "r-2"]);
        assert_eq!(lines[0].data, Some(json!({"a": [1.5]})));
        assert_eq!((lines[0].bytes, lines[0].truncated), (13, false));
        assert_eq!(lines[1].data_base64.as_deref(), Some("/wA="));
        assert!(lines.iter().all(|line| !line.mirror));
    }
    assert_eq!(
        requests[0].content_type.as_deref(),
        Some("application/json")
    );
    assert_eq!((requests[0].status, answers[0].status), (None, Some(200)));
    for (request, answer) in requests.iter().zip(&answers) {
        assert_eq!(request.correlation_id, answer.correlation_id);
    }
    assert_ne!(requests[0].correlation_id, requests[1].correlation_id);

    let folder = platform.data_dir().join("collected");
    let parts = files(&folder);
    assert_eq!(parts.len(), 2, "{parts:?}");
    let hour = requests[0].time.strftime("%Y/%m/%d/%H").to_string();
    let expected = folder.join(format!("e/blue/request/{hour}/part.jsonl.zst"));
    assert!(parts.contains(&expected), "{parts:?}");
    // As any program that reads zstd sees it.
    let text = String::from_utf8(zstd::decode_all(fs::File::open(&expected).unwrap()).unwrap());
    let text = text.unwrap();
    assert!(text.contains("\"data\":{\"a\":[1.50]}"), "{text}");
    assert!(!text.contains("hush") && !text.contains(&platform.key("e").await));
    assert_eq!(counts(&platform, "mlwasm_collected_total").await, 4);
}

#[tokio::test]
async fn collecting_begins_and_ends_at_once_and_makes_no_revision() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .run()
        .await;
    score(&platform, "before", "text/plain", b"x").await;
    collect(
        &platform,
        "blue",
        json!({"collections": {"request": {"enabled": true}}}),
    )
    .await;
    score(&platform, "while", "text/plain", b"x").await;
    collect(&platform, "blue", Value::Null).await;
    score(&platform, "after", "text/plain", b"x").await;

    let lines = collected(&platform, "blue", "request", 1).await;
    let ids: Vec<_> = lines.iter().map(|line| line.request_id.as_str()).collect();
    assert_eq!(ids, ["while"]);
    assert!(shown(&platform, "blue", "response").await.is_empty());
    let view = platform.deployment("e", "blue").await;
    assert_eq!(view.status.revision, RevisionNumber(1));
    assert_eq!(view.spec.data_collector, None);
}

#[tokio::test]
async fn a_share_of_the_requests_is_collected_with_both_bodies_or_none() {
    let mut settings = both();
    settings["sampling_rate"] = json!(0.5);
    let platform = collecting(settings).await;
    for n in 0..100 {
        score(&platform, &format!("r-{n}"), "text/plain", b"x").await;
    }
    // The writer has caught up when it has written what a request of everything brings.
    collect(&platform, "blue", json!({"sampling_rate": 1})).await;
    score(&platform, "last", "text/plain", b"x").await;
    let ids = async |collection: &'static str| {
        eventually("the last request is collected", async || {
            let lines = shown(&platform, "blue", collection).await;
            let ids: BTreeSet<_> = lines.into_iter().map(|line| line.request_id).collect();
            ids.contains("last").then_some(ids)
        })
        .await
    };
    let requests = ids("request").await;
    // Half of 100 is 50; the ids are fixed, so the count is too.
    assert!((30..=70).contains(&requests.len()), "{requests:?}");
    assert_eq!(ids("response").await, requests);
}

#[tokio::test]
async fn a_long_body_is_cut_and_says_so() {
    let mut settings = both();
    settings["max_bytes"] = json!(4);
    let platform = collecting(settings).await;
    for (id, body) in [("below", "123"), ("at", "1234"), ("above", "12345")] {
        score(&platform, id, "application/json", body.as_bytes()).await;
    }
    let lines = collected(&platform, "blue", "request", 3).await;
    let found: BTreeMap<_, _> = lines
        .iter()
        .map(|line| {
            (
                line.request_id.as_str(),
                (line.bytes, line.truncated, line.data.clone()),
            )
        })
        .collect();
    assert_eq!(found["below"], (3, false, Some(json!(123))));
    assert_eq!(found["at"], (4, false, Some(json!(1234))));
    assert_eq!(found["above"], (5, true, None));
    assert_eq!(lines[2].data_base64.as_deref(), Some("MTIzNA=="));
}

#[tokio::test]
async fn a_copy_is_collected_for_its_target_alone_and_marked() {
    let platform = collecting(both()).await;
    version(&platform, "green", "green").await;
    collect(&platform, "green", both()).await;
    mirror(&platform, "green=50").await;
    for n in 0..40 {
        score(&platform, &format!("r-{n}"), "text/plain", b"x").await;
    }
    let live = collected(&platform, "blue", "request", 40).await;
    assert_eq!(live.len(), 40);
    assert!(live.iter().all(|line| !line.mirror));
    let copies = collected(&platform, "green", "response", 1).await;
    assert!(copies.iter().all(|line| line.mirror), "{copies:?}");
    let correlations: BTreeSet<_> = live
        .iter()
        .chain(&copies)
        .map(|line| &line.correlation_id)
        .collect();
    assert_eq!(correlations.len(), live.len() + copies.len());
}

#[tokio::test]
async fn a_scorer_that_fails_leaves_its_request_and_its_status() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "blue")
        .run()
        .await;
    collect(&platform, "blue", both()).await;
    let answer = platform.score("e", "the last words").await;
    assert_eq!(answer.status(), 424);
    let requests = collected(&platform, "blue", "request", 1).await;
    assert!(requests[0].data_base64.is_some());
    let answers = collected(&platform, "blue", "response", 1).await;
    assert_eq!((answers[0].status, answers[0].bytes), (Some(424), 0));
}

#[tokio::test]
async fn what_was_written_is_read_after_a_power_cut_and_a_torn_tail_costs_only_itself() {
    let mut platform = collecting(both()).await;
    score(&platform, "before", "text/plain", b"x").await;
    collected(&platform, "blue", "request", 1).await;
    platform.kill9();
    for part in files(&platform.data_dir().join("collected")) {
        // The beginning of a frame, as a crash in the middle of a write leaves it.
        let frame = zstd::encode_all(&b"{}\n"[..], 3).unwrap();
        let mut file = fs::OpenOptions::new().append(true).open(part).unwrap();
        file.write_all(&frame[..7]).unwrap();
    }
    platform.restart().await;
    let ids = |lines: Vec<CollectedLine>| -> Vec<String> {
        lines.into_iter().map(|line| line.request_id).collect()
    };
    assert_eq!(ids(shown(&platform, "blue", "request").await), ["before"]);

    score(&platform, "after", "text/plain", b"x").await;
    let lines = collected(&platform, "blue", "request", 2).await;
    // A request after a full hour goes to a file of its own; either way both are there.
    assert_eq!(ids(lines), ["before", "after"]);
}

#[tokio::test]
async fn a_stop_writes_what_waits() {
    let mut platform = collecting(both()).await;
    for n in 0..50 {
        score(&platform, &format!("r-{n}"), "text/plain", b"x").await;
    }
    assert_eq!(platform.terminate().await.code, Some(0));
    platform.restart().await;
    assert_eq!(shown(&platform, "blue", "request").await.len(), 50);
    assert_eq!(shown(&platform, "blue", "response").await.len(), 50);
}

#[tokio::test]
async fn the_bound_on_the_disk_is_kept() {
    let platform = Platform::start_with(Setup {
        config: Some("[data_collection]\nmax_mb = 1\n".to_owned()),
        ..Setup::default()
    })
    .await;
    let mut settings = both();
    settings["max_bytes"] = json!(1 << 20);
    echo(&platform, settings).await;
    // What compresses badly, four times as much as there is room for.
    let mut dice = crate::support::Dice::new(7);
    let body: Vec<u8> = (0..500_000)
        .map(|_| u8::try_from(dice.below(256)).unwrap())
        .collect();
    for n in 0..4 {
        score(&platform, &format!("r-{n}"), "text/plain", &body).await;
    }
    eventually("all are written", async || {
        (counts(&platform, "mlwasm_collected_total").await == 8).then_some(())
    })
    .await;
    let parts = files(&platform.data_dir().join("collected"));
    let total: u64 = parts
        .iter()
        .map(|part| part.metadata().unwrap().len())
        .sum();
    assert!(total <= 1 << 20, "{total}");
}

/// The endpoint `e` with the guest `collects` as the deployment `name`, which collects as `settings` say.
async fn recording(platform: &Platform, name: &str, settings: Value) {
    platform
        .deploy(guests::path("collects"))
        .to("e", name)
        // Less than a record: what a record may be does not depend on it.
        .set("sandbox.max_response_bytes", 4_000)
        .run()
        .await;
    collect(platform, name, settings).await;
}

fn features() -> Value {
    json!({"collections": {"request": {"enabled": true}, "features": {"enabled": true}}})
}

/// What the guest `collects` answers: whether its collection is on, and what came of each record.
async fn record(platform: &Platform, id: &str, query: &str) -> (bool, Vec<String>) {
    let call = platform.scoring("e").await.id(id).query(query);
    let answer = call.body("x").send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    let (in_init, is_on, outcomes): (bool, bool, _) = answer.read();
    assert!(!in_init, "nothing is collected in `init`");
    (is_on, outcomes)
}

#[tokio::test]
async fn what_a_scorer_records_is_kept_beside_the_request_that_it_belongs_to() {
    let platform = Platform::start().await;
    recording(&platform, "blue", features()).await;
    let told = record(&platform, "r-1", "collection=features&count=2&bytes=7").await;
    assert_eq!(told, (true, vec!["ok".to_owned(); 2]));
    let other = "collection=features&count=1&bytes=5&type=text/plain";
    record(&platform, "r-2", other).await;
    // A name that is not configured is no mistake, and keeps nothing.
    let told = record(&platform, "r-3", "collection=other&count=1&bytes=7").await;
    assert_eq!(told, (false, vec!["ok".to_owned()]));

    let requests = collected(&platform, "blue", "request", 3).await;
    let records = collected(&platform, "blue", "features", 3).await;
    let ids: Vec<_> = records
        .iter()
        .map(|line| line.request_id.as_str())
        .collect();
    assert_eq!(ids, ["r-1", "r-1", "r-2"]);
    for record in &records[..2] {
        assert_eq!(record.correlation_id, requests[0].correlation_id);
        assert_eq!(record.data, Some(json!("xxxxx")));
        assert_eq!(record.content_type.as_deref(), Some("application/json"));
    }
    assert_eq!(records[2].correlation_id, requests[1].correlation_id);
    assert_eq!(records[2].content_type.as_deref(), Some("text/plain"));
    assert_eq!(records[2].data_base64.as_deref(), Some("eHh4"));
    assert!(
        records
            .iter()
            .all(|line| !line.mirror && line.status.is_none())
    );
    assert!(shown(&platform, "blue", "other").await.is_empty());
    let labels = [("deployment", "blue"), ("collection", "features")];
    let written = platform
        .metrics()
        .await
        .count("mlwasm_collected_total", &labels);
    assert_eq!(written, 3);
    // Whoever asks for a name that has nothing is told of those that have.
    let arguments = ["deployment", "collected", "-e", "e", "-n", "blue"];
    let output = platform
        .cli(&[&arguments[..], &["--collection", "other"]].concat())
        .await;
    assert!(output.ok().stderr.contains("request, features"));
}

#[tokio::test]
async fn records_have_limits_and_a_scorers_mistakes_are_told_to_it() {
    let platform = Platform::start().await;
    let mut settings = features();
    settings["max_bytes"] = json!(10);
    recording(&platform, "blue", settings).await;
    for (id, bytes) in [("below", 9), ("at", 10), ("above", 11), ("large", 100_000)] {
        let query = format!("collection=features&count=1&bytes={bytes}");
        assert_eq!(record(&platform, id, &query).await.1, ["ok"], "{id}");
    }
    let records = collected(&platform, "blue", "features", 4).await;
    let kept: Vec<_> = records
        .iter()
        .map(|line| (line.bytes, line.truncated))
        .collect();
    assert_eq!(kept, [(9, false), (10, false), (11, true), (100_000, true)]);

    for (count, taken) in [(99, 99), (100, 100), (101, 100)] {
        let query = format!("collection=features&count={count}&bytes=2");
        let (_, outcomes) = record(&platform, "many", &query).await;
        let ok = outcomes.iter().filter(|outcome| *outcome == "ok");
        assert_eq!(ok.count(), taken, "{outcomes:?}");
        assert!(
            count == taken || outcomes[100].contains("at most 100 records"),
            "{outcomes:?}"
        );
    }
    // Whether or not anything of them is kept.
    for query in [
        "collection=request&count=1&bytes=2",
        "collection=-x&count=1&bytes=2",
        "collection=other&count=1&bytes=2&type=a%0Ab",
    ] {
        let (is_on, outcomes) = record(&platform, "invalid", query).await;
        assert!(
            !is_on && outcomes[0].contains("invalid record"),
            "{query}: {outcomes:?}"
        );
    }
    // What a scorer recorded before it failed is what its author wants to see.
    let call = platform.scoring("e").await.id("trapped");
    let answer = call
        .query("collection=features&count=1&bytes=2&trap=1")
        .send()
        .await;
    assert_eq!(answer.status(), 424);
    eventually("the record of the failed request is kept", async || {
        let lines = shown(&platform, "blue", "features").await;
        lines
            .iter()
            .any(|line| line.request_id == "trapped")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn records_follow_the_choice_of_their_request() {
    let platform = Platform::start().await;
    let mut settings = features();
    settings["sampling_rate"] = json!(0.5);
    recording(&platform, "blue", settings).await;
    let mut on = BTreeSet::new();
    for n in 0..40 {
        let id = format!("r-{n}");
        let query = "collection=features&count=1&bytes=2";
        if record(&platform, &id, query).await.0 {
            on.insert(id);
        }
    }
    assert!((8..=32).contains(&on.len()), "{on:?}");
    for collection in ["request", "features"] {
        let lines = collected(&platform, "blue", collection, on.len()).await;
        let ids: BTreeSet<_> = lines.into_iter().map(|line| line.request_id).collect();
        assert_eq!(ids, on, "{collection}");
    }
}

#[tokio::test]
async fn what_a_copy_records_is_marked_and_its_targets() {
    let platform = Platform::start().await;
    recording(&platform, "blue", features()).await;
    recording(&platform, "green", features()).await;
    mirror(&platform, "green=50").await;
    for n in 0..20 {
        record(
            &platform,
            &format!("r-{n}"),
            "collection=features&count=1&bytes=2",
        )
        .await;
    }
    let live = collected(&platform, "blue", "features", 20).await;
    assert!(live.len() == 20 && live.iter().all(|line| !line.mirror));
    let copies = collected(&platform, "green", "features", 1).await;
    assert!(copies.iter().all(|line| line.mirror), "{copies:?}");
}

#[tokio::test]
async fn what_was_collected_outlives_its_deployment_until_it_is_deleted_itself() {
    let platform = collecting(both()).await;
    score(&platform, "r-1", "text/plain", b"x").await;
    collected(&platform, "blue", "response", 1).await;
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
    assert_eq!(shown(&platform, "blue", "request").await.len(), 1);
    platform
        .cli(&["endpoint", "delete", "e", "--yes"])
        .await
        .succeeded();
    assert_eq!(shown(&platform, "blue", "request").await.len(), 1);

    let remove = [
        "deployment",
        "collected",
        "-e",
        "e",
        "-n",
        "blue",
        "--delete",
    ];
    let unasked = platform.cli(&remove).await;
    unasked.refused(2, &["--yes"]);
    let of_requests = ["--collection", "request", "--yes", "-o", "json"];
    let told = platform
        .cli(&[&remove[..], &of_requests].concat())
        .await
        .ok()
        .json();
    assert_eq!(told["files"], 1);
    assert!(shown(&platform, "blue", "request").await.is_empty());
    assert_eq!(shown(&platform, "blue", "response").await.len(), 1);
    let told = platform
        .cli(&[&remove[..], &["--yes", "-o", "json"]].concat())
        .await;
    assert_eq!(told.ok().json()["files"], 1);
    assert!(files(&platform.data_dir().join("collected")).is_empty());
    // Now nothing is known of it.
    let path = "/v1/endpoints/e/deployments/blue/collected";
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(platform.admin(method, path).send().await.status(), 404);
    }
    let page = platform.cli(&["-o", "json", "audit"]).await.ok().json();
    let lines = &page["lines"];
    let actions: Vec<_> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["action"])
        .collect();
    let removals = actions
        .iter()
        .filter(|action| **action == "delete collected");
    assert_eq!(removals.count(), 2, "{lines}");
}

#[tokio::test]
async fn bad_settings_are_refused_and_bodies_are_not_for_readers() {
    let platform = collecting(both()).await;
    let path = "/v1/endpoints/e/deployments/blue";
    for (settings, words) in [
        (
            json!({"collections": {}, "sampling_rate": 0}),
            "0.0001 to 1",
        ),
        (
            json!({"collections": {}, "sampling_rate": 1.1}),
            "0.0001 to 1",
        ),
        (
            json!({"collections": {}, "max_bytes": 1_048_577}),
            "1 to 1048576",
        ),
        (
            json!({"collections": {"model.inputs": {"enabled": true}}}),
            "model.inputs",
        ),
        (json!({"collections": {}, "rolling_rate": "day"}), "hour"),
    ] {
        let patch = platform.admin(Method::PATCH, path);
        let refused = patch
            .json(&json!({ "data_collector": settings }))
            .send()
            .await;
        assert_eq!(refused.status(), 422, "{refused:?}");
        let detail = refused.problem().detail;
        assert!(
            detail.contains(words) && detail.contains("data_collector"),
            "{detail}"
        );
    }
    for (query, words) in [
        ("collection=model.inputs", "model.inputs"),
        ("lst=3", "lst"),
    ] {
        let call = platform.admin(Method::GET, &format!("{path}/collected?{query}"));
        let refused = call.send().await;
        assert_eq!(refused.status(), 400, "{refused:?}");
        assert!(refused.problem().detail.contains(words), "{refused:?}");
    }
    let arguments = ["deployment", "collected", "-e", "e", "-n", "blue", "--last"];
    for (last, is_allowed) in [("0", false), ("1", true), ("1000", true), ("1001", false)] {
        let output = platform.cli(&[&arguments[..], &[last]].concat()).await;
        assert_eq!(output.code == 0, is_allowed, "{last}: {output:?}");
    }
}
