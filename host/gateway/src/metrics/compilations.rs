//! What the compiler did.

use mlwasm_sandbox::{Compilation, CompilationCounts};

use super::page::Page;

/// The counters of an engine, in the format of [`super::encode`].
pub fn compilations(counts: &CompilationCounts) -> String {
    let mut page = Page::default();
    let name = "mlwasm_compilations_total";
    page.head(
        name,
        "counter",
        "Components that were wanted as machine code, by what came of it.",
    );
    for outcome in Compilation::ALL {
        page.sample(
            name,
            &format!("result=\"{}\"", outcome.label()),
            counts.of(outcome),
        );
    }
    page.into_text()
}
