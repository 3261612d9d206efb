//! A deployment gets the traffic step by step, as long as it does as well as the one before, and loses it if it does not.

mod answers;
mod support;

use mlwasm_harness::{Platform, eventually, models, plugins};
use mlwasm_types::{RolloutState, rollout::Verdict};
use reqwest::Method;
use serde_json::json;

use crate::support::{mirror, traffic, version};
use support::{load_until, rollout, start, unsteady, well_and};

/// Gates that a hundred requests can pass or fail, so that a step takes a second.
const LAX: &[&str] = &["--max-error-rate", "20%", "--interval", "1s"];

#[tokio::test]
async fn one_that_does_as_well_gets_everything() {
    let platform = well_and(&[]).await;
    start(
        &platform,
        &[
            "--steps",
            "30,60,100",
            "--max-error-rate",
            "20%",
            "--interval",
            "1s",
        ],
    )
    .await;
    assert_eq!(
        platform.endpoint("e").await.spec.traffic.to_string(),
        "blue=70 green=30"
    );

    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;

    assert_eq!(over.rollout.state, RolloutState::Succeeded, "{over:#?}");
    assert_eq!(over.traffic.to_string(), "blue=0 green=100");
    assert_eq!(platform.score("e", "").await.deployment(), "green");
    let promoted: Vec<_> = over
        .rollout
        .decisions
        .iter()
        .filter(|decision| decision.verdict == Verdict::Promote)
        .collect();
    assert_eq!(promoted.len(), 2);
    for decision in promoted {
        let window = decision.window.unwrap();
        assert!(
            window.candidate.requests >= 50 && window.baseline.requests >= 50,
            "{window:?}"
        );
        assert_eq!((window.candidate.errors, window.baseline.errors), (0, 0));
        assert!(
            decision.reason.contains("as well as it has to"),
            "{}",
            decision.reason
        );
    }
    let waited = platform
        .cli(&["rollout", "status", "e", "--wait"])
        .await
        .ok();
    assert!(waited.stdout.contains("succeeded"), "{}", waited.stdout);
}

#[tokio::test]
async fn one_that_errs_is_rolled_back_to_the_very_split_that_was() {
    let platform = well_and(&[("FAIL_EVERY", "2")]).await;
    unsteady(&platform, "red", &[]).await;
    traffic(&platform, "blue=70 red=30").await;
    let before = platform.endpoint("e").await.spec.traffic;
    start(&platform, &["--steps", "50,100", "--interval", "1s"]).await;
    assert_eq!(
        platform.endpoint("e").await.spec.traffic.to_string(),
        "blue=35 green=50 red=15"
    );
    let gauge = platform
        .metrics()
        .await
        .count("mlwasm_rollout_step", &[("endpoint", "e")]);
    assert_eq!(gauge, 50);

    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;

    assert_eq!(over.rollout.state, RolloutState::RolledBack, "{over:#?}");
    assert_eq!(platform.endpoint("e").await.spec.traffic, before);
    let last = over.rollout.decisions.last().unwrap();
    let window = last.window.unwrap();
    assert_eq!(last.verdict, Verdict::RollBack);
    assert!(
        window.candidate.errors * 3 > window.candidate.requests,
        "{window:?}"
    );
    assert!(
        last.reason.contains("worse than allowed: errors: green "),
        "{}",
        last.reason
    );
    assert_eq!(platform.score("e", "").await.status(), 200);

    let metrics = platform.metrics().await;
    let decided = [("verdict", "roll-back")];
    assert_eq!(metrics.count("mlwasm_rollout_decisions_total", &decided), 1);
    assert_eq!(metrics.select("mlwasm_rollout_step", &[]).count(), 0);
    let waited = platform.cli(&["rollout", "status", "e", "--wait"]).await;
    assert_eq!(waited.code, 1);
    assert!(waited.stdout.contains("rolled-back"), "{waited:?}");
    assert!(
        waited
            .stderr
            .ends_with("error: the rollout to green is rolled-back\n"),
        "{waited:?}"
    );
}

