//! `mlwasm backup` and `mlwasm restore`

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::{
    Cli,
    output::{Output, Table},
    usage::usage,
};

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

/// Make a data folder out of a backup, for `mlwasm serve --data-dir`
///
/// The folder must be empty or not there. Every file of the backup is checked; if anything is wrong, nothing stays. Keys
/// and tokens are those of the server that was backed up.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  mlwasm restore mlwasm-2026-11-21.tar --data-dir ./data && mlwasm serve --data-dir ./data"
)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data folder to make
    #[arg(long, value_name = "FOLDER")]
    data_dir: PathBuf,
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

/// Runs `mlwasm restore`. No server is asked.
///
/// # Errors
///
/// If the file is no whole backup, or the folder is not empty.
pub(crate) fn restore(arguments: &Restore, output: &Output) -> anyhow::Result<()> {
    let (file, folder) = (&arguments.file, &arguments.data_dir);
    let opened = fs::File::open(file).with_context(|| format!("reading {}", file.display()))?;
    let restored = mlwasm_control::restore(io::BufReader::new(opened), folder)
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
