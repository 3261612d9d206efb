//! How many sandboxes a deployment has discarded, and why.
//!
//! Counted over all its revisions, so whoever makes the pools owns the counters: one that went back at a hot swap
//! would look like a restart to whoever reads it. A sandbox that was made for one request (`isolation: request`) is not counted
//! when that has ended well: there would be as many as requests.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{limits::Limit, sandbox::Spoiled, wear::Worn};

/// The counters of one deployment.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub struct Recycles {
    trap: AtomicU64,
    deadline: AtomicU64,
    cancelled: AtomicU64,
    limits: [AtomicU64; Limit::ALL.len()],
    host_error: AtomicU64,
    requests: AtomicU64,
    age: AtomicU64,
    memory: AtomicU64,
}

/// How many sandboxes were discarded, by reason. Only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecycleCounts {
    /// The guest trapped.
    pub trap: u64,
    /// It ran past a deadline.
    pub deadline: u64,
    /// Whoever waited for it went away.
    pub cancelled: u64,
    /// It hit a limit.
    pub limit: u64,
    /// The host failed.
    pub host_error: u64,
    /// It had served as many requests as it may.
    pub requests: u64,
    /// It was as old as it may become.
    pub age: u64,
    /// It held more memory, above what `init` left, than it may.
    pub memory: u64,
}

impl Recycles {
    /// Counters at zero.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was counted so far.
    pub fn counts(&self) -> RecycleCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RecycleCounts {
            trap: read(&self.trap),
            deadline: read(&self.deadline),
            cancelled: read(&self.cancelled),
            limit: self.limits.iter().map(read).sum(),
            host_error: read(&self.host_error),
            requests: read(&self.requests),
            age: read(&self.age),
            memory: read(&self.memory),
        }
    }

    /// How many of them exceeded `limit`.
    pub fn exceeded(&self, limit: Limit) -> u64 {
        self.limits[limit as usize].load(Ordering::Relaxed)
    }

    /// Counts a sandbox that a request has broken.
    pub(crate) fn spoiled(&self, reason: Spoiled) {
        let counter = match reason {
            Spoiled::Trap => &self.trap,
            Spoiled::Deadline => &self.deadline,
            Spoiled::Cancelled => &self.cancelled,
            Spoiled::Limit(limit) => &self.limits[limit as usize],
            Spoiled::HostError => &self.host_error,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a sandbox that is used up.
    pub(crate) fn worn(&self, reason: Worn) {
        let counter = match reason {
            Worn::Requests => &self.requests,
            Worn::Age => &self.age,
            Worn::Memory => &self.memory,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
