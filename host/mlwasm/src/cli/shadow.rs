//! `mlwasm shadow ...`

use clap::{Args, Subcommand};
use mlwasm_types::{
    EndpointName, ShadowReport,
    shadow::{Estimate, Latency, Ratio},
};

use super::{
    Cli,
    output::{self, Table},
    views,
};
use crate::client::Precondition;

/// Fields and samples that people are shown; programs get all.
const SHOWN: usize = 10;

#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Command {
    /// Show whether the mirror's target may replace the live deployment, and why
    #[command(
        after_help = "Examples:\n  mlwasm shadow report iris\n  mlwasm shadow report iris -o tsv --query verdict"
    )]
    Report(Named),
    /// Begin to compare anew
    #[command(after_help = "Example:\n  mlwasm shadow reset iris")]
    Reset(Named),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Named {
    /// The endpoint
    endpoint: EndpointName,
}

impl Named {
    fn path(&self) -> String {
        format!("{}/shadow-report", views::endpoint_path(&self.endpoint))
    }
}

/// Runs one of the commands.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(command: &Command, cli: &Cli) -> anyhow::Result<()> {
    match command {
        Command::Report(named) => {
            let answer = cli.client.get(&named.path())?;
            if !cli.output.is_table() {
                return cli.output.show(&answer, || Table::object(&answer, &[]));
            }
            let report: ShadowReport = views::read(&answer)?;
            output::raw(text(&report).as_bytes())
        }
        Command::Reset(named) => {
            cli.client.delete(&named.path(), Precondition::None)?;
            output::note(&format!(
                "answers of endpoint {} are compared anew",
                named.endpoint
            ));
            Ok(())
        }
    }
}

/// The verdict first, then what it rests on.
fn text(report: &ShadowReport) -> String {
    let parts = [
        summary(report),
        latencies(report),
        fields(report),
        samples(report),
    ];
    let parts: Vec<String> = parts.iter().flatten().map(Table::render).collect();
    parts.join("\n")
}

