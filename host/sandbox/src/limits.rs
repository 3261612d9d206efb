//! How much of the machine one sandbox may hold.
//!
//! The numbers are used twice: the engine reserves that much for every sandbox, and each store is held to it.

use wasmtime::{ResourceLimiter, Result};

/// Core modules in one component: interpreters are linked out of a dozen libraries.
pub(crate) const CORE_INSTANCES: u32 = 32;
/// Linear memories in one component; they share `memory_limit_mb`.
pub(crate) const MEMORIES: u32 = 2;
/// Tables in one component.
pub(crate) const TABLES: u32 = 8;
/// Elements of one table: interpreters keep pointers to their thousands of functions there.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// Handles that a guest may hold: models, streams, pollables.
pub(crate) const HANDLES: usize = 1_000;
/// What a response may cost above its body: headers and texts.
pub(crate) const RESPONSE_SLACK: usize = 64 << 10;
/// The name of the memory limit, as the user sets it.
pub(crate) const MEMORY_LIMIT: &str = "memory_limit_mb";

/// Holds a store's memories and tables to their limits.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: usize,
    granted: usize,
    denied: Option<usize>,
}

impl Limiter {
    /// At most `limit` bytes in all memories together.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            granted: 0,
            denied: None,
        }
    }

    /// The bytes of all memories.
    pub(crate) fn granted(&self) -> usize {
        self.granted
    }

    /// The bytes that the last refused growth would have come to, since [`Limiter::forget`].
    pub(crate) fn denied(&self) -> Option<usize> {
        self.denied
    }

    /// A new call begins: what was refused in an earlier one explains nothing of it.
    pub(crate) fn forget(&mut self) {
        self.denied = None;
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.granted.saturating_add(more);
        if total > self.limit {
            self.denied = Some(total);
            return Ok(false);
        }
        // Refused here, since what is granted is never taken back: wasmtime also reports failures that it never asked
        // about, so that a refund would let a guest grow without end.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.granted = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 64 << 10;

    #[test]
    fn memories_grow_up_to_their_common_limit() {
        let mut limiter = Limiter::new(4 * PAGE);
        // (size before, size wanted, allowed)
        for (current, desired, allowed) in [
            (0, 2 * PAGE, true),
            (2 * PAGE, 3 * PAGE, true),
            (0, 2 * PAGE, false),
            (0, PAGE, true),
            (PAGE, PAGE, true),
            (PAGE, 2 * PAGE, false),
            (PAGE, usize::MAX, false),
        ] {
            let verdict = limiter.memory_growing(current, desired, None).unwrap();
            assert_eq!(verdict, allowed, "{current} to {desired}");
        }
        assert_eq!(limiter.granted(), 4 * PAGE);
    }

    #[test]
    fn a_refusal_is_remembered_until_the_next_call() {
        let mut limiter = Limiter::new(PAGE);
        assert!(!limiter.memory_growing(0, 2 * PAGE, None).unwrap());
        assert_eq!(limiter.denied(), Some(2 * PAGE));
        limiter.forget();
        assert_eq!(limiter.denied(), None);
    }

    #[test]
    fn a_growth_above_the_memory_s_own_maximum_costs_nothing() {
        let mut limiter = Limiter::new(4 * PAGE);
        assert!(!limiter.memory_growing(0, 2 * PAGE, Some(PAGE)).unwrap());
        assert_eq!((limiter.granted(), limiter.denied()), (0, None));
        assert!(limiter.memory_growing(0, PAGE, Some(PAGE)).unwrap());
    }

    #[test]
    fn tables_hold_their_limit() {
        let mut limiter = Limiter::new(PAGE);
        for (desired, allowed) in [
            (TABLE_ELEMENTS - 1, true),
            (TABLE_ELEMENTS, true),
            (TABLE_ELEMENTS + 1, false),
        ] {
            assert_eq!(limiter.table_growing(0, desired, None).unwrap(), allowed);
        }
    }
}
