//! How many requests may be in a revision at once, waiting or running.
//!
//! One counter, no queue: whoever is admitted then waits for a sandbox, whoever is not is refused at once, so
//! that a load balancer sees the overload. Copies of requests to other deployments take turns before, half as many at once as
//! there is room for: a request never finds all of it taken by them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// The gate of one revision.
///
/// # Concurrency
///
/// Any number of threads admit and leave; one atomic counter, no lock. Copies wait for each other behind a lock that requests do
/// not take.
#[derive(Debug)]
pub struct Admission {
    inside: AtomicUsize,
    most: usize,
    turns: Semaphore,
}

/// Proof of admission. Dropping it leaves the revision.
#[derive(Debug)]
pub struct Admitted(Arc<Admission>);

/// A copy's turn to be admitted, and to be inside then. Dropping it makes it the next one's.
#[derive(Debug)]
pub struct CopyTurn<'a> {
    // Held, never read. There always is one: nobody closes the line.
    _permit: Option<SemaphorePermit<'a>>,
}

/// As many requests are inside as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{most} requests are in the deployment, as many as it takes")]
pub struct Full {
    /// The limit.
    pub most: usize,
}

impl Admission {
    /// A gate for at most `most` requests.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            inside: AtomicUsize::new(0),
            most,
            turns: Semaphore::new(most.div_ceil(2)),
        })
    }

    /// Lets one request in.
    ///
    /// # Errors
    ///
    /// [`Full`] when as many are inside as may be.
    pub fn admit(self: &Arc<Self>) -> Result<Admitted, Full> {
        // Relaxed: the counter guards nothing but itself.
        if self.inside.fetch_add(1, Ordering::Relaxed) < self.most {
            return Ok(Admitted(Arc::clone(self)));
        }
        self.inside.fetch_sub(1, Ordering::Relaxed);
        Err(Full { most: self.most })
    }

    /// Waits for a copy's turn, in the order in which they came.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the line.
    pub async fn copy_turn(&self) -> CopyTurn<'_> {
        CopyTurn {
            _permit: self.turns.acquire().await.ok(),
        }
    }

    /// How many requests are inside.
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed).min(self.most)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn the_gate_is_open_below_the_limit_and_shut_at_it() {
        let gate = Admission::new(2);
        let first = gate.admit().unwrap();
        let second = gate.admit().unwrap();
        assert_eq!(gate.admit().unwrap_err(), Full { most: 2 });
        assert_eq!(gate.inside(), 2);

        drop(first);
        let third = gate.admit().unwrap();
        assert!(gate.admit().is_err());

        drop((second, third));
        assert_eq!(gate.inside(), 0);
    }

    #[tokio::test]
    async fn copies_leave_half_of_the_room_to_requests() {
        for (most, for_copies) in [(2, 1), (4, 2), (5, 3)] {
            let gate = Admission::new(most);
            let mut turns = Vec::new();
            for _ in 0..for_copies {
                turns.push(gate.copy_turn().await);
            }
            let next = gate.copy_turn();
            let mut next = pin!(next);
            assert!(next.as_mut().now_or_never().is_none());

            turns.pop();
            next.await;
        }
    }
}
