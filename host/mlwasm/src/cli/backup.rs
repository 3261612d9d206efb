//! `mlwasm backup` and `mlwasm restore`: out of a server, into one that serves, or into a folder for the next one.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use mlwasm_types::api::{DeploymentView, EndpointView, RestoredView, ServerStatus};
use serde_json::{Value, json};

use super::{
    Cli,
    confirm::Confirmation,
    output::{self, Output, Table},
    usage::usage,
    views::{self, Target},
    wait,
};
use crate::client::Precondition;

/// Write everything that the server could not make anew to one file, while it serves
///
/// The file holds the state, the components and models that it names, and the secret from which keys are made: keep it as
/// private as the data folder. It needs the scope `admin`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  mlwasm backup mlwasm-2026-11-21.tar")]
pub(crate) struct Backup {
    /// The file, made for its owner only
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Bring a server back to what a backup holds, while it serves; with --data-dir make a folder for a new server instead
///
/// Every file of the backup is checked before anything changes. What the server wants meanwhile is kept in a file of its own, so
/// that it can be restored in turn. Deployments that are in the backup as they are now go on undisturbed, others get their settings
/// of the backup as their next revision, and what is not in it is deleted. Tokens of administrators stay as they are. It needs the
/// scope `admin`.
///
/// With --data-dir no server is asked: the folder must be empty or not there, and keys and tokens are those of the server that was
/// backed up.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm restore mlwasm-2026-11-21.tar --yes\n  \
    mlwasm restore mlwasm-2026-11-21.tar --data-dir ./data && mlwasm serve --data-dir ./data"
)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Make this data folder, and ask no server
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["new_keys", "no_wait", "yes"])]
    data_dir: Option<PathBuf>,
    /// Take the backup of another server: its endpoints get keys of this one
    #[arg(long)]
    new_keys: bool,
    /// Return when the server has accepted the state, not when all of it serves
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Restore {
    /// Whether the command can do without a server.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }
}

/// Runs `mlwasm backup`.
///
/// # Errors
///
/// If the server refuses or breaks off, or the file can not be written; then the file is what it was.
pub(crate) fn back_up(arguments: &Backup, cli: &Cli) -> anyhow::Result<()> {
    let file = &arguments.file;
    if file.exists() && !arguments.force {
        let file = file.display();
        return Err(usage(format!(
            "{file} is there already: name another file, or add --force"
        )));
    }
    let unfinished = unfinished(file);
    let written = write(cli, &unfinished);
    let renamed = written.and_then(|bytes| {
        fs::rename(&unfinished, file)?;
        Ok(bytes)
    });
    let bytes = renamed.inspect_err(|_| {
        // What came is of no use.
        fs::remove_file(&unfinished).ok();
    });
    let bytes = bytes.with_context(|| format!("writing {}", file.display()))?;
    let told = json!({"file": file.display().to_string(), "bytes": bytes});
    cli.output
        .show(&told, || Table::object(&told, &["file", "bytes"]))
}

/// Next to the file, so that it can be put into its place at once.
fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    file.with_file_name(name)
}

fn write(cli: &Cli, path: &Path) -> anyhow::Result<u64> {
    let mut out = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    let mut backup = cli.client.backup()?;
    let bytes = io::copy(&mut backup, &mut out)?;
    out.flush()?;
    out.sync_all()?;
    Ok(bytes)
}

/// Runs `mlwasm restore --data-dir`. No server is asked.
///
/// # Errors
///
/// If the file is no whole backup, or the folder is not empty.
pub(crate) fn restore_folder(
    arguments: &Restore,
    folder: &Path,
    output: &Output,
) -> anyhow::Result<()> {
    let file = &arguments.file;
    let restored = mlwasm_control::restore(io::BufReader::new(opened(file)?), folder)
        .with_context(|| format!("restoring {}", file.display()))?;
    let told = json!({
        "data_dir": folder.display().to_string(),
        "generation": restored.generation,
        "endpoints": restored.endpoints,
        "deployments": restored.deployments,
        "artifacts": restored.artifacts,
    });
    let order = [
        "data_dir",
        "generation",
        "endpoints",
        "deployments",
        "artifacts",
    ];
    output.show(&told, || Table::object(&told, &order))
}

/// Runs `mlwasm restore` into a server.
///
/// # Errors
///
/// If the server refuses; then nothing was changed. If a deployment can not serve what was restored; then the rest does.
pub(crate) fn restore(arguments: &Restore, cli: &Cli) -> anyhow::Result<()> {
    let file = opened(&arguments.file)?;
    let length = file.metadata()?.len();
    let now: ServerStatus = views::read(&cli.client.get("/v1/status")?)?;
    arguments.confirmation.obtain(&format!(
        "replace what the server has ({} endpoints, {} deployments) by {}",
        now.endpoints,
        now.deployments,
        arguments.file.display()
    ))?;
    let query = if arguments.new_keys { "?keys=new" } else { "" };
    let only = Precondition::Unchanged(now.generation.0);
    let restored = cli.client.restore(query, (file, length), only)?;
    let order = [
        "generation",
        "endpoints",
        "deployments",
        "artifacts",
        "former",
    ];
    cli.output
        .show(&restored, || Table::object(&restored, &order))?;
    let told: RestoredView = views::read(&restored)?;
    match &told.former {
        Some(former) => output::note(&format!("the state before is in {former}, on the server")),
        None => output::note("the server has that state already: nothing was changed"),
    }
    if arguments.no_wait {
        return Ok(());
    }
    wait_for_all(cli)
}

/// Waits until every deployment serves what is wanted of it, or can not.
fn wait_for_all(cli: &Cli) -> anyhow::Result<()> {
    let endpoints: Vec<EndpointView> = views::read(&cli.client.get("/v1/endpoints")?)?;
    let mut failed = Vec::new();
    for endpoint in endpoints {
        let path = views::deployments_path(&endpoint.spec.name);
        let deployments: Vec<Value> = views::read(&cli.client.get(&path)?)?;
        for deployment in deployments {
            let view: DeploymentView = views::read(&deployment)?;
            let target = Target {
                endpoint: view.spec.endpoint_name,
                deployment: view.spec.name,
            };
            if let Err(error) = wait::until_served(&cli.client, &target, deployment) {
                failed.push(error.to_string());
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    anyhow::bail!("{}", failed.join("\n"))
}

fn opened(file: &Path) -> anyhow::Result<fs::File> {
    fs::File::open(file).with_context(|| format!("reading {}", file.display()))
}
