//! The promises of the sandboxes, each tried on a real scorer of `tests/guests`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which clippy does not take for tests"
)]

mod compiling;
mod inference;
mod isolating;
mod leasing;
mod limits;
mod resizing;
mod running;
mod starting;
mod stopping;
mod support;
mod typed;
mod wearing;
