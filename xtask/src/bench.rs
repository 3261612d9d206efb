//! `cargo xtask bench`: builds the release binary and the driver, and measures pairs in one run.

use crate::{onnxruntime, scorers, tools};

/// What the benchmarks can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Seconds that each side of a pair is measured for, in turns
    #[arg(long, default_value_t = 12)]
    seconds: u64,
}

/// Builds what is measured, then prints one table of ratios.
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
    let driver = tools::target().join("release/mlwasm-bench");
    tools::run(
        std::process::Command::new(driver)
            .current_dir(tools::root())
            .args(["--seconds", &options.seconds.to_string()])
            .env("ORT_DYLIB_PATH", library),
    )
}
