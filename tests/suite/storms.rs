//! Many requests that never end: the neighbours are served meanwhile, and afterwards nothing is left of them.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use mlwasm_harness::{Deploy, Platform, eventually, guests, models};

use crate::support::sandboxes;

/// How long the requests of a storm may take.
const DEADLINE: Duration = Duration::from_millis(1_000);
/// Later than this, a request has not been stopped but has hung. How soon one is stopped is for the bench to say.
const HUNG: Duration = Duration::from_secs(15);

/// Begins the deployment `blue` of the endpoint `e`, which takes 64 requests at once in 8 sandboxes.
fn stormy<'a>(platform: &'a Platform, guest: &str) -> Deploy<'a> {
    platform
        .deploy(guests::path(guest))
        .to("e", "blue")
        .instances(8)
        .set("request_settings.max_concurrent_requests_per_instance", 4)
        .set("request_settings.request_timeout_ms", DEADLINE.as_millis())
        .set("request_settings.max_queue_wait_ms", 60_000)
}

/// So many requests at once, each with its status and its time.
async fn storm(platform: &Platform, requests: usize, query: &str) -> Vec<(u16, Duration)> {
    let request = async || {
        let call = platform.scoring("e").await.query(query);
        let begun = Instant::now();
        (call.send().await.status(), begun.elapsed())
    };
    join_all((0..requests).map(|_| request())).await
}

fn all_were_stopped(ended: &[(u16, Duration)]) {
    for (status, took) in ended {
        assert_eq!(*status, 408, "{ended:?}");
        assert!((DEADLINE..HUNG).contains(took), "{ended:?}");
    }
}

/// The processor time that the server has used so far.
fn processor_time(platform: &Platform) -> Duration {
    let path = format!("/proc/{}/stat", platform.server().id());
    let stat = std::fs::read_to_string(path).unwrap();
    // The name, in parentheses, may hold blanks. User and system time are the fields 14 and 15 of all.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = |field: usize| -> u64 {
        let text = fields.split_whitespace().nth(field - 3).unwrap();
        text.parse().unwrap()
    };
    // Linux counts a hundred ticks a second, whatever the machine.
    Duration::from_millis(10 * (ticks(14) + ticks(15)))
}

/// The share of a core that the server used over a while.
async fn load(platform: &Platform) -> f64 {
    const WHILE: Duration = Duration::from_millis(400);
    let (begun, before) = (Instant::now(), processor_time(platform));
    eventually("time passes", async || {
        (begun.elapsed() >= WHILE).then_some(())
    })
    .await;
    let used = processor_time(platform) - before;
    used.as_secs_f64() / begun.elapsed().as_secs_f64()
}

/// Lets 64 endless requests loose, and sees that the server rests afterwards.
async fn rests_after_a_storm(platform: &Platform, query: &str) {
    let (ended, during) = tokio::join!(storm(platform, 64, query), async {
        // Any number: on a machine with much else to do, the last ones may begin when the first have ended.
        eventually("the storm has begun", async || {
            (sandboxes(platform, "busy").await > 0).then_some(())
        })
        .await;
        load(platform).await
    });
    all_were_stopped(&ended);
    eventually("every sandbox was replaced", async || {
        (sandboxes(platform, "idle").await == 8).then_some(())
    })
    .await;
    let metrics = platform.metrics().await;
    assert_eq!(metrics.count("mlwasm_requests_in_flight", &[]), 0);
    assert_eq!(sandboxes(platform, "busy").await, 0);
    // Compared with the storm itself, since nobody knows how much of this machine is ours.
    eventually("the server rests", async || {
        (load(platform).await < during / 4.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn endless_loops_fail_no_request_of_another_deployment() {
    let platform = Platform::start().await;
    stormy(&platform, "spin").run().await;
    platform
        .deploy(guests::path("echo"))
        .to("well", "blue")
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;

    let is_over = Cell::new(false);
    let loops = async {
        let ended = storm(&platform, 8, "").await;
        is_over.set(true);
        ended
    };
    let neighbour = async {
        let mut answers = Vec::new();
        while !is_over.get() {
            answers.push(platform.score("well", "x").await.status());
        }
        answers
    };
    let (ended, answers) = tokio::join!(loops, neighbour);

    all_were_stopped(&ended);
    assert!(!answers.is_empty());
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
}

#[tokio::test]
async fn the_server_rests_after_a_storm_of_endless_loops() {
    let platform = Platform::start().await;
    stormy(&platform, "spin").run().await;
    rests_after_a_storm(&platform, "").await;
}

#[tokio::test]
async fn the_server_rests_after_a_storm_of_endless_native_runs() {
    let platform = Platform::start().await;
    stormy(&platform, "many_infer")
        .model("model", &models::iris(1))
        .set("sandbox.max_infer_calls", 1_000_000)
        .run()
        .await;
    rests_after_a_storm(&platform, "times=1000000").await;
}
