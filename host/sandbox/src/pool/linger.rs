//! How long a sandbox stays that was made for one request of a pool whose target is 0.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::sleep;

use super::SandboxPool;
use crate::lock::lock;

/// So long, and up to as long again, a sandbox stays idle at a target of 0. Requests come in bursts: an `init` for each of
/// a burst would cost more than the memory that it saves. If there are more bursts, the autoscaler will have set a target.
pub(super) const LINGER: Duration = Duration::from_secs(2);

impl SandboxPool {
    /// Sees to it that sandboxes that are idle at a target of 0 are dropped in time.
    pub(super) fn watch_idle(self: &Arc<Self>) {
        let pool = Arc::downgrade(self);
        let open = self.open.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = watch(&pool) => {}
                () = open.cancelled() => {}
            }
        });
    }
}

async fn watch(pool: &Weak<SandboxPool>) {
    loop {
        sleep(LINGER).await;
        let Some(pool) = pool.upgrade() else {
            return;
        };
        let goes_on = lock(&pool.shelf).spend_unneeded();
        pool.call_makers();
        if !goes_on {
            return;
        }
    }
}
