//! The number of sandboxes follows the load and the clock, and everybody can see it.
//!
//! That it shrinks after a minute is held where time can be moved: `control/src/autoscale`.

use std::future::Future;

use futures_util::future::{join_all, select};
use mlwasm_harness::{Answer, Deploy, Platform, eventually, guests};
use mlwasm_types::status::{ScaleReason, ScaleStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{busy, sandboxes};

const BLUE: [(&str, &str); 2] = [("endpoint", "e"), ("deployment", "blue")];

/// A scorer that sleeps as long as a request asks for, from `min` to `max` sandboxes.
fn scaled(platform: &Platform, min: u32, max: u32) -> Deploy<'_> {
    platform
        .deploy(guests::path("hold"))
        .to("e", "blue")
        .set("scale_settings.type", "target_utilization")
        .set("scale_settings.min_instances", min)
        .set("scale_settings.max_instances", max)
        .set("request_settings.request_timeout_ms", 600_000)
        .set("request_settings.max_queue_wait_ms", 600_000)
}

async fn hold(platform: &Platform, ms: u64) -> Answer {
    let call = platform.scoring("e").await;
    call.query(&format!("ms={ms}")).send().await
}

/// What `work` returns, with `count` requests in the deployment that do not end before.
async fn under<T>(platform: &Platform, count: usize, work: impl Future<Output = T>) -> T {
    let held = join_all((0..count).map(|_| hold(platform, 600_000)));
    match select(std::pin::pin!(held), std::pin::pin!(work)).await {
        futures_util::future::Either::Left((answers, _)) => panic!("not held: {answers:?}"),
        futures_util::future::Either::Right((result, _)) => result,
    }
}

async fn scale(platform: &Platform) -> ScaleStatus {
    platform.deployment("e", "blue").await.status.scale.unwrap()
}

async fn wanted(platform: &Platform, count: u32) -> ScaleStatus {
    eventually("the number of sandboxes is as wanted", async || {
        let scale = scale(platform).await;
        (scale.wanted == count).then_some(scale)
    })
    .await
}

async fn changes(platform: &Platform, direction: &str) -> u64 {
    let labels = [BLUE[0], BLUE[1], ("direction", direction)];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_scale_changes_total", &labels)
}

#[tokio::test]
async fn above_the_target_it_grows_and_status_metrics_and_log_say_so() {
    let platform = Platform::start().await;
    scaled(&platform, 2, 8)
        .set("scale_settings.target_utilization_percentage", 50)
        .run()
        .await;
    assert_eq!(scale(&platform).await.wanted, 2);

    // Nobody waits, but all are busy.
    let grown = under(&platform, 2, wanted(&platform, 4)).await;

    assert_eq!((grown.min_instances, grown.max_instances), (2, 8));
    let change = grown.last_change.unwrap();
    assert_eq!((change.to, change.reason), (4, ScaleReason::AboveTarget));
    let gauge = platform.metrics().await;
    assert_eq!(gauge.count("mlwasm_sandboxes_wanted", &BLUE), 4);
    // In one step or two, as the second request came before the look or after it.
    assert!(matches!(changes(&platform, "up").await, 1 | 2));
    assert_eq!(changes(&platform, "down").await, 0);
    let shown = platform.cli(&["deployment", "show", "-e", "e", "-n", "blue"]);
    assert!(shown.await.ok().stdout.contains("4 of 2 to 8"));
    let list = platform.cli(&["deployment", "list", "-e", "e"]).await;
    assert!(list.ok().stdout.contains("4 of 2 to 8"));
    let logs = platform.cli(&["deployment", "logs", "-e", "e", "-n", "blue"]);
    let logs = logs.await.ok().stdout;
    assert!(
        logs.contains("to 4 sandboxes: the load is above the target"),
        "{logs}"
    );
}

#[tokio::test]
async fn requests_that_find_no_sandbox_make_it_grow_at_once_and_none_is_refused_below_the_maximum()
{
    let platform = Platform::start().await;
    // Whoever waits does not wait for the next look.
    scaled(&platform, 1, 4)
        .set("scale_settings.polling_interval", "PT1H")
        .run()
        .await;

    let refused = async {
        busy(&platform, 4).await;
        let inside = async || {
            let metrics = platform.metrics().await;
            metrics.count("mlwasm_requests_in_flight", &BLUE)
        };
        eventually("four more wait", async || {
            (inside().await == 8).then_some(())
        })
        .await;
        hold(&platform, 0).await
    };
    let refused = under(&platform, 8, refused).await;

    assert_eq!(refused.status(), 429, "{refused:?}");
    assert_eq!(wanted(&platform, 4).await.max_instances, 4);
}

