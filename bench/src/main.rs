//! What `cargo xtask bench` measures: the platform against the floor that it stands on, against itself with something
//! turned off, or against a figure that was promised.
//!
//! Machines are noisy, so wherever two things are compared they take turns of a second in one run, the ratio is that
//! of each pair of turns, and the median is shown.

mod batching;
mod canary;
mod client;
mod core;
mod dense;
mod deploying;
mod echo;
mod flat;
mod idle;
mod infer;
mod load;
mod loops;
mod mirroring;
mod neighbour;
mod pair;
mod process;
mod protocol;
mod raw_hyper;
mod raw_ort;
mod report;
mod served;
mod swap;
mod swaps;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use mlwasm_harness::Binary;

use report::Report;

#[derive(Parser)]
struct Options {
    /// Seconds that each side of a pair is measured for
    #[arg(long, default_value_t = 12)]
    seconds: u64,
    /// What to measure: some scenarios, with commas between them; all of them unless given
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Measure the debug build: to try a scenario, not to believe it
    #[arg(long)]
    debug: bool,
    /// Serve the floor of echo instead: bare hyper, until killed
    #[arg(long, hide = true)]
    raw_hyper: bool,
    /// Serve the floor of inference instead: a loop over this model, a turn for each line
    #[arg(long, value_name = "MODEL", hide = true)]
    raw_ort: Option<PathBuf>,
}

impl Options {
    fn binary(&self) -> Binary {
        if self.debug {
            Binary::Debug
        } else {
            Binary::Release
        }
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.max(1))
    }

    /// How many of something to take, of `count` that a measurement needs.
    fn scaled(&self, count: u32) -> u32 {
        if self.debug { count / 100 } else { count }
    }

    fn scenarios(&self) -> &[Scenario] {
        if self.only.is_empty() {
            Scenario::value_variants()
        } else {
            &self.only
        }
    }
}

/// What can be measured, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Echo against bare hyper, with a sandbox that is used again and with a fresh one
    Echo,
    /// Native inference from a sandbox against raw ONNX Runtime
    Infer,
    /// Batching on against off
    Batching,
    /// Echo beside a deployment that computes as much as it can
    Neighbour,
    /// Endless loops, and echo beside them
    Loops,
    /// Thousands of idle deployments
    Idle,
    /// Live swaps, and first requests to deployments without a sandbox
    Swap,
    /// Thousands of hot swaps under a steady load
    Swaps,
    /// Live requests whose mirror is in trouble
    Mirror,
    /// A million requests
    Flat,
    /// What requests leave in sandboxes
    Canary,
    /// The command `mlwasm deploy`
    Deploy,
    /// The open inference protocol against a scorer of bytes
    Protocol,
}

impl Scenario {
    fn measure(self, report: &mut Report, options: &Options) -> anyhow::Result<()> {
        match self {
            Self::Echo => echo::measure(report, options),
            Self::Infer => infer::measure(report, options),
            Self::Batching => batching::measure(report, options),
            Self::Neighbour => neighbour::measure(report, options),
            Self::Loops => loops::measure(report, options),
            Self::Idle => idle::measure(report, options),
            Self::Swap => swap::measure(report, options),
            Self::Swaps => swaps::measure(report, options),
            Self::Mirror => mirroring::measure(report, options),
            Self::Flat => flat::measure(report, options),
            Self::Canary => canary::measure(report, options),
            Self::Deploy => deploying::measure(report, options),
            Self::Protocol => protocol::measure(report, options),
        }
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.raw_hyper {
        raw_hyper::serve()?;
    } else if let Some(model) = &options.raw_ort {
        raw_ort::serve(model)?;
    } else {
        let report = measured(&options);
        print(&report, &options)?;
        if !report.is_complete() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures one scenario after the other. One that can not be measured costs no other.
fn measured(options: &Options) -> Report {
    let mut report = Report::default();
    for scenario in options.scenarios() {
        let name = format!("{scenario:?}").to_lowercase();
        // The harness panics where a test would fail; the report's rows are whole whatever happens.
        let outcome = catch_unwind(AssertUnwindSafe(|| scenario.measure(&mut report, options)));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => report.failed(&name, format!("{error:#}")),
            Err(_panic) => report.failed(&name, "it panicked: see above".to_owned()),
        }
    }
    report
}

#[expect(clippy::print_stdout, reason = "this is the benchmark's output")]
fn print(report: &Report, options: &Options) -> anyhow::Result<()> {
    if options.json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        println!("{report}");
    }
    Ok(())
}