fn summary(report: &ShadowReport) -> Option<Table> {
    let (live, mirror, counts) = (&report.live, &report.mirror, &report.counts);
    let rows = [
        ("verdict", report.verdict.to_string()),
        ("reason", report.reason.clone()),
        (
            "live",
            format!("{} revision {}", live.deployment, live.revision),
        ),
        (
            "mirror",
            format!("{} revision {}", mirror.deployment, mirror.revision),
        ),
        ("since", format!("{:.0}", report.since)),
        (
            "compared",
            format!(
                "{}: {} equal, {} noise, {} different, {} other status",
                counts.comparisons, counts.equal, counts.noise, counts.different, counts.status
            ),
        ),
        (
            "not compared",
            format!("{}, and {} dropped", counts.uncompared, counts.dropped),
        ),
        ("replays", counts.replays.to_string()),
        ("agreement", estimate(&report.agreement)),
        (
            "failures",
            format!(
                "{} live, {} mirror; excess {}",
                report.errors.live,
                report.errors.mirror,
                estimate(&report.errors.excess)
            ),
        ),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    Some(Table::list(&[], rows))
}

fn latencies(report: &ShadowReport) -> Option<Table> {
    let latency = report.latency.as_ref()?;
    let row = |name: &str, of: fn(&Latency) -> f64, ratio: Option<&Ratio>| {
        vec![
            name.to_owned(),
            format!("{:.3}", of(&latency.live)),
            format!("{:.3}", of(&latency.mirror)),
            ratio.map_or_else(String::new, bounds),
        ]
    };
    let rows = [
        row("p50", |of| of.p50_ms, Some(&latency.p50_ratio)),
        row("p99", |of| of.p99_ms, Some(&latency.p99_ratio)),
        row("guest p50", |of| of.guest_p50_ms, None),
        row("guest p99", |of| of.guest_p99_ms, None),
        row("infer p50", |of| of.infer_p50_ms, None),
        row("infer p99", |of| of.infer_p99_ms, None),
    ];
    Some(Table::list(
        &["LATENCY", "LIVE MS", "MIRROR MS", "RATIO"],
        rows,
    ))
}

fn fields(report: &ShadowReport) -> Option<Table> {
    let rows: Vec<_> = report
        .fields
        .iter()
        .take(SHOWN)
        .map(|field| {
            vec![
                field.path.clone(),
                field.kind.to_string(),
                field.count.to_string(),
                if field.noise { "noise" } else { "" }.to_owned(),
                field.live.clone(),
                field.mirror.clone(),
            ]
        })
        .collect();
    let header = ["FIELD", "KIND", "COUNT", "", "LIVE", "MIRROR"];
    (!rows.is_empty()).then(|| Table::list(&header, rows))
}

fn samples(report: &ShadowReport) -> Option<Table> {
    let rows: Vec<_> = report
        .samples
        .iter()
        .take(SHOWN)
        .map(|sample| {
            vec![
                sample.request_id.clone(),
                sample.path.clone(),
                sample.live.clone(),
                sample.mirror.clone(),
            ]
        })
        .collect();
    let header = ["REQUEST", "FIELD", "LIVE", "MIRROR"];
    (!rows.is_empty()).then(|| Table::list(&header, rows))
}

fn estimate(estimate: &Estimate) -> String {
    let Estimate { rate, low, high } = estimate;
    let percent = |share: &f64| 100.0 * share;
    format!(
        "{:.2} % ({:.2} to {:.2} %)",
        percent(rate),
        percent(low),
        percent(high)
    )
}

fn bounds(ratio: &Ratio) -> String {
    let bound =
        |bound: Option<f64>| bound.map_or_else(|| "?".to_owned(), |bound| format!("{bound:.2}"));
    format!(
        "{:.2} ({} to {})",
        ratio.ratio,
        bound(ratio.low),
        bound(ratio.high)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_verdict_comes_first_and_then_what_it_rests_on() {
        let side = |name: &str| json!({"deployment": name, "revision": 2});
        let times = |ms: f64| {
            json!({
                "p50_ms": ms, "p99_ms": 2.0 * ms, "guest_p50_ms": ms, "guest_p99_ms": 2.0 * ms, "infer_p50_ms": 0.0,
                "infer_p99_ms": 0.0,
            })
        };
        let field = |path: &str, noise: bool| {
            json!({
                "path": path, "kind": "label", "count": 3, "replayed": 0, "noise": noise, "live": "\"cat\"",
                "mirror": "\"dog\"",
            })
        };
        let mut report = json!({
            "verdict": "reject", "reason": "3 % of 100 answers differ", "live": side("blue"), "mirror": side("green"),
            "since": "2026-01-02T03:00:00Z",
            "counts": {
                "comparisons": 100, "equal": 90, "noise": 7, "different": 2, "status": 1, "uncompared": 4, "dropped": 0,
                "replays": 10,
            },
            "agreement": {"rate": 0.97, "low": 0.915, "high": 0.99},
            "mismatch": {"rate": 0.03, "low": 0.01, "high": 0.085},
            "status_mismatch": {"rate": 0.01, "low": 0.0, "high": 0.054},
            "errors": {"live": 0, "mirror": 1, "excess": {"rate": 0.01, "low": -0.015, "high": 0.035}},
            "fields": [field("$.label", false), field("$.time", true)],
            "latency": {
                "requests": 99, "live": times(1.0), "mirror": times(1.5),
                "p50_ratio": {"ratio": 1.5, "low": 1.4, "high": 1.6}, "p99_ratio": {"ratio": 1.5, "low": null, "high": null},
            },
            "samples": [{
                "request_id": "r-1", "time": "2026-01-02T03:00:01Z", "path": "$.label", "live": "\"cat\"", "mirror": "\"dog\"",
            }],
            "settings": {},
        });
        let shown =
            |report: &serde_json::Value| text(&serde_json::from_value(report.clone()).unwrap());
        insta::assert_snapshot!(shown(&report), @r#"
        verdict       reject
        reason        3 % of 100 answers differ
        live          blue revision 2
        mirror        green revision 2
        since         2026-01-02T03:00:00Z
        compared      100: 90 equal, 7 noise, 2 different, 1 other status
        not compared  4, and 0 dropped
        replays       10
        agreement     97.00 % (91.50 to 99.00 %)
        failures      0 live, 1 mirror; excess 1.00 % (-1.50 to 3.50 %)

        LATENCY    LIVE MS  MIRROR MS  RATIO
        p50        1.000    1.500      1.50 (1.40 to 1.60)
        p99        2.000    3.000      1.50 (? to ?)
        guest p50  1.000    1.500
        guest p99  2.000    3.000
        infer p50  0.000    0.000
        infer p99  0.000    0.000

        FIELD    KIND   COUNT         LIVE   MIRROR
        $.label  label  3             "cat"  "dog"
        $.time   label  3      noise  "cat"  "dog"

        REQUEST  FIELD    LIVE   MIRROR
        r-1      $.label  "cat"  "dog"
        "#);
        for empty in ["fields", "samples"] {
            report[empty] = json!([]);
        }
        report["latency"] = serde_json::Value::Null;
        assert_eq!(shown(&report).matches("\n\n").count(), 0);
    }
}
