//! `mlwasm deployment collected`

use clap::{Args, ValueEnum};
use mlwasm_types::{Collection, collection::MOST_COLLECTED_LINES};

use super::{
    Cli,
    deployment::Named,
    output::{self, Table},
};

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// Which bodies: those of requests or those of answers
    #[arg(long, value_enum, default_value_t = Which::Request)]
    collection: Which,
    /// Print at most so many, the last ones
    #[arg(long, value_name = "K", default_value_t = 20, value_parser = last)]
    last: u64,
}

/// What `--collection` may be.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Which {
    Request,
    Response,
}

impl From<Which> for Collection {
    fn from(which: Which) -> Self {
        match which {
            Which::Request => Self::Request,
            Which::Response => Self::Response,
        }
    }
}

fn last(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(last) if (1..=MOST_COLLECTED_LINES as u64).contains(&last) => Ok(last),
        Ok(_) | Err(_) => Err(format!(
            "expected 1 to {MOST_COLLECTED_LINES}; all lines are in the server's data folder"
        )),
    }
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let target = arguments.named.target();
    let collection = Collection::from(arguments.collection);
    let answer = cli.client.get(&format!(
        "{}/collected?collection={collection}&last={}",
        target.path(),
        arguments.last
    ))?;
    let lines = &answer["lines"];
    if !cli.output.is_table() {
        return cli.output.show(lines, || Table::of(lines));
    }
    // Bodies have no columns: the lines are shown as they are in the files.
    let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
    for line in lines {
        output::raw(format!("{line}\n").as_bytes())?;
    }
    if lines.is_empty() {
        output::note(&format!(
            "nothing of {target} is in the collection {collection}: data_collector says what is collected, and a line may take \
             a second to get there"
        ));
    }
    Ok(())
}
