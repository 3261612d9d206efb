//! Two people change the same thing: nobody's change is lost without a word.

use futures_util::future::join_all;
use mlwasm_harness::{Answer, Platform};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::blue_and_green;

const PATH: &str = "/v1/endpoints/e";

async fn tag(platform: &Platform, path: &str, name: &str, if_match: Option<&str>) -> Answer {
    let mut call = platform.admin(Method::PATCH, path);
    if let Some(tag) = if_match {
        call = call.header("if-match", tag);
    }
    call.json(&json!({"tags": {name: "x"}})).send().await
}

async fn etag(platform: &Platform, path: &str) -> String {
    let answer = platform.admin(Method::GET, path).send().await;
    answer.header("etag").unwrap().to_owned()
}

#[tokio::test]
async fn a_change_of_what_has_changed_meanwhile_is_refused() {
    let platform = blue_and_green().await;
    for path in [PATH, "/v1/endpoints/e/deployments/blue"] {
        let seen = etag(&platform, path).await;

        let first = tag(&platform, path, "first", Some(&seen)).await;
        let second = tag(&platform, path, "second", Some(&seen)).await;

        assert_eq!(first.status(), 200, "{first:?}");
        assert_eq!(second.status(), 412, "{second:?}");
        second.problem();
        let now = etag(&platform, path).await;
        assert_eq!(first.header("etag"), Some(now.as_str()));
        let tags = platform.admin(Method::GET, path).send().await.json()["tags"].clone();
        assert_eq!(tags, json!({"first": "x"}));
        // Who looks again may change again.
        assert_eq!(
            tag(&platform, path, "third", Some(&now)).await.status(),
            200
        );
    }
}

#[tokio::test]
async fn traffic_and_mirror_heed_the_tag_of_the_endpoint() {
    let platform = blue_and_green().await;
    let stale = etag(&platform, PATH).await;
    tag(&platform, PATH, "later", None).await;
    for (what, body) in [
        ("traffic", json!({"green": 100})),
        ("mirror", json!({"green": 10})),
    ] {
        let put = platform
            .admin(Method::PUT, &format!("{PATH}/{what}"))
            .header("if-match", &stale)
            .json(&body);
        assert_eq!(put.send().await.status(), 412, "{what}");
    }
    let delete = platform
        .admin(Method::DELETE, PATH)
        .header("if-match", &stale);
    assert_eq!(delete.send().await.status(), 412);
    assert_eq!(platform.score("e", "").await.text(), "blue");
}

#[tokio::test]
async fn creating_what_exists_is_refused_to_those_who_ask_for_that() {
    let platform = blue_and_green().await;
    let put = platform
        .admin(Method::PUT, PATH)
        .header("if-none-match", "*")
        .json(&json!({"name": "e"}));
    assert_eq!(put.send().await.status(), 412);
    let put = platform
        .admin(Method::PUT, "/v1/endpoints/new")
        .header("if-none-match", "*")
        .json(&json!({"name": "new"}));
    assert_eq!(put.send().await.status(), 201);
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let platform = blue_and_green().await;
    let names: Vec<_> = (0..20).map(|n| format!("tag-{n}")).collect();

    let answers = join_all(names.iter().map(|name| tag(&platform, PATH, name, None))).await;

    assert!(
        answers.iter().all(|answer| answer.status() == 200),
        "{answers:?}"
    );
    let tags = platform.endpoint("e").await.spec.tags;
    assert_eq!(tags.len(), names.len(), "{tags:?}");
    let mut generations: Vec<_> = answers
        .iter()
        .map(|answer| answer.json()["generation"].as_u64().unwrap())
        .collect();
    generations.sort_unstable();
    assert!(
        generations.is_sorted_by(|one, next| one < next),
        "{generations:?}"
    );
}

#[tokio::test]
async fn of_changes_at_once_to_the_same_state_one_wins() {
    let platform = blue_and_green().await;
    let seen = etag(&platform, PATH).await;
    let names: Vec<_> = (0..10).map(|n| format!("tag-{n}")).collect();

    let answers = join_all(
        names
            .iter()
            .map(|name| tag(&platform, PATH, name, Some(&seen))),
    )
    .await;

    let won = answers.iter().filter(|answer| answer.status() == 200);
    assert_eq!(won.count(), 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status(), 200 | 412))
    );
    assert_eq!(platform.endpoint("e").await.spec.tags.len(), 1);
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name_and_removes_what_it_nulls() {
    let platform = blue_and_green().await;
    let patch = async |body: Value| {
        let call = platform.admin(Method::PATCH, PATH).json(&body);
        call.send().await.json()
    };
    patch(json!({"description": "flowers", "tags": {"a": "1", "b": "2"}})).await;
    let endpoint = patch(json!({"tags": {"a": null, "c": "3"}})).await;
    assert_eq!(endpoint["description"], "flowers");
    assert_eq!(endpoint["tags"], json!({"b": "2", "c": "3"}));
    assert_eq!(endpoint["traffic"]["blue"], 100);
    // Shares mean something only together: they are replaced whole.
    let endpoint = patch(json!({"traffic": {"green": 100}})).await;
    assert_eq!(
        endpoint["traffic"]
            .get("blue")
            .and_then(Value::as_u64)
            .unwrap_or(0),
        0
    );
}

#[tokio::test]
async fn an_unknown_field_is_refused() {
    let platform = blue_and_green().await;
    let patch = platform
        .admin(Method::PATCH, PATH)
        .json(&json!({"descriptoin": "x"}));
    let answer = patch.send().await;
    assert!(matches!(answer.status(), 400 | 422), "{answer:?}");
    assert!(answer.problem().detail.contains("descriptoin"));
}
