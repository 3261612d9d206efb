//! What a mirror's answers say: whether green may replace blue, and why.

mod support;
mod verdicts;

use std::collections::BTreeSet;

use mlwasm_harness::{Platform, eventually, guests};
use mlwasm_types::{api::LogPage, shadow::DifferenceKind};
use reqwest::Method;

use crate::support::mirror;
use support::{
    blue_and_green, count, deploy, differing, field, replayed, report, score, set, settled,
};

#[tokio::test]
async fn answers_that_agree_are_equal_and_one_that_differs_is_shown_with_its_request() {
    let platform = blue_and_green(&[], &[("FLIP", "10")]).await;

    score(&platform, 200).await;

    let report = replayed(&platform, 3).await;
    let counts = report.counts;
    assert_eq!(counts.equal + counts.different, counts.comparisons);
    assert!(
        counts.equal > counts.different && counts.different > 0,
        "{counts:?}"
    );
    assert_eq!(differing(&report), [("$.label", DifferenceKind::Label)]);
    let label = field(&report, "$.label");
    assert_eq!(label.count, counts.different);
    assert_eq!(
        (label.live.as_str(), label.mirror.as_str()),
        ("\"cat\"", "\"dog\"")
    );
    let flipped: BTreeSet<_> = (0..200).step_by(10).map(|n| format!("r-{n}")).collect();
    assert!(!report.samples.is_empty());
    for sample in &report.samples {
        assert!(flipped.contains(&sample.request_id), "{sample:?}");
        assert_eq!(
            (sample.path.as_str(), sample.mirror.as_str()),
            ("$.label", "\"dog\"")
        );
    }
    // One in ten: both of the interval's ends hold it, or the samples are wrong.
    assert!(
        report.mismatch.low < 0.1 && 0.1 < report.mismatch.high + 0.05,
        "{report:#?}"
    );
    let metrics = platform.metrics().await;
    let name = "mlwasm_shadow_comparisons_total";
    assert_eq!(count(&metrics, name, "equal"), counts.equal);
    assert_eq!(count(&metrics, name, "different"), counts.different);
}

/// The guest's clock counts milliseconds: by the time of a replay it has moved on, and between the first two answers it may
/// have.
#[tokio::test]
async fn what_blue_itself_answers_otherwise_is_noise_and_what_only_green_does_is_not() {
    let toil = ("TOIL", "2000000");
    let platform = blue_and_green(&[("STAMP", "1")], &[("STAMP", "1"), ("FLIP", "5"), toil]).await;

    score(&platform, 100).await;

    let report = replayed(&platform, 3).await;
    let time = field(&report, "$.time");
    assert!(
        time.noise && time.replayed == report.counts.replays,
        "{report:#?}"
    );
    assert_eq!(differing(&report), [("$.label", DifferenceKind::Label)]);
    let counts = report.counts;
    assert_eq!(
        counts.equal + counts.noise + counts.different,
        counts.comparisons
    );
    assert!(counts.noise > 0 && counts.different > 0, "{counts:?}");
    // The metrics waited for the replays.
    let metrics = platform.metrics().await;
    let name = "mlwasm_shadow_comparisons_total";
    for (result, expected) in [("noise", counts.noise), ("different", counts.different)] {
        assert_eq!(count(&metrics, name, result), expected, "{result}");
    }
}

#[tokio::test]
async fn replays_are_no_traffic_and_are_known_as_copies() {
    let platform = blue_and_green(&[], &[]).await;

    score(&platform, 60).await;

    let report = replayed(&platform, 3).await;
    let metrics = platform.metrics().await;
    let blue = [("deployment", "blue")];
    assert_eq!(metrics.count("mlwasm_requests_total", &blue), 60);
    assert_eq!(metrics.count("mlwasm_mirror_requests_total", &blue), 0);
    assert_eq!(
        metrics.count("mlwasm_request_guest_seconds_count", &blue),
        60
    );
    // A scorer of this kind prints a line when it is told that it answers a copy.
    let path = "/v1/endpoints/e/deployments/blue/logs?lines=1000";
    let page: LogPage = platform.admin(Method::GET, path).send().await.read();
    let copies = page.lines.iter().filter(|line| line.text == "a copy");
    assert!(copies.clone().all(|line| line.mirror));
    assert_eq!(copies.count() as u64, report.counts.replays);
}

