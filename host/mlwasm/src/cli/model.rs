//! `mlwasm model ...`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mlwasm_types::{
    ModelName, ModelVersion, RegisteredModel,
    registry::{ModelReference, ModelRegistration, Pick},
};
use serde_json::Value;

use super::{
    Cli,
    artifact::Artifact,
    confirm::Confirmation,
    output::{self, Table},
    pairs::{self, Pair},
    usage::usage,
    views,
};
use crate::client::Precondition;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// Upload a model and register it as the next version of its name
    #[command(after_help = "Example:\n  mlwasm model create --name iris --path iris.onnx")]
    Create(Create),
    /// List the versions of one registered model, or of all
    #[command(after_help = "Examples:\n  mlwasm model list\n  mlwasm model list --name iris")]
    List(List),
    /// Show one version of a registered model, and which deployments use it
    #[command(after_help = "Example:\n  mlwasm model show --name iris --version 2")]
    Show(Show),
    /// Delete a version of a registered model; deployments keep what they were made with
    #[command(
        after_help = "Examples:\n  mlwasm model delete --name iris --version 1 --yes\n  \
        mlwasm model delete --name iris --all-versions --yes"
    )]
    Delete(Delete),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Create {
    /// The model
    #[arg(short, long)]
    name: ModelName,
    /// Its ONNX file
    #[arg(short, long, value_name = "FILE")]
    path: PathBuf,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be repeated
    #[arg(long, alias = "tags", value_name = "KEY=VALUE")]
    tag: Vec<Pair>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct List {
    /// The model [default: all]
    #[arg(short, long)]
    name: Option<ModelName>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Show {
    /// The model
    #[arg(short, long)]
    name: ModelName,
    /// Which version [default: the last one]
    #[arg(short, long)]
    version: Option<u64>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Delete {
    /// The model
    #[arg(short, long)]
    name: ModelName,
    /// Which version
    #[arg(short, long, required_unless_present = "all_versions")]
    version: Option<u64>,
    /// Delete the model with all its versions
    #[arg(long, conflicts_with = "version")]
    all_versions: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// Runs one of the commands.
///
/// # Errors
///
/// If the server refuses, or the file can not be read.
pub(crate) fn run(command: Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Create(arguments) => create(arguments, cli),
        Command::List(arguments) => list(&arguments, cli),
        Command::Show(arguments) => show(&arguments, cli),
        Command::Delete(arguments) => delete(&arguments, cli),
    }
}

fn create(arguments: Create, cli: &Cli) -> anyhow::Result<()> {
    let file = Artifact::of_file(&arguments.path)?;
    file.upload(&cli.client)?;
    let registration = ModelRegistration {
        digest: *file.digest(),
        description: arguments.description,
        tags: pairs::to_map(&arguments.tag),
    };
    let made = cli.client.post_object(
        &path(&arguments.name),
        &views::to_json(&registration)?,
        Precondition::None,
    )?;
    let reference = ModelReference {
        name: arguments.name,
        pick: Pick::Version(views::read::<RegisteredModel>(&made)?.version),
    };
    output::note(&format!("registered {reference}"));
    show_one(&made, cli)
}

fn list(arguments: &List, cli: &Cli) -> anyhow::Result<()> {
    let models = match &arguments.name {
        Some(name) => cli.client.get(&path(name))?,
        None => cli.client.get("/v1/models")?,
    };
    let views: Vec<RegisteredModel> = views::read(&models)?;
    let row = |view: &RegisteredModel| {
        vec![
            view.name.to_string(),
            view.version.to_string(),
            format!("{:.0}", view.created_at),
            views::short(&view.model.digest),
            view.size.to_string(),
            view.used_by.join(" "),
        ]
    };
    let header = ["NAME", "VERSION", "CREATED", "DIGEST", "BYTES", "USED BY"];
    cli.output
        .show(&models, || Table::list(&header, views.iter().map(row)))
}

fn show(arguments: &Show, cli: &Cli) -> anyhow::Result<()> {
    let path = path(&arguments.name);
    let model = match arguments.version {
        Some(version) => cli.client.get(&format!("{path}/{version}"))?,
        None => {
            let versions = cli.client.get(&path)?;
            let last = versions.as_array().and_then(|versions| versions.last());
            last.cloned().unwrap_or_default()
        }
    };
    show_one(&model, cli)
}

fn delete(arguments: &Delete, cli: &Cli) -> anyhow::Result<()> {
    let name = &arguments.name;
    let (path, what) = match (arguments.version, arguments.all_versions) {
        (Some(version), _) => {
            let version = ModelVersion(version);
            let what = format!("version {version} of model {name}");
            (format!("{}/{version}", path(name)), what)
        }
        (None, true) => (path(name), format!("model {name}")),
        (None, false) => return Err(usage("give --version or --all-versions")),
    };
    arguments.confirmation.obtain(&format!("delete {what}"))?;
    cli.client.delete(&path, Precondition::None)?;
    output::note(&format!("deleted {what}"));
    Ok(())
}

fn show_one(model: &Value, cli: &Cli) -> anyhow::Result<()> {
    let first = [
        "name",
        "version",
        "created_at",
        "digest",
        "size",
        "used_by",
        "description",
        "tags",
    ];
    cli.output.show(model, || Table::object(model, &first))
}

fn path(name: &ModelName) -> String {
    format!("/v1/models/{name}")
}