#[tokio::test]
async fn with_a_minimum_of_nothing_no_sandbox_is_kept_and_the_first_request_is_answered() {
    let platform = Platform::start().await;
    scaled(&platform, 0, 4).run().await;
    assert_eq!(scale(&platform).await.wanted, 0);
    for state in ["idle", "busy", "refilling"] {
        assert_eq!(sandboxes(&platform, state).await, 0, "{state}");
    }

    let answer = hold(&platform, 1).await;

    assert_eq!((answer.status(), answer.json()), (200, json!({"held": 1})));
    wanted(&platform, 2).await;
}

#[tokio::test]
async fn a_schedule_moves_the_minimum() {
    let platform = Platform::start().await;
    let schedules =
        "[{cron: '0 0 29 2 *', min_instances: 2}, {cron: '* * * * *', min_instances: 3}]";
    let deployment = scaled(&platform, 1, 4)
        .set("scale_settings.schedules", schedules)
        .run()
        .await;

    let scale = deployment.status.scale.unwrap();
    assert_eq!((scale.wanted, scale.min_instances), (3, 3));
    assert_eq!(sandboxes(&platform, "idle").await, 3);
}

#[tokio::test]
async fn a_new_revision_begins_as_large_as_the_former_has_become() {
    let platform = Platform::start().await;
    scaled(&platform, 1, 4).run().await;

    let next = async {
        wanted(&platform, 4).await;
        scaled(&platform, 1, 4).env("NEXT", "1").run().await
    };
    let next = under(&platform, 4, next).await;

    assert_eq!(next.status.scale.unwrap().wanted, 4);
    assert_eq!(sandboxes(&platform, "idle").await, 4);
}

#[tokio::test]
async fn after_a_restart_it_begins_with_the_minimum_and_grows_again() {
    let mut platform = Platform::start().await;
    scaled(&platform, 1, 4).run().await;
    under(&platform, 4, wanted(&platform, 4)).await;
    platform.kill9();
    platform.restart().await;

    let scale = wanted(&platform, 1).await;
    assert_eq!((scale.max_instances, scale.last_change), (4, None));
    under(&platform, 4, wanted(&platform, 4)).await;
}

#[tokio::test]
async fn scaling_is_no_change_of_what_is_wanted_and_operators_settings_are_all_kept() {
    let platform = Platform::start().await;
    let before = scaled(&platform, 1, 4).run().await;
    under(&platform, 4, wanted(&platform, 4)).await;

    let path = "/v1/endpoints/e/deployments/blue";
    let patch = async |settings: Value, seen: Option<u64>| {
        let call = platform.admin(Method::PATCH, path);
        let call = match seen {
            Some(generation) => call.header("if-match", format!("\"{generation}\"")),
            None => call,
        };
        call.json(&json!({"scale_settings": settings})).send().await
    };
    let first = patch(json!({"max_instances": 8}), Some(before.generation.0)).await;
    assert_eq!(first.status(), 200, "{first:?}");
    let late = patch(json!({"min_instances": 2}), Some(before.generation.0)).await;
    assert_eq!(late.status(), 412, "{late:?}");
    let (one, other) = tokio::join!(
        patch(json!({"min_instances": 2}), None),
        patch(json!({"target_utilization_percentage": 90}), None)
    );
    assert_eq!((one.status(), other.status()), (200, 200));

    let settings = platform.deployment("e", "blue").await.spec.scale_settings;
    assert_eq!(settings.min_instances, 2);
    assert_eq!(settings.max_instances.get(), 8);
    assert_eq!(settings.target_utilization_percentage, 90);
}

#[tokio::test]
async fn settings_that_can_not_work_are_refused_by_their_path() {
    let platform = Platform::start().await;
    let schedule = |cron: &str, min: u32| {
        format!(
            "[{{cron: '0 8 * * *', min_instances: 1}}, {{cron: '{cron}', min_instances: {min}}}]"
        )
    };
    for (setting, value, words) in [
        (
            "schedules",
            schedule("0 25 * * *", 1),
            "scale_settings.schedules[1].cron",
        ),
        ("schedules", schedule("0 0 30 2 *", 1), "never comes true"),
        (
            "schedules",
            schedule("0 20 * * *", 5),
            "scale_settings.schedules[1].min_instances is 5",
        ),
        (
            "min_instances",
            "5".to_owned(),
            "scale_settings.min_instances is 5",
        ),
        (
            "polling_interval",
            "PT0S".to_owned(),
            "scale_settings.polling_interval is 0",
        ),
        (
            "type",
            "default".to_owned(),
            "set scale_settings.type to target_utilization",
        ),
    ] {
        let deploy = scaled(&platform, 1, 4).set(&format!("scale_settings.{setting}"), &value);
        deploy.attempt().await.refused(1, &[words]);
    }
}
