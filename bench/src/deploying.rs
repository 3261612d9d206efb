//! How long `mlwasm deploy` takes, from the command's start to its end, when the revision serves.

use std::time::Instant;

use mlwasm_harness::{Platform, models, plugins};

use crate::{
    Options,
    report::{Measure, Report},
    served::Served,
};

const ROUNDS: usize = 7;

/// Measures deploys of a scorer that the server never saw, and of one that it has compiled already.
///
/// # Errors
///
/// If a server does not start.
pub(crate) fn measure(report: &mut Report, options: &Options) -> anyhow::Result<()> {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let served = Served::start(options.binary(), "")?;
        first.push(served.with(async |platform| milliseconds(platform, "blue").await));
        again.push(served.with(async |platform| milliseconds(platform, "green").await));
    }
    let size = std::fs::metadata(plugins::path("iris"))?.len() / 1000;
    for (kind, samples) in [("new", &first), ("compiled", &again)] {
        let name = format!("`mlwasm deploy` of a {kind} scorer, {size} KB and a model");
        report.figure(Measure::new(name, "ms"), samples);
    }
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
