//! `cargo xtask plugins`: builds the shipped scorers and the tests' guests to components.
//!
//! They have a target folder of their own: the binary's build script builds one of them too, while the outer
//! cargo holds the lock of the usual folder.

use std::path::PathBuf;

use crate::tools;

const TARGET: &str = "wasm32-wasip2";

/// Builds every scorer.
///
/// # Errors
///
/// If one does not build.
pub(crate) fn build() -> anyhow::Result<()> {
    let folder = tools::target().join("scorers");
    let folder = folder.to_string_lossy();
    let common = [
        "build",
        "--quiet",
        "--target",
        TARGET,
        "--profile",
        "scorer",
        "--target-dir",
        &folder,
    ];
    let plugins = [
        "-p",
        "mlwasm-echo",
        "-p",
        "mlwasm-iris",
        "-p",
        "mlwasm-onnx",
    ];
    tools::run(tools::cargo(&common).args(plugins))?;
    tools::run(tools::cargo(&common).args(["-p", "mlwasm-guests", "--examples"]))
}

/// Where [`build`] leaves the shipped scorer `name`.
pub(crate) fn path(name: &str) -> PathBuf {
    tools::target()
        .join("scorers")
        .join(TARGET)
        .join("scorer")
        .join(format!("{name}.wasm"))
}