#[tokio::test]
async fn a_deployment_with_one_sandbox_is_not_asked_again() {
    let platform = Platform::start().await;
    for name in ["blue", "green"] {
        let deploy = platform.deploy(guests::path("differs")).to("e", name);
        deploy.instances(1).run().await;
    }
    mirror(&platform, "green=50").await;
    score(&platform, 40).await;
    // With a replay there would be a copy in flight for a second; without one there is none soon.
    let report = settled(&platform).await;
    assert_eq!(report.counts.replays, 0);
}

#[tokio::test]
async fn lines_that_are_printed_during_a_copy_are_marked() {
    let platform = Platform::start().await;
    for name in ["blue", "green"] {
        let chatty = platform.deploy(guests::path("chatty")).to("e", name);
        chatty.run().await;
    }
    mirror(&platform, "green=50").await;
    for n in 0..40 {
        let call = platform.scoring("e").await.id(&format!("r-{n}"));
        call.query("lines=1").send().await;
    }
    settled(&platform).await;
    let named = platform.scoring("e").await.id("named").query("lines=1");
    named.deployment("green").send().await;

    let logs = [
        "deployment",
        "logs",
        "-e",
        "e",
        "-n",
        "green",
        "--lines",
        "1000",
    ];
    let text = platform.cli(&logs).await.ok().stdout;
    let printed: Vec<_> = text
        .lines()
        .filter(|line| line.contains(" out 0"))
        .collect();
    assert!(printed.len() > 1, "{text}");
    for line in printed {
        assert_eq!(
            line.contains(" (mirror) "),
            !line.contains(" named "),
            "{line}"
        );
    }
}

#[tokio::test]
async fn numbers_differ_beyond_the_tolerance_and_fields_can_be_left_out() {
    let platform = blue_and_green(&[], &[("SHIFT", "1e-9")]).await;
    score(&platform, 40).await;
    let report = settled(&platform).await;
    assert_eq!(report.counts.equal, report.counts.comparisons);
    assert!(report.counts.equal > 0);

    deploy(&platform, "green", &[("SHIFT", "1e-3")]).await;
    score(&platform, 40).await;
    let report = eventually("green's next revision is compared", async || {
        Some(self::report(&platform).await).filter(|report| report.counts.different > 5)
    })
    .await;
    // The second row's score is the same, and is one place with the first's.
    let expected = ["$.rows[*].score", "$.score"].map(|path| (path, DifferenceKind::Number));
    let found: BTreeSet<_> = differing(&report)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(found, expected.map(|(path, _)| path).into());
    assert_eq!(report.counts.equal, 0);
    assert_eq!(report.mirror.revision.0, 2);

    // Other rules, another comparison.
    set(
        &platform,
        &["shadow.ignore=[\"$.score\", \"$.rows[*].score\"]"],
    )
    .await;
    assert_eq!(self::report(&platform).await.counts.comparisons, 0);
    score(&platform, 40).await;
    eventually("answers are compared by the new rules", async || {
        let counts = self::report(&platform).await.counts;
        (counts.equal > 0 && counts.equal == counts.comparisons).then_some(())
    })
    .await;
}

type Variables<'a> = &'a [(&'a str, &'a str)];
/// Blue's variables, green's, and what alone differs.
type Case<'a> = (
    Variables<'a>,
    Variables<'a>,
    Option<(&'a str, DifferenceKind)>,
);

