//! `cargo xtask bench`: builds the release binary and the driver, and measures.

use crate::{onnxruntime, scorers, tools};

/// What the benchmarks can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Seconds that each side of a pair is measured for, in turns
    #[arg(long, default_value_t = 12)]
    seconds: u64,
    /// What to measure, with commas between: echo, infer, batching, neighbour, loops, idle, swap, flat, canary, deploy
    #[arg(long, value_name = "SCENARIOS")]
    only: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Builds what is measured, then prints one table.
///
/// # Errors
///
/// If something does not build, or a server under test answers wrongly.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let library = onnxruntime::fetch()?;
    scorers::build()?;
    tools::run(&mut tools::cargo(&[
        "build",
        "--quiet",
        "--release",
        "-p",
        "mlwasm",
        "-p",
        "mlwasm-bench",
    ]))?;
    let mut driver = std::process::Command::new(tools::target().join("release/mlwasm-bench"));
    driver
        .current_dir(tools::root())
        .args(["--seconds", &options.seconds.to_string()])
        .env("ORT_DYLIB_PATH", library);
    if let Some(scenarios) = &options.only {
        driver.args(["--only", scenarios]);
    }
    if options.json {
        driver.arg("--json");
    }
    tools::run(&mut driver)
}
