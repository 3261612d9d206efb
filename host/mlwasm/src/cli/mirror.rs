//! `mlwasm mirror`

use clap::Args;
use mlwasm_types::EndpointName;

use super::{Cli, traffic, usage::usage, views};
use crate::client::Precondition;

/// Print or set which deployment gets copies of an endpoint's requests
///
/// One deployment at most, with at most 50 % of the requests, and none that takes live traffic. Callers never see what
/// it answers.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm mirror iris\n  mlwasm mirror iris green=10\n  mlwasm mirror iris green=0"
)]
pub(crate) struct Arguments {
    /// The endpoint
    endpoint: EndpointName,
    /// The target and its share, at most 50; 0 turns the mirror off; without it, the mirror is printed
    #[arg(value_name = "DEPLOYMENT=PERCENT")]
    share: Vec<String>,
}

/// Runs the command.
///
/// # Errors
///
/// A usage error for a share that is none; else what the server says.
pub(crate) fn run(arguments: Arguments, cli: &Cli) -> anyhow::Result<()> {
    let path = format!("{}/mirror", views::endpoint_path(&arguments.endpoint));
    let mirror = if arguments.share.is_empty() {
        cli.client.get(&path)?
    } else {
        let shares = traffic::parse(&arguments.share)?;
        if shares.len() > 1 {
            return Err(usage(format!(
                "{} mirror targets given: an endpoint has at most one",
                shares.len()
            )));
        }
        cli.client
            .put(&path, &views::to_json(&shares)?, Precondition::None)?
    };
    traffic::show_shares(
        &mirror,
        &format!("endpoint {} has no mirror", arguments.endpoint),
        cli,
    )
}
