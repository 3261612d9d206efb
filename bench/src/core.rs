//! Which core does what: the servers one, the load the other.
//!
//! Without this, load and server take turns on both, and the scheduler's moods outweigh what is measured. A machine
//! with a single core is measured as it is.

use std::thread::available_parallelism;

use rustix::thread::{CpuSet, sched_setaffinity};

/// Who runs on a core.
#[derive(Clone, Copy, Debug)]
enum Core {
    /// The server under test; processes inherit the core of their parent.
    Server,
    /// The load.
    Load,
}

/// Keeps this thread on the load's core; dropping it gives the thread back to all cores.
#[derive(Debug)]
#[must_use = "the thread is given back when this is dropped"]
pub(crate) struct Apart(());

/// Runs `start` on the core for servers, so that what it starts stays there; this thread then goes to the load's.
///
/// # Errors
///
/// What `start` returns, or if the system refuses to pin.
pub(crate) fn starting_servers<T>(
    start: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<(T, Apart)> {
    let apart = Apart(());
    if available_parallelism()?.get() < 2 {
        return Ok((start()?, apart));
    }
    pin(Core::Server)?;
    let started = start()?;
    pin(Core::Load)?;
    Ok((started, apart))
}

impl Drop for Apart {
    fn drop(&mut self) {
        let mut all = CpuSet::new();
        (0..CpuSet::MAX_CPU).for_each(|core| all.set(core));
        // What remains pinned only measures the next scenario on one core, which its ratios survive.
        sched_setaffinity(None, &all).ok();
    }
}

fn pin(core: Core) -> anyhow::Result<()> {
    let mut only = CpuSet::new();
    only.set(match core {
        Core::Server => 0,
        Core::Load => 1,
    });
    Ok(sched_setaffinity(None, &only)?)
}
