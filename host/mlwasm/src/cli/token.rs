//! `mlwasm token`

use clap::Args;
use mlwasm_types::{
    EndpointName,
    access::{LEAST_SCORING_TOKEN_TTL, MOST_SCORING_TOKEN_TTL},
    duration::parse_duration_within,
};
use serde_json::Value;

use super::{Cli, output::Table, views};
use crate::client::ClientError;

/// Get a token with which an endpoint can be called for a while; the endpoint's auth mode is aml_token
///
/// `refreshAfterTimeUtc` and `expiryTimeUtc` are seconds since 1970. `mlwasm keys E regenerate` revokes all tokens.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm token iris --ttl 8h\n  mlwasm token iris -o tsv --query accessToken"
)]
pub(crate) struct Arguments {
    /// The endpoint
    endpoint: EndpointName,
    /// How long it is valid, from 1m to 24h [default: 1h]
    #[arg(long, value_name = "DURATION", value_parser = ttl)]
    ttl: Option<String>,
}

/// Checked here, so that a slip is a wrong usage; the server reads it again.
fn ttl(text: &str) -> Result<String, String> {
    parse_duration_within(text, LEAST_SCORING_TOKEN_TTL, MOST_SCORING_TOKEN_TTL)
        .map(|_| text.trim().to_owned())
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let token = issue(&arguments.endpoint, arguments.ttl.as_deref(), cli)?;
    show(&token, cli)
}

/// Asks for a token.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn issue(
    endpoint: &EndpointName,
    ttl: Option<&str>,
    cli: &Cli,
) -> Result<Value, ClientError> {
    let query = ttl.map(|ttl| format!("?ttl={}", ttl.replace(' ', "%20")));
    let path = format!("{}/tokens", views::endpoint_path(endpoint));
    cli.client.post(&(path + &query.unwrap_or_default()))
}

/// Prints a token.
///
/// # Errors
///
/// If standard output is closed.
pub(crate) fn show(token: &Value, cli: &Cli) -> anyhow::Result<()> {
    cli.output.show(token, || {
        Table::object(
            token,
            &["accessToken", "refreshAfterTimeUtc", "expiryTimeUtc"],
        )
    })
}
