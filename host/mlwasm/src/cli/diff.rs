//! `mlwasm diff`: what `mlwasm apply` would change, setting by setting.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::{
    Cli, FAILED,
    apply::{
        Files,
        changes::Change,
        manifest::Place,
        plan::{Action, Plan},
    },
    output, views,
};

/// Show what `mlwasm apply` would change, and change nothing
///
/// `+` is an object that would be made, `~` a setting that would become another. Files are compared by their digests, and
/// none is uploaded.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm diff -f examples/quickstart\n  mlwasm diff -f blue.yml -o json\n\n\
    Exit codes: 0 if nothing would change, 1 if something would, or if the command failed: then there is a line that \
    begins with `error:` on standard error."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    files: Files,
}

/// Runs the command.
///
/// # Errors
///
/// Names file and line of what is wrong, or what keeps the server from answering.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<ExitCode> {
    let plan = arguments.files.plan(cli)?;
    let differences = differences(&plan)?;
    if cli.output.is_table() {
        let lines = differences.iter().flat_map(Difference::lines);
        output::raw(lines.collect::<String>().as_bytes())?;
    } else {
        let objects = differences.iter().map(Difference::to_json).collect();
        cli.output
            .show(&Value::Array(objects), || output::Table::list(&[], []))?;
    }
    Ok(match differences.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FAILED),
    })
}

/// An object that is not as its file says.
struct Difference<'a> {
    kind: &'static str,
    name: String,
    place: &'a Place,
    wanted: Value,
    action: &'a Action,
}

fn differences(plan: &Plan) -> anyhow::Result<Vec<Difference<'_>>> {
    let mut differences = Vec::new();
    for endpoint in &plan.endpoints {
        differences.push(Difference {
            kind: "endpoint",
            name: endpoint.wanted.name.to_string(),
            place: &endpoint.described.place,
            wanted: views::to_json(&endpoint.wanted)?,
            action: &endpoint.action,
        });
    }
    differences.extend(plan.deployments.iter().map(|deployment| Difference {
        kind: "deployment",
        name: deployment.described.target.to_string(),
        place: &deployment.described.place,
        wanted: deployment.wanted.clone(),
        action: &deployment.action,
    }));
    differences.retain(|it| *it.action != Action::Nothing);
    Ok(differences)
}

impl Difference<'_> {
    fn lines(&self) -> Vec<String> {
        let name = &self.name;
        match self.action {
            Action::Create => vec![format!("+ {name}\n")],
            Action::Change(changes) => {
                let line = |change: &Change| format!("~ {name} {change}\n");
                changes.iter().map(line).collect()
            }
            Action::Retry(why) => vec![format!("~ {name} would be tried again: {why}\n")],
            Action::Nothing => Vec::new(),
        }
    }

    fn to_json(&self) -> Value {
        let (action, changes) = match self.action {
            Action::Create => ("create", Vec::new()),
            Action::Change(changes) => ("change", changes.iter().map(as_json).collect()),
            Action::Retry(_) => ("retry", Vec::new()),
            Action::Nothing => ("none", Vec::new()),
        };
        json!({
            "kind": self.kind,
            "name": self.name,
            "action": action,
            "changes": changes,
            "wanted": self.wanted,
            "file": self.place.path,
            "line": self.place.line,
        })
    }
}

fn as_json(change: &Change) -> Value {
    json!({"setting": change.setting, "from": change.from, "to": change.to})
}
