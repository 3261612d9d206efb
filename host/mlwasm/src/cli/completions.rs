//! `mlwasm completions`

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::output;

/// Print a completion script for a shell
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  mlwasm completions bash > ~/.local/share/bash-completion/completions/mlwasm"
)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
///
/// If standard output is closed.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Arguments::command(),
        "mlwasm",
        &mut script,
    );
    output::raw(&script)
}
