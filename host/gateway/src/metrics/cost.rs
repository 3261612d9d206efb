//! What deployments cost, as counters: longer memory than the server's own is the scraper's.

use mlwasm_routing::RoutingTable;
use mlwasm_types::Cost;

use super::{Page, deployments};

/// One of the numbers of a cost.
type Part = fn(&Cost) -> f64;

const FAMILIES: [(&str, &str, Part); 5] = [
    (
        "mlwasm_guest_cpu_seconds_total",
        "Processor time of scorers' own code.",
        |cost| cost.guest_cpu_seconds,
    ),
    (
        "mlwasm_native_cpu_seconds_total",
        "Processor time of native runs.",
        |cost| cost.native_cpu_seconds,
    ),
    (
        "mlwasm_memory_mib_seconds_total",
        "Memory of sandboxes in MiB times the seconds they had it.",
        |cost| cost.mib_seconds,
    ),
    (
        "mlwasm_request_bytes_total",
        "Bytes of the bodies that scorers were given.",
        |cost| cost.request_bytes as f64,
    ),
    (
        "mlwasm_response_bytes_total",
        "Bytes of the bodies that scorers answered with.",
        |cost| cost.response_bytes as f64,
    ),
];

pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    // Read once, so that the numbers of a deployment belong together.
    let costs: Vec<(String, Cost)> = deployments(table)
        .into_iter()
        .map(|(labels, deployment)| (labels, deployment.meters().costs.total()))
        .collect();
    for (name, help, part) in FAMILIES {
        page.head(name, "counter", help);
        for (labels, cost) in &costs {
            page.sample(name, labels, part(cost));
        }
    }
}
