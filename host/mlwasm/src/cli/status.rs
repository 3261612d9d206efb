//! `mlwasm status`

use clap::Args;

use super::{Cli, output::Table};

/// Show what the server says of itself
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  mlwasm status -o tsv --query data_plane")]
pub(crate) struct Arguments {}

/// Runs the command.
///
/// # Errors
///
/// If no server answers.
pub(crate) fn run(_: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let status = cli.client.get("/v1/status")?;
    cli.output.show(&status, || {
        Table::object(
            &status,
            &["version", "data_plane", "endpoints", "deployments"],
        )
    })
}
