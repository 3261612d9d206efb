//! What scorers were stopped for, and what they printed in vain.

use mlwasm_routing::RoutingTable;
use mlwasm_sandbox::Limit;

use super::{deployments, page::Page};

/// The limits that ended a request, by deployment and limit, and the lines that a log had no room for.
pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let deployments = deployments(table);
    let name = "mlwasm_limit_exceeded_total";
    page.head(
        name,
        "counter",
        "Requests that ended since the scorer exceeded a limit of its sandbox.",
    );
    for (labels, deployment) in &deployments {
        for limit in Limit::ALL {
            let labels = format!("{labels},limit=\"{limit}\"");
            page.sample(name, &labels, deployment.meters().recycles.exceeded(limit));
        }
    }
    let name = "mlwasm_log_lines_dropped_total";
    page.head(
        name,
        "counter",
        "Lines that the deployment's log dropped, since there were too many in a second.",
    );
    for (labels, deployment) in &deployments {
        if let Some(revision) = deployment.serving() {
            page.sample(name, labels, revision.pool.log().dropped_lines());
        }
    }
    let name = "mlwasm_log_lines_unwritten_total";
    page.head(
        name,
        "counter",
        "Lines of the deployment's log that are not on disk: too many waited, or the disk refused.",
    );
    for (labels, deployment) in &deployments {
        if let Some(revision) = deployment.serving() {
            page.sample(name, labels, revision.pool.log().lost_lines());
        }
    }
}
