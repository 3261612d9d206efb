//! `cargo xtask plugins`: builds the shipped scorers and the tests' guests to components.
//!
//! They have a target folder of their own: the binary's build script builds one of them too, while the outer
//! cargo holds the lock of the usual folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use crate::tools;

const TARGET: &str = "wasm32-wasip2";

/// Builds every scorer.
///
/// # Errors
///
/// If one does not build.
pub(crate) fn build() -> anyhow::Result<()> {
    install_target()?;
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
        "mlwasm-image-classifier",
        "-p",
        "mlwasm-iris",
        "-p",
        "mlwasm-onnx",
        "-p",
        "mlwasm-text-classifier",
    ];
    tools::run(tools::cargo(&common).args(plugins))?;
    let examples = ["-p", "mlwasm-guests", "-p", "mlwasm-scorers", "--examples"];
    tools::run(tools::cargo(&common).args(examples))
}

/// `rust-toolchain.toml` names the target, but a toolchain that is already there is not completed by itself.
fn install_target() -> anyhow::Result<()> {
    let question = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(tools::root())
        .output()
        .context("asking rustc for its targets")?;
    let library = String::from_utf8_lossy(&question.stdout);
    if question.status.success() && Path::new(library.trim()).exists() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    tools::run(
        rustup
            .args(["target", "add", TARGET])
            .current_dir(tools::root()),
    )
}

/// Where [`build`] leaves the shipped scorer `name`.
pub(crate) fn path(name: &str) -> PathBuf {
    tools::target()
        .join("scorers")
        .join(TARGET)
        .join("scorer")
        .join(format!("{name}.wasm"))
}
