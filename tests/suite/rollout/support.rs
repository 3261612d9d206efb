//! A platform with two deployments to compare, and clients that ask until something is so.

use futures_util::future::join_all;
use mlwasm_harness::{Platform, eventually, guests};
use mlwasm_types::RolloutView;
use reqwest::Method;

/// A platform whose endpoint `e` has `blue`, which does well and gets everything, and `green` with this environment.
pub(super) async fn well_and(environment: &[(&str, &str)]) -> Platform {
    let platform = Platform::start().await;
    unsteady(&platform, "blue", &[]).await;
    unsteady(&platform, "green", environment).await;
    platform
}

/// Deploys the guest `unsteady` to the endpoint `e`, with room for all clients of [`load_until`].
pub(super) async fn unsteady(platform: &Platform, name: &str, environment: &[(&str, &str)]) {
    let mut deploy = platform
        .deploy(guests::path("unsteady"))
        .to("e", name)
        .instances(8);
    for (name, value) in environment {
        deploy = deploy.env(name, value);
    }
    deploy.run().await;
}

/// Starts a rollout of `green` on the endpoint `e`.
pub(super) async fn start(platform: &Platform, plan: &[&str]) {
    let command = [&["rollout", "start", "e", "--to", "green"], plan].concat();
    platform.cli(&command).await.succeeded();
}

/// The rollout of the endpoint `e` as it is now.
pub(super) async fn rollout(platform: &Platform) -> RolloutView {
    let call = platform.admin(Method::GET, "/v1/endpoints/e/rollout");
    call.send().await.read()
}

/// Eight clients ask the endpoint `e` until the rollout is as wanted, and what it is then.
pub(super) async fn load_until(
    platform: &Platform,
    is_so: impl Fn(&RolloutView) -> bool,
) -> RolloutView {
    eventually("the rollout is as wanted", async || {
        let client = async || {
            for _ in 0..10 {
                platform.score("e", "").await;
            }
        };
        join_all((0..8).map(|_| client())).await;
        let view = rollout(platform).await;
        is_so(&view).then_some(view)
    })
    .await
}
