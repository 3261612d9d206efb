//! `mlwasm schema`: the rules of the YAML files, for editors.
//!
//! Keys of other platforms come from the readers' own tables, defaults from the settings' types. What is written by hand,
//! the keys and their bounds, is held against the readers by the tests below.

mod deployment;
mod endpoint;
mod parts;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::output;

/// Print the JSON Schema of a YAML file, with which editors complete and check it
///
/// Save it, and name it in the first line of the file: `# yaml-language-server: $schema=deployment.schema.json`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  mlwasm schema deployment > deployment.schema.json\n  mlwasm schema endpoint > endpoint.schema.json"
)]
pub(crate) struct Arguments {
    /// Which file
    #[arg(value_enum)]
    of: Kind,
}

/// What a file describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A deployment, as `deploy -f` and `apply` read it
    Deployment,
    /// An endpoint, as `endpoint create -f` and `apply` read it
    Endpoint,
}

/// Runs the command. Asks no server.
///
/// # Errors
///
/// If standard output is closed.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let schema = of(arguments.of)?;
    let text = serde_json::to_string_pretty(&schema)? + "\n";
    output::raw(text.as_bytes())
}

fn of(kind: Kind) -> anyhow::Result<Value> {
    match kind {
        Kind::Deployment => deployment::schema(),
        Kind::Endpoint => endpoint::schema(),
    }
}

#[cfg(test)]
mod tests;
