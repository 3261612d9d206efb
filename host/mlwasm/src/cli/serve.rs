//! `mlwasm serve`

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;

use crate::{
    app::{self, End, Ready},
    config::{Config, Override},
};

/// Run the server: scoring and administration, both on this machine's loopback unless set otherwise
///
/// Settings come from the file, then from variables such as MLWASM_GATEWAY__LISTEN, then from these options. SIGTERM
/// or Ctrl-C lets requests in flight finish; a second one does not wait. Exit code 70 means that the disk did not confirm a
/// write: start the server again.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm serve\n  mlwasm serve --data-dir ./data --listen 127.0.0.1:0 --ready-file ready.json"
)]
pub(crate) struct Arguments {
    /// A settings file [default: mlwasm.toml in the data folder, if there is one]
    #[arg(
        long,
        env = "MLWASM_CONFIG",
        hide_env_values = true,
        value_name = "FILE"
    )]
    config: Option<PathBuf>,
    /// The folder that holds all that must outlive the process [default: ~/.local/share/mlwasm]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Where to accept scoring requests [default: 127.0.0.1:8080]; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where to accept administration requests [default: 127.0.0.1:8090]; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,
    /// A file to write the addresses to, as JSON, once both are served
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// The exit code of a server whose disk did not confirm a write: `EX_SOFTWARE` of sysexits.h. It should be started again.
const STATE_DOUBTED: u8 = 70;

/// Runs the server until a signal ends it.
///
/// # Errors
///
/// If the settings are wrong or a part can not start.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let options: Vec<Override> = [
        (
            "data_dir",
            arguments
                .data_dir
                .map(|folder| folder.display().to_string()),
        ),
        (
            "gateway.listen",
            arguments.listen.map(|address| address.to_string()),
        ),
        (
            "admin.listen",
            arguments.admin_listen.map(|address| address.to_string()),
        ),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect();
    let config = Config::load(arguments.config.as_deref(), &options)?;
    let ready = match &arguments.ready_file {
        Some(file) => Ready::File(file),
        None => Ready::Nobody,
    };
    let end = app::run(&config, ready)?;
    Ok(match end {
        End::Asked => ExitCode::SUCCESS,
        End::StateDoubted => ExitCode::from(STATE_DOUBTED),
    })
}
