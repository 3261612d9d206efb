//! `mlwasm deployment logs`

use std::time::Duration;

use clap::Args;
use mlwasm_types::api::LogPage;
use serde_json::Value;

use super::{Cli, deployment::Named, output, views};

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// Print at most this many lines, the last ones
    #[arg(long, default_value_t = 100, value_name = "N")]
    lines: usize,
    /// Go on printing lines as they come
    #[arg(short, long)]
    follow: bool,
}

/// One long poll while following.
const POLL: Duration = Duration::from_secs(20);
/// Lines asked for at once while following.
const PAGE: usize = 1_000;

/// Runs the command. While following, it ends when it is interrupted.
///
/// # Errors
///
/// If the server refuses, or goes away.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let path = format!("{}/logs", arguments.named.target().path());
    let first = cli
        .client
        .get(&format!("{path}?lines={}", arguments.lines))?;
    let mut after = views::read::<LogPage>(&first)?.next_after;
    if !arguments.follow {
        return show(&first, cli);
    }
    print_each(&first, cli)?;
    loop {
        let next = format!(
            "{path}?after={after}&lines={PAGE}&wait_ms={}",
            POLL.as_millis()
        );
        let page = cli.client.get_within(&next, POLL)?;
        after = views::read::<LogPage>(&page)?.next_after;
        print_each(&page, cli)?;
    }
}

fn show(page: &Value, cli: &Cli) -> anyhow::Result<()> {
    if !cli.output.is_table() {
        return cli
            .output
            .show(&page["lines"], || output::Table::of(&page["lines"]));
    }
    output::raw(text(page)?.as_bytes())
}

/// While following, each line is data by itself: a list would have no end.
fn print_each(page: &Value, cli: &Cli) -> anyhow::Result<()> {
    if cli.output.is_table() {
        return output::raw(text(page)?.as_bytes());
    }
    page["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .try_for_each(|line| cli.output.show(line, || output::Table::of(line)))
}

fn text(page: &Value) -> anyhow::Result<String> {
    let page: LogPage = views::read(page)?;
    Ok(page
        .lines
        .iter()
        .map(|line| {
            let request = line.request_id.as_deref().unwrap_or("-");
            // What was said during a copy is none of a client's.
            let mark = if line.mirror { " (mirror)" } else { "" };
            format!(
                "{} {:6} {request}{mark} {}\n",
                line.time, line.stream, line.text
            )
        })
        .collect())
}
