//! Rollouts: how far they are, and what was decided.

use mlwasm_types::{EndpointName, Percent, rollout::Verdict};

use super::page::Page;

/// The shares of the candidates by endpoint, and the decisions by verdict, in the format of [`super::encode`].
pub fn rollouts(steps: &[(EndpointName, Percent)], decisions: &[(Verdict, u64)]) -> String {
    let mut page = Page::default();
    let name = "mlwasm_rollout_step";
    page.head(
        name,
        "gauge",
        "Percent of the traffic that the candidate of a rollout gets that goes on.",
    );
    for (endpoint, share) in steps {
        page.sample(name, &format!("endpoint=\"{endpoint}\""), share);
    }
    let name = "mlwasm_rollout_decisions_total";
    page.head(
        name,
        "counter",
        "What was decided about rollouts, by looking at them or by command.",
    );
    for (verdict, count) in decisions {
        page.sample(name, &format!("verdict=\"{verdict}\""), count);
    }
    page.into_text()
}
