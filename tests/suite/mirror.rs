//! Copies of live requests: for looking at, never for the client.

use std::{collections::BTreeSet, fs};

use futures_util::future::join_all;
use mlwasm_harness::{Metrics, Platform, eventually, guests};
use mlwasm_types::api::LogPage;
use reqwest::Method;

use crate::support::{blue_and_green, copies_have_ended, mirror, platform_with, traffic, version};

/// `blue` answers its name to everyone; `green` is the guest `name`.
async fn blue_and(name: &str) -> Platform {
    let platform = Platform::start().await;
    version(&platform, "blue", "blue").await;
    platform
        .deploy(guests::path(name))
        .to("e", "green")
        .run()
        .await;
    platform
}

/// Sends as many requests with the ids `{prefix}-0` and so on, and checks that each is answered by blue alone.
async fn score_all(platform: &Platform, prefix: &str, count: u32) {
    for n in 0..count {
        let call = platform.scoring("e").await.id(&format!("{prefix}-{n}"));
        let answer = call.query("lines=1&mode=ok").send().await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "blue"));
        assert_eq!(answer.deployment(), "blue");
    }
}

/// How many copies ended so.
async fn copies(platform: &Platform, results: &[&str]) -> u64 {
    let metrics = platform.metrics().await;
    let count = |result: &&str| {
        let labels = [
            ("endpoint", "e"),
            ("deployment", "green"),
            ("result", *result),
        ];
        metrics.count("mlwasm_mirror_requests_total", &labels)
    };
    results.iter().map(count).sum()
}

/// The ids of the requests during which green printed something.
async fn ids_in_greens_log(platform: &Platform) -> BTreeSet<String> {
    let path = "/v1/endpoints/e/deployments/green/logs?lines=10000";
    let page: LogPage = platform.admin(Method::GET, path).send().await.read();
    page.lines
        .into_iter()
        .filter_map(|line| line.request_id)
        .collect()
}

#[tokio::test]
async fn a_share_of_the_requests_is_copied_and_the_client_sees_nothing_of_it() {
    let platform = blue_and("chatty").await;
    mirror(&platform, "green=50").await;

    score_all(&platform, "r", 200).await;

    // Half of 200 is 100; the ids are fixed, so the count is too.
    let ids = eventually("the copies are answered", async || {
        let ids = ids_in_greens_log(&platform).await;
        (50..=150).contains(&ids.len()).then_some(ids)
    })
    .await;
    let sent: BTreeSet<_> = (0..200).map(|n| format!("r-{n}")).collect();
    assert!(ids.is_subset(&sent), "{ids:?}");
}

#[tokio::test]
async fn copies_are_counted_for_the_target_and_not_for_the_client() {
    let platform = blue_and("chatty").await;
    mirror(&platform, "green=50").await;
    score_all(&platform, "r", 100).await;

    let copied = eventually("the copies are counted", async || {
        let copied = copies(&platform, &["ok"]).await;
        let logged = ids_in_greens_log(&platform).await.len() as u64;
        (copied > 0 && copied + copies(&platform, &["shed"]).await == logged).then_some(copied)
    });
    assert!(copied.await < 100);
    let metrics = platform.metrics().await;
    let blue = [("endpoint", "e"), ("deployment", "blue")];
    assert_eq!(metrics.count("mlwasm_requests_total", &blue), 100);
}

/// The guest `whoami` answers all it knows, and so `"is_mirror":false`, or one byte less. A target that may answer
/// one byte less than the live deployment can answer copies that it knows as such, and nothing else.
#[tokio::test]
async fn a_scorer_knows_a_copy_from_a_request() {
    let platform = platform_with("whoami").await;
    let ask = async |n: u32| {
        let call = platform.scoring("e").await.id(&format!("request-{n:02}"));
        call.send().await
    };
    let live = ask(0).await;
    assert_eq!(live.json()["is_mirror"], false);
    let length = live.body().len();
    // As long a name as `blue`, for the name is part of the answer.
    platform
        .deploy(guests::path("whoami"))
        .to("e", "pink")
        .set("sandbox.max_response_bytes", length - 1)
        .run()
        .await;
    mirror(&platform, "pink=50").await;

    for n in 0..50 {
        assert_eq!(ask(n).await.body().len(), length);
    }

    let count = |metrics: &Metrics, result: &str| {
        let labels = [("deployment", "pink"), ("result", result)];
        metrics.count("mlwasm_mirror_requests_total", &labels)
    };
    let metrics = eventually("all copies are answered", async || {
        let metrics = platform.metrics().await;
        let in_flight = metrics.count("mlwasm_mirror_requests_in_flight", &[]);
        (in_flight == 0 && count(&metrics, "ok") > 0).then_some(metrics)
    })
    .await;
    assert_eq!(count(&metrics, "failed"), 0);
    // The control: what is no copy is too long for the target.
    let named = platform.scoring("e").await.id("request-00");
    assert_eq!(named.deployment("pink").send().await.status(), 424);
}

