//! Two deployments whose answers are compared, and the report of it.

use mlwasm_harness::{Metrics, Platform, eventually, guests};
use mlwasm_types::{
    ShadowReport,
    shadow::{DifferenceKind, FieldDifference},
};

use crate::support::mirror;

/// `e` with `blue`, which has all traffic, and `green`, which gets copies of half of it. Both are the guest `differs`, with
/// these variables.
pub(super) async fn blue_and_green(blue: &[(&str, &str)], green: &[(&str, &str)]) -> Platform {
    let platform = Platform::start().await;
    deploy(&platform, "blue", blue).await;
    deploy(&platform, "green", green).await;
    mirror(&platform, "green=50").await;
    platform
}

pub(super) async fn deploy(platform: &Platform, name: &str, variables: &[(&str, &str)]) {
    let deploy = platform.deploy(guests::path("differs")).to("e", name);
    let deploy = variables
        .iter()
        .fold(deploy.instances(4), |deploy, (name, value)| {
            deploy.env(name, value)
        });
    deploy.run().await;
}

/// Sends as many requests with the ids `r-0` and so on, and checks that blue answers each one well.
pub(super) async fn score(platform: &Platform, count: u32) {
    for n in 0..count {
        let call = platform.scoring("e").await.id(&format!("r-{n}"));
        let answer = call.send().await;
        assert_eq!((answer.status(), answer.deployment()), (200, "blue"));
    }
}

pub(super) async fn report(platform: &Platform) -> ShadowReport {
    let output = platform.cli(&["shadow", "report", "e", "-o", "json"]).await;
    output.ok().read()
}

pub(super) async fn set(platform: &Platform, settings: &[&str]) {
    let mut arguments = vec!["endpoint", "update", "e"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    platform.cli(&arguments).await.succeeded();
}

pub(super) fn count(metrics: &Metrics, name: &str, result: &str) -> u64 {
    let labels = [("deployment", "green"), ("result", result)];
    metrics.count(name, &labels)
}

/// The report once every copy is accounted for.
pub(super) async fn settled(platform: &Platform) -> ShadowReport {
    eventually("all copies are compared", async || {
        let metrics = platform.metrics().await;
        let copies = |results: &[&str]| -> u64 {
            let each = results.iter();
            each.map(|result| count(&metrics, "mlwasm_mirror_requests_total", result))
                .sum()
        };
        // A busy machine sheds some, of which nothing is compared.
        let (ran, shed) = (copies(&["ok", "failed"]), copies(&["shed"]));
        let in_flight = metrics.count("mlwasm_mirror_requests_in_flight", &[]);
        let report = report(platform).await;
        let counts = report.counts;
        let known = counts.comparisons + counts.uncompared + counts.dropped;
        let is_told = (ran..=ran + shed).contains(&known);
        (in_flight == 0 && ran > 0 && is_told).then_some(report)
    })
    .await
}

/// The same, once there were so many replays and none is under way.
pub(super) async fn replayed(platform: &Platform, replays: u64) -> ShadowReport {
    eventually("requests are replayed", async || {
        let report = settled(platform).await;
        (report.counts.replays >= replays).then_some(report)
    })
    .await
}

/// The fields that differ, but for noise.
pub(super) fn differing(report: &ShadowReport) -> Vec<(&str, DifferenceKind)> {
    let fields = report.fields.iter().filter(|field| !field.noise);
    fields
        .map(|field| (field.path.as_str(), field.kind))
        .collect()
}

pub(super) fn field<'r>(report: &'r ShadowReport, path: &str) -> &'r FieldDifference {
    let found = report.fields.iter().find(|field| field.path == path);
    found.unwrap_or_else(|| panic!("no field {path}: {report:#?}"))
}
