//! The command line: what it accepts, and which exit code ends it.
//!
//! Each command is one file of this folder and talks to the server through [`crate::client`] only. Data goes to
//! standard output, everything else to standard error, so that a pipe sees data alone.

mod admin_token;
mod apply;
mod artifact;
mod audit;
mod azure;
mod backup;
mod build;
mod collected;
mod completions;
mod confirm;
mod cost;
mod deploy;
mod deployment;
mod deployment_file;
mod dev;
mod diff;
mod endpoint;
mod endpoint_file;
mod failures;
mod file_tree;
mod inspect;
mod instance_type;
mod invoke;
mod keys;
mod logs;
mod merge;
mod mirror;
mod model;
mod model_file;
mod new;
mod output;
mod pairs;
mod placement;
mod progress;
mod project;
mod revisions;
mod rollout;
mod routes;
mod schema;
mod serve;
mod set;
mod settings;
mod shadow;
mod status;
mod test;
mod token;
mod top;
mod traffic;
mod usage;
mod views;
mod wait;
mod yaml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::client::{Client, ClientError, Connection};
pub(crate) use output::is_watched;
use output::{Output, OutputArguments};
use usage::Usage;

/// Exit codes of the contract; 0 is `ExitCode::SUCCESS`.
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;

/// Serves machine-learning scorers compiled to WebAssembly.
#[derive(Parser)]
#[command(name = "mlwasm", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: OutputArguments,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  mlwasm serve
  mlwasm deploy iris.wasm --endpoint iris --name blue --model iris=iris.onnx
  mlwasm invoke iris --data '{\"data\": [[5.1, 3.5, 1.4, 0.2]]}'
  mlwasm deploy iris-2.wasm --endpoint iris --name green
  mlwasm traffic iris blue=90 green=10

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not found.";

