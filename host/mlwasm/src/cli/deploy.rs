//! `mlwasm deploy`, and `deployment create`, which is the same.

use std::path::PathBuf;

use clap::Args;
use mlwasm_types::{
    DeploymentName, EndpointName, EndpointSpec, TrafficSplit,
    api::{DeploymentView, EndpointView},
};
use serde_json::Value;

use super::{
    Cli,
    instance_type::Profiles,
    output,
    placement::Placement,
    settings::{SettingsArguments, Wanted},
    usage::usage,
    views::{self, Target},
    wait,
};
use crate::client::{Client, ClientError, Precondition};

/// Upload a scorer or a model and serve it as a deployment
///
/// A deployment that exists is swapped without losing a request: it keeps what the command does not name, and serves
/// its former revision until the new one is ready. An endpoint that does not exist is created, and its first deployment gets all of its traffic; any later
/// deployment gets none until `mlwasm traffic` says so.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The scorer, a WebAssembly component; or an ONNX model, which a built-in scorer serves
    #[arg(value_name = "SCORER.wasm|MODEL.onnx")]
    scorer: Option<PathBuf>,
    /// The endpoint
    #[arg(short, long, visible_alias = "endpoint-name", value_name = "NAME")]
    endpoint: Option<EndpointName>,
    /// The deployment's name
    #[arg(short, long, visible_aliases = ["deployment", "deployment-name"], value_name = "NAME")]
    name: Option<DeploymentName>,
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    placement: Placement,
    /// Give the deployment all of the endpoint's traffic once it serves
    #[arg(long)]
    all_traffic: bool,
    /// Return as soon as the server has accepted the deployment
    #[arg(long)]
    no_wait: bool,
}

const EXAMPLES: &str = "\
Examples:
  mlwasm deploy iris.wasm --endpoint iris --name blue --model iris=iris.onnx
  mlwasm deploy iris.onnx --endpoint iris --name green --instances 4
  mlwasm deploy -f deployment.yml --set sandbox.memory_limit_mb=128 --all-traffic";

/// Whether the endpoint was there.
enum Endpoint {
    Found,
    /// Made by this command; with the generation in which it was made.
    Made(u64),
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses, or the new revision can not serve.
pub(crate) fn run(arguments: Arguments, cli: &Cli) -> anyhow::Result<()> {
    let mut wanted = Wanted::read(arguments.settings, arguments.scorer)?;
    let target = target(arguments.endpoint, arguments.name, &wanted)?;
    if arguments.all_traffic && arguments.no_wait {
        return Err(usage(
            "--all-traffic waits until the deployment serves: leave out --no-wait, or set traffic later",
        ));
    }
    wanted.require_scorer()?;
    Profiles::of(&cli.client).settle(&mut wanted)?;
    wanted.upload(&cli.client)?;
    let (accepted, endpoint) = submit(&cli.client, &target, &wanted, arguments.placement)?;
    if matches!(endpoint, Endpoint::Made(_)) {
        // Before it serves, so that the rule holds with --no-wait, and after a first revision that had to be mended.
        all_traffic_to(&cli.client, &target)?;
        output::note(&format!(
            "{target}: first deployment of a new endpoint, so it gets 100 % of the traffic"
        ));
    }
    if arguments.no_wait {
        let view: DeploymentView = views::read(&accepted)?;
        output::note(&format!(
            "{target}: revision {} accepted",
            view.status.revision
        ));
        return show(cli, &accepted);
    }
    let served = wait::until_served(&cli.client, &target, accepted)?;
    if arguments.all_traffic && matches!(endpoint, Endpoint::Found) {
        all_traffic_to(&cli.client, &target)?;
    }
    report(&cli.client, &target, &served)?;
    show(cli, &served)
}

fn target(
    endpoint: Option<EndpointName>,
    name: Option<DeploymentName>,
    wanted: &Wanted,
) -> anyhow::Result<Target> {
    Ok(Target {
        endpoint: endpoint
            .or_else(|| wanted.endpoint_name.clone())
            .ok_or_else(|| {
                usage("no endpoint named: give --endpoint, or endpoint_name in the file of -f")
            })?,
        deployment: name
            .or_else(|| wanted.name.clone())
            .ok_or_else(|| usage("no deployment named: give --name, or name in the file of -f"))?,
    })
}

/// Stores the deployment, and its endpoint if there is none; returns the deployment as accepted.
fn submit(
    client: &Client,
    target: &Target,
    wanted: &Wanted,
    placement: Placement,
) -> anyhow::Result<(Value, Endpoint)> {
    let endpoint = ensure_endpoint(client, target)?;
    match store(client, target, wanted, placement) {
        Ok(accepted) => Ok((accepted, endpoint)),
        Err(refused) => {
            // An endpoint made for nothing would take the next attempt's right to all of the traffic.
            if let Endpoint::Made(generation) = endpoint {
                let unused = views::endpoint_path(&target.endpoint);
                client
                    .delete(&unused, Precondition::Unchanged(generation))
                    .ok();
            }
            Err(refused)
        }
    }
}

fn ensure_endpoint(client: &Client, target: &Target) -> anyhow::Result<Endpoint> {
    let path = views::endpoint_path(&target.endpoint);
    if client.find(&path)?.is_some() {
        return Ok(Endpoint::Found);
    }
    let spec = views::to_json(&EndpointSpec::named(target.endpoint.clone()))?;
    match client.put(&path, &spec, Precondition::Absent) {
        Ok(made) => Ok(Endpoint::Made(
            views::read::<EndpointView>(&made)?.generation.0,
        )),
        // Another command made it a moment ago, so it is not ours.
        Err(ClientError::Stale) => Ok(Endpoint::Found),
        Err(error) => Err(error.into()),
    }
}

fn store(
    client: &Client,
    target: &Target,
    wanted: &Wanted,
    placement: Placement,
) -> anyhow::Result<Value> {
    let address = placement.address(target.path());
    Ok(match client.find(&target.path())? {
        Some(current) => {
            let generation = views::read::<DeploymentView>(&current)?.generation.0;
            client.patch(
                &address,
                &wanted.to_patch(&current),
                Precondition::Unchanged(generation),
            )?
        }
        None => client.put(
            &address,
            &wanted.to_spec(&target.endpoint, &target.deployment),
            Precondition::Absent,
        )?,
    })
}

fn all_traffic_to(client: &Client, target: &Target) -> anyhow::Result<()> {
    let split = views::to_json(&TrafficSplit::all_to(target.deployment.clone()))?;
    client.put(
        &format!("{}/traffic", views::endpoint_path(&target.endpoint)),
        &split,
        Precondition::None,
    )?;
    Ok(())
}

fn report(client: &Client, target: &Target, served: &Value) -> anyhow::Result<()> {
    let endpoint: EndpointView =
        views::read(&client.get(&views::endpoint_path(&target.endpoint))?)?;
    let deployment: DeploymentView = views::read(served)?;
    output::note(&format!(
        "{target}: revision {} serves ({} % of traffic); scoring URI: {}",
        deployment.status.revision,
        endpoint.spec.traffic.share(&target.deployment),
        endpoint.scoring_uri,
    ));
    Ok(())
}

/// Whoever deploys by hand has read what happened; the object is for those who ask for it.
fn show(cli: &Cli, deployment: &Value) -> anyhow::Result<()> {
    if cli.output.is_asked_for() {
        views::show_deployment(cli, deployment)
    } else {
        Ok(())
    }
}
