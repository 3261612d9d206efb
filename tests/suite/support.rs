//! What several promises need: something deployed, and a look at what the platform does.

use mlwasm_harness::{Answer, Platform, eventually, guests, models, plugins};
use serde_json::{Value, json};

/// A platform whose endpoint `e` has the guest `name` as its deployment `blue`, with all traffic.
pub(crate) async fn platform_with(name: &str) -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path(name))
        .to("e", "blue")
        .run()
        .await;
    platform
}

/// A platform whose endpoint `e` has `blue` and `green`, which answer their own name; `blue` has all traffic.
pub(crate) async fn blue_and_green() -> Platform {
    let platform = Platform::start().await;
    for name in ["blue", "green"] {
        version(&platform, name, name).await;
    }
    platform
}

/// Deploys the guest that answers `text` to the endpoint `e`.
pub(crate) async fn version(platform: &Platform, name: &str, text: &str) {
    platform
        .deploy(guests::path("version"))
        .to("e", name)
        .env("VERSION", text)
        .run()
        .await;
}

/// Deploys the iris scorer with a version of its model to the endpoint `iris`.
pub(crate) async fn iris(platform: &Platform, name: &str, model: u8) {
    platform
        .deploy(plugins::path("iris"))
        .to("iris", name)
        .model("model", &models::iris(model))
        .run()
        .await;
}

/// A scorer that is at work for a good while and then answers: enough native runs for a second and more. Deploys it
/// as `blue` of the endpoint `e`, with one sandbox.
pub(crate) async fn slow(platform: &Platform) {
    platform
        .deploy(guests::path("many_infer"))
        .to("e", "blue")
        .model("model", &models::iris(1))
        .instances(1)
        .set("sandbox.max_infer_calls", 1_000_000)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
}

/// Has the scorer of [`slow`] at work, and returns its answer.
pub(crate) async fn be_slow(platform: &Platform) -> Answer {
    let call = platform.scoring("e").await;
    call.query(&format!("times={SLOW_RUNS}")).send().await
}

/// How many native runs [`be_slow`] asks for.
pub(crate) const SLOW_RUNS: u32 = 60_000;

/// Sets the traffic of the endpoint `e`, as in `blue=90 green=10`.
pub(crate) async fn traffic(platform: &Platform, shares: &str) {
    let mut arguments = vec!["traffic", "e"];
    arguments.extend(shares.split(' '));
    platform.cli(&arguments).await.succeeded();
}

/// Sets the mirror of the endpoint `e`, as in `green=10`.
pub(crate) async fn mirror(platform: &Platform, share: &str) {
    platform.cli(&["mirror", "e", share]).await.succeeded();
}

/// Waits until no copy for a mirror is in flight.
pub(crate) async fn copies_have_ended(platform: &Platform) {
    eventually("no copy is in flight", async || {
        let metrics = platform.metrics().await;
        (metrics.count("mlwasm_mirror_requests_in_flight", &[]) == 0).then_some(())
    })
    .await;
}

/// Waits until as many sandboxes of the endpoint `e` serve a request.
pub(crate) async fn busy(platform: &Platform, count: u64) {
    eventually("sandboxes are busy", async || {
        (sandboxes(platform, "busy").await == count).then_some(())
    })
    .await;
}

/// How many sandboxes of the endpoint `e` are in `state` now.
pub(crate) async fn sandboxes(platform: &Platform, state: &str) -> u64 {
    let labels = [("endpoint", "e"), ("state", state)];
    platform.metrics().await.count("mlwasm_sandboxes", &labels)
}

/// Bytes to tensors and back, as the guest `infer` writes them.
pub(crate) fn base16(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The measurements of one flower that both iris models call setosa.
pub(crate) fn setosa() -> Value {
    json!({"data": [[5.1, 3.5, 1.4, 0.2]]})
}

/// Chance that can be had again: the same seed, the same rolls (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of `0..most`.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut roll = self.0;
        roll = (roll ^ (roll >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        roll = (roll ^ (roll >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (roll ^ (roll >> 31)) % most
    }
}
