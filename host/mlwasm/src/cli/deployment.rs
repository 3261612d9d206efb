//! `mlwasm deployment ...`

use clap::{Args, Subcommand};
use mlwasm_types::{DeploymentName, EndpointName, api::DeploymentView};

use super::{
    Cli, collected,
    confirm::Confirmation,
    deploy, failures,
    instance_type::Profiles,
    logs, output,
    placement::Placement,
    revisions,
    settings::{SettingsArguments, Wanted},
    usage::usage,
    views::{self, Target},
    wait,
};
use crate::client::Precondition;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// Upload a scorer or a model and serve it, as `mlwasm deploy`
    #[command(
        after_help = "Example:\n  mlwasm deployment create -e iris -n blue -f deployment.yml --all-traffic"
    )]
    Create(Box<deploy::Arguments>),
    /// List an endpoint's deployments
    #[command(after_help = "Example:\n  mlwasm deployment list -e iris")]
    List(List),
    /// Show one deployment: what is wanted of it and how far it has come
    #[command(
        after_help = "Example:\n  mlwasm deployment show -e iris -n blue -o tsv --query provisioning_state"
    )]
    Show(Named),
    /// Change a deployment's settings and wait until they serve; what is not named stays as it is
    #[command(
        after_help = "Example:\n  mlwasm deployment update -e iris -n blue --set instance_count=3"
    )]
    Update(Box<Update>),
    /// Delete a deployment that has no traffic
    #[command(after_help = "Example:\n  mlwasm deployment delete -e iris -n blue --yes")]
    Delete(Delete),
    /// Print the last revisions of a deployment: when they were made, what they changed, which one serves
    #[command(after_help = "Example:\n  mlwasm deployment history -e iris -n blue")]
    History(revisions::History),
    /// Return to an earlier revision and wait until it serves; the present one does until then
    #[command(
        after_help = "Examples:\n  mlwasm deployment rollback -e iris -n blue\n  \
        mlwasm deployment rollback -e iris -n blue --to 3"
    )]
    Rollback(revisions::Rollback),
    /// Print what a deployment's scorer wrote, and what the host did to it
    #[command(
        visible_alias = "get-logs",
        after_help = "Example:\n  mlwasm deployment logs -e iris -n blue --lines 20 -f"
    )]
    Logs(logs::Arguments),
    /// Print the last failures of a deployment's scorer: why, where in its code, and for which request
    #[command(after_help = "Example:\n  mlwasm deployment failures -e iris -n blue --last 3")]
    Failures(failures::Arguments),
    /// Print what was collected of a deployment's requests, answers or scorer, one line of JSON each; or remove it
    #[command(
        after_help = "Examples:\n  mlwasm deployment collected -e iris -n blue --collection response --last 3\n  \
        mlwasm deployment collected -e iris -n blue --delete --yes"
    )]
    Collected(collected::Arguments),
}

/// A deployment, named by options.
#[derive(Args, Clone, Debug)]
pub(crate) struct Named {
    /// The endpoint
    #[arg(short, long, visible_alias = "endpoint-name", value_name = "NAME")]
    endpoint: EndpointName,
    /// The deployment
    #[arg(short, long, visible_aliases = ["deployment", "deployment-name"], value_name = "NAME")]
    name: DeploymentName,
}

impl Named {
    /// The deployment.
    pub(crate) fn target(&self) -> Target {
        Target {
            endpoint: self.endpoint.clone(),
            deployment: self.name.clone(),
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct List {
    /// The endpoint
    #[arg(short, long, visible_alias = "endpoint-name", value_name = "NAME")]
    endpoint: EndpointName,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Update {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    placement: Placement,
    /// Return as soon as the server has accepted the change
    #[arg(long)]
    no_wait: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    confirmation: Confirmation,
    /// Delete it even if it has traffic or is the mirror's target
    #[arg(long)]
    force: bool,
    /// Accepted for Azure's scripts: requests in flight end by themselves
    #[arg(long, hide = true)]
    no_wait: bool,
}

/// Runs one of the commands.
///
/// # Errors
///
/// If the server refuses, or a new revision can not serve.
pub(crate) fn run(command: Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Create(arguments) => deploy::run(*arguments, cli),
        Command::List(arguments) => list(&arguments.endpoint, cli),
        Command::Show(named) => {
            views::show_deployment(cli, &cli.client.get(&named.target().path())?)
        }
        Command::Update(arguments) => update(*arguments, cli),
        Command::Delete(arguments) => delete(&arguments, cli),
        Command::History(arguments) => revisions::history(&arguments, cli),
        Command::Rollback(arguments) => revisions::roll_back(&arguments, cli),
        Command::Logs(arguments) => logs::run(&arguments, cli),
        Command::Failures(arguments) => failures::run(&arguments, cli),
        Command::Collected(arguments) => collected::run(&arguments, cli),
    }
}

fn list(endpoint: &EndpointName, cli: &Cli) -> anyhow::Result<()> {
    let deployments = cli.client.get(&views::deployments_path(endpoint))?;
    let endpoint = views::read(&cli.client.get(&views::endpoint_path(endpoint))?)?;
    views::show_deployments(cli, &deployments, &endpoint)
}

fn update(arguments: Update, cli: &Cli) -> anyhow::Result<()> {
    let target = arguments.named.target();
    let current = cli.client.get(&target.path())?;
    let mut wanted = Wanted::read(arguments.settings, None)?;
    Profiles::of(&cli.client).settle(&mut wanted)?;
    if wanted.is_empty() {
        return Err(usage(
            "nothing to change: give --set, --file, --model, --env, --instances, --instance-type, --tag or --description",
        ));
    }
    wanted.upload(&cli.client)?;
    let generation = views::read::<DeploymentView>(&current)?.generation.0;
    let patch = wanted.to_patch(&current);
    let accepted = cli.client.patch(
        &arguments.placement.address(target.path()),
        &patch,
        Precondition::Unchanged(generation),
    )?;
    if arguments.no_wait {
        return views::show_deployment(cli, &accepted);
    }
    let served = wait::until_served(&cli.client, &target, accepted)?;
    output::note(&format!(
        "{target}: revision {} serves",
        views::read::<DeploymentView>(&served)?.status.revision
    ));
    views::show_deployment(cli, &served)
}

fn delete(arguments: &Delete, cli: &Cli) -> anyhow::Result<()> {
    let target = arguments.named.target();
    arguments
        .confirmation
        .obtain(&format!("delete deployment {target}"))?;
    let force = if arguments.force { "?force=true" } else { "" };
    cli.client
        .delete(&format!("{}{force}", target.path()), Precondition::None)?;
    output::note(&format!("deleted deployment {target}"));
    Ok(())
}
