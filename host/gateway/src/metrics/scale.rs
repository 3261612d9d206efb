//! How many sandboxes there shall be, and how often that changed.

use mlwasm_routing::{RoutingTable, ScaleDirection};

use super::{deployments, page::Page};

/// The families of scaling.
pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let deployments = deployments(table);
    let name = "mlwasm_sandboxes_wanted";
    page.head(
        name,
        "gauge",
        "Sandboxes that the revision that serves shall have.",
    );
    for (labels, deployment) in &deployments {
        if let Some(revision) = deployment.serving() {
            page.sample(name, labels, revision.pool.load().target);
        }
    }
    let name = "mlwasm_scale_changes_total";
    page.head(
        name,
        "counter",
        "Changes of the number of sandboxes by the load or a schedule.",
    );
    for (labels, deployment) in &deployments {
        for direction in ScaleDirection::ALL {
            let labels = format!("{labels},direction=\"{}\"", direction.label());
            page.sample(name, &labels, deployment.meters().scale_changes(direction));
        }
    }
}