// Most commands say what they are for where their arguments stand.
#[derive(Subcommand)]
enum Command {
    New(new::Arguments),
    Build(build::Arguments),
    Test(test::Arguments),
    Dev(dev::Arguments),
    Inspect(inspect::Arguments),
    Serve(serve::Arguments),
    Deploy(Box<deploy::Arguments>),
    Apply(apply::Arguments),
    Diff(diff::Arguments),
    /// Create, show, change and delete endpoints
    #[command(subcommand, visible_alias = "online-endpoint")]
    Endpoint(endpoint::Command),
    /// Show, change, roll back and delete deployments, and read their logs and failures
    #[command(subcommand, visible_alias = "online-deployment")]
    Deployment(deployment::Command),
    Traffic(traffic::Arguments),
    Mirror(mirror::Arguments),
    /// Move traffic to a deployment step by step, as long as it does as well as the one before
    #[command(subcommand)]
    Rollout(rollout::Command),
    /// Show how a mirror's answers compare with the live ones
    #[command(subcommand)]
    Shadow(shadow::Command),
    Invoke(invoke::Arguments),
    Keys(keys::Arguments),
    /// Register models, so that deployments can name them by name and version
    #[command(subcommand)]
    Model(model::Command),
    /// Show the server's profiles of limits, which deployments name as their instance_type
    #[command(subcommand)]
    InstanceType(instance_type::Command),
    Token(token::Arguments),
    /// Make, list and revoke the tokens that commands need
    #[command(subcommand)]
    AdminToken(admin_token::Command),
    Audit(audit::Arguments),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Cost(cost::Arguments),
    Status(status::Arguments),
    Top(top::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

/// What a command works with: the server's client and where output goes.
pub(crate) struct Cli {
    client: Client,
    output: Output,
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    match dispatch(Arguments::parse()) {
        Ok(code) => code,
        // Whoever reads our output has seen enough, as `head` does.
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments {
        connection,
        output,
        command,
    } = arguments;
    let cli = || -> anyhow::Result<Cli> {
        Ok(Cli {
            client: Client::new(&connection)?,
            output: Output::new(output.clone()),
        })
    };
    match command {
        Command::Serve(arguments) => return serve::run(arguments),
        Command::Dev(arguments) => return dev::run(arguments),
        Command::Test(arguments) => return test::run(&arguments, &Output::new(output)),
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments, &Output::new(output)),
        Command::Diff(arguments) => return diff::run(&arguments, &cli()?),
        Command::Apply(arguments) => apply::run(&arguments, &cli()?),
        Command::Deploy(arguments) => deploy::run(*arguments, &cli()?),
        Command::Endpoint(command) => endpoint::run(command, &cli()?),
        Command::Deployment(command) => deployment::run(command, &cli()?),
        Command::Traffic(arguments) => traffic::run(arguments, &cli()?),
        Command::Mirror(arguments) => mirror::run(arguments, &cli()?),
        Command::Rollout(command) => rollout::run(command, &cli()?),
        Command::Shadow(command) => shadow::run(&command, &cli()?),
        Command::Invoke(arguments) => invoke::run(&arguments, &cli()?),
        Command::Keys(arguments) => keys::run(&arguments, &cli()?),
        Command::Model(command) => model::run(command, &cli()?),
        Command::InstanceType(command) => instance_type::run(&command, &cli()?),
        Command::Token(arguments) => token::run(&arguments, &cli()?),
        Command::AdminToken(command) => admin_token::run(command, &cli()?),
        Command::Audit(arguments) => audit::run(&arguments, &cli()?),
        Command::Backup(arguments) => backup::back_up(&arguments, &cli()?),
        Command::Restore(arguments) => match arguments.folder() {
            Some(folder) => {
                backup::restore_folder(&arguments, folder, &Output::new(output.clone()))
            }
            None => backup::restore(&arguments, &cli()?),
        },
        Command::Cost(arguments) => cost::run(&arguments, &cli()?),
        Command::Status(arguments) => status::run(&arguments, &cli()?),
        Command::Top(arguments) => top::run(&arguments, &cli()?),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() {
        return USAGE;
    }
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::NotFound { .. }) => NOT_FOUND,
        _ => FAILED,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_exit_code_tells_usage_and_not_found_from_other_failures() {
        let not_found = || ClientError::NotFound {
            detail: "endpoint e does not exist".to_owned(),
        };
        for (error, code) in [
            (usage::usage("nothing to deploy"), USAGE),
            (not_found().into(), NOT_FOUND),
            (
                anyhow::Error::from(not_found()).context("showing e"),
                NOT_FOUND,
            ),
            (ClientError::Stale.into(), FAILED),
            (anyhow::anyhow!("disk full"), FAILED),
        ] {
            assert_eq!(exit_code(&error), code, "{error:#}");
        }
    }

    #[test]
    fn every_command_says_what_it_is_for_and_gives_an_example() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} has no about line");
            let subcommands: Vec<_> = command
                .get_subcommands()
                .filter(|c| c.get_name() != "help")
                .collect();
            if subcommands.is_empty() {
                let help = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(help.starts_with("Example"), "{name} has no example");
            }
            subcommands.into_iter().for_each(check);
        }
        check(&Arguments::command());
    }

    #[test]
    fn azures_spellings_are_accepted() {
        for line in [
            "online-endpoint create --name e -f e.yml",
            "online-endpoint show --name e -o tsv --query scoring_uri",
            "online-endpoint update --name e --traffic 'blue=90 green=10'",
            "online-endpoint update --name e --mirror-traffic green=10",
            "online-endpoint get-credentials --name e -o tsv --query primaryKey",
            "online-endpoint regenerate-keys --name e --key-type primary",
            "online-endpoint invoke --name e --request-file r.json --deployment-name green",
            "online-endpoint delete --name e --yes --no-wait",
            "online-deployment create --name blue --endpoint-name e -f d.yml --all-traffic",
            "online-deployment create -n blue --endpoint e -f d.yml",
            "online-deployment show --name blue --endpoint e",
            "online-deployment update --name blue --endpoint-name e --set instance_count=2",
            "online-deployment update --name blue --endpoint-name e --file d.yml",
            "online-deployment get-logs --name blue --endpoint e",
            "online-deployment delete --name blue --endpoint e --yes --no-wait",
            "invoke e --deployment green --data {}",
        ] {
            let words = ["mlwasm"]
                .into_iter()
                .chain(line.split(' ').map(|word| word.trim_matches('\'')));
            // The shell would keep a quoted word in one piece.
            let words: Vec<_> = if line.contains('\'') {
                let (head, quoted) = line.split_once('\'').unwrap();
                let head = head.split_whitespace().map(str::to_owned);
                ["mlwasm".to_owned()]
                    .into_iter()
                    .chain(head)
                    .chain([quoted.trim_end_matches('\'').to_owned()])
                    .collect()
            } else {
                words.map(str::to_owned).collect()
            };
            if let Err(error) = Arguments::try_parse_from(words) {
                panic!("{line}: {error}");
            }
        }
    }
}
