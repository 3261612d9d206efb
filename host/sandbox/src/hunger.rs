//! How a pool says that a request found no sandbox free, to whoever decides how large pools are.
//!
//! A wait for the next regular look at its load may be longer than the request may wait.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// Where pools say that they are hungry. One for all pools, with one listener.
#[derive(Debug, Default)]
pub struct Hunger(Notify);

impl Hunger {
    /// Returns once a pool has become hungry since the last call.
    ///
    /// # Cancel safety
    ///
    /// Safe: what was said meanwhile is heard by the next call.
    pub async fn felt(&self) {
        self.0.notified().await;
    }
}

/// The hunger of one pool.
#[derive(Debug)]
pub(crate) struct Appetite {
    is_hungry: AtomicBool,
    hunger: Arc<Hunger>,
}

impl Appetite {
    pub(crate) fn new(hunger: Arc<Hunger>) -> Self {
        Self {
            is_hungry: AtomicBool::new(false),
            hunger,
        }
    }

    /// A request found no sandbox free. Says so once, until the pool is fed.
    pub(crate) fn feel(&self) {
        // Relaxed: the load itself is read under the pool's lock. Looked at first, since a pool under overload stays hungry.
        if !self.is_hungry.load(Ordering::Relaxed) && !self.is_hungry.swap(true, Ordering::Relaxed)
        {
            self.hunger.0.notify_one();
        }
    }

    pub(crate) fn is_hungry(&self) -> bool {
        self.is_hungry.load(Ordering::Relaxed)
    }

    pub(crate) fn feed(&self) {
        self.is_hungry.store(false, Ordering::Relaxed);
    }
}
