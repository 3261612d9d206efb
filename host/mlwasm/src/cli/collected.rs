//! `mlwasm deployment collected`

use clap::Args;
use mlwasm_types::{CollectedPage, Collection, collection::MOST_COLLECTED_LINES};

use super::{
    Cli,
    confirm::Confirmation,
    deployment::Named,
    output::{self, Table},
    views::{self, Target},
};
use crate::client::Precondition;

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// Which one: request, response, or the name of a scorer's own [default: request; with --delete all of them]
    #[arg(long, value_name = "NAME")]
    collection: Option<Collection>,
    /// Print at most so many, the last ones
    #[arg(long, value_name = "K", default_value_t = 20, value_parser = last)]
    last: u64,
    /// Remove the files instead; what is collected from then on stays
    #[arg(long, conflicts_with = "last")]
    delete: bool,
    #[command(flatten)]
    confirmation: Confirmation,
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
    if arguments.delete {
        return delete(arguments, &target, cli);
    }
    let collection = arguments.collection.clone().unwrap_or_default();
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
        let page: CollectedPage = views::read(&answer)?;
        let others: Vec<_> = page.collections.iter().map(Collection::as_str).collect();
        let others = match others.is_empty() {
            true => String::new(),
            false => format!("; there is something in {}", others.join(", ")),
        };
        output::note(&format!(
            "nothing of {target} is in the collection {collection}{others}: data_collector says what is collected, and a line may \
             take a second to get there"
        ));
    }
    Ok(())
}

fn delete(arguments: &Arguments, target: &Target, cli: &Cli) -> anyhow::Result<()> {
    let (what, query) = match &arguments.collection {
        None => (
            format!("everything that was collected of {target}"),
            String::new(),
        ),
        Some(collection) => (
            format!("the collection {collection} of {target}"),
            format!("?collection={collection}"),
        ),
    };
    arguments.confirmation.obtain(&format!("delete {what}"))?;
    let path = format!("{}/collected{query}", target.path());
    let removed = cli.client.delete(&path, Precondition::None)?;
    cli.output
        .show(&removed, || Table::object(&removed, &["files", "bytes"]))
}