#[tokio::test]
async fn requests_that_name_a_deployment_are_not_copied() {
    let platform = blue_and("chatty").await;
    mirror(&platform, "green=50").await;

    for n in 0..50 {
        let call = platform.scoring("e").await.id(&format!("named-{n}"));
        call.deployment("blue").send().await;
    }
    // These are the control: they are copied, so copying was on, and copies of the former would be there by now.
    score_all(&platform, "shared", 50).await;

    let ids = eventually("some requests were copied", async || {
        let ids = ids_in_greens_log(&platform).await;
        (!ids.is_empty()).then_some(ids)
    })
    .await;
    assert!(ids.iter().all(|id| id.starts_with("shared-")), "{ids:?}");
}

#[tokio::test]
async fn a_target_that_fails_changes_nothing_for_the_client() {
    for name in ["trap", "internal", "spin"] {
        let platform = Platform::start().await;
        version(&platform, "blue", "blue").await;
        platform
            .deploy(guests::path(name))
            .to("e", "green")
            .set("request_settings.request_timeout_ms", 300)
            .run()
            .await;
        mirror(&platform, "green=50").await;

        score_all(&platform, "r", 60).await;

        eventually("copies failed", async || {
            (copies(&platform, &["failed"]).await > 0).then_some(())
        })
        .await;
        assert_eq!(copies(&platform, &["ok"]).await, 0, "{name}");
        score_all(&platform, "later", 20).await;
    }
}

#[tokio::test]
async fn a_slow_target_sheds_copies_and_keeps_no_client_waiting() {
    let platform = Platform::start().await;
    version(&platform, "blue", "blue").await;
    // Nobody waits for a minute: an answer shows that the client did not wait for the copy.
    platform
        .deploy(guests::path("spin"))
        .to("e", "green")
        .instances(1)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    mirror(&platform, "green=50").await;

    score_all(&platform, "r", 100).await;

    let lost = eventually("copies are turned away", async || {
        let lost = copies(&platform, &["failed", "shed"]).await;
        (lost > 0).then_some(lost)
    });
    assert!(lost.await < 100);
}

#[tokio::test]
async fn a_target_that_only_traps_is_held_back_until_it_answers_once() {
    let platform = Platform::start().await;
    // The guest fails as a request asks for, and blue does the same: what clients ask for, they get.
    for name in ["blue", "green"] {
        let deploy = platform.deploy(guests::path("hold_and_trap"));
        deploy.to("e", name).instances(4).run().await;
    }
    mirror(&platform, "green=50").await;
    let score = async |id: String, mode: &str| {
        let call = platform.scoring("e").await.id(&id);
        call.query(&format!("mode={mode}")).send().await.status()
    };

    // One after the other: none is shed, and none is sent while the end of another is not known.
    let mut sent = 0;
    while copies(&platform, &["failed"]).await < 50 {
        assert_eq!(score(format!("trap-{sent}"), "trap").await, 424);
        copies_have_ended(&platform).await;
        assert_eq!(copies(&platform, &["held_back"]).await, 0);
        sent += 1;
    }
    // Of many at once, one or two are let through.
    let mut bursts = 0;
    while copies(&platform, &["held_back"]).await == 0 {
        assert!(bursts < 10, "a target that only traps is asked each time");
        join_all((0..40).map(|n| score(format!("burst-{bursts}-{n}"), "trap"))).await;
        bursts += 1;
    }

    // It is asked now and then all the same, and once it answers, each time.
    let mut sent = 0;
    while copies(&platform, &["ok"]).await == 0 {
        assert!(
            sent < 10_000,
            "a target that has trapped is never asked again"
        );
        assert_eq!(score(format!("ok-{sent}"), "ok").await, 200);
        copies_have_ended(&platform).await;
        sent += 1;
    }
    let before = copies(&platform, &["held_back"]).await;
    for n in 0..100 {
        assert_eq!(score(format!("later-{n}"), "ok").await, 200);
    }
    copies_have_ended(&platform).await;
    assert_eq!(copies(&platform, &["held_back"]).await, before);
}

