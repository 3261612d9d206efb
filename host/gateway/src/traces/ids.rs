//! Names of traces and spans.

use std::{
    cell::Cell,
    hash::{BuildHasher as _, RandomState},
};

/// Names a trace; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

/// Names a span within its trace; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(pub u64);

impl TraceId {
    pub(super) fn make() -> Self {
        let [high, low] = [random(), random()];
        Self((u128::from(high) << 64 | u128::from(low)).max(1))
    }

    /// Where the name falls between 0 and 1, 1 excluded: each is as likely as any other.
    pub(super) fn fraction(self) -> f64 {
        let [.., a, b, c, d] = self.0.to_be_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d]))
            / f64::from(1_u32 << 16)
            / f64::from(1_u32 << 16)
    }
}

impl SpanId {
    pub(super) fn make() -> Self {
        Self(random().max(1))
    }
}

/// A keyed hash of a counter. The operating system is asked for the key once a thread.
fn random() -> u64 {
    thread_local! {
        static SOURCE: (RandomState, Cell<u64>) = (RandomState::new(), const { Cell::new(0) });
    }
    SOURCE.with(|(key, count)| {
        let next = count.get().wrapping_add(1);
        count.set(next);
        key.hash_one(next)
    })
}
