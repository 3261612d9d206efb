//! The promises of the sandboxes, each tried on a real scorer of `tests/guests`.

mod compiling;
mod inference;
mod leasing;
mod limits;
mod running;
mod starting;
mod stopping;
mod support;
