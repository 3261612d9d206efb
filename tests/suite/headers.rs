//! What an answer says about itself, and what a scorer may not say.

use std::collections::BTreeSet;

use mlwasm_harness::{Answer, Platform};

use crate::support::{iris, platform_with, setosa};

/// `server-timing`'s entries: name and milliseconds.
fn timings(answer: &Answer) -> Vec<(String, f64)> {
    let header = answer.header("server-timing").unwrap();
    let entry = |entry: &str| {
        let (name, duration) = entry.trim().split_once(";dur=").unwrap();
        (name.to_owned(), duration.parse().unwrap())
    };
    header.split(',').map(entry).collect()
}

#[tokio::test]
async fn every_answer_says_where_its_time_went() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;

    let answer = platform.score("iris", setosa().to_string()).await;

    let timings = timings(&answer);
    let names: Vec<_> = timings.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["queue", "guest", "infer"]);
    assert!(timings[1].1 > 0.0 && timings[2].1 > 0.0, "{timings:?}");
}

#[tokio::test]
async fn a_scorer_without_models_spends_no_time_in_them() {
    let platform = platform_with("echo").await;
    let timings = timings(&platform.score("e", "x").await);
    assert!(timings[1].1 > 0.0, "{timings:?}");
    assert_eq!(timings[2], ("infer".to_owned(), 0.0));
}

#[tokio::test]
async fn who_answered_is_named_twice() {
    let platform = platform_with("echo").await;
    let answer = platform.score("e", "x").await;
    assert_eq!(answer.header("mlwasm-deployment"), Some("blue"));
    assert_eq!(answer.header("azureml-model-deployment"), Some("blue"));
}

#[tokio::test]
async fn a_requests_id_is_kept_and_seen_by_the_scorer() {
    let platform = platform_with("whoami").await;
    for id in [
        "r-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-01",
        &"a".repeat(128),
    ] {
        let answer = platform.scoring("e").await.id(id).send().await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(answer.json()["id"], id);
    }
}

#[tokio::test]
async fn a_request_without_a_proper_id_gets_one() {
    let platform = platform_with("whoami").await;
    let mut ids = BTreeSet::new();
    for _ in 0..5 {
        let answer = platform.score("e", "").await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert_eq!(answer.json()["id"], id.as_str());
        assert!(ids.insert(id));
    }
    for improper in ["", "two words", &"a".repeat(129)] {
        let answer = platform.scoring("e").await.id(improper).send().await;
        assert_eq!(answer.status(), 200);
        assert_ne!(answer.header("x-request-id"), Some(improper));
    }
}

#[tokio::test]
async fn a_scorer_can_not_speak_for_the_platform() {
    let platform = platform_with("status").await;
    for name in [
        "x-request-id",
        "mlwasm-deployment",
        "azureml-model-deployment",
        "server-timing",
        "ms-azureml-model-error-reason",
    ] {
        let query = format!("code=200&header={name}&value=forged");
        let answer = platform.scoring("e").await.query(&query).send().await;
        assert_eq!(answer.text(), "status 200", "{name}");
        let values: Vec<_> = answer.headers().get_all(name).iter().collect();
        assert!(
            values.iter().all(|value| *value != "forged"),
            "{name}: {values:?}"
        );
        assert!(values.len() <= 1, "{name}: {values:?}");
    }
}

#[tokio::test]
async fn a_scorer_can_not_change_where_its_answer_ends() {
    let platform = platform_with("status").await;
    for name in [
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "trailer",
    ] {
        let query = format!("code=200&header={name}&value=1");
        let answer = platform.scoring("e").await.query(&query).send().await;
        assert_eq!(answer.status(), 424, "{name}");
        assert!(answer.problem().detail.contains(name), "{answer:?}");
    }
}

#[tokio::test]
async fn credentials_do_not_reach_the_scorer() {
    let platform = platform_with("whoami").await;
    let call = platform.scoring("e").await;
    let answer = call
        .header("cookie", "session=secret")
        .header("proxy-authorization", "Basic secret")
        .send()
        .await;
    let seen = answer.json()["headers"].to_string().to_lowercase();
    let key = platform.key("e").await.to_lowercase();
    assert!(!seen.contains("secret") && !seen.contains(&key), "{seen}");
}
