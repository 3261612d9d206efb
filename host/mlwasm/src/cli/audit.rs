//! `mlwasm audit`

use clap::Args;
use mlwasm_types::{
    EndpointName,
    audit::{AuditLine, AuditOutcome, AuditPage, MOST_AUDIT_LINES},
    duration::parse_duration,
};
use serde_json::Value;

use super::{
    Cli,
    output::{self, Table},
    views,
};

/// Show who changed what, and who was refused
///
/// Lines are listed oldest first. What is secret is not in them: of keys it tells how often they were regenerated, and of
/// environment variables that they changed.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm audit -e iris --since 24h\n  mlwasm audit --lines 1000 -o json --query \"lines[?outcome=='refused']\""
)]
pub(crate) struct Arguments {
    /// Only of this endpoint and its deployments
    #[arg(short, long, value_name = "ENDPOINT")]
    endpoint: Option<EndpointName>,
    /// Only since then, as in 24h or 30d
    #[arg(long, value_name = "DURATION", value_parser = since)]
    since: Option<String>,
    /// At most so many lines, the last ones
    #[arg(long, value_name = "K", default_value_t = 100, value_parser = lines)]
    lines: u64,
    /// Only lines before this one, to page back
    #[arg(long, value_name = "SEQUENCE")]
    before: Option<u64>,
}

fn since(text: &str) -> Result<String, String> {
    parse_duration(text).map(|_| text.trim().to_owned())
}

fn lines(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(lines) if (1..=MOST_AUDIT_LINES as u64).contains(&lines) => Ok(lines),
        Ok(_) | Err(_) => Err(format!(
            "expected 1 to {MOST_AUDIT_LINES}; --before pages back"
        )),
    }
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    let mut query = vec![format!("lines={}", arguments.lines)];
    if let Some(endpoint) = &arguments.endpoint {
        query.push(format!("endpoint={endpoint}"));
    }
    if let Some(since) = &arguments.since {
        query.push(format!("since={}", since.replace(' ', "%20")));
    }
    if let Some(before) = arguments.before {
        query.push(format!("before={before}"));
    }
    let answer = cli.client.get(&format!("/v1/audit?{}", query.join("&")))?;
    let page: AuditPage = views::read(&answer)?;
    cli.output.show(&answer, || table(&page))?;
    if let Some(before) = page.next_before.filter(|_| cli.output.is_table()) {
        output::note(&format!("there are older lines: --before {before}"));
    }
    Ok(())
}

/// Changes of a line in the table. What is new has dozens, most of them defaults; `-o json` has all.
const SHOWN_CHANGES: usize = 4;

fn table(page: &AuditPage) -> Table {
    let rows = page.lines.iter().map(|line| {
        vec![
            line.sequence.to_string(),
            format!("{:.0}", line.time),
            line.actor.clone(),
            line.action.clone(),
            object(line),
            what(line),
        ]
    });
    Table::list(&["LINE", "TIME", "WHO", "WHAT", "OBJECT", "CHANGES"], rows)
}

fn object(line: &AuditLine) -> String {
    match (&line.endpoint, &line.deployment) {
        (Some(endpoint), Some(deployment)) => format!("{endpoint}/{deployment}"),
        (Some(endpoint), None) => endpoint.to_string(),
        (None, _) => String::new(),
    }
}

fn what(line: &AuditLine) -> String {
    if line.outcome == AuditOutcome::Refused {
        let reason = line.reason.as_deref().unwrap_or_default();
        return format!("refused: {reason}");
    }
    let more = line.changes.len().saturating_sub(SHOWN_CHANGES);
    let shown = line.changes.iter().take(SHOWN_CHANGES);
    let changes = shown.map(|change| {
        format!(
            "{}: {} -> {}",
            change.path,
            value(&change.from),
            value(&change.to)
        )
    });
    let more = (more > 0).then(|| format!("and {more} more"));
    changes.chain(more).collect::<Vec<_>>().join("; ")
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_tells_who_what_and_from_what_to_what() {
        let page: AuditPage = serde_json::from_value(json!({"lines": [
            {
                "sequence": 7, "time": "2026-01-02T03:04:05Z", "actor": "token:ci", "action": "set traffic",
                "outcome": "accepted", "endpoint": "iris", "generation": 3,
                "changes": [
                    {"path": "traffic.blue", "from": 100, "to": 90},
                    {"path": "traffic.green", "from": null, "to": 10},
                ],
            },
            {
                "sequence": 8, "time": "2026-01-02T03:04:06Z", "actor": "token:visitor",
                "action": "DELETE /v1/endpoints/iris", "outcome": "refused", "reason": "Scope too small",
            },
        ]}))
        .unwrap();
        insta::assert_snapshot!(table(&page).render(), @"
        LINE  TIME                  WHO            WHAT                       OBJECT  CHANGES
        7     2026-01-02T03:04:05Z  token:ci       set traffic                iris    traffic.blue: 100 -> 90; traffic.green: (none) -> 10
        8     2026-01-02T03:04:06Z  token:visitor  DELETE /v1/endpoints/iris          refused: Scope too small
        ");
    }

    #[test]
    fn lines_are_bounded() {
        for (text, allowed) in [("0", false), ("1", true), ("1000", true), ("1001", false)] {
            assert_eq!(lines(text).is_ok(), allowed, "{text}");
        }
    }
}
