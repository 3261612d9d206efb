//! `mlwasm rollout`

mod show;

use std::time::Duration;

use clap::{Args, Subcommand};
use mlwasm_types::{
    DeploymentName, EndpointName, Percent, RolloutPlan, RolloutState, RolloutView,
    rollout::{Interval, Rate},
};
use serde_json::Value;

use super::{Cli, output, usage::usage, views};
use crate::client::Precondition;

/// How long the server is asked to wait for the end before what was decided meanwhile is told.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    Start(Box<Start>),
    /// Print how far the rollout is, or how the last one ended
    #[command(
        after_help = "Examples:\n  mlwasm rollout status iris\n  mlwasm rollout status iris --wait\n  \
        mlwasm rollout status iris -o json --query 'decisions[-1].reason'"
    )]
    Status {
        #[command(flatten)]
        of: Of,
        /// Wait until it is over, telling each decision; fail unless it succeeded
        #[arg(long)]
        wait: bool,
    },
    /// Go on to the next step now, whatever the numbers say
    #[command(after_help = "Example:\n  mlwasm rollout promote iris")]
    Promote(Of),
    /// Leave the traffic as it is and compare nothing until it is resumed
    #[command(after_help = "Example:\n  mlwasm rollout pause iris")]
    Pause(Of),
    /// Go on comparing, in a new window
    #[command(after_help = "Example:\n  mlwasm rollout resume iris")]
    Resume(Of),
    /// End it and go back to the traffic before it
    #[command(after_help = "Example:\n  mlwasm rollout abort iris")]
    Abort(Of),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Of {
    /// The endpoint
    endpoint: EndpointName,
}

/// Move an endpoint's traffic to a deployment, step by step
///
/// After each interval the deployment is compared with the one that has most of the traffic now. If it does as well, it gets
/// the next step's share; if it does worse, the traffic goes back to what it was; while that is not certain, it is looked at
/// again after another interval.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  mlwasm rollout start iris --to green\n  \
    mlwasm rollout start iris --to green --steps 5,25,50,100 --interval 60s --max-error-rate 1% --max-p99-ratio 1.2 --max-mismatch 0.5%")]
pub(crate) struct Start {
    #[command(flatten)]
    of: Of,
    /// The deployment that is to get the traffic
    #[arg(long, value_name = "DEPLOYMENT")]
    to: DeploymentName,
    /// Its shares in percent, one after the other [default: 5,25,50,100]
    #[arg(long, value_name = "PERCENT,...", value_delimiter = ',', value_parser = percent)]
    steps: Vec<Percent>,
    /// Time between two looks, 1s to 24h [default: 60s]
    #[arg(long, value_name = "DURATION")]
    interval: Option<Interval>,
    /// How many more of its requests may fail than of the other's [default: 1%]
    #[arg(long, value_name = "PERCENT%")]
    max_error_rate: Option<Rate>,
    /// How many times as long its 99th percentile may be, 1.05 to 100 [default: not compared]
    #[arg(long, value_name = "RATIO")]
    max_p99_ratio: Option<f64>,
    /// Requests that each must have had before anything is decided, 10 at least [default: 50]
    #[arg(long, value_name = "COUNT")]
    min_requests: Option<u64>,
    /// How many of its answers to copied requests may differ from the live ones, before it gets any share [default: not compared]
    #[arg(long, value_name = "PERCENT%")]
    max_mismatch: Option<Rate>,
}

fn percent(text: &str) -> Result<Percent, String> {
    let number: i64 = text
        .trim()
        .parse()
        .map_err(|_| format!("{text:?} is no whole percent"))?;
    Percent::new(number).map_err(|error| error.to_string())
}

/// Runs the command.
///
/// # Errors
///
/// A usage error for a plan that breaks a rule; else what the server says.
pub(crate) fn run(command: Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Start(arguments) => start(*arguments, cli),
        Command::Status { of, wait: false } => {
            show::show(&cli.client.get(&path(&of.endpoint))?, cli)
        }
        Command::Status { of, wait: true } => wait(&of.endpoint, cli),
        Command::Promote(of) => steer(&of.endpoint, "promote", cli),
        Command::Pause(of) => steer(&of.endpoint, "pause", cli),
        Command::Resume(of) => steer(&of.endpoint, "resume", cli),
        Command::Abort(of) => steer(&of.endpoint, "abort", cli),
    }
}

