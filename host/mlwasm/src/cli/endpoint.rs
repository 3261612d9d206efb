//! `mlwasm endpoint ...`

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use mlwasm_types::{
    AuthMode, DeploymentName, EndpointName, EndpointSpec, InvalidTraffic, Percent, TrafficSplit,
    api::EndpointView, traffic::parse_shares,
};
use serde_json::{Value, json};

use super::{
    Cli,
    confirm::Confirmation,
    endpoint_file::EndpointFile,
    invoke, keys,
    merge::{self, Patch},
    output,
    pairs::{self, Pair},
    routes::RouteArguments,
    set::EndpointAssignment,
    usage::usage,
    views,
};
use crate::client::{ClientError, Precondition};

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// Create an endpoint without deployments; `mlwasm deploy` does it too
    #[command(after_help = "Example:\n  mlwasm endpoint create iris --tag team=risk")]
    Create(Create),
    /// List all endpoints
    #[command(after_help = "Example:\n  mlwasm endpoint list -o json --query '[].name'")]
    List,
    /// Show one endpoint
    #[command(after_help = "Example:\n  mlwasm endpoint show iris -o tsv --query scoring_uri")]
    Show(Named),
    /// Change an endpoint; what is not named stays as it is
    #[command(
        after_help = "Example:\n  mlwasm endpoint update iris --traffic \"blue=90 green=10\""
    )]
    Update(Update),
    /// Delete an endpoint and all its deployments
    #[command(after_help = "Example:\n  mlwasm endpoint delete iris --yes")]
    Delete(Delete),
    /// Show what opens an endpoint: its keys, as `mlwasm keys E show`, or a token, as `mlwasm token E`
    #[command(
        after_help = "Example:\n  mlwasm endpoint get-credentials iris -o tsv --query primaryKey"
    )]
    GetCredentials(Named),
    /// Replace one of an endpoint's keys, as `mlwasm keys E regenerate`
    #[command(after_help = "Example:\n  mlwasm endpoint regenerate-keys iris --key-type secondary")]
    RegenerateKeys(RegenerateKeys),
    /// Send a request to an endpoint, as `mlwasm invoke`
    #[command(
        after_help = "Example:\n  mlwasm endpoint invoke --name iris --request-file request.json"
    )]
    Invoke(InvokeNamed),
}

/// An endpoint, named with or without an option.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Named {
    /// The endpoint
    #[arg(value_name = "ENDPOINT")]
    endpoint: Option<EndpointName>,
    /// The endpoint, as an option
    #[arg(
        short,
        long,
        visible_alias = "endpoint-name",
        short_alias = 'e',
        alias = "endpoint",
        value_name = "ENDPOINT"
    )]
    name: Option<EndpointName>,
}

impl Named {
    fn get(&self) -> anyhow::Result<&EndpointName> {
        self.endpoint
            .as_ref()
            .or(self.name.as_ref())
            .ok_or_else(|| usage("no endpoint named"))
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Create {
    /// The endpoint
    #[arg(value_name = "ENDPOINT")]
    endpoint: Option<EndpointName>,
    /// The endpoint, as an option
    #[arg(
        short,
        long,
        visible_alias = "endpoint-name",
        short_alias = 'e',
        alias = "endpoint",
        value_name = "ENDPOINT",
        conflicts_with = "endpoint"
    )]
    name: Option<EndpointName>,
    /// An endpoint's YAML file; options given besides it win
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How callers prove who they are
    #[arg(long, value_enum)]
    auth_mode: Option<AuthModeArgument>,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be repeated
    #[arg(long, alias = "tags", value_name = "KEY=VALUE")]
    tag: Vec<Pair>,
    /// Any setting by its path in the YAML, as in sticky_header=x-user; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<EndpointAssignment>,
    /// Accepted for Azure's scripts: an endpoint is there at once
    #[arg(long, hide = true)]
    no_wait: bool,
}

/// `--auth-mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthModeArgument {
    /// Two keys that never expire and can be regenerated
    Key,
    /// Tokens that expire: see `mlwasm token`
    #[value(name = "aml_token", alias = "aml-token")]
    AmlToken,
    /// Not at all: whoever reaches the server may call; only where its settings allow that
    None,
}