#[tokio::test]
async fn a_request_that_names_the_target_gets_in_however_many_copies_wait() {
    let platform = Platform::start().await;
    version(&platform, "blue", "blue").await;
    // Room for two, of which copies take one.
    platform
        .deploy(guests::path("unsteady"))
        .to("e", "green")
        .instances(1)
        .env("SLEEP_MS", "300")
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    mirror(&platform, "green=50").await;
    for n in 0..40 {
        let call = platform.scoring("e").await.id(&format!("slow-{n}"));
        assert_eq!(call.send().await.text(), "blue");
    }
    eventually("copies wait", async || {
        let metrics = platform.metrics().await;
        let copies = metrics.count("mlwasm_mirror_requests_in_flight", &[]);
        let inside = metrics.count("mlwasm_requests_in_flight", &[("deployment", "green")]);
        (copies > 2 && inside == 1).then_some(())
    })
    .await;

    let answer = platform.scoring("e").await.deployment("green").send().await;

    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.deployment(), "green");
}

/// Ticks of processor time that the server's threads for the background have had, and how far they stand back.
fn background(platform: &Platform) -> Vec<(u64, i32)> {
    let threads = fs::read_dir(format!("/proc/{}/task", platform.server().id())).unwrap();
    let stats = threads.filter_map(|thread| {
        let stat = fs::read_to_string(thread.ok()?.path().join("stat")).ok()?;
        let (head, fields) = stat.rsplit_once(')')?;
        head.ends_with("(background").then_some(())?;
        // Counted from the thread's state, the third of all: see proc(5).
        let fields: Vec<&str> = fields.split_whitespace().collect();
        Some((fields[11].parse().ok()?, fields[16].parse().ok()?))
    });
    stats.collect()
}

#[tokio::test]
async fn copies_run_on_threads_that_stand_back() {
    let platform = blue_and("spin").await;
    mirror(&platform, "green=50").await;
    score_all(&platform, "r", 20).await;

    eventually("copies take processor time", async || {
        let threads = background(&platform);
        assert!(threads.iter().all(|(_, nice)| *nice == 10), "{threads:?}");
        threads.iter().any(|(ticks, _)| *ticks > 20).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_target_can_be_named_and_the_mirror_turned_off() {
    let platform = blue_and("chatty").await;
    mirror(&platform, "green=50").await;
    let call = platform.scoring("e").await.id("named").query("lines=1");
    let answer = call.deployment("green").send().await;
    assert_eq!((answer.status(), answer.deployment()), (200, "green"));

    mirror(&platform, "green=0").await;

    assert!(
        platform
            .endpoint("e")
            .await
            .spec
            .mirror()
            .unwrap()
            .is_none()
    );
    score_all(&platform, "off", 50).await;
    // What was named comes after what was not copied: had there been copies, they would be in the log before it.
    let call = platform.scoring("e").await.id("last").query("lines=1");
    call.deployment("green").send().await;
    let ids = ids_in_greens_log(&platform).await;
    assert_eq!(ids, BTreeSet::from(["named".to_owned(), "last".to_owned()]));
}

#[tokio::test]
async fn half_of_the_traffic_is_the_most_that_is_copied() {
    let platform = blue_and_green().await;
    for share in ["green=49", "green=50"] {
        mirror(&platform, share).await;
    }
    let output = platform.cli(&["mirror", "e", "green=51"]).await;
    assert!(matches!(output.code, 1 | 2), "{output:#?}");
    assert!(
        output.stderr.contains("51") && output.stderr.contains("50"),
        "{output:#?}"
    );
    let shares = platform.endpoint("e").await.spec.mirror_traffic;
    assert_eq!(shares.values().next().unwrap().get(), 50);
}

#[tokio::test]
async fn a_deployment_takes_live_or_mirrored_traffic_never_both() {
    let platform = blue_and_green().await;
    let refused = async |arguments: &[&str], name: &str| {
        let output = platform.cli(arguments).await;
        output.refused(1, &[name]);
    };

    refused(&["mirror", "e", "blue=10"], "blue").await;
    mirror(&platform, "green=10").await;
    refused(&["traffic", "e", "blue=90", "green=10"], "green").await;
    refused(
        &["deployment", "delete", "-e", "e", "-n", "green", "--yes"],
        "green",
    )
    .await;

    mirror(&platform, "green=0").await;
    traffic(&platform, "blue=90 green=10").await;
}

#[tokio::test]
async fn an_endpoint_has_one_target() {
    let platform = blue_and_green().await;
    version(&platform, "red", "red").await;
    let output = platform.cli(&["mirror", "e", "green=10", "red=10"]).await;
    assert!(matches!(output.code, 1 | 2), "{output:#?}");
    assert!(
        platform
            .endpoint("e")
            .await
            .spec
            .mirror()
            .unwrap()
            .is_none()
    );
}