fn path(endpoint: &EndpointName) -> String {
    format!("{}/rollout", views::endpoint_path(endpoint))
}

fn start(arguments: Start, cli: &Cli) -> anyhow::Result<()> {
    let endpoint = arguments.of.endpoint.clone();
    let plan = plan(arguments)?;
    let view = cli.client.put(
        &path(&endpoint),
        &views::to_json(&plan)?,
        Precondition::None,
    )?;
    show::show(&view, cli)
}

/// The plan that is asked for, checked here so that a slip is a wrong usage.
fn plan(arguments: Start) -> anyhow::Result<RolloutPlan> {
    let mut plan = RolloutPlan::to(arguments.to);
    if !arguments.steps.is_empty() {
        plan.steps = arguments.steps;
    }
    plan.interval = arguments.interval.unwrap_or(plan.interval);
    plan.max_error_rate = arguments.max_error_rate.unwrap_or(plan.max_error_rate);
    plan.max_p99_ratio = arguments.max_p99_ratio;
    plan.max_mismatch = arguments.max_mismatch;
    plan.min_requests = arguments.min_requests.unwrap_or(plan.min_requests);
    plan.validate().map_err(|error| usage(error.to_string()))?;
    Ok(plan)
}

fn steer(endpoint: &EndpointName, command: &str, cli: &Cli) -> anyhow::Result<()> {
    let view = cli.client.post(&format!("{}/{command}", path(endpoint)))?;
    show::show(&view, cli)
}

/// Shows the rollout once it is over, and fails unless it succeeded.
fn wait(endpoint: &EndpointName, cli: &Cli) -> anyhow::Result<()> {
    let path = format!("{}?wait_ms={}", path(endpoint), PATIENCE.as_millis());
    let mut told = None;
    loop {
        let answer: Value = cli.client.get_within(&path, PATIENCE)?;
        let view: RolloutView = views::read(&answer)?;
        let rollout = &view.rollout;
        for decision in &rollout.decisions {
            if told.is_none_or(|told| decision.time > told) {
                output::note(&show::told(decision));
            }
        }
        told = rollout.decisions.last().map(|last| last.time).or(told);
        if !rollout.state.is_active() {
            show::show(&answer, cli)?;
            let (candidate, state) = (&rollout.candidate.deployment, rollout.state);
            return match state {
                RolloutState::Succeeded => Ok(()),
                _ => Err(anyhow::anyhow!("the rollout to {candidate} is {state}")),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    fn planned(line: &str) -> Result<RolloutPlan, String> {
        let words = ["rollout", "start", "iris", "--to", "green"];
        let line = Line::try_parse_from(words.into_iter().chain(line.split_whitespace()))
            .map_err(|error| error.to_string())?;
        match line.command {
            Command::Start(arguments) => plan(*arguments).map_err(|error| error.to_string()),
            _ => Err("not a start".to_owned()),
        }
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let usual = RolloutPlan::to(DeploymentName::new("green").unwrap());
        assert_eq!(planned(""), Ok(usual.clone()));
        let said = "--steps 5,25,50,100 --interval 1m --max-error-rate 1% --min-requests 50";
        assert_eq!(planned(said), Ok(usual));
        let other = planned("--steps 10 --max-p99-ratio 1.2").unwrap();
        assert_eq!((other.steps.len(), other.max_p99_ratio), (1, Some(1.2)));
    }

    #[test]
    fn a_plan_that_breaks_a_rule_is_a_wrong_usage() {
        for (line, word) in [
            ("--steps 50,25", "must be above"),
            ("--steps 5,x", "no whole percent"),
            ("--steps 5,101", "from 0 to 100"),
            ("--interval 999ms", "at least 1s"),
            ("--max-error-rate 1", "with its sign"),
            ("--max-p99-ratio 1", "1.05"),
            ("--min-requests 9", "10"),
            ("--max-mismatch 1", "with its sign"),
        ] {
            let error = planned(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
