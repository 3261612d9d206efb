//! `mlwasm admin-token ...`

use clap::{Args, Subcommand, ValueEnum};
use mlwasm_types::{
    AdminTokenName, Scope,
    access::{
        Access, AdminTokenRequest, AdminTokenView, LEAST_ADMIN_TOKEN_TTL, MOST_ADMIN_TOKEN_TTL,
        NewAdminToken,
    },
    duration::parse_duration_within,
};

use super::{
    Cli,
    confirm::Confirmation,
    output::{self, Table},
    views,
};
use crate::client::Precondition;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// Make a token for someone else's commands; it is printed once
    #[command(
        after_help = "Example:\n  mlwasm admin-token create ci --scope deploy --ttl 90d -o tsv --query token > ci.token"
    )]
    Create(Create),
    /// List all tokens but the data folder's own
    #[command(after_help = "Example:\n  mlwasm admin-token list")]
    List,
    /// Revoke a token; commands that still use it are refused from then on
    #[command(after_help = "Example:\n  mlwasm admin-token revoke ci --yes")]
    Revoke(Revoke),
    /// Show whose token this command uses, and what it may do
    #[command(after_help = "Example:\n  mlwasm admin-token whoami -o tsv --query scope")]
    Whoami,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Create {
    /// Its name, which the audit log tells
    name: AdminTokenName,
    /// What it may do; each scope may do all that the ones before it may
    #[arg(long, value_enum)]
    scope: ScopeArgument,
    /// How long it is valid, from 1m to 3650d [default: until it is revoked]
    #[arg(long, value_name = "DURATION", value_parser = ttl)]
    ttl: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Revoke {
    /// The token
    name: AdminTokenName,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// `--scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ScopeArgument {
    /// See endpoints, deployments, logs, failures and costs, but no credentials
    Read,
    /// See keys and get tokens of endpoints, and so call them
    Score,
    /// Change endpoints, deployments, traffic, keys and artifacts
    Deploy,
    /// Everything, these tokens and the audit log too
    Admin,
}

impl ScopeArgument {
    fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Score => Scope::Score,
            Self::Deploy => Scope::Deploy,
            Self::Admin => Scope::Admin,
        }
    }
}

fn ttl(text: &str) -> Result<String, String> {
    parse_duration_within(text, LEAST_ADMIN_TOKEN_TTL, MOST_ADMIN_TOKEN_TTL)
        .map(|_| text.trim().to_owned())
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(command: Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Create(arguments) => create(arguments, cli),
        Command::List => list(cli),
        Command::Revoke(arguments) => revoke(&arguments, cli),
        Command::Whoami => whoami(cli),
    }
}

fn path(name: &AdminTokenName) -> String {
    format!("/v1/admin-tokens/{name}")
}

fn create(arguments: Create, cli: &Cli) -> anyhow::Result<()> {
    let request = AdminTokenRequest {
        scope: arguments.scope.scope(),
        ttl: arguments.ttl,
    };
    let body = views::to_json(&request)?;
    let answer = cli
        .client
        .put(&path(&arguments.name), &body, Precondition::None)?;
    let made: NewAdminToken = views::read(&answer)?;
    let until = made
        .view
        .expires
        .map_or_else(|| "it is revoked".to_owned(), |expires| expires.to_string());
    output::note(&format!(
        "made token {} with scope {}, valid until {until}; it can not be shown again",
        made.view.name, made.view.scope
    ));
    cli.output.show(&answer, || {
        Table::object(&answer, &["name", "scope", "token"])
    })
}

fn list(cli: &Cli) -> anyhow::Result<()> {
    let answer = cli.client.get("/v1/admin-tokens")?;
    let tokens: Vec<AdminTokenView> = views::read(&answer)?;
    cli.output.show(&answer, || {
        let rows = tokens.iter().map(|token| {
            let expires = token.expires.map(|expires| expires.to_string());
            vec![
                token.name.to_string(),
                token.scope.to_string(),
                token.created.to_string(),
                expires.unwrap_or_else(|| "never".to_owned()),
            ]
        });
        Table::list(&["NAME", "SCOPE", "CREATED", "EXPIRES"], rows)
    })
}

fn revoke(arguments: &Revoke, cli: &Cli) -> anyhow::Result<()> {
    let name = &arguments.name;
    arguments
        .confirmation
        .obtain(&format!("revoke token {name}"))?;
    cli.client.delete(&path(name), Precondition::None)?;
    output::note(&format!("revoked token {name}"));
    Ok(())
}

fn whoami(cli: &Cli) -> anyhow::Result<()> {
    let answer = cli.client.get("/v1/access")?;
    let access: Access = views::read(&answer)?;
    cli.output.show(&answer, || {
        let rows = access.routes.iter().map(|route| {
            vec![
                route.method.clone(),
                route.path.clone(),
                route.scope.to_string(),
                if route.is_allowed { "yes" } else { "no" }.to_owned(),
            ]
        });
        Table::list(&["METHOD", "ADDRESS", "NEEDS", "ALLOWED"], rows)
    })?;
    if cli.output.is_table() {
        output::note(&format!(
            "token {} with scope {}",
            access.token, access.scope
        ));
    }
    Ok(())
}
