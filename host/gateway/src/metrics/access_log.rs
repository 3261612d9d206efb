//! What became of the lines of the access log.

use super::page::Page;
use crate::access_log::AccessLog;

pub(super) fn write(page: &mut Page, log: &AccessLog) {
    let Some([written, dropped]) = log.counts() else {
        return;
    };
    for (name, help, count) in [
        (
            "mlwasm_access_log_lines_total",
            "Lines of the access log that were written.",
            written,
        ),
        (
            "mlwasm_access_log_dropped_total",
            "Requests that are not in the access log: too many waited, or the disk refused.",
            dropped,
        ),
    ] {
        page.head(name, "counter", help);
        page.sample(name, "", count);
    }
}
