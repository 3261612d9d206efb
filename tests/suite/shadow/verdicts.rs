//! What follows from the comparison: a verdict, and where it is read.

use mlwasm_harness::{Platform, eventually, guests};
use mlwasm_types::{ShadowVerdict, api::Problem};
use reqwest::Method;

use super::support::{blue_and_green, deploy, replayed, report, score, set, settled};
use crate::support::{blue_and_green as versions, mirror, version};

/// So much that the machine's own delays never matter.
const ANY_LATENCY: &str = "shadow.max_p99_ratio=1000";

#[tokio::test]
async fn a_target_that_answers_alike_may_replace_the_live_one() {
    let platform = blue_and_green(&[], &[("SHIFT", "1e-9")]).await;
    set(&platform, &[ANY_LATENCY, "shadow.max_mismatch=0.05"]).await;
    score(&platform, 100).await;
    let early = settled(&platform).await;
    assert_eq!(early.verdict, ShadowVerdict::Hold, "{early:#?}");
    assert!(early.more_comparisons > Some(50), "{early:#?}");

    // A busy machine sheds some copies, of any number of requests.
    let mut report = early;
    while report.counts.comparisons < 600 {
        score(&platform, 400).await;
        report = settled(&platform).await;
    }

    assert_eq!(report.verdict, ShadowVerdict::Promote, "{report:#?}");
    assert_eq!(report.counts.different + report.counts.status, 0);
    assert!(report.mismatch.high <= 0.05);
}

#[tokio::test]
async fn a_target_that_flips_labels_is_rejected_with_the_reason() {
    let platform = blue_and_green(&[], &[("FLIP", "4")]).await;
    score(&platform, 200).await;
    let report = replayed(&platform, 3).await;
    assert_eq!(report.verdict, ShadowVerdict::Reject, "{report:#?}");

    let output = platform.cli(&["shadow", "report", "e"]).await.ok();
    let first: Vec<_> = output.stdout.lines().take(2).collect();
    assert!(
        first[0].starts_with("verdict") && first[0].contains("reject"),
        "{first:?}"
    );
    assert!(
        first[1].starts_with("reason") && first[1].contains("$.label"),
        "{first:?}"
    );
    let query = ["shadow", "report", "e", "--query", "verdict", "-o", "tsv"];
    assert_eq!(platform.cli(&query).await.ok().stdout.trim(), "reject");
}

/// Copies are held back from it soon, and not too soon for a verdict.
#[tokio::test]
async fn a_target_that_only_traps_is_rejected_by_the_copies_that_it_got() {
    let platform = Platform::start().await;
    deploy(&platform, "blue", &[]).await;
    let green = platform.deploy(guests::path("trap")).to("e", "green");
    green.instances(4).run().await;
    mirror(&platform, "green=50").await;

    score(&platform, 400).await;

    let report = replayed(&platform, 3).await;
    assert_eq!(report.verdict, ShadowVerdict::Reject, "{report:#?}");
    assert_eq!(report.counts.status, report.counts.comparisons);
}

#[tokio::test]
async fn a_verdict_belongs_to_two_revisions_and_can_be_begun_anew() {
    let platform = blue_and_green(&[], &[("FLIP", "1")]).await;
    score(&platform, 40).await;
    let first = settled(&platform).await;
    assert!(first.counts.different > 0);

    platform.cli(&["shadow", "reset", "e"]).await.succeeded();
    let reset = report(&platform).await;
    assert_eq!(reset.counts.comparisons + reset.counts.uncompared, 0);
    assert!(reset.fields.is_empty() && reset.samples.is_empty());
    assert_eq!((&reset.live, &reset.mirror), (&first.live, &first.mirror));

    score(&platform, 40).await;
    eventually("answers are compared again", async || {
        (report(&platform).await.counts.different > 0).then_some(())
    })
    .await;
    // The same deployment, the next revision: the old one's counts are nothing to it.
    deploy(&platform, "blue", &[("FLIP", "1")]).await;
    let next = report(&platform).await;
    assert_eq!((next.live.revision.0, next.mirror.revision.0), (2, 1));
    assert_eq!(next.counts.comparisons, 0);
    score(&platform, 40).await;
    let next = eventually("the next revision is compared", async || {
        Some(report(&platform).await).filter(|report| report.counts.equal > 5)
    })
    .await;
    assert_eq!(next.counts.different, 0, "{next:#?}");

    // What was found stays when the mirror is off, and goes with the endpoint.
    mirror(&platform, "green=0").await;
    assert!(report(&platform).await.counts.equal > 5);
    let delete = ["endpoint", "delete", "e", "--yes"];
    platform.cli(&delete).await.succeeded();
    platform
        .cli(&["shadow", "report", "e"])
        .await
        .refused(3, &["e"]);
}

