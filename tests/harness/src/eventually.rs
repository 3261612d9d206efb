//! Waiting for what the platform does on its own: refilling a pool, copying a request, starting.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::failure::fail;

/// Longer than anything takes on a busy machine, shorter than the test runner's patience.
const PATIENCE: Duration = Duration::from_secs(25);

/// Asks `check` until it answers something, and returns that.
///
/// Never for what has to be true at once: such a claim is asserted, not waited for. Fails the test when nothing came,
/// naming `what` was waited for.
pub async fn eventually<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    let mut pace = interval(Duration::from_millis(5));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        if let Some(value) = check().await {
            return value;
        }
        if Instant::now() > until {
            fail(format!("waited {PATIENCE:?} in vain: {what}"));
        }
    }
}
