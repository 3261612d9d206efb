//! The pairs that `cargo xtask bench` measures: the platform against the floor it stands on, in one run.
//!
//! Machines are noisy, so nothing here prints an absolute figure without its counterpart: the two sides of a pair
//! take turns of a second, and the ratio is that of each pair of turns, of which the median is shown.

mod core;
mod cpu;
mod deploying;
mod echo;
mod infer;
mod load;
mod pair;
mod raw_hyper;
mod raw_ort;
mod table;

use std::{path::PathBuf, time::Duration};

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Seconds that each side of a pair is measured for
    #[arg(long, default_value_t = 12)]
    seconds: u64,
    /// Serve the floor of echo instead: bare hyper, until killed
    #[arg(long)]
    raw_hyper: bool,
    /// Serve the floor of inference instead: a loop over this model, a turn for each line
    #[arg(long, value_name = "MODEL")]
    raw_ort: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.raw_hyper {
        return raw_hyper::serve();
    }
    if let Some(model) = arguments.raw_ort {
        return raw_ort::serve(&model);
    }
    let duration = Duration::from_secs(arguments.seconds.max(2));
    let mut table = table::Table::new();
    echo::measure(&mut table, duration)?;
    infer::measure(&mut table, duration)?;
    deploying::measure(&mut table)?;
    table.print();
    Ok(())
}
