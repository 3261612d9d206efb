//! `mlwasm keys`

use clap::{Args, Subcommand, ValueEnum};
use mlwasm_types::{AuthMode, EndpointName, api::EndpointView};
use serde_json::Value;

use super::{Cli, output, output::Table, token, views};

/// Show or replace an endpoint's keys
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm keys iris -o tsv --query primaryKey\n  mlwasm keys iris regenerate secondary"
)]
pub(crate) struct Arguments {
    /// The endpoint
    endpoint: EndpointName,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand, Clone, Copy, Debug)]
enum Action {
    /// Print both keys, as `mlwasm keys E` does too
    #[command(after_help = "Example:\n  mlwasm keys iris show -o tsv --query primaryKey")]
    Show,
    /// Replace one key; requests that still use it get 401 from then on. Revokes all tokens
    #[command(after_help = "Example:\n  mlwasm keys iris regenerate secondary")]
    Regenerate {
        /// Which key
        slot: Slot,
    },
}

/// Which of the two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Slot {
    /// The first
    Primary,
    /// The second
    Secondary,
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    match arguments.action {
        None | Some(Action::Show) => show(&arguments.endpoint, cli),
        Some(Action::Regenerate { slot }) => regenerate(&arguments.endpoint, slot, cli),
    }
}

/// Prints both keys.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn show(endpoint: &EndpointName, cli: &Cli) -> anyhow::Result<()> {
    print(
        &cli.client
            .get(&format!("{}/keys", views::endpoint_path(endpoint)))?,
        cli,
    )
}

/// Prints what opens an endpoint: its keys, or a token if it has those.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn show_credentials(endpoint: &EndpointName, cli: &Cli) -> anyhow::Result<()> {
    let view: EndpointView = views::read(&cli.client.get(&views::endpoint_path(endpoint))?)?;
    match view.spec.auth_mode {
        AuthMode::Key | AuthMode::None => show(endpoint, cli),
        AuthMode::AmlToken => token::show(&token::issue(endpoint, None, cli)?, cli),
    }
}

/// Replaces one key and prints both; of an endpoint with tokens, revokes those.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn regenerate(endpoint: &EndpointName, slot: Slot, cli: &Cli) -> anyhow::Result<()> {
    let word = match slot {
        Slot::Primary => "primary",
        Slot::Secondary => "secondary",
    };
    let keys = cli.client.post(&format!(
        "{}/keys/{word}/regenerate",
        views::endpoint_path(endpoint)
    ))?;
    if keys.is_null() {
        output::note(&format!("revoked all tokens of endpoint {endpoint}"));
        return Ok(());
    }
    output::note(&format!("replaced the {word} key of endpoint {endpoint}"));
    print(&keys, cli)
}

fn print(keys: &Value, cli: &Cli) -> anyhow::Result<()> {
    cli.output.show(keys, || {
        Table::object(keys, &["primaryKey", "secondaryKey"])
    })
}
