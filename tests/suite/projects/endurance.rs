//! Scorers of every language run on and on in one sandbox: none traps, and none holds more memory than its own runtime's collector leaves.

use std::path::Path;

use mlwasm_harness::{Platform, models};
use tokio::join;

const RUNS: u64 = 20_000;
/// At once, so that the one sandbox never waits for the next request.
const CLIENTS: u64 = 4;
const FLOWER: &str = r#"{"data": [[5.1, 3.5, 1.4, 0.2]]}"#;
/// What a sandbox may hold above what `init` left, in MiB: 400 bytes a run would be more. Collectors let garbage gather before they look.
const GROWTH_MB: u32 = 8;

/// Asks the component 20,000 times for one flower, all in one sandbox.
pub(super) async fn endures(component: &Path) {
    let platform = Platform::start().await;
    platform
        .deploy(component)
        .to("iris", "blue")
        .model("model", &models::iris(1))
        .instances(1)
        .set("sandbox.memory_limit_mb", 256)
        .set("sandbox.memory_high_water_mb", GROWTH_MB)
        .set("sandbox.max_requests_per_sandbox", 1_000_000)
        .set("sandbox.max_age_s", 86_400)
        .set("request_settings.max_concurrent_requests_per_instance", 100)
        .set("request_settings.max_queue_wait_ms", 30_000)
        .set("request_settings.request_timeout_ms", 30_000)
        .run()
        .await;
    let client = async || {
        for _ in 0..RUNS / CLIENTS {
            let answer = platform.score("iris", FLOWER).await;
            assert_eq!(answer.status(), 200, "{answer:?}");
        }
    };
    join!(client(), client(), client(), client());
    let metrics = platform.metrics().await;
    let blue = [("endpoint", "iris"), ("deployment", "blue")];
    let ran = metrics.count("mlwasm_requests_total", &blue);
    assert_eq!(ran, RUNS);
    // Of all reasons: neither a trap nor memory above the mark has cost the sandbox its place.
    let replaced = metrics.count("mlwasm_sandbox_recycles_total", &blue);
    assert_eq!(replaced, 0, "{:#?}", metrics.samples());
}
