//! A server that is asked to end ends well.

use mlwasm_harness::{Platform, eventually};
use reqwest::Method;
use serde_json::json;

use crate::support::{SLOW_RUNS, be_slow, blue_and_green, busy, slow};

#[tokio::test]
async fn an_idle_server_ends_at_once_and_well() {
    let mut platform = blue_and_green().await;
    platform.score("e", "").await;
    let ended = platform.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_new_ones_are_not_taken() {
    let mut platform = Platform::start().await;
    slow(&platform).await;

    let (answer, ()) = tokio::join!(be_slow(&platform), async {
        busy(&platform, 1).await;
        platform.ask_to_end();
        // A load balancer sees it by the status or by the closed door, and so does a client.
        eventually("the server is not ready", async || {
            let ready = platform
                .scoring_call(Method::GET, "/readyz")
                .try_send()
                .await;
            ready
                .map_or(true, |answer| answer.status() == 503)
                .then_some(())
        })
        .await;
        let late = platform
            .scoring("e")
            .await
            .query("times=1")
            .try_send()
            .await;
        assert!(late.map_or(true, |answer| answer.status() == 503));
    });

    assert_eq!(
        (answer.status(), answer.json()),
        (200, json!({"done": SLOW_RUNS}))
    );
    let ended = platform.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[tokio::test]
async fn a_server_that_ended_well_starts_again_where_it_was() {
    let mut platform = blue_and_green().await;
    platform.terminate().await;
    platform.restart().await;
    assert_eq!(platform.score("e", "").await.text(), "blue");
}
