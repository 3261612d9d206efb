//! Counters of the data plane as a whole; those of a deployment hang in the routing table.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::rejection::Kind;

/// What the gateway counts beside the deployments' meters.
///
/// # Concurrency
///
/// Any number of writers and readers, no lock.
#[derive(Debug, Default)]
pub(crate) struct GatewayMeters {
    rejections: [AtomicU64; Kind::ALL.len()],
    panics: AtomicU64,
    connections: AtomicU64,
    open_connections: AtomicU64,
    closed_by_timeout: AtomicU64,
}

impl GatewayMeters {
    pub(crate) fn rejected(&self, kind: Kind) {
        self.rejections[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn rejections(&self, kind: Kind) -> u64 {
        self.rejections[kind as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    pub(crate) fn opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.open_connections.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn open_connections(&self) -> u64 {
        self.open_connections.load(Ordering::Relaxed)
    }

    pub(crate) fn timed_out(&self) {
        self.closed_by_timeout.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed_by_timeout(&self) -> u64 {
        self.closed_by_timeout.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_counter() {
        let meters = GatewayMeters::default();
        for (i, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, i);
            meters.rejected(kind);
            assert_eq!(meters.rejections(kind), 1);
        }
    }
}
