//! What a thread costs, and how much of the machine it may ask for.

use std::time::Duration;

use rustix::{
    process::setpriority_process,
    thread::gettid,
    time::{ClockId, clock_gettime},
};

/// How far such a thread stands back behind the threads that do I/O: at +10 the scheduler gives it a ninth of their weight
/// where both want the processor, and everything where they do not.
const NICENESS: i32 = 10;

/// Processor time of the calling thread so far. A system call, unlike the time of day.
pub(crate) fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// Lowers the priority of the calling thread, which does what nobody waits for as for a request, and of no other: on Linux a priority
/// belongs to a thread.
///
/// What keeps that from working (a sandboxed server, another system) costs latency under load and nothing else.
pub fn stand_back() {
    if let Err(error) = setpriority_process(Some(gettid()), NICENESS) {
        tracing::debug!(%error, "a thread keeps the priority of the server");
    }
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, thread};

    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn a_thread_that_works_is_charged_and_stands_back_alone() {
        let before = getpriority_process(Some(gettid())).unwrap();
        let (lowered, cost) = thread::spawn(|| {
            stand_back();
            let begun = thread_time();
            black_box((0..1_000_000_u64).fold(0, |sum, n| sum ^ black_box(n)));
            (
                getpriority_process(Some(gettid())).unwrap(),
                thread_time() - begun,
            )
        })
        .join()
        .unwrap();
        assert_eq!(lowered, (before + NICENESS).min(19));
        assert_eq!(getpriority_process(Some(gettid())).unwrap(), before);
        assert!(!cost.is_zero());
    }
}
