//! `mlwasm`: the command line, and the place where the server's parts are put together.
//!
//! Nothing depends on this crate. Read `cli` for the commands and `app` for the server: it names every part once, in
//! the order in which they start and end.

mod app;
mod cli;
mod client;
mod compiler;
mod config;
mod context;
mod folders;
mod onnxruntime;
mod process;
mod project;
mod shutdown;
mod telemetry;
mod traces;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a compiler has no arguments to parse, and its limits come first.
    compiler::run_if_asked().unwrap_or_else(|| {
        // The client's library takes what the process has. It is set once: nothing else sets one.
        rustls::crypto::aws_lc_rs::default_provider()
            .install_default()
            .ok();
        cli::run()
    })
}