#[tokio::test]
async fn one_that_is_slow_is_rolled_back_by_its_99th_percentile() {
    let platform = well_and(&[("SLEEP_MS", "20")]).await;
    let gates = [
        "--max-error-rate",
        "50%",
        "--max-p99-ratio",
        "1.2",
        "--interval",
        "1s",
    ];
    start(&platform, &[&["--steps", "25,100"], &gates[..]].concat()).await;

    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;

    assert_eq!(over.rollout.state, RolloutState::RolledBack, "{over:#?}");
    let last = over.rollout.decisions.last().unwrap();
    assert!(
        last.reason.contains("worse than allowed: p99: green "),
        "{}",
        last.reason
    );
    assert!(last.window.unwrap().candidate.p99_ms.unwrap() >= 20.0);
}

#[tokio::test]
async fn too_little_data_promotes_nobody() {
    let platform = well_and(&[]).await;
    start(&platform, &[&["--steps", "5,100"], LAX].concat()).await;

    let held = eventually("two looks have held", async || {
        let view = rollout(&platform).await;
        (view.rollout.decisions.len() >= 2).then_some(view)
    })
    .await;

    assert_eq!(held.rollout.state, RolloutState::Running);
    assert_eq!(held.traffic.to_string(), "blue=95 green=5");
    for decision in &held.rollout.decisions {
        assert_eq!(decision.verdict, Verdict::Hold);
        assert_eq!(
            decision.reason,
            "too little data: of 50 requests that each needs green has 0, blue has 0"
        );
    }
}

#[tokio::test]
async fn an_operator_goes_on_stays_and_goes_back() {
    let platform = well_and(&[]).await;
    start(&platform, &["--steps", "5,25,50", "--interval", "24h"]).await;
    let steer = async |command: &str| {
        platform.cli(&["rollout", command, "e"]).await.succeeded();
        let view = rollout(&platform).await;
        (view.traffic.to_string(), view.rollout.state.to_string())
    };
    let is = |traffic: &str, state: &str| (traffic.to_owned(), state.to_owned());

    assert_eq!(steer("promote").await, is("blue=75 green=25", "running"));
    assert_eq!(steer("pause").await, is("blue=75 green=25", "paused"));
    assert_eq!(steer("promote").await, is("blue=50 green=50", "paused"));
    assert_eq!(steer("resume").await, is("blue=50 green=50", "running"));
    assert_eq!(steer("abort").await, is("blue=100", "aborted"));

    let again = platform.cli(&["rollout", "abort", "e"]).await;
    again.refused(1, &["the rollout to green is over (aborted)", "abort"]);
    let shown = platform.cli(&["rollout", "status", "e"]).await.ok();
    for text in [
        "green (revision 1) against blue (revision 1)",
        "aborted",
        "step 3",
        "by command",
    ] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
}

#[tokio::test]
async fn a_paused_one_is_not_judged_and_a_resumed_one_begins_a_new_window() {
    let platform = well_and(&[("FAIL_EVERY", "2")]).await;
    start(&platform, &["--steps", "50,100", "--interval", "2s"]).await;
    platform.cli(&["rollout", "pause", "e"]).await.succeeded();
    let call = platform.scoring("e").await;
    call.deployment("green").send().await;
    let paused = rollout(&platform).await;
    assert_eq!(paused.window, None);

    platform.cli(&["rollout", "resume", "e"]).await.succeeded();

    let resumed = eventually("a window is open", async || rollout(&platform).await.window).await;
    assert_eq!(resumed.so_far.candidate.requests, 0);
    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;
    assert_eq!(over.rollout.state, RolloutState::RolledBack);
}

#[tokio::test]
async fn what_would_cross_a_rollout_is_refused_and_the_reason_says_how_to_end_it() {
    let platform = well_and(&[]).await;
    start(&platform, &["--steps", "25,50", "--interval", "24h"]).await;
    let end_it = [
        "a rollout to green is",
        "25 percent",
        "mlwasm rollout abort e",
    ];
    for paused in [false, true] {
        if paused {
            platform.cli(&["rollout", "pause", "e"]).await.succeeded();
        }
        for command in [
            &["traffic", "e", "blue=100"][..],
            &["endpoint", "update", "e", "--traffic", "green=100"],
            &["mirror", "e", "green=10"],
            &["mirror", "e", "blue=10"],
            &[
                "deployment",
                "delete",
                "-e",
                "e",
                "-n",
                "green",
                "--yes",
                "--force",
            ],
            &[
                "deployment",
                "delete",
                "-e",
                "e",
                "-n",
                "blue",
                "--yes",
                "--force",
            ],
            &["rollout", "start", "e", "--to", "green"],
        ] {
            platform.cli(command).await.refused(1, &end_it);
        }
        let put = platform
            .admin(Method::PUT, "/v1/endpoints/e/traffic")
            .json(&json!({"blue": 100}));
        let answer = put.send().await;
        assert_eq!(answer.status(), 409);
        assert_eq!(answer.problem().kind, "urn:mlwasm:problem:rollout-active");
    }
    assert_eq!(
        platform.endpoint("e").await.spec.traffic.to_string(),
        "blue=75 green=25"
    );

    platform.cli(&["rollout", "abort", "e"]).await.succeeded();
    traffic(&platform, "blue=0 green=100").await;
}

