//! `cargo xtask test`: all that must hold before a change lands. The runner's summary is its last line.

use std::process::{Command, Stdio};

use crate::{debian, onnxruntime, python, scorers, tools};

const WARNINGS_ARE_ERRORS: &str = "-Dwarnings";

/// Checks format, lints and docs, builds everything, runs every test.
///
/// # Errors
///
/// At the first step that fails, naming it.
pub(crate) fn run() -> anyhow::Result<()> {
    let library = onnxruntime::fetch()?;
    let promtool = debian::promtool()?;
    let clients = python::CLIENTS.install()?;
    let languages = python::LANGUAGES.install()?;
    install_nextest()?;
    tools::run(&mut tools::cargo(&["fmt", "--all", "--check"]))?;
    scorers::build()?;
    tools::run(&mut tools::cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        WARNINGS_ARE_ERRORS,
    ]))?;
    tools::run(
        tools::cargo(&[
            "doc",
            "--quiet",
            "--workspace",
            "--no-deps",
            "--document-private-items",
        ])
        .env("RUSTDOCFLAGS", WARNINGS_ARE_ERRORS),
    )?;
    // The suite drives the binary, which cargo does not build for another package's test.
    tools::run(&mut tools::cargo(&["build", "--quiet", "-p", "mlwasm"]))?;
    tools::run(
        tools::cargo(&["test", "--quiet", "--doc", "-p", "mlwasm-sdk"])
            .env("ORT_DYLIB_PATH", &library),
    )?;
    tools::run(
        tools::cargo(&["nextest", "run", "--workspace"])
            .env("ORT_DYLIB_PATH", &library)
            .env("PROMTOOL", &promtool)
            .env(python::CLIENTS.variable, &clients)
            .env(python::LANGUAGES.variable, &languages)
            .env("INSTA_UPDATE", "no"),
    )
}

fn install_nextest() -> anyhow::Result<()> {
    let present = Command::new("cargo-nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if present {
        return Ok(());
    }
    tools::run(&mut tools::cargo(&[
        "install",
        "--quiet",
        "--locked",
        "cargo-nextest",
    ]))
}
