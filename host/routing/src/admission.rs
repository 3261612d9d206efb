//! How many requests may be in a revision at once, waiting or running.
//!
//! One counter, no queue: whoever is admitted then waits for a sandbox, whoever is not is refused at once, so
//! that a load balancer sees the overload. Copies of requests to other deployments get in while half of the room is left: a
//! request never finds all of it taken by them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The gate of one revision.
///
/// # Concurrency
///
/// Any number of threads admit and leave; one atomic counter, no lock.
#[derive(Debug)]
pub struct Admission {
    inside: AtomicUsize,
    most: usize,
}

/// Proof of admission. Dropping it leaves the revision.
#[derive(Debug)]
pub struct Admitted(Arc<Admission>);

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
        })
    }

    /// Lets one request in.
    ///
    /// # Errors
    ///
    /// [`Full`] when as many are inside as may be.
    pub fn admit(self: &Arc<Self>) -> Result<Admitted, Full> {
        self.admit_below(self.most)
    }

    /// Lets one copy of a request in.
    ///
    /// # Errors
    ///
    /// [`Full`] when half as many are inside as may be.
    pub fn admit_copy(self: &Arc<Self>) -> Result<Admitted, Full> {
        self.admit_below(self.most.div_ceil(2))
    }

    fn admit_below(self: &Arc<Self>, most: usize) -> Result<Admitted, Full> {
        // Relaxed: the counter guards nothing but itself.
        if self.inside.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(Admitted(Arc::clone(self)));
        }
        self.inside.fetch_sub(1, Ordering::Relaxed);
        Err(Full { most })
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

    #[test]
    fn copies_leave_half_of_the_room_to_requests() {
        for (most, for_copies) in [(2, 1), (4, 2), (5, 3)] {
            let gate = Admission::new(most);
            let mut copies = Vec::new();
            for _ in 0..for_copies {
                copies.push(gate.admit_copy().unwrap());
            }
            assert_eq!(gate.admit_copy().unwrap_err(), Full { most: for_copies });
            let requests = (for_copies..most).map(|_| gate.admit().unwrap());
            let requests: Vec<_> = requests.collect();
            assert!(gate.admit().is_err());

            drop(copies);
            // Requests that are inside count as well.
            assert_eq!(gate.admit_copy().is_ok(), requests.len() < for_copies);
        }
    }
}
