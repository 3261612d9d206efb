//! `mlwasm cost`

use clap::Args;
use mlwasm_types::{Cost, CostReport, EndpointName, cost::parse_window};

use super::{
    Cli,
    output::{self, Table},
    views,
};

/// Show what deployments cost: processor time, memory over time, bytes
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  mlwasm cost iris --since 1h")]
pub(crate) struct Arguments {
    /// The endpoint; all if none is named
    #[arg(value_name = "ENDPOINT")]
    endpoint: Option<EndpointName>,
    /// Only what was used since then, 24h ago at most [default: since the server started]
    #[arg(long, value_name = "DURATION", value_parser = window)]
    since: Option<String>,
}

/// Checked here, so that a slip is a wrong usage; the server reads it again.
fn window(text: &str) -> Result<String, String> {
    parse_window(text).map(|_| text.trim().to_owned())
}

const HEADER: [&str; 9] = [
    "ENDPOINT",
    "DEPLOYMENT",
    "REQUESTS",
    "CPU S",
    "GUEST CPU S",
    "NATIVE CPU S",
    "MIB S",
    "BYTES IN",
    "BYTES OUT",
];

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let endpoint = arguments
        .endpoint
        .as_ref()
        .map(|endpoint| format!("endpoint={endpoint}"));
    let since = arguments
        .since
        .as_ref()
        .map(|since| format!("since={}", since.replace(' ', "%20")));
    let query: Vec<String> = endpoint.into_iter().chain(since).collect();
    let answer = cli.client.get(&format!("/v1/cost?{}", query.join("&")))?;
    let report: CostReport = views::read(&answer)?;
    cli.output.show(&answer, || table(&report))?;
    if cli.output.is_table() {
        output::note(&format!("from {:.0} to {:.0}", report.since, report.until));
    }
    Ok(())
}

fn table(report: &CostReport) -> Table {
    let mut rows: Vec<Vec<String>> = report
        .deployments
        .iter()
        .map(|row| cells(row.endpoint.as_str(), row.deployment.as_str(), &row.cost))
        .collect();
    if let Some(deleted) = report.deleted.filter(|deleted| *deleted != Cost::default()) {
        rows.push(cells("(deleted)", "", &deleted));
    }
    rows.push(cells("sum", "", &report.sum));
    if let Some(process) = &report.process {
        rows.push(seconds_alone("process", process.cpu_seconds));
        rows.push(seconds_alone("host itself", process.host_cpu_seconds));
    }
    Table::list(&HEADER, rows)
}

fn cells(endpoint: &str, deployment: &str, cost: &Cost) -> Vec<String> {
    vec![
        endpoint.to_owned(),
        deployment.to_owned(),
        cost.requests.to_string(),
        seconds(cost.cpu_seconds()),
        seconds(cost.guest_cpu_seconds),
        seconds(cost.native_cpu_seconds),
        format!("{:.1}", cost.mib_seconds),
        cost.request_bytes.to_string(),
        cost.response_bytes.to_string(),
    ]
}

fn seconds_alone(name: &str, value: f64) -> Vec<String> {
    let mut row = vec![String::new(); HEADER.len()];
    name.clone_into(&mut row[0]);
    row[3] = seconds(value);
    row
}

fn seconds(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_adds_up_for_the_reader() {
        let cost = |requests: u64, guest: f64, native: f64| {
            json!({
                "requests": requests, "guest_cpu_seconds": guest, "native_cpu_seconds": native, "mib_seconds": 12.25,
                "request_bytes": 700, "response_bytes": 90_000,
            })
        };
        let mut blue = cost(10, 1.5, 0.25);
        blue["endpoint"] = json!("iris");
        blue["deployment"] = json!("blue");
        let mut report = json!({
            "since": "2026-01-02T03:00:00Z", "until": "2026-01-02T04:00:00Z", "deployments": [blue],
            "deleted": cost(0, 0.5, 0.0), "sum": cost(10, 2.0, 0.25),
            "process": {"cpu_seconds": 2.5, "host_cpu_seconds": 0.25},
        });
        let shown = |report: &serde_json::Value| {
            table(&serde_json::from_value(report.clone()).unwrap()).render()
        };
        insta::assert_snapshot!(shown(&report), @"
        ENDPOINT     DEPLOYMENT  REQUESTS  CPU S  GUEST CPU S  NATIVE CPU S  MIB S  BYTES IN  BYTES OUT
        iris         blue        10        1.750  1.500        0.250         12.2   700       90000
        (deleted)                0         0.500  0.500        0.000         12.2   700       90000
        sum                      10        2.250  2.000        0.250         12.2   700       90000
        process                            2.500
        host itself                        0.250
        ");
        report["deleted"] = serde_json::Value::Null;
        report["process"] = serde_json::Value::Null;
        insta::assert_snapshot!(shown(&report), @"
        ENDPOINT  DEPLOYMENT  REQUESTS  CPU S  GUEST CPU S  NATIVE CPU S  MIB S  BYTES IN  BYTES OUT
        iris      blue        10        1.750  1.500        0.250         12.2   700       90000
        sum                   10        2.250  2.000        0.250         12.2   700       90000
        ");
    }
}
