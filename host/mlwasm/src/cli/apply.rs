//! `mlwasm apply`: endpoints and deployments made what files say.

pub(crate) mod changes;
pub(crate) mod manifest;
pub(crate) mod plan;

mod carry_out;
mod documents;
mod lines;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{Cli, output, output::Table};
use carry_out::{Done, Outcome, Until, Work};
use manifest::Manifest;
use plan::Plan;

/// Make endpoints and deployments what their files say
///
/// A document with endpoint_name describes a deployment, any other an endpoint; `---` parts the documents of a file, and
/// paths are relative to the file. All files are checked before anything is changed. Then endpoints are made, deployments
/// until they serve, and last traffic, mirrors and routes, so that no request is sent to what does not serve. What no file
/// names stays as it is, and nothing is deleted. Applying the same files again changes nothing.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm apply -f examples/quickstart\n  mlwasm apply -f endpoint.yml -f blue.yml\n  \
    mlwasm apply -f iris.yml --no-wait"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    files: Files,
    /// Return as soon as the server has accepted the deployments; traffic for what does not serve yet is left for the next
    /// time
    #[arg(long)]
    no_wait: bool,
}

/// Which files.
#[derive(Args, Clone, Debug)]
pub(crate) struct Files {
    /// A YAML file, or a folder whose *.yml and *.yaml are read in the order of their names; may be repeated
    #[arg(
        short = 'f',
        long = "file",
        visible_alias = "filename",
        value_name = "FILE|FOLDER",
        required = true
    )]
    paths: Vec<PathBuf>,
}

impl Files {
    /// What the files describe, beside what the server has.
    ///
    /// # Errors
    ///
    /// Names file and line of what is wrong, or what keeps the server from answering.
    pub(crate) fn plan(&self, cli: &Cli) -> anyhow::Result<Plan> {
        let plan = Plan::make(Manifest::read(&self.paths)?, &cli.client)?;
        plan::check_routing(&plan, &cli.client)?;
        Ok(plan)
    }
}

/// Runs the command.
///
/// # Errors
///
/// Names file and line of what is wrong, and what was done before.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let plan = arguments.files.plan(cli)?;
    let until = match arguments.no_wait {
        true => Until::Accepted,
        false => Until::Served,
    };
    let done = Work::new(&cli.client, until).carry_out(plan)?;
    if done.iter().all(|it| it.outcome == Outcome::Unchanged) {
        output::note("nothing to change: all is as the files say");
    }
    let objects = Value::Array(done.iter().map(as_json).collect());
    let rows = done.iter().map(|it| {
        let outcome = it.outcome.word().to_owned();
        vec![
            it.kind.to_owned(),
            it.name.clone(),
            outcome,
            it.place.to_string(),
        ]
    });
    cli.output.show(&objects, || {
        Table::list(&["KIND", "NAME", "RESULT", "FILE"], rows)
    })
}

fn as_json(done: &Done) -> Value {
    json!({
        "kind": done.kind,
        "name": done.name,
        "result": done.outcome.word(),
        "file": done.place.path,
        "line": done.place.line,
    })
}
