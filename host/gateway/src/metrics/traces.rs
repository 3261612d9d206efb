//! What became of the records of traced requests.

use std::sync::atomic::Ordering;

use super::page::Page;
use crate::traces::Traces;

pub(super) fn write(page: &mut Page, traces: &Traces) {
    let Some(counts) = traces.counts() else {
        return;
    };
    let name = "mlwasm_traces_exported_total";
    page.head(
        name,
        "counter",
        "Traced requests, and copies, whose spans the collector took.",
    );
    page.sample(name, "", counts.exported.load(Ordering::Relaxed));
    let name = "mlwasm_traces_dropped_total";
    page.head(
        name,
        "counter",
        "Traced requests, and copies, whose spans are lost: too many waited, or the collector did not take them.",
    );
    for (reason, count) in [("full", &counts.full), ("refused", &counts.refused)] {
        let labels = format!("reason=\"{reason}\"");
        page.sample(name, &labels, count.load(Ordering::Relaxed));
    }
}
