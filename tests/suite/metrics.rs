//! The platform counts, under the names of the contract, and the counts add up.

use std::collections::BTreeSet;

use mlwasm_harness::{Metrics, Platform, eventually, guests};

use crate::support::{blue_and_green, iris, mirror, platform_with, setosa, version};

const BLUE: [(&str, &str); 2] = [("endpoint", "e"), ("deployment", "blue")];

#[tokio::test]
async fn every_metric_of_the_contract_is_there_with_its_labels() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    platform.score("iris", setosa().to_string()).await;
    let metrics = platform.metrics().await;
    let histogram = |name: &str| {
        assert_eq!(metrics.kind(name), Some("histogram"), "{name}");
        metrics.label_names(&format!("{name}_count"))
    };
    let named = BTreeSet::from(["endpoint", "deployment"]);
    let with = |label: &'static str| {
        let mut labels = named.clone();
        labels.insert(label);
        labels
    };

    assert_eq!(
        histogram("mlwasm_request_duration_seconds"),
        with("outcome")
    );
    assert_eq!(histogram("mlwasm_request_queue_seconds"), named);
    assert_eq!(histogram("mlwasm_request_guest_seconds"), named);
    assert_eq!(histogram("mlwasm_request_infer_seconds"), named);
    for (name, kind, labels) in [
        ("mlwasm_mirror_requests_total", "counter", with("result")),
        ("mlwasm_sandboxes", "gauge", with("state")),
        ("mlwasm_sandbox_recycles_total", "counter", with("reason")),
        ("mlwasm_limit_exceeded_total", "counter", with("limit")),
        ("mlwasm_log_lines_dropped_total", "counter", named.clone()),
        ("mlwasm_swaps_total", "counter", named.clone()),
        ("mlwasm_generation", "gauge", BTreeSet::new()),
    ] {
        assert_eq!(metrics.kind(name), Some(kind), "{name}");
        assert_eq!(metrics.label_names(name), labels, "{name}");
    }
    assert_eq!(metrics.kind("mlwasm_requests_total"), Some("counter"));
    assert!(
        metrics
            .label_names("mlwasm_requests_total")
            .is_superset(&with("outcome"))
    );
}

#[tokio::test]
async fn every_request_is_counted_once_and_by_its_end() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 1_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    for (mode, count) in [("ok", 5), ("nonsense", 3), ("trap", 2), ("spin", 1)] {
        for _ in 0..count {
            let call = platform.scoring("e").await.query(&format!("mode={mode}"));
            call.send().await;
        }
    }
    // Not of any deployment: refused before one was chosen.
    platform.scoring("e").await.key("wrong").send().await;
    platform.scoring("e").await.deployment("red").send().await;

    let expected = [
        ("ok", 5),
        ("refused", 3),
        ("scorer_fault", 2),
        ("timeout", 1),
    ];
    let metrics = counted(&platform, 11).await;
    for (outcome, count) in expected {
        let labels = [BLUE[0], BLUE[1], ("outcome", outcome)];
        for name in [
            "mlwasm_requests_total",
            "mlwasm_request_duration_seconds_count",
        ] {
            assert_eq!(metrics.count(name, &labels), count, "{name} {outcome}");
        }
    }
    for (reason, count) in [("trap", 2), ("deadline", 1), ("cancelled", 0)] {
        let labels = [BLUE[0], BLUE[1], ("reason", reason)];
        assert_eq!(
            metrics.count("mlwasm_sandbox_recycles_total", &labels),
            count
        );
    }
}

/// A scrape in which this many requests of blue have ended: the last may still be on its way out.
async fn counted(platform: &Platform, count: u64) -> Metrics {
    eventually("all requests are counted", async || {
        let metrics = platform.metrics().await;
        (metrics.count("mlwasm_requests_total", &BLUE) >= count).then_some(metrics)
    })
    .await
}

#[tokio::test]
async fn a_histograms_buckets_grow_to_its_count() {
    let platform = platform_with("echo").await;
    for _ in 0..7 {
        platform.score("e", "x").await;
    }
    let metrics = counted(&platform, 7).await;
    let name = "mlwasm_request_duration_seconds";
    let labels = [BLUE[0], BLUE[1], ("outcome", "ok")];
    let bucket = format!("{name}_bucket");
    let values: Vec<_> = metrics
        .select(&bucket, &labels)
        .map(|sample| sample.value)
        .collect();
    assert!(values.len() > 10 && values.is_sorted(), "{values:?}");
    assert_eq!(values.last(), Some(&7.0));
    assert_eq!(metrics.count(&format!("{name}_count"), &labels), 7);
    assert!(metrics.sum(&format!("{name}_sum"), &labels) > 0.0);
}

#[tokio::test]
async fn the_generation_is_that_of_the_last_change() {
    let platform = blue_and_green().await;
    mirror(&platform, "green=10").await;
    let generation = platform.endpoint("e").await.generation;
    let served = platform.metrics().await.count("mlwasm_generation", &[]);
    assert_eq!(served, generation.0);
}

#[tokio::test]
async fn no_counter_goes_back_when_a_revision_goes() {
    let platform = Platform::start().await;
    version(&platform, "blue", "one").await;
    platform.score("e", "").await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "blue")
        .run()
        .await;
    platform.score("e", "").await;
    let before = counted(&platform, 2).await;

    version(&platform, "blue", "two").await;

    let after = platform.metrics().await;
    let counters = before.samples().iter().filter(|sample| {
        let family = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|suffix| sample.name.strip_suffix(suffix))
            .unwrap_or(&sample.name);
        matches!(before.kind(family), Some("counter" | "histogram"))
    });
    let mut compared = 0;
    for counter in counters {
        let labels: Vec<_> = counter
            .labels
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let now = after.sum(&counter.name, &labels);
        assert!(now >= counter.value, "{counter:?} is now {now}");
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}
