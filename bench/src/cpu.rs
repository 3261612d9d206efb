//! CPU time of a process, as the kernel's scheduler counts it: nanoseconds, not clock ticks.

use std::{fs, time::Duration};

use anyhow::Context as _;

/// CPU time that all live threads of the process `id` have used.
///
/// # Errors
///
/// If the process is gone, or the kernel keeps no such count.
pub(crate) fn used_by(id: u32) -> anyhow::Result<Duration> {
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