#[tokio::test]
async fn a_start_that_makes_no_sense_is_refused() {
    let platform = well_and(&[]).await;
    let start = async |words: &[&str]| {
        let command = [&["rollout", "start", "e", "--to"], words].concat();
        platform.cli(&command).await
    };
    start(&["white"]).await.refused(3, &["no deployment white"]);
    start(&["green", "--steps", "100"])
        .await
        .refused(2, &["steps", "1 to 99"]);
    start(&["blue"])
        .await
        .refused(1, &["blue gets 100 percent", "above"]);
    mirror(&platform, "green=10").await;
    start(&["green"])
        .await
        .refused(1, &["mirror's target", "green=0"]);
    mirror(&platform, "green=0").await;
    traffic(&platform, "blue=0").await;
    start(&["green"]).await.refused(1, &["no traffic"]);

    let put = async |plan: serde_json::Value| {
        let call = platform.admin(Method::PUT, "/v1/endpoints/e/rollout");
        let answer = call.json(&plan).send().await;
        (answer.status(), answer.problem().detail)
    };
    for (plan, word) in [
        (json!({"to": "green", "max_mismatch": 1}), "max_mismatch"),
        (
            json!({"to": "green", "max_error_rate": 1}),
            "max_error_rate",
        ),
        (json!({"to": "green", "interval": "0s"}), "interval"),
        (json!({"to": "green", "min_requests": 9}), "min_requests"),
        (json!({"to": "green", "step": [5]}), "step"),
        (json!({}), "to"),
    ] {
        let (status, detail) = put(plan).await;
        assert!(status == 422 && detail.contains(word), "{status} {detail}");
    }
    for command in ["status", "promote", "pause", "resume", "abort"] {
        let words = ["endpoint e has no rollout", "mlwasm rollout start"];
        platform
            .cli(&["rollout", command, "e"])
            .await
            .refused(3, &words);
    }
    let call = platform.admin(Method::POST, "/v1/endpoints/e/rollout/stop");
    assert_eq!(call.send().await.status(), 400);
}

#[tokio::test]
async fn another_revision_of_either_rolls_back() {
    for (deployed, label) in [("green", "2"), ("blue", "3")] {
        let platform = Platform::start().await;
        for name in ["blue", "green"] {
            version(&platform, name, "1").await;
        }
        start(&platform, &["--steps", "25,50", "--interval", "24h"]).await;

        version(&platform, deployed, label).await;

        let over = eventually("the rollout is over", async || {
            let view = rollout(&platform).await;
            (!view.rollout.state.is_active()).then_some(view)
        })
        .await;
        assert_eq!(over.rollout.state, RolloutState::RolledBack);
        assert_eq!(over.traffic.to_string(), "blue=100");
        let reason = &over.rollout.decisions.last().unwrap().reason;
        let words =
            format!("revision 2 of {deployed} was deployed, and the rollout compares revision 1");
        assert_eq!(*reason, words);
    }
}

#[tokio::test]
async fn what_changes_no_revision_does_not_disturb() {
    let platform = well_and(&[]).await;
    start(&platform, &["--steps", "25,50", "--interval", "24h"]).await;
    let describe = [
        "deployment",
        "update",
        "-e",
        "e",
        "-n",
        "green",
        "--set",
        "description=new",
    ];
    platform.cli(&describe).await.succeeded();
    platform
        .cli(&["keys", "e", "regenerate", "primary"])
        .await
        .succeeded();
    platform.cli(&["rollout", "promote", "e"]).await.succeeded();
    let view = rollout(&platform).await;
    assert_eq!(view.rollout.state, RolloutState::Running);
    assert_eq!(view.traffic.to_string(), "blue=50 green=50");
}

