//! What came of comparing mirrored answers with live ones.

use mlwasm_routing::{RoutingTable, ShadowResult};

use super::{deployments, page::Page};

pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let name = "mlwasm_shadow_comparisons_total";
    page.head(
        name,
        "counter",
        "Copied requests by what comparing their answers with the live ones came to, by the mirror's target.",
    );
    for (labels, deployment) in deployments(table) {
        for result in ShadowResult::ALL {
            let labels = format!("{labels},result=\"{}\"", result.label());
            page.sample(name, &labels, deployment.meters().compared_count(result));
        }
    }
}
