//! Who gets which request.

use std::collections::BTreeMap;

use mlwasm_harness::Platform;
use mlwasm_types::{RoutingPoint, TrafficSplit};
use reqwest::Method;
use serde_json::json;

use crate::support::{blue_and_green, traffic, version};

/// Who gets the request of this key, by the rule of the contract: a pure function of the endpoint's name and the key.
fn expected(split: &str, key: &str) -> String {
    let split: TrafficSplit = split.parse().unwrap();
    let point = RoutingPoint::of(b"e", key.as_bytes());
    split.choose(point).unwrap().to_string()
}

#[tokio::test]
async fn ninety_to_ten_over_a_thousand_requests_is_what_the_function_says() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=90 green=10").await;
    let mut counts = BTreeMap::new();

    for n in 0..1_000 {
        let id = format!("request-{n}");
        let answer = platform.scoring("e").await.id(&id).send().await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.deployment(), expected("blue=90 green=10", &id));
        assert_eq!(answer.text(), answer.deployment());
        *counts.entry(answer.text()).or_insert(0) += 1;
    }

    // The ids are fixed, so the counts are; that they are near 900 and 100 shows that the function is a fair one.
    assert!((50..=150).contains(&counts["green"]), "{counts:?}");
}

#[tokio::test]
async fn requests_without_an_id_are_shared_out_too() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=50 green=50").await;
    let mut counts = BTreeMap::new();
    for _ in 0..100 {
        let answer = platform.score("e", "").await;
        *counts.entry(answer.text()).or_insert(0) += 1;
    }
    // Each count is below 10 once in 10^17 runs.
    assert!(
        counts.len() == 2 && counts.values().all(|count| *count >= 10),
        "{counts:?}"
    );
}

#[tokio::test]
async fn a_sticky_header_keeps_a_caller_where_it_is() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=50 green=50").await;
    let patch = platform
        .admin(Method::PATCH, "/v1/endpoints/e")
        .json(&json!({"sticky_header": "x-user"}));
    assert_eq!(patch.send().await.status(), 200);

    let mut seen = BTreeMap::new();
    for n in 0..60 {
        let user = format!("user-{}", n % 20);
        let call = platform.scoring("e").await.id(&format!("r-{n}"));
        let answer = call.header("x-user", &user).send().await;
        assert_eq!(answer.deployment(), expected("blue=50 green=50", &user));
        *seen.entry(answer.text()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 2, "{seen:?}");

    // Without the header, the id decides again.
    for n in 0..20 {
        let id = format!("r-{n}");
        let answer = platform.scoring("e").await.id(&id).send().await;
        assert_eq!(answer.deployment(), expected("blue=50 green=50", &id));
    }
}

#[tokio::test]
async fn a_named_deployment_answers_at_zero_percent() {
    let platform = blue_and_green().await;
    for header in ["azureml-model-deployment", "mlwasm-deployment"] {
        let call = platform.scoring("e").await.header(header, "green");
        let answer = call.send().await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "green"));
        assert_eq!(answer.deployment(), "green");
    }
}

#[tokio::test]
async fn with_traffic_off_only_named_deployments_answer() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=0 green=0").await;

    let answer = platform.score("e", "").await;
    assert_eq!(answer.status(), 404);
    assert!(answer.problem().detail.contains("traffic"), "{answer:?}");

    let named = platform.scoring("e").await.deployment("blue").send().await;
    assert_eq!(named.text(), "blue");
}

#[tokio::test]
async fn a_change_of_traffic_holds_from_its_acknowledgement_on() {
    let platform = blue_and_green().await;
    for name in ["green", "blue", "green", "blue", "green"] {
        let other = if name == "green" { "blue" } else { "green" };
        traffic(&platform, &format!("{name}=100 {other}=0")).await;
        assert_eq!(platform.score("e", "").await.text(), name);
    }
}

#[tokio::test]
async fn a_request_sees_one_table_while_tables_change() {
    let platform = blue_and_green().await;
    let scoring = async {
        for n in 0..400 {
            let answer = platform
                .scoring("e")
                .await
                .id(&format!("r-{n}"))
                .send()
                .await;
            assert_eq!(answer.status(), 200, "{answer:?}");
            assert_eq!(answer.text(), answer.deployment());
        }
    };
    let changing = async {
        for n in 0..20 {
            let (blue, green) = if n % 2 == 0 { (0, 100) } else { (100, 0) };
            let put = platform
                .admin(Method::PUT, "/v1/endpoints/e/traffic")
                .json(&json!({"blue": blue, "green": green}));
            assert_eq!(put.send().await.status(), 200);
        }
    };
    tokio::join!(scoring, changing);
}

#[tokio::test]
async fn the_remainder_goes_where_it_is_told_and_nowhere_by_itself() {
    let platform = blue_and_green().await;
    let arguments = ["traffic", "e", "green=20", "--remainder-to", "blue"];
    platform.cli(&arguments).await.succeeded();
    let endpoint = platform.endpoint("e").await;
    assert_eq!(endpoint.spec.traffic.to_string(), "blue=80 green=20");

    let output = platform.cli(&["traffic", "e", "green=20"]).await;
    assert_ne!(output.code, 0, "{output:#?}");
    assert_eq!(
        platform.endpoint("e").await.spec.traffic,
        endpoint.spec.traffic
    );
}

#[tokio::test]
async fn a_deployment_with_traffic_is_deleted_by_force_only() {
    let platform = blue_and_green().await;
    let delete = ["deployment", "delete", "-e", "e", "-n", "blue", "--yes"];

    platform.cli(&delete).await.refused(1, &["blue", "traffic"]);
    let raw = platform.admin(Method::DELETE, "/v1/endpoints/e/deployments/blue");
    let answer = raw.send().await;
    assert_eq!(answer.status(), 409);
    answer.problem();
    assert_eq!(platform.score("e", "").await.text(), "blue");

    platform
        .cli(&[&delete[..], &["--force"]].concat())
        .await
        .succeeded();
    assert_eq!(platform.score("e", "").await.status(), 404);
    let named = platform.scoring("e").await.deployment("green").send().await;
    assert_eq!(named.text(), "green");
}

#[tokio::test]
async fn deleting_one_deployment_never_disturbs_another() {
    let platform = blue_and_green().await;
    let scoring = async {
        for _ in 0..300 {
            let answer = platform.score("e", "").await;
            assert_eq!((answer.status(), answer.text().as_str()), (200, "blue"));
        }
    };
    let changing = async {
        for _ in 0..3 {
            let delete = ["deployment", "delete", "-e", "e", "-n", "green", "--yes"];
            platform.cli(&delete).await.succeeded();
            let named = platform.scoring("e").await.deployment("green").send().await;
            assert_eq!(named.status(), 404);
            version(&platform, "green", "green").await;
        }
    };
    tokio::join!(scoring, changing);
}

#[tokio::test]
async fn deleting_an_endpoint_deletes_its_deployments() {
    let platform = blue_and_green().await;
    let key = platform.key("e").await;
    platform
        .cli(&["endpoint", "delete", "-n", "e", "--yes"])
        .await
        .succeeded();

    let call = platform
        .scoring_call(Method::POST, "/endpoints/e/score")
        .key(&key);
    assert_eq!(call.send().await.status(), 404);
    assert_eq!(status_of(&platform, "/v1/endpoints/e").await, 404);
    assert_eq!(
        status_of(&platform, "/v1/endpoints/e/deployments/blue").await,
        404
    );
}

async fn status_of(platform: &Platform, path: &str) -> u16 {
    platform.admin(Method::GET, path).send().await.status()
}
