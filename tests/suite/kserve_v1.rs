//! KServe's first protocol: a row in, a prediction out.

use mlwasm_harness::{Answer, Platform, guests, models};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{support::platform_with, v2_rest::typed};

async fn predict(platform: &Platform, body: &Value) -> Answer {
    let key = platform.key("e").await;
    let call = platform.scoring_call(Method::POST, "/v1/models/e:predict");
    call.key(&key).json(body).send().await
}

#[tokio::test]
async fn an_instance_is_a_row_and_so_is_a_prediction() {
    let platform = Platform::start().await;
    // The no-code scorer: a model as it is.
    platform.deploy(models::iris(1)).to("e", "blue").run().await;
    let flowers = json!({"instances": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]});
    let answer = predict(&platform, &flowers).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    let predictions = &answer.json()["predictions"];
    assert_eq!(predictions[0]["label"], 0);
    assert_eq!(predictions[1]["label"], 2);
    assert_eq!(predictions[1]["probabilities"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn instances_that_do_not_fit_are_told_which() {
    let platform = typed().await;
    for (body, expected) in [
        (json!({}), "`instances` is missing"),
        (json!({"instances": 7}), "instances to be a list"),
        (json!({"instances": [7]}), "instances[0] to be an object"),
        (
            json!({"instances": [{"rows": [1, 2]}]}),
            "instances[0]: input \"words\" is missing",
        ),
        (
            json!({"instances": [{"rows": [1, 2], "words": "a"}, {"rows": [1], "words": "a"}]}),
            "instances[1][\"rows\"]: expected 2 items, found 1",
        ),
        (
            json!({"instances": [{"rows": [1, "2"], "words": "a"}]}),
            "instances[0][\"rows\"]: expected FP32, found \"2\"",
        ),
    ] {
        let answer = predict(&platform, &body).await;
        assert_eq!(answer.status(), 400, "{answer:?}");
        assert!(
            answer.problem().detail.contains(expected),
            "{}",
            answer.text()
        );
    }
    // One of its outputs is a single number, whatever the rows.
    let fine = json!({"instances": [{"rows": [1, 2], "words": "a"}]});
    let answer = predict(&platform, &fine).await;
    assert!(
        answer
            .problem()
            .detail
            .contains("\"count\" has no row for each instance")
    );
}

#[tokio::test]
async fn models_are_listed_and_ready_to_who_has_their_key() {
    let platform = typed().await;
    platform
        .deploy(guests::path("typed"))
        .to("f", "blue")
        .run()
        .await;
    let key = platform.key("e").await;
    let get = async |path: &str| {
        let call = platform.scoring_call(Method::GET, path);
        call.key(&key).send().await
    };
    assert_eq!(get("/v1/models").await.json(), json!({"models": ["e"]}));
    assert_eq!(
        get("/v1/models/e").await.json(),
        json!({"name": "e", "ready": true})
    );
    assert_eq!(get("/v1/models/f").await.status(), 401);
    assert_eq!(get("/v1/models/g").await.status(), 404);
}

#[tokio::test]
async fn a_raw_scorer_gets_the_body_and_is_told_the_protocol() {
    let platform = platform_with("echo").await;
    let body = json!({"instances": [1]});
    assert_eq!(predict(&platform, &body).await.json(), body);
}
