//! The server's own log: to standard error, as text or JSON.

use std::{env, io};

use anyhow::{Context as _, anyhow};
use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    cli::is_watched,
    config::{LogConfig, LogFormat},
};

/// Starts the log.
///
/// # Errors
///
/// If the filter is malformed.
pub(crate) fn start(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)
        .with_context(|| format!("log.filter is {:?}", config.filter))?;
    let log = fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.format {
        LogFormat::Text => log.with_ansi(is_coloured()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow!("starting the log: {error}"))
}

/// See <https://no-color.org>: any value but none turns colours off.
fn is_coloured() -> bool {
    is_watched() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
