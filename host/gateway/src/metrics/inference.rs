//! How native runs, and requests to typed scorers, are joined; and what the threads for long runs do.

use mlwasm_inference::{BatchCounts, LaneCounts};
use mlwasm_routing::RoutingTable;
use mlwasm_sandbox::JoinedCounts;

use super::{deployments, page::Page};

/// One of the counts of a model.
type Count = fn(&BatchCounts) -> u64;

/// The families of joined runs. A model that deployments share counts once, and each of them shows it.
pub(super) fn write(page: &mut Page, table: &RoutingTable) {
    let mut counts: Vec<(String, BatchCounts)> = Vec::new();
    for (labels, deployment) in deployments(table) {
        let Some(revision) = deployment.serving() else {
            continue;
        };
        for (name, model) in revision.pool.models() {
            let labels = format!("{labels},model=\"{name}\"");
            counts.extend(model.batches().map(|counts| (labels, counts)));
        }
    }
    let families: [(&str, &str, Count); 2] = [
        (
            "mlwasm_inference_batches_total",
            "Native runs of a model whose runs are joined. Deployments that share it show the same runs.",
            |counts| counts.batches,
        ),
        (
            "mlwasm_inference_batch_rows_total",
            "Rows in those runs: divided by the runs, the mean size of a batch.",
            |counts| counts.rows,
        ),
    ];
    for (name, help, count) in families {
        page.head(name, "counter", help);
        for (labels, counts) in &counts {
            page.sample(name, labels, count(counts));
        }
    }
}

/// One of the counts of a revision's joined calls.
type JoinedCount = fn(&JoinedCounts) -> u64;

/// The families of joined requests, of the revisions that serve.
pub(super) fn write_joined(page: &mut Page, table: &RoutingTable) {
    let counts: Vec<(String, JoinedCounts)> = deployments(table)
        .into_iter()
        .filter_map(|(labels, deployment)| {
            let counts = deployment.serving()?.pool.joined()?;
            Some((labels, counts))
        })
        .collect();
    let families: [(&str, &str, JoinedCount); 2] = [
        (
            "mlwasm_scorer_batches_total",
            "Calls of a typed scorer whose requests are joined (infer_batching), of one request or of many.",
            |counts| counts.calls,
        ),
        (
            "mlwasm_scorer_batch_rows_total",
            "Rows in those calls: divided by the calls, the mean size of a batch.",
            |counts| counts.rows,
        ),
    ];
    for (name, help, count) in families {
        page.head(name, "counter", help);
        for (labels, counts) in &counts {
            page.sample(name, labels, count(counts));
        }
    }
    let name = "mlwasm_scorer_batch_waiting";
    let help = "Requests that wait to be joined; those that will be one call count as one waiting for a sandbox.";
    page.head(name, "gauge", help);
    for (labels, counts) in &counts {
        page.sample(name, labels, counts.waiting);
    }
}

/// What the lanes do, in the format of [`super::encode`].
pub fn lanes(counts: LaneCounts) -> String {
    let mut page = Page::default();
    let name = "mlwasm_inference_lanes";
    page.head(name, "gauge", "Threads for long native runs.");
    page.sample(name, "state=\"busy\"", counts.busy);
    page.sample(name, "state=\"idle\"", counts.lanes - counts.busy);
    let name = "mlwasm_inference_waiting";
    page.head(
        name,
        "gauge",
        "Native runs that wait for a lane; joined runs count as one.",
    );
    page.sample(name, "", counts.waiting);
    page.into_text()
}