impl AuthModeArgument {
    fn write_to(self, patch: &mut Patch) -> anyhow::Result<()> {
        let mode = match self {
            Self::Key => AuthMode::Key,
            Self::AmlToken => AuthMode::AmlToken,
            Self::None => AuthMode::None,
        };
        patch.insert("auth_mode".to_owned(), views::to_json(&mode)?);
        Ok(())
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Update {
    #[command(flatten)]
    named: Named,
    /// An endpoint's YAML file; options given besides it win
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How callers prove who they are
    #[arg(long, value_enum)]
    auth_mode: Option<AuthModeArgument>,
    /// How requests are shared out, as in "blue=90 green=10"; "blue=0" turns traffic off
    #[arg(long, value_name = "SHARES")]
    traffic: Option<TrafficSplit>,
    /// Which deployment gets copies of how many requests, as in "green=10"; "green=0" turns it off
    #[arg(long, value_name = "SHARE", value_parser = mirror_shares)]
    mirror_traffic: Option<Shares>,
    #[command(flatten)]
    routes: RouteArguments,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be repeated
    #[arg(long, alias = "tags", value_name = "KEY=VALUE")]
    tag: Vec<Pair>,
    /// Any setting by its path in the YAML, as in sticky_cookie=user or shadow.max_mismatch=0.01; null takes it away; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<EndpointAssignment>,
    /// Accepted for Azure's scripts: a change of an endpoint is done at once
    #[arg(long, hide = true)]
    no_wait: bool,
}

type Shares = BTreeMap<DeploymentName, Percent>;

fn mirror_shares(text: &str) -> Result<Shares, InvalidTraffic> {
    parse_shares(text)
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    confirmation: Confirmation,
    /// Accepted for Azure's scripts: requests in flight end by themselves
    #[arg(long, hide = true)]
    no_wait: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RegenerateKeys {
    #[command(flatten)]
    named: Named,
    /// Which key to replace
    #[arg(long, value_enum)]
    key_type: keys::Slot,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct InvokeNamed {
    /// The endpoint
    #[arg(
        short,
        long,
        visible_alias = "endpoint-name",
        short_alias = 'e',
        alias = "endpoint",
        value_name = "ENDPOINT"
    )]
    name: EndpointName,
    #[command(flatten)]
    request: invoke::RequestArguments,
}

/// Runs one of the commands.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(command: Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Create(arguments) => create(arguments, cli),
        Command::List => views::show_endpoints(cli, &cli.client.get("/v1/endpoints")?),
        Command::Show(named) => {
            views::show_endpoint(cli, &cli.client.get(&views::endpoint_path(named.get()?))?)
        }
        Command::Update(arguments) => update(arguments, cli),
        Command::Delete(arguments) => delete(&arguments, cli),
        Command::GetCredentials(named) => keys::show_credentials(named.get()?, cli),
        Command::RegenerateKeys(arguments) => {
            keys::regenerate(arguments.named.get()?, arguments.key_type, cli)
        }
        Command::Invoke(arguments) => invoke::send(&arguments.name, &arguments.request, cli),
    }
}

fn create(arguments: Create, cli: &Cli) -> anyhow::Result<()> {
    let file = read_file(arguments.file)?;
    let name = arguments
        .endpoint
        .or(arguments.name)
        .or(file.name)
        .ok_or_else(|| usage("no endpoint named: give --name, or name in the file of -f"))?;
    let mut patch = file.settings;
    merge::join(
        &mut patch,
        people_fields(arguments.description, &arguments.tag)?,
    );
    if let Some(mode) = arguments.auth_mode {
        mode.write_to(&mut patch)?;
    }
    join_all(&mut patch, arguments.set);
    let mut spec = views::to_json(&EndpointSpec::named(name.clone()))?;
    if let Some(spec) = spec.as_object_mut() {
        merge::join(spec, merge::applied(patch));
    }
    let made = match cli
        .client
        .put(&views::endpoint_path(&name), &spec, Precondition::Absent)
    {
        Err(ClientError::Stale) => {
            bail!("endpoint {name} exists already: `mlwasm endpoint update {name}` changes it")
        }
        made => made?,
    };
    output::note(&format!("created endpoint {name}"));
    views::show_endpoint(cli, &made)
}

fn update(arguments: Update, cli: &Cli) -> anyhow::Result<()> {
    let name = arguments.named.get()?.clone();
    let path = views::endpoint_path(&name);
    let current = cli.client.get(&path)?;
    let file = read_file(arguments.file)?;
    let mut patch = file.settings;
    // What the file says of the tags is all of them; an option adds one.
    merge::replace_whole(&mut patch, "tags", &current);
    merge::join(
        &mut patch,
        people_fields(arguments.description, &arguments.tag)?,
    );
    if let Some(mode) = arguments.auth_mode {
        mode.write_to(&mut patch)?;
    }
    if let Some(traffic) = &arguments.traffic {
        patch.insert("traffic".to_owned(), views::to_json(traffic)?);
    }
    if let Some(mirror) = &arguments.mirror_traffic {
        patch.insert("mirror_traffic".to_owned(), views::to_json(mirror)?);
    }
    if let Some(routes) = arguments.routes.wanted() {
        patch.insert("routes".to_owned(), views::to_json(&routes)?);
    }
    join_all(&mut patch, arguments.set);
    if patch.is_empty() {
        return Err(usage(
            "nothing to change: give --traffic, --mirror-traffic, --route, --auth-mode, --tag, --description, --set or -f",
        ));
    }
    let generation = views::read::<EndpointView>(&current)?.generation.0;
    let updated = cli.client.patch(
        &path,
        &Value::Object(patch),
        Precondition::Unchanged(generation),
    )?;
    views::show_endpoint(cli, &updated)
}

fn delete(arguments: &Delete, cli: &Cli) -> anyhow::Result<()> {
    let name = arguments.named.get()?;
    arguments
        .confirmation
        .obtain(&format!("delete endpoint {name} and its deployments"))?;
    cli.client
        .delete(&views::endpoint_path(name), Precondition::None)?;
    output::note(&format!("deleted endpoint {name}"));
    Ok(())
}

fn join_all(patch: &mut Patch, assignments: Vec<EndpointAssignment>) {
    for assignment in assignments {
        merge::join(patch, assignment.into_patch());
    }
}

fn read_file(path: Option<PathBuf>) -> anyhow::Result<EndpointFile> {
    path.map_or_else(
        || Ok(EndpointFile::default()),
        |path| EndpointFile::read(&path),
    )
}

fn people_fields(description: Option<String>, tags: &[Pair]) -> anyhow::Result<Patch> {
    let mut patch = Patch::new();
    if let Some(description) = description {
        patch.insert("description".to_owned(), json!(description));
    }
    if !tags.is_empty() {
        patch.insert("tags".to_owned(), views::to_json(&pairs::to_map(tags))?);
    }
    Ok(patch)
}
