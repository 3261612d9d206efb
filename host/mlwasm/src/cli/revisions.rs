//! `mlwasm deployment history` and `mlwasm deployment rollback`

use clap::Args;
use mlwasm_types::{RevisionNumber, RevisionState, RevisionView, api::DeploymentView};
use serde_json::json;

use super::{
    Cli,
    deployment::Named,
    output::{self, Table},
    views, wait,
};
use crate::client::Precondition;

#[derive(Args, Clone, Debug)]
pub(crate) struct History {
    #[command(flatten)]
    named: Named,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Rollback {
    #[command(flatten)]
    named: Named,
    /// The revision to return to [default: the one that served when the present one was asked for]
    #[arg(long, value_name = "REVISION")]
    to: Option<u64>,
    /// Return as soon as the server has accepted the change
    #[arg(long)]
    no_wait: bool,
}

/// Prints the revisions that are kept, oldest first.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn history(arguments: &History, cli: &Cli) -> anyhow::Result<()> {
    let path = format!("{}/revisions", arguments.named.target().path());
    let revisions = cli.client.get(&path)?;
    let views: Vec<RevisionView> = views::read(&revisions)?;
    let header = [
        "REVISION",
        "CREATED",
        "STATE",
        "COMPONENT",
        "MODELS",
        "CHANGES",
    ];
    cli.output
        .show(&revisions, || Table::list(&header, views.iter().map(row)))
}

fn row(view: &RevisionView) -> Vec<String> {
    let created = view.created_at.map(|time| format!("{time:.0}"));
    let state = match (view.state, &view.error) {
        (RevisionState::Failed, Some(error)) => format!("failed: {error}"),
        (state, _) => state.to_string(),
    };
    let models = view.spec.models.iter();
    let models: Vec<_> = models
        .map(|(name, model)| format!("{name}={}", views::short(&model.digest)))
        .collect();
    let changes: Vec<_> = view.changes.iter().map(ToString::to_string).collect();
    vec![
        view.revision.to_string(),
        created.unwrap_or_default(),
        state,
        views::short(&view.spec.component),
        models.join(" "),
        changes.join(", "),
    ]
}

/// Makes an earlier revision serve again, and waits until it does.
///
/// # Errors
///
/// If the server refuses, or the revision can not serve any more; then what serves goes on.
pub(crate) fn roll_back(arguments: &Rollback, cli: &Cli) -> anyhow::Result<()> {
    let target = arguments.named.target();
    let before: DeploymentView = views::read(&cli.client.get(&target.path())?)?;
    let accepted = cli.client.post_object(
        &format!("{}/rollback", target.path()),
        &json!({"to": arguments.to.map(RevisionNumber)}),
        Precondition::Unchanged(before.generation.0),
    )?;
    if arguments.no_wait {
        return views::show_deployment(cli, &accepted);
    }
    let served = wait::until_served(&cli.client, &target, accepted)?;
    let after: DeploymentView = views::read(&served)?;
    let (from, to) = (before.status.revision, after.status.revision);
    output::note(&if from == to {
        format!("{target}: revision {to} serves")
    } else {
        format!("{target}: rolled back from revision {from}; revision {to} serves")
    });
    views::show_deployment(cli, &served)
}
