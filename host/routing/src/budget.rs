//! Room for so many things and so many bytes at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Room that is given out in shares.
///
/// # Concurrency
///
/// Any thread may take and give back; two atomic counters, no lock.
#[derive(Debug)]
pub struct Budget {
    things: AtomicUsize,
    bytes: AtomicUsize,
    most_things: usize,
    most_bytes: usize,
}

/// One thing's share. Dropping it gives the share back.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    /// Room for so many things of so many bytes together.
    pub fn new(most_things: usize, most_bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            things: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            most_things,
            most_bytes,
        })
    }

    /// Room for one more thing of so many bytes, if there is.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let share = Share {
            budget: Arc::clone(self),
            bytes,
        };
        // Counted before it is checked: the share gives both back if it was too much.
        let things = self.things.fetch_add(1, Ordering::Relaxed);
        let taken = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        (things < self.most_things && taken.saturating_add(bytes) <= self.most_bytes)
            .then_some(share)
    }

    /// How many things have a share.
    pub fn taken(&self) -> usize {
        self.things.load(Ordering::Relaxed).min(self.most_things)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.things.fetch_sub(1, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_at_its_limits_and_comes_back() {
        let budget = Budget::new(2, 100);
        let first = budget.take(60).unwrap();
        assert!(budget.take(41).is_none());
        let second = budget.take(40).unwrap();
        assert!(budget.take(0).is_none());
        assert_eq!(budget.taken(), 2);

        drop((first, second));
        assert_eq!(budget.taken(), 0);
        assert!(budget.take(100).is_some());
        assert!(budget.take(101).is_none());
    }
}
