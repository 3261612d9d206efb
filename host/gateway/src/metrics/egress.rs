//! What came of scorers' calls to others.

use mlwasm_routing::RoutingTable;
use mlwasm_sandbox::EgressOutcome;

use super::{deployments, page::Page};

/// The calls of each deployment, by outcome.
pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let name = "mlwasm_egress_requests_total";
    page.head(
        name,
        "counter",
        "Calls of scorers to others, by what came of them.",
    );
    for (labels, deployment) in deployments(table) {
        for outcome in EgressOutcome::ALL {
            let labels = format!("{labels},outcome=\"{}\"", outcome.label());
            page.sample(name, &labels, deployment.meters().egress.count_of(outcome));
        }
    }
}
