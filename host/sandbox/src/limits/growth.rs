//! Holds a store's memories and tables to their limits.

use mlwasm_types::SandboxSettings;
use wasmtime::{ResourceLimiter, Result};

use super::{CORE_INSTANCES, MEMORIES, TABLES};

/// What a store's memories and tables may grow to, and what they grew to.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit: usize,
    granted: usize,
    table_limit: usize,
    denied: Option<Denied>,
}

/// A growth that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// All memories together would have come to so many bytes.
    Memory {
        /// How many.
        wanted: usize,
    },
    /// One table would have come to so many elements.
    Table {
        /// How many.
        wanted: usize,
    },
}

impl Limiter {
    /// Holds memories and tables to what `settings` say.
    pub(crate) fn new(settings: &SandboxSettings) -> Self {
        Self {
            memory_limit: usize::try_from(settings.memory_limit_bytes()).unwrap_or(usize::MAX),
            granted: 0,
            table_limit: settings.max_table_elements as usize,
            denied: None,
        }
    }

    /// The bytes of all memories.
    pub(crate) fn granted(&self) -> usize {
        self.granted
    }

    /// What was refused last since [`Limiter::forget`].
    pub(crate) fn denied(&self) -> Option<Denied> {
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
        if total > self.memory_limit {
            self.denied = Some(Denied::Memory { wanted: total });
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
        let is_allowed = desired <= self.table_limit;
        if !is_allowed {
            self.denied = Some(Denied::Table { wanted: desired });
        }
        Ok(is_allowed)
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

    const MIB: usize = 1 << 20;

    fn limiter() -> Limiter {
        Limiter::new(&SandboxSettings {
            memory_limit_mb: 4,
            max_table_elements: 10,
            ..SandboxSettings::default()
        })
    }

    #[test]
    fn memories_grow_up_to_their_common_limit() {
        let mut limiter = limiter();
        // (size before, size wanted, allowed)
        for (current, desired, allowed) in [
            (0, 2 * MIB, true),
            (2 * MIB, 3 * MIB, true),
            (0, 2 * MIB, false),
            (0, MIB, true),
            (MIB, MIB, true),
            (MIB, MIB + 1, false),
            (MIB, usize::MAX, false),
        ] {
            let verdict = limiter.memory_growing(current, desired, None).unwrap();
            assert_eq!(verdict, allowed, "{current} to {desired}");
        }
        assert_eq!(limiter.granted(), 4 * MIB);
    }

    #[test]
    fn the_last_refusal_is_remembered_until_the_next_call() {
        let mut limiter = limiter();
        assert!(!limiter.memory_growing(0, 5 * MIB, None).unwrap());
        assert_eq!(limiter.denied(), Some(Denied::Memory { wanted: 5 * MIB }));
        assert!(!limiter.table_growing(0, 11, None).unwrap());
        assert_eq!(limiter.denied(), Some(Denied::Table { wanted: 11 }));
        limiter.forget();
        assert_eq!(limiter.denied(), None);
    }

    #[test]
    fn a_growth_above_the_memory_s_own_maximum_costs_nothing() {
        let mut limiter = limiter();
        assert!(!limiter.memory_growing(0, 2 * MIB, Some(MIB)).unwrap());
        assert_eq!((limiter.granted(), limiter.denied()), (0, None));
        assert!(limiter.memory_growing(0, MIB, Some(MIB)).unwrap());
    }

    #[test]
    fn each_table_has_the_limit_for_itself() {
        let mut limiter = limiter();
        for (desired, allowed) in [(9, true), (10, true), (10, true), (11, false)] {
            assert_eq!(limiter.table_growing(0, desired, None).unwrap(), allowed);
        }
    }
}
