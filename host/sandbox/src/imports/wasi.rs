//! WASI with nothing granted but what a standard library can not do without.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mlwasm_types::api::LogStream;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder};

use super::files::{self, FilesFolder};
use crate::log::{Output, OutputHandle};

/// The step of a scorer's clocks. Finer ones would let it measure what other deployments do to the caches.
const TICK: Duration = Duration::from_millis(1);
/// Random bytes in one call. They are made on a thread that does I/O.
const MAX_RANDOM_BYTES: u64 = 64 << 10;

/// The WASI of one sandbox: these environment variables, this output, clocks and random numbers.
pub(crate) fn context(environment: &[(String, String)], output: &Arc<Output>) -> WasiCtx {
    builder(environment, output).build()
}

/// As [`context`], with a folder of files besides.
///
/// # Errors
///
/// If the folder can not be opened.
pub(crate) fn context_with_files(
    environment: &[(String, String)],
    output: &Arc<Output>,
    folder: &FilesFolder,
) -> wasmtime::Result<WasiCtx> {
    let mut builder = builder(environment, output);
    files::grant(&mut builder, folder)?;
    Ok(builder.build())
}

fn builder(environment: &[(String, String)], output: &Arc<Output>) -> WasiCtxBuilder {
    let mut builder = WasiCtxBuilder::new();
    builder
        .stdout(OutputHandle::new(output, LogStream::Stdout))
        .stderr(OutputHandle::new(output, LogStream::Stderr))
        .envs(environment)
        .wall_clock(CoarseWallClock)
        .monotonic_clock(CoarseMonotonicClock {
            origin: Instant::now(),
        })
        .max_random_size(MAX_RANDOM_BYTES)
        // Their defaults, said here since the promise rests on them. The last has files read on threads made for waiting.
        .allow_ip_name_lookup(false)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_blocking_current_thread(false);
    builder
}

struct CoarseWallClock;

impl HostWallClock for CoarseWallClock {
    fn resolution(&self) -> Duration {
        TICK
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        // Before 1970 the clock is wrong anyway.
        let now = now.unwrap_or_default();
        Duration::new(now.as_secs(), now.subsec_millis() * 1_000_000)
    }
}

struct CoarseMonotonicClock {
    origin: Instant,
}

impl HostMonotonicClock for CoarseMonotonicClock {
    fn resolution(&self) -> u64 {
        nanoseconds(TICK)
    }

    fn now(&self) -> u64 {
        // From the first tick on, not from 0: Go's runtime takes a 0 for a broken clock and ends.
        let (now, tick) = (nanoseconds(self.origin.elapsed()), nanoseconds(TICK));
        now - now % tick + tick
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    // Full after 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_coarse() {
        let clock = CoarseMonotonicClock {
            origin: Instant::now(),
        };
        assert_eq!(clock.now() % 1_000_000, 0);
        assert!(clock.now() > 0);
        assert_eq!(CoarseWallClock.now().subsec_nanos() % 1_000_000, 0);
        assert!(CoarseWallClock.now() > Duration::from_secs(1_700_000_000));
    }
}