#[tokio::test]
async fn a_power_cut_in_the_middle_leaves_split_and_step_agreed_and_it_goes_on_with_a_new_window() {
    let mut platform = well_and(&[]).await;
    start(
        &platform,
        &[
            "--steps",
            "30,60,100",
            "--max-error-rate",
            "20%",
            "--interval",
            "1s",
        ],
    )
    .await;
    let before = load_until(&platform, |view| {
        view.traffic.to_string() == "blue=40 green=60"
    })
    .await;
    assert_eq!(before.rollout.share().get(), 60);

    platform.kill9();
    platform.restart().await;

    let after = rollout(&platform).await;
    assert_eq!(after.rollout.state, RolloutState::Running);
    assert_eq!(after.rollout.share().get(), 60);
    assert_eq!(after.traffic, before.traffic);
    let kept = after
        .rollout
        .decisions
        .len()
        .min(before.rollout.decisions.len());
    assert_eq!(
        after.rollout.decisions[..kept],
        before.rollout.decisions[..kept]
    );
    let fresh = eventually("a window is open", async || rollout(&platform).await.window).await;
    assert_eq!(fresh.so_far.candidate.requests, 0);

    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;
    assert_eq!(over.rollout.state, RolloutState::Succeeded);
    assert_eq!(over.traffic.to_string(), "blue=0 green=100");
}

#[tokio::test]
async fn a_paused_one_is_paused_after_a_power_cut_and_an_ended_one_has_ended() {
    let mut platform = well_and(&[]).await;
    start(&platform, &["--steps", "25,50", "--interval", "1s"]).await;
    platform.cli(&["rollout", "pause", "e"]).await.succeeded();
    for (command, state) in [
        ("pause", RolloutState::Paused),
        ("abort", RolloutState::Aborted),
    ] {
        if command == "abort" {
            platform.cli(&["rollout", "abort", "e"]).await.succeeded();
        }
        let before = rollout(&platform).await;

        platform.kill9();
        platform.restart().await;

        let after = rollout(&platform).await;
        assert_eq!(after.rollout.state, state);
        assert_eq!(
            (after.rollout, after.traffic),
            (before.rollout, before.traffic)
        );
    }
}

#[tokio::test]
async fn one_that_can_not_be_brought_back_is_rolled_back() {
    let mut platform = Platform::start().await;
    version(&platform, "blue", "1").await;
    let green = platform
        .deploy(plugins::path("iris"))
        .to("e", "green")
        .model("model", &models::iris(1));
    let green = green.run().await.spec;
    start(&platform, &["--steps", "25,50", "--interval", "24h"]).await;
    // The control: where green can be brought back, the same cut ends nothing.
    platform.kill9();
    platform.restart().await;
    eventually("a window is open", async || rollout(&platform).await.window).await;
    assert_eq!(
        rollout(&platform).await.rollout.state,
        RolloutState::Running
    );

    platform.kill9();
    for digest in green.artifacts() {
        let name = digest.to_string();
        let name = name.trim_start_matches("sha256:");
        let artifacts = platform.data_dir().join("artifacts/sha256");
        std::fs::remove_file(artifacts.join(name)).unwrap();
    }

    platform.restart().await;

    let over = eventually("the rollout is over", async || {
        let view = rollout(&platform).await;
        (!view.rollout.state.is_active()).then_some(view)
    })
    .await;
    assert_eq!(over.rollout.state, RolloutState::RolledBack);
    let reason = &over.rollout.decisions.last().unwrap().reason;
    assert!(
        reason.starts_with("revision 1 of green failed: "),
        "{reason}"
    );
    assert_eq!(platform.score("e", "").await.text(), "1");
}

#[tokio::test]
async fn it_goes_with_its_endpoint() {
    let mut platform = well_and(&[]).await;
    start(&platform, &["--steps", "25,50", "--interval", "1s"]).await;
    platform
        .cli(&["endpoint", "delete", "e", "--yes"])
        .await
        .succeeded();
    platform.cli(&["endpoint", "create", "e"]).await.succeeded();
    for _ in 0..2 {
        let status = platform.cli(&["rollout", "status", "e"]).await;
        status.refused(3, &["has no rollout"]);

        platform.kill9();
        platform.restart().await;
    }
}
