//! Many clients at once: each is served or told to come back, and the server is none the worse for it.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use mlwasm_harness::{Platform, eventually, guests};

use crate::support::{iris, sandboxes, setosa};

#[tokio::test]
async fn of_two_hundred_clients_each_is_served_or_told_to_come_back() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("echo"))
        .to("e", "blue")
        .instances(4)
        .run()
        .await;

    let bodies: Vec<_> = (0..200).map(|n| format!("body {n}")).collect();
    let calls = bodies.iter().map(|body| platform.score("e", body.clone()));
    let answers = join_all(calls).await;

    let mut statuses = BTreeMap::new();
    for (body, answer) in bodies.iter().zip(&answers) {
        *statuses.entry(answer.status()).or_insert(0) += 1;
        match answer.status() {
            200 => assert_eq!(answer.text(), *body),
            429 => assert!(answer.header("retry-after").is_some()),
            _ => panic!("{answer:?}"),
        }
    }
    assert!(statuses[&200] >= 4, "{statuses:?}");
    is_fine(&platform, 4).await;
}

#[tokio::test]
async fn of_clients_that_hang_up_nothing_stays_behind() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .instances(4)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    for _ in 0..5 {
        let mut calls = Vec::new();
        for _ in 0..20 {
            let call = platform.scoring("e").await.query("mode=spin");
            calls.push(call.send());
        }
        // Over as soon as the first is refused: all others are let go in the middle.
        let (first, _, rest) =
            futures_util::future::select_all(calls.into_iter().map(Box::pin)).await;
        assert_eq!(first.status(), 429);
        drop(rest);
    }
    eventually("nothing is in flight", async || {
        let metrics = platform.metrics().await;
        let inside = metrics.count("mlwasm_requests_in_flight", &[("endpoint", "e")]);
        (inside == 0).then_some(())
    })
    .await;
    eventually("all sandboxes are ready", async || {
        (sandboxes(&platform, "idle").await == 4).then_some(())
    })
    .await;
    let call = platform.scoring("e").await.query("mode=ok");
    assert_eq!(call.send().await.status(), 200);
}

#[tokio::test]
async fn clients_of_one_model_get_their_own_answers() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    iris(&platform, "green", 1).await;
    let flowers = [
        ([5.1, 3.5, 1.4, 0.2], "setosa"),
        ([6.3, 2.5, 5.0, 1.9], "virginica"),
    ];

    let ask = async |n: usize| {
        let (flower, class) = flowers[n % 2];
        let name = ["blue", "green"][n / 2 % 2];
        for _ in 0..25 {
            let call = platform.scoring("iris").await.deployment(name);
            let answer = call
                .json(&serde_json::json!({"data": [flower]}))
                .send()
                .await;
            assert_eq!(answer.json()["predictions"][0]["class"], class);
        }
    };
    join_all((0..8).map(ask)).await;

    let answer = platform.score("iris", setosa().to_string()).await;
    assert_eq!(answer.status(), 200);
}

async fn is_fine(platform: &Platform, instances: u64) {
    eventually("all sandboxes are ready", async || {
        (sandboxes(platform, "idle").await == instances).then_some(())
    })
    .await;
    let answer = platform.score("e", "still here").await;
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (200, "still here")
    );
}
