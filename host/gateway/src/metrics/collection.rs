//! What became of the bodies that were to be collected.

use mlwasm_routing::{RoutingTable, collection::CollectionCounts};
use mlwasm_types::Collection;

use super::{deployments, page::Page};

/// One of the counters of a collection.
type Part = fn(&CollectionCounts, Collection) -> u64;

pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let parts: [(&str, &str, Part); 2] = [
        (
            "mlwasm_collected_total",
            "Bodies that were written to collections.",
            CollectionCounts::written_count,
        ),
        (
            "mlwasm_collected_dropped_total",
            "Bodies that were to be collected and were not: too many waited, or the disk refused.",
            CollectionCounts::dropped_count,
        ),
    ];
    let deployments = deployments(table);
    for (name, help, count) in parts {
        page.head(name, "counter", help);
        for (labels, deployment) in &deployments {
            for collection in Collection::ALL {
                let labels = format!("{labels},collection=\"{collection}\"");
                let count = count(&deployment.meters().collected, collection);
                page.sample(name, &labels, count);
            }
        }
    }
}
