//! How long `mlwasm deploy` takes, from the command's start to its end, when the revision serves.

use std::time::Instant;

use mlwasm_harness::{Binary, Platform, Setup, models, plugins};

use crate::table::Table;

const ROUNDS: usize = 7;

/// Measures deploys of a scorer that the server never saw, and of one that it has compiled already.
///
/// # Errors
///
/// If a server does not start.
pub(crate) fn measure(table: &mut Table) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        for _ in 0..ROUNDS {
            let setup = Setup {
                binary: Binary::Release,
                ..Setup::default()
            };
            let platform = Platform::start_with(setup).await;
            first.push(milliseconds(&platform, "blue").await);
            again.push(milliseconds(&platform, "green").await);
        }
    });
    let size = std::fs::metadata(plugins::path("iris"))?.len() / 1000;
    table.figure(
        &format!("`mlwasm deploy` of a new scorer, {size} KB and a model"),
        "ms",
        &first,
    );
    table.figure(
        &format!("`mlwasm deploy` of a compiled scorer, {size} KB and a model"),
        "ms",
        &again,
    );
    Ok(())
}

async fn milliseconds(platform: &Platform, name: &str) -> f64 {
    let deploy = platform
        .deploy(plugins::path("iris"))
        .model("model", &models::iris(1))
        .to("iris", name);
    let start = Instant::now();
    deploy.attempt().await.succeeded();
    start.elapsed().as_secs_f64() * 1e3
}
