//! When a sandbox that works is used up: after how many requests, at what age, with how much memory.
//!
//! Decided after each request, from what is known then anyway. A sandbox that no request reaches does not change, so its age
//! is not looked at. Memory counts by what the guest holds, and a guest's memory never shrinks: one large request would be
//! paid for as long as the sandbox lives.

use std::time::Instant;

use mlwasm_types::{Isolation, SandboxSettings};

/// What a sandbox has been through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wear {
    made: Instant,
    /// Bytes of memory that `init` left.
    first_memory: usize,
    requests: u64,
    is_worn: bool,
}

/// What becomes of a sandbox whose request has ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It serves on.
    Fit,
    /// Its successor is to be made, for this reason; until it is ready, the sandbox serves on.
    Worn(Worn),
    /// It serves nobody else: its deployment asked for that.
    Spent,
}

/// Why a sandbox is replaced that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worn {
    /// It has served as many requests as it may.
    Requests,
    /// It is as old as it may become.
    Age,
    /// It holds more memory, above what `init` left, than it may.
    Memory,
}

impl Wear {
    /// Nothing, but that it was made then and holds so many bytes.
    pub(crate) fn new(made: Instant, memory: usize) -> Self {
        Self {
            made,
            first_memory: memory,
            requests: 0,
            is_worn: false,
        }
    }

    /// Whether its successor is to be made, or is being made.
    pub(crate) fn is_worn(&self) -> bool {
        self.is_worn
    }

    /// A call that answered so many requests has ended at `now` and left `memory` bytes. Says once that the sandbox is worn.
    pub(crate) fn after_requests(
        &mut self,
        requests: u32,
        settings: &SandboxSettings,
        now: Instant,
        memory: usize,
    ) -> Verdict {
        self.requests += u64::from(requests);
        if settings.isolation == Isolation::Request {
            return Verdict::Spent;
        }
        if self.is_worn {
            return Verdict::Fit;
        }
        let Some(worn) = self.reason(settings, now, memory) else {
            return Verdict::Fit;
        };
        self.is_worn = true;
        Verdict::Worn(worn)
    }

    fn reason(&self, settings: &SandboxSettings, now: Instant, memory: usize) -> Option<Worn> {
        let grown = memory.saturating_sub(self.first_memory) as u64;
        if self.requests >= settings.max_requests_per_sandbox {
            Some(Worn::Requests)
        } else if now.saturating_duration_since(self.made) >= settings.max_age() {
            Some(Worn::Age)
        } else if grown > settings.memory_high_water_bytes() {
            Some(Worn::Memory)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MIB: usize = 1 << 20;

    fn settings() -> SandboxSettings {
        SandboxSettings {
            max_requests_per_sandbox: 3,
            max_age_s: 10,
            memory_high_water_mb: 2,
            ..SandboxSettings::default()
        }
    }

    #[test]
    fn a_sandbox_is_worn_at_each_of_its_limits_and_not_below() {
        let made = Instant::now();
        // (requests, age in ms, memory, reason)
        for (requests, age, memory, reason) in [
            (0, 0, MIB, None),
            (2, 9_999, 3 * MIB, None),
            (3, 0, MIB, Some(Worn::Requests)),
            (4, 0, MIB, Some(Worn::Requests)),
            (1, 10_000, MIB, Some(Worn::Age)),
            (1, 10_001, MIB, Some(Worn::Age)),
            (1, 0, 3 * MIB + 1, Some(Worn::Memory)),
            // Less than it had at first is no wear, and no overflow.
            (1, 0, 0, None),
            // The first limit in this order is the reason.
            (3, 10_000, 9 * MIB, Some(Worn::Requests)),
            (1, 10_000, 9 * MIB, Some(Worn::Age)),
        ] {
            let wear = Wear {
                requests,
                ..Wear::new(made, MIB)
            };
            let found = wear.reason(&settings(), made + Duration::from_millis(age), memory);
            assert_eq!(
                found, reason,
                "{requests} requests, {age} ms, {memory} bytes"
            );
        }
    }

    #[test]
    fn a_sandbox_is_told_to_be_worn_once() {
        let now = Instant::now();
        let mut wear = Wear::new(now, MIB);
        let verdicts = [(); 5].map(|()| wear.after_requests(1, &settings(), now, MIB));
        let worn = Verdict::Worn(Worn::Requests);
        let fit = Verdict::Fit;
        assert_eq!(verdicts, [fit, fit, worn, fit, fit]);
        assert!(wear.is_worn());
    }

    #[test]
    fn a_sandbox_of_one_request_is_spent_by_it() {
        let settings = SandboxSettings {
            isolation: Isolation::Request,
            ..settings()
        };
        let now = Instant::now();
        let mut wear = Wear::new(now, MIB);
        assert_eq!(wear.after_requests(1, &settings, now, MIB), Verdict::Spent);
    }
}
