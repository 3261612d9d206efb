//! `cargo xtask`: what a newcomer and CI run.
//!
//! Each command installs or fetches what the machine lacks, so a fresh clone needs only the Rust toolchain,
//! Python's pip, Debian's apt for the tests and the package registries.

mod bench;
mod debian;
mod demo;
mod onnxruntime;
mod python;
mod scorers;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Builds, shows, tests and measures mlwasm"
)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the main job on real input: deploy, split, mirror, hot-swap, roll over
    Demo(demo::Options),
    /// Format, lints, docs, scorers, and every test
    Test,
    /// Build the shipped scorers and the test guests to WebAssembly components
    Plugins,
    /// Fetch ONNX Runtime and print where it is
    Onnxruntime,
    /// Fetch Prometheus' promtool and print where it is
    Promtool,
    /// Install the Python clients that the tests use and print where they are
    Python,
    /// Install the tools of scorers' languages that the tests use and print where they are
    Languages,
    /// Measure against floors and targets, each pair in one run
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Task::Demo(options) => demo::run(&options),
        Task::Test => test::run(),
        Task::Plugins => scorers::build(),
        Task::Onnxruntime => {
            onnxruntime::fetch().map(|path| tools::say(&path.display().to_string()))
        }
        Task::Promtool => debian::promtool().map(|path| tools::say(&path.display().to_string())),
        Task::Python => python::CLIENTS
            .install()
            .map(|path| tools::say(&path.display().to_string())),
        Task::Languages => python::LANGUAGES
            .install()
            .map(|path| tools::say(&path.display().to_string())),
        Task::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tools::complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
