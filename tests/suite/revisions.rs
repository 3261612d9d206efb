//! Every change of a deployment can be read afterwards, and undone.

use futures_util::future::join;
use mlwasm_harness::{Output, Platform, guests};
use mlwasm_types::{RevisionState, RevisionView, api::DeploymentView};
use reqwest::Method;
use serde_json::json;

use crate::support::{platform_with, version};

const BLUE: &str = "/v1/endpoints/e/deployments/blue";

/// A platform whose deployment `blue` has had the versions `one`, `two` and `three`.
async fn three_revisions() -> Platform {
    let platform = Platform::start().await;
    for text in ["one", "two", "three"] {
        version(&platform, "blue", text).await;
    }
    platform
}

async fn roll_back(platform: &Platform, more: &[&str]) -> Output {
    let rollback = ["deployment", "rollback", "-e", "e", "-n", "blue"];
    platform.cli(&[&rollback[..], more].concat()).await
}

async fn history(platform: &Platform) -> Vec<RevisionView> {
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
    platform.cli(&history).await.ok().read()
}

async fn answer(platform: &Platform) -> String {
    platform.score("e", "").await.text()
}

#[tokio::test]
async fn the_history_says_what_changed_when_and_what_serves() {
    let platform = three_revisions().await;
    let scale = [
        "deployment",
        "update",
        "-e",
        "e",
        "-n",
        "blue",
        "--set",
        "instance_count=3",
    ];
    platform.cli(&scale).await.succeeded();
    let failing = platform.deploy(guests::path("fail_init")).to("e", "blue");
    assert_eq!(failing.attempt().await.code, 1);

    let views = history(&platform).await;
    let told: Vec<_> = views
        .iter()
        .map(|view| (view.revision.0, view.state, view.wanted))
        .collect();
    use RevisionState::{Failed, Kept, Serving};
    assert_eq!(
        told,
        [
            (1, Kept, false),
            (2, Kept, false),
            (3, Kept, false),
            (4, Serving, false),
            (5, Failed, true),
        ]
    );
    let changed: Vec<_> = views[1..4]
        .iter()
        .map(|view| {
            view.changes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        changed,
        [
            ["environment_variables.VERSION: one -> two"],
            ["environment_variables.VERSION: two -> three"],
            ["instance_count: 2 -> 3"],
        ]
    );
    assert!(views[4].error.is_some(), "{:?}", views[4]);
    let times: Vec<_> = views.iter().map(|view| view.created_at.unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");

    let table = ["deployment", "history", "-e", "e", "-n", "blue"];
    let table = platform.cli(&table).await.ok().stdout;
    assert!(table.contains("instance_count: 2 -> 3"), "{table}");
    assert!(table.contains("serving"), "{table}");
}

#[tokio::test]
async fn a_rollback_returns_to_what_served_before_and_each_further_one_goes_further_back() {
    let platform = three_revisions().await;
    let made = platform.deployment("e", "blue").await;

    let output = roll_back(&platform, &["-o", "json"]).await.ok();
    let shown: DeploymentView = output.read();
    assert!(output.stderr.contains("revision 2 serves"), "{output:#?}");
    assert_eq!(answer(&platform).await, "two");
    assert_eq!(shown.status.serving_revision, Some(shown.status.revision));
    assert_eq!(shown.status.revision.0, 2);
    assert_eq!(shown.spec.environment_variables["VERSION"], "two");
    assert_eq!(shown.spec.component, made.spec.component);

    // Not to 3, which was rolled back from.
    roll_back(&platform, &[]).await.succeeded();
    assert_eq!(answer(&platform).await, "one");
    let nothing_left = roll_back(&platform, &[]).await;
    nothing_left.refused(1, &["revision 1", "--to", "1, 2, 3"]);

    roll_back(&platform, &["--to", "3"]).await.succeeded();
    assert_eq!(answer(&platform).await, "three");
    roll_back(&platform, &["--to", "7"])
        .await
        .refused(3, &["revision 7", "1, 2, 3"]);
    // A later version has a number of its own, and its way back is what it replaced.
    roll_back(&platform, &["--to", "1"]).await.succeeded();
    version(&platform, "blue", "four").await;
    assert_eq!(platform.deployment("e", "blue").await.status.revision.0, 4);
    roll_back(&platform, &[]).await.succeeded();
    assert_eq!(answer(&platform).await, "one");
}

#[tokio::test]
async fn a_rollback_drops_no_request() {
    let platform = three_revisions().await;
    let scoring = async {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|text| text != "one") {
            let answer = platform.score("e", "").await;
            assert_eq!(answer.status(), 200, "{answer:?}");
            seen.push(answer.text());
        }
        seen
    };
    let rolling = async {
        roll_back(&platform, &["--to", "2"]).await.succeeded();
        roll_back(&platform, &["--to", "1"]).await.succeeded();
    };
    let (mut seen, ()) = join(scoring, rolling).await;
    seen.dedup();
    let order = ["three", "two", "one"];
    let mut places = seen
        .iter()
        .map(|text| order.iter().position(|known| known == text).unwrap());
    assert!(places.by_ref().is_sorted(), "{seen:?}");
}

#[tokio::test]
async fn a_failed_revision_is_given_up_at_once() {
    let platform = platform_with("echo").await;
    let failing = platform.deploy(guests::path("fail_init")).to("e", "blue");
    assert_eq!(failing.attempt().await.code, 1);
    let output = roll_back(&platform, &[]).await.ok();
    assert!(output.stderr.contains("revision 1 serves"), "{output:#?}");
    let blue = platform.deployment("e", "blue").await;
    assert_eq!(blue.status.revision.0, 1);
    assert_eq!(blue.status.error, None);
    assert_eq!(platform.score("e", "hello").await.text(), "hello");
}

#[tokio::test]
async fn a_rollback_survives_a_power_cut_and_so_does_the_history() {
    let mut platform = three_revisions().await;
    roll_back(&platform, &[]).await.succeeded();
    let before = history(&platform).await;
    platform.kill9();
    platform.restart().await;
    assert_eq!(answer(&platform).await, "two");
    assert_eq!(history(&platform).await, before);
    roll_back(&platform, &[]).await.succeeded();
    assert_eq!(answer(&platform).await, "one");
}

#[tokio::test]
async fn who_rolls_back_what_has_changed_meanwhile_is_refused() {
    let platform = three_revisions().await;
    let seen = platform.admin(Method::GET, BLUE).send().await;
    let tag = seen.header("etag").unwrap().to_owned();
    let list = platform.admin(Method::GET, &format!("{BLUE}/revisions"));
    assert_eq!(list.send().await.header("etag"), Some(tag.as_str()));
    version(&platform, "blue", "four").await;
    let roll_back = async |tag: Option<&str>, body: Option<serde_json::Value>| {
        let mut call = platform.admin(Method::POST, &format!("{BLUE}/rollback"));
        if let Some(tag) = tag {
            call = call.header("if-match", tag);
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        call.send().await
    };
    let late = roll_back(Some(&tag), None).await;
    assert_eq!(late.status(), 412, "{late:?}");
    late.problem();
    for (body, status) in [
        (json!({"to": 99}), 404),
        (json!({"to": "one"}), 422),
        (json!({"too": 1}), 422),
    ] {
        let answer = roll_back(None, Some(body)).await;
        assert_eq!(answer.status(), status, "{answer:?}");
        answer.problem();
    }
    let back = roll_back(None, None).await;
    assert_eq!(back.status(), 200, "{back:?}");
    assert_eq!(back.json()["revision"], 3);
    let nowhere = ["deployment", "history", "-e", "e", "-n", "red"];
    platform.cli(&nowhere).await.refused(3, &["red"]);
    let nowhere = ["deployment", "rollback", "-e", "e", "-n", "red"];
    platform.cli(&nowhere).await.refused(3, &["red"]);
}

#[tokio::test]
async fn the_last_ten_revisions_can_be_returned_to() {
    let platform = Platform::start().await;
    for n in 1..=12 {
        version(&platform, "blue", &format!("v{n}")).await;
    }
    let kept: Vec<_> = history(&platform)
        .await
        .iter()
        .map(|view| view.revision.0)
        .collect();
    assert_eq!(kept, (3..=12).collect::<Vec<_>>());
    roll_back(&platform, &["--to", "2"])
        .await
        .refused(3, &["revision 2"]);
    roll_back(&platform, &["--to", "3"]).await.succeeded();
    assert_eq!(answer(&platform).await, "v3");
}
