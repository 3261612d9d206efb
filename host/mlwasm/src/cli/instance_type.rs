//! `mlwasm instance-type ...`, and what becomes of the sizes of Azure's machines that files name.

use std::cell::OnceCell;

use clap::Subcommand;
use mlwasm_types::{InstanceType, InstanceTypeName, InstanceTypes};
use serde_json::{Map, Value};

use super::{
    Cli,
    output::{self, Table},
    settings::Wanted,
    views,
};
use crate::client::Client;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// List the profiles that the server's settings define
    #[command(after_help = "Example:\n  mlwasm instance-type list")]
    List,
}

/// How the names of Azure's machines begin.
const OF_AZURE: [&str; 2] = ["Standard_", "Basic_"];

/// Runs one of the commands.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(command: &Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::List => list(cli),
    }
}

fn list(cli: &Cli) -> anyhow::Result<()> {
    let listed = cli.client.get(ADDRESS)?;
    let types: InstanceTypes = views::read(&listed)?;
    let row = |(name, profile): (&InstanceTypeName, &InstanceType)| {
        vec![
            name.to_string(),
            in_words(&profile.sandbox),
            in_words(&profile.request_settings),
            profile.description.clone().unwrap_or_default(),
        ]
    };
    cli.output.show(&listed, || {
        let header = ["NAME", "SANDBOX", "REQUEST SETTINGS", "DESCRIPTION"];
        Table::list(&header, types.0.iter().map(row))
    })
}

const ADDRESS: &str = "/v1/instance-types";

/// The server's profiles. Asked for when first needed, and once.
pub(crate) struct Profiles<'c> {
    client: &'c Client,
    types: OnceCell<InstanceTypes>,
}

impl<'c> Profiles<'c> {
    /// Those of the server behind `client`.
    pub(crate) fn of(client: &'c Client) -> Self {
        Self {
            client,
            types: OnceCell::new(),
        }
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// If the server can not be asked.
    pub(crate) fn all(&self) -> anyhow::Result<&InstanceTypes> {
        if let Some(types) = self.types.get() {
            return Ok(types);
        }
        let types = views::read(&self.client.get(ADDRESS)?)?;
        Ok(self.types.get_or_init(|| types))
    }

    /// Takes the size of one of Azure's machines out of `wanted` unless the server has a profile of that name, and says so: such
    /// a file was written for another platform. Any other name that the server lacks is a mistake, which the server refuses.
    ///
    /// # Errors
    ///
    /// If the server can not be asked.
    pub(crate) fn settle(&self, wanted: &mut Wanted) -> anyhow::Result<()> {
        let Some(name) = wanted.instance_type().filter(|name| is_of_azure(name)) else {
            return Ok(());
        };
        let types = self.all()?;
        if !types.0.contains_key(name) {
            output::note(&format!(
                "note: instance_type {name} has no effect here: a sandbox has limits instead of a machine; set sandbox.memory_limit_mb, \
                 or name a profile of the server's ({})",
                types.in_words()
            ));
            wanted.forget_instance_type();
        }
        Ok(())
    }
}

fn is_of_azure(name: &str) -> bool {
    OF_AZURE.iter().any(|prefix| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}

fn in_words(limits: &Map<String, Value>) -> String {
    let limits = limits.iter();
    let limits: Vec<_> = limits
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    limits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_sizes_are_told_from_profiles() {
        for (name, of_azure) in [
            ("Standard_DS3_v2", true),
            ("STANDARD_F2S_V2", true),
            ("Basic_A1", true),
            ("Standard", false),
            ("standard-small", false),
            ("small", false),
            ("ünïcode_", false),
            ("", false),
        ] {
            assert_eq!(is_of_azure(name), of_azure, "{name}");
        }
    }
}