#[tokio::test]
async fn without_a_mirror_there_is_nothing_to_report() {
    let platform = versions().await;
    for command in ["report", "reset"] {
        let output = platform.cli(&["shadow", command, "e"]).await;
        output.refused(3, &["mlwasm mirror e"]);
        let output = platform.cli(&["shadow", command, "none"]).await;
        output.refused(3, &["none"]);
    }
    let path = "/v1/endpoints/e/shadow-report";
    let problem: Problem = platform.admin(Method::GET, path).send().await.problem();
    assert_eq!(problem.status, 404);
}

#[tokio::test]
async fn requests_that_another_deployment_answers_are_copied_and_not_compared() {
    let platform = versions().await;
    version(&platform, "red", "red").await;
    crate::support::traffic(&platform, "blue=60 red=40").await;
    mirror(&platform, "green=50").await;
    for n in 0..60 {
        platform
            .scoring("e")
            .await
            .id(&format!("r-{n}"))
            .send()
            .await;
    }
    let report = eventually("copies are compared", async || {
        let metrics = platform.metrics().await;
        let in_flight = metrics.count("mlwasm_mirror_requests_in_flight", &[]);
        let report = report(&platform).await;
        (in_flight == 0 && report.counts.comparisons > 5).then_some(report)
    })
    .await;
    assert_eq!(report.live.deployment.as_str(), "blue");
    let sides: Vec<_> = report
        .samples
        .iter()
        .map(|sample| sample.live.as_str())
        .collect();
    assert!(sides.iter().all(|live| *live == "\"blue\""), "{sides:?}");
    let copies = platform.metrics().await;
    let copied = copies.count("mlwasm_mirror_requests_total", &[("deployment", "green")]);
    assert!(report.counts.comparisons + report.counts.uncompared < copied);
}

#[tokio::test]
async fn settings_are_checked_and_named() {
    let platform = versions().await;
    for (setting, words) in [
        ("shadow.max_mismatch=0", ["shadow.max_mismatch", "0.0001"]),
        ("shadow.tolerance=2", ["shadow.tolerance", "1"]),
        ("shadow.max_p99_ratio=0.5", ["shadow.max_p99_ratio", "1000"]),
        (
            "shadow.min_comparisons=0",
            ["shadow.min_comparisons", "1000000"],
        ),
        ("shadow.ignore=[id]", ["shadow.ignore", "$.rows[*].id"]),
        ("shadow.max_mismach=0.1", ["max_mismach", "max_mismatch"]),
    ] {
        let output = platform
            .cli(&["endpoint", "update", "e", "--set", setting])
            .await;
        output.refused(1, &words);
    }
    set(
        &platform,
        &["shadow.max_mismatch=0.01", "shadow.min_comparisons=500"],
    )
    .await;
    let shadow = platform.endpoint("e").await.spec.shadow;
    assert_eq!((shadow.max_mismatch.0, shadow.min_comparisons), (0.01, 500));
    let file = "name: e\nshadow: {tolerance: 0.001, ignore: [\"$.request_id\"]}\n";
    let path = platform.file("endpoint.yml", file);
    let update = ["endpoint", "update", "e", "-f", path.to_str().unwrap()];
    platform.cli(&update).await.succeeded();
    let shadow = platform.endpoint("e").await.spec.shadow;
    // What the file does not name stays.
    assert_eq!((shadow.tolerance.0, shadow.min_comparisons), (0.001, 500));
    assert_eq!(shadow.ignore[0].to_string(), "$.request_id");
}

#[tokio::test]
async fn a_comparison_begins_anew_when_the_server_does_and_its_settings_stay() {
    let mut platform = blue_and_green(&[], &[]).await;
    set(&platform, &["shadow.min_comparisons=7"]).await;
    score(&platform, 20).await;
    settled(&platform).await;

    platform.kill9();
    Platform::restart(&mut platform).await;

    let report = report(&platform).await;
    assert_eq!(report.counts.comparisons, 0);
    assert_eq!(report.settings.min_comparisons, 7);
}
