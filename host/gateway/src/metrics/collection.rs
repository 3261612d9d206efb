//! What became of the bodies that were to be collected.

use mlwasm_routing::{RoutingTable, collection::SeriesCounts};

use super::{deployments, page::Page};

/// One of the counters of a collection.
type Part = fn(&SeriesCounts) -> u64;

pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let parts: [(&str, &str, Part); 2] = [
        (
            "mlwasm_collected_total",
            "Bodies and records that were written to collections.",
            SeriesCounts::written_count,
        ),
        (
            "mlwasm_collected_dropped_total",
            "Bodies and records that were to be collected and were not: too many waited, or the disk refused.",
            SeriesCounts::dropped_count,
        ),
    ];
    let deployments = deployments(table);
    for (name, help, count) in parts {
        page.head(name, "counter", help);
        for (labels, deployment) in &deployments {
            for (collection, counts) in deployment.meters().collected.all() {
                let labels = format!("{labels},collection=\"{collection}\"");
                page.sample(name, &labels, count(&counts));
            }
        }
    }
}
