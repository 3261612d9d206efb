//! A request in the queue of a pool.

use std::{sync::Arc, time::Instant};

use tokio::{sync::oneshot, time::timeout_at};

use super::SandboxPool;
use crate::{error::LeaseError, lease::SandboxLease, lock::lock};

/// A place in the queue. Dropped, it leaves.
pub(super) struct Waiting<'a> {
    receiver: oneshot::Receiver<SandboxLease>,
    pool: &'a Arc<SandboxPool>,
    is_served: bool,
}

impl<'a> Waiting<'a> {
    /// The place that `receiver` stands for.
    pub(super) fn new(
        receiver: oneshot::Receiver<SandboxLease>,
        pool: &'a Arc<SandboxPool>,
    ) -> Self {
        Self {
            receiver,
            pool,
            is_served: false,
        }
    }

    /// Waits for a sandbox until then.
    pub(super) async fn until(mut self, until: Instant) -> Result<SandboxLease, LeaseError> {
        match timeout_at(until.into(), &mut self.receiver).await {
            Ok(Ok(lease)) => {
                self.is_served = true;
                Ok(lease)
            }
            // The pool empties the queue when its last hope is gone.
            Ok(Err(_)) => Err(LeaseError::NoLiveSandbox),
            Err(_) => Err(LeaseError::QueueTimeout),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_served {
            return;
        }
        self.receiver.close();
        // Whoever left must not pile up in the queue while no sandbox comes free.
        lock(&self.pool.shelf).forget_the_gone();
    }
}
