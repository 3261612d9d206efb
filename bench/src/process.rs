//! What a process takes, as the kernel counts it.

use std::{fs, time::Duration};

use anyhow::Context as _;

/// CPU time that all live threads of the process `id` have used: by the scheduler's count, in nanoseconds and not in
/// clock ticks.
///
/// # Errors
///
/// If the process is gone, or the kernel keeps no such count.
pub(crate) fn cpu_time(id: u32) -> anyhow::Result<Duration> {
    let tasks = format!("/proc/{id}/task");
    let mut nanoseconds = 0;
    for task in fs::read_dir(&tasks).with_context(|| format!("reading {tasks}"))? {
        let path = task?.path().join("schedstat");
        // A thread that ended between the two reads is left out.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let first = text.split(' ').next().context("an empty schedstat")?;
        nanoseconds += first.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// Resident memory in KiB.
    pub(crate) resident_kib: u32,
    /// Open file descriptors.
    pub(crate) descriptors: u32,
    /// Memory maps.
    pub(crate) maps: u32,
}

/// What the process `id` holds now.
///
/// # Errors
///
/// If the process is gone.
pub(crate) fn held(id: u32) -> anyhow::Result<Held> {
    // `smaps_rollup` counts the pages; `statm` may lag behind by some for each thread.
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let resident = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Rss:"))
        .context("no Rss in smaps_rollup")?;
    let maps = fs::read_to_string(format!("/proc/{id}/maps"))?;
    let descriptors = fs::read_dir(format!("/proc/{id}/fd"))?;
    Ok(Held {
        resident_kib: resident.trim().trim_end_matches(" kB").parse()?,
        descriptors: u32::try_from(descriptors.count())?,
        maps: u32::try_from(maps.lines().count())?,
    })
}