/// Checks for each case, blue's variables and green's, that this alone differs.
async fn check(cases: &[Case<'_>]) {
    for (blue, green, expected) in cases {
        let platform = blue_and_green(blue, green).await;
        score(&platform, 20).await;
        let report = settled(&platform).await;
        let found = differing(&report);
        assert_eq!(
            found,
            Vec::from_iter(*expected),
            "{blue:?} {green:?}: {report:#?}"
        );
    }
}

const FLOATS: (&str, &str) = ("BODY", "floats");
const TEXT: (&str, &str) = ("BODY", "text");
/// More than is kept of a body.
const LONG: (&str, &str) = ("PAD", "300000");

#[tokio::test]
async fn arrays_of_floats_are_compared_as_numbers_and_other_bytes_as_bytes() {
    check(&[
        (&[FLOATS], &[FLOATS, ("SHIFT", "1e-7")], None),
        (
            &[FLOATS],
            &[FLOATS, ("SHIFT", "1e-3")],
            Some(("(body)", DifferenceKind::Number)),
        ),
        (
            &[TEXT],
            &[TEXT, ("PAD", "1")],
            Some(("(body)", DifferenceKind::Bytes)),
        ),
    ])
    .await;
}

#[tokio::test]
async fn long_bodies_are_compared_by_length_and_digest() {
    let bytes = Some(("(body)", DifferenceKind::Bytes));
    check(&[
        (&[LONG], &[LONG], None),
        (&[LONG], &[LONG, ("FLIP", "1")], bytes),
        (&[TEXT, LONG], &[TEXT], bytes),
    ])
    .await;
}

#[tokio::test]
async fn a_target_that_fails_is_counted_by_status_and_clients_see_nothing_of_it() {
    let platform = blue_and_green(&[], &[("FAIL", "2")]).await;

    score(&platform, 100).await;

    let report = replayed(&platform, 3).await;
    let counts = report.counts;
    assert!(counts.status > 0 && counts.equal > 0, "{counts:?}");
    assert_eq!(counts.status + counts.equal, counts.comparisons);
    assert_eq!(
        (report.errors.live, report.errors.mirror),
        (0, counts.status)
    );
    let status = field(&report, "(status)");
    assert_eq!(
        (status.live.as_str(), status.mirror.as_str()),
        ("200", "424")
    );
    let metrics = platform.metrics().await;
    assert_eq!(
        count(&metrics, "mlwasm_shadow_comparisons_total", "status"),
        counts.status
    );
}

#[tokio::test]
async fn a_live_answer_that_is_none_of_the_scorers_is_counted_and_not_compared() {
    let platform = Platform::start().await;
    let spin = platform.deploy(guests::path("spin")).to("e", "blue");
    spin.set("request_settings.request_timeout_ms", 50)
        .run()
        .await;
    deploy(&platform, "green", &[]).await;
    mirror(&platform, "green=50").await;
    for n in 0..20 {
        let answer = platform
            .scoring("e")
            .await
            .id(&format!("r-{n}"))
            .send()
            .await;
        assert_eq!(answer.status(), 408);
    }

    let report = settled(&platform).await;

    assert_eq!(report.counts.comparisons, 0);
    assert!(report.counts.uncompared > 0);
    let metrics = platform.metrics().await;
    let name = "mlwasm_shadow_comparisons_total";
    assert_eq!(
        count(&metrics, name, "uncompared"),
        report.counts.uncompared
    );
}

#[tokio::test]
async fn a_target_that_is_a_hundred_times_slower_keeps_no_client_waiting() {
    // Some ten milliseconds of work; blue does some tenth of one.
    let platform = blue_and_green(&[("TOIL", "20000")], &[("TOIL", "2000000")]).await;

    score(&platform, 200).await;

    let report = settled(&platform).await;
    assert!(report.counts.comparisons > 0, "{report:#?}");
    assert_eq!(
        report.counts.different + report.counts.status,
        0,
        "{report:#?}"
    );
    let metrics = platform.metrics().await;
    let ok = [("deployment", "blue"), ("outcome", "ok")];
    assert_eq!(metrics.count("mlwasm_requests_total", &ok), 200);
    let latency = report.latency.unwrap();
    assert!(latency.p50_ratio.ratio > 2.0, "{latency:?}");
}
