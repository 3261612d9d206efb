//! Running programs and finding folders, for all tasks.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Prints to standard output.
#[expect(clippy::print_stdout, reason = "this is the tasks' output")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Prints to standard error.
#[expect(clippy::print_stderr, reason = "progress and errors of the tasks")]
pub(crate) fn complain(text: &str) {
    eprintln!("{text}");
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs this task, in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    // What cargo sets for `cargo run` describes xtask, and would make nested builds differ from direct ones.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// As [`run`], without its standard output: for tasks that print one thing themselves.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn run_quietly(command: &mut Command) -> anyhow::Result<()> {
    run(command.stdout(Stdio::null()))
}

/// Runs `command` to its end, its output shown as it comes.
///
/// # Errors
///
/// If it can not be started or exits with anything but 0.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    complain(&format!("· {shown}"));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
