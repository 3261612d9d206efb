//! `mlwasm traffic`

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use mlwasm_types::{
    DeploymentName, EndpointName, EndpointSpec, Percent, TrafficSplit, api::EndpointView,
    traffic::parse_shares,
};
use serde_json::Value;

use super::{
    Cli,
    merge::Patch,
    output::{self, Table, cell},
    routes::RouteArguments,
    usage::usage,
    views,
};
use crate::client::Precondition;

/// Print or set how an endpoint's requests are shared out
///
/// A request goes to the deployment that it names in the header azureml-model-deployment; else where the first route that
/// fits sends it; else where its share falls. What the command does not name stays as it is.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm traffic iris\n  mlwasm traffic iris blue=90 green=10\n  \
    mlwasm traffic iris green=10 --remainder-to blue\n  mlwasm traffic iris blue=0\n  \
    mlwasm traffic iris --route \"x-tenant=acme->green\" --route \"cookie:tier=beta->green\"\n  \
    mlwasm traffic iris --no-routes"
)]
pub(crate) struct Arguments {
    /// The endpoint
    endpoint: EndpointName,
    /// Whole percents that sum to 100, or to 0 to turn traffic off; without any, the shares are printed
    #[arg(value_name = "DEPLOYMENT=PERCENT")]
    shares: Vec<String>,
    /// Give what the shares leave of 100 to this deployment
    #[arg(long, value_name = "DEPLOYMENT")]
    remainder_to: Option<DeploymentName>,
    #[command(flatten)]
    routes: RouteArguments,
}

/// Runs the command.
///
/// # Errors
///
/// A usage error for shares that break a rule; else what the server says.
pub(crate) fn run(arguments: Arguments, cli: &Cli) -> anyhow::Result<()> {
    let endpoint = views::endpoint_path(&arguments.endpoint);
    let path = format!("{endpoint}/traffic");
    let split = wanted(&arguments.shares, arguments.remainder_to)?;
    match (split, arguments.routes.wanted()) {
        (None, None) => {}
        (Some(split), None) => {
            cli.client
                .put(&path, &views::to_json(&split)?, Precondition::None)?;
        }
        // In one change, so that no request sees the one without the other.
        (split, Some(routes)) => {
            let mut patch = Patch::from_iter([("routes".to_owned(), views::to_json(&routes)?)]);
            if let Some(split) = split {
                patch.insert("traffic".to_owned(), views::to_json(&split)?);
            }
            cli.client
                .patch(&endpoint, &Value::Object(patch), Precondition::None)?;
        }
    }
    let answer = cli.client.get(&endpoint)?;
    let spec = views::read::<EndpointView>(&answer)?.spec;
    if spec.traffic.is_off() && cli.output.is_table() {
        output::note(&without_traffic(&spec));
    }
    cli.output.show(&answer["traffic"], || table(&spec))
}

fn without_traffic(spec: &EndpointSpec) -> String {
    let name = &spec.name;
    if spec.routes.is_empty() {
        format!("endpoint {name} has no traffic: requests get 404")
    } else {
        format!("endpoint {name} has no traffic: requests that no route fits get 404")
    }
}

/// The shares, and beside them the routes if there are any.
fn table(spec: &EndpointSpec) -> Table {
    let with_share = spec.traffic.shares().map(|(name, _)| name);
    let with_route = spec.routes.iter().map(|route| &route.deployment);
    let names: BTreeSet<_> = with_share.chain(with_route).collect();
    let row = |name: &&DeploymentName| {
        let routes = spec.routes.iter();
        let routes: Vec<_> = routes
            .filter(|route| route.deployment == **name)
            .map(|route| format!("{}={}", route.carrier, route.value))
            .collect();
        let share = format!("{} %", spec.traffic.share(name));
        vec![name.to_string(), share, routes.join(", ")]
    };
    let rows = names.iter().map(row);
    if names.is_empty() {
        Table::list(&[], [])
    } else if spec.routes.is_empty() {
        let shares = rows.map(|row| row.into_iter().take(2).collect());
        Table::list(&["DEPLOYMENT", "SHARE"], shares)
    } else {
        Table::list(&["DEPLOYMENT", "SHARE", "ROUTES"], rows)
    }
}

/// The split that is asked for; none if none is.
fn wanted(
    shares: &[String],
    remainder_to: Option<DeploymentName>,
) -> anyhow::Result<Option<TrafficSplit>> {
    let named = parse(shares)?;
    let split = match remainder_to {
        Some(rest) => TrafficSplit::with_remainder(named, rest),
        None if shares.is_empty() => return Ok(None),
        None => TrafficSplit::new(named),
    };
    split.map(Some).map_err(|error| usage(error.to_string()))
}

/// The shares in the arguments, whether each is an argument or all stand in one.
///
/// # Errors
///
/// A usage error that quotes what is no share.
pub(crate) fn parse(shares: &[String]) -> anyhow::Result<BTreeMap<DeploymentName, Percent>> {
    parse_shares(&shares.join(" ")).map_err(|error| usage(error.to_string()))
}

/// Shows a map from deployments to percents; says `none` to whoever would see an empty table.
///
/// # Errors
///
/// As [`super::output::Output::show`].
pub(crate) fn show_shares(shares: &Value, none: &str, cli: &Cli) -> anyhow::Result<()> {
    let rows: Vec<_> = shares.as_object().into_iter().flatten().collect();
    if rows.is_empty() && cli.output.is_table() {
        output::note(none);
        return Ok(());
    }
    let rows = rows
        .into_iter()
        .map(|(name, share)| vec![name.clone(), format!("{} %", cell(share))]);
    cli.output
        .show(shares, || Table::list(&["DEPLOYMENT", "SHARE"], rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, remainder_to: Option<&str>) -> Result<Option<String>, String> {
        let shares: Vec<String> = line
            .split(';')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let rest = remainder_to.map(|name| DeploymentName::new(name).unwrap());
        wanted(&shares, rest)
            .map(|split| split.map(|split| split.to_string()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn shares_are_printed_or_set() {
        assert_eq!(read("", None), Ok(None));
        assert_eq!(
            read("blue=90;green=10", None),
            Ok(Some("blue=90 green=10".to_owned()))
        );
        assert_eq!(
            read("blue=90 green=10", None),
            Ok(Some("blue=90 green=10".to_owned()))
        );
        assert_eq!(read("blue=0", None), Ok(Some("blue=0".to_owned())));
    }

    #[test]
    fn the_remainder_is_given_away_only_when_asked() {
        assert_eq!(read("a=20", Some("b")), Ok(Some("a=20 b=80".to_owned())));
        assert_eq!(read("", Some("b")), Ok(Some("b=100".to_owned())));
        assert_eq!(
            read("a=20", None).unwrap_err(),
            "traffic sums to 20 percent (a=20): shares must sum to 100, or to 0 to turn traffic off"
        );
        assert!(read("a=20", Some("a")).is_err());
    }
}
