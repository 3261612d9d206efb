//! How much of the machine one sandbox may hold, and the names of what it may exceed.
//!
//! What a deployment sets is in its [`SandboxSettings`](mlwasm_types::SandboxSettings); the numbers here are the same for
//! all, since the engine reserves that much for every sandbox.

mod growth;

use std::fmt;

pub(crate) use growth::{Denied, Limiter};

/// Core modules in one component: interpreters are linked out of a dozen libraries.
pub(crate) const CORE_INSTANCES: u32 = 32;
/// Linear memories in one component; they share `memory_limit_mb`.
pub(crate) const MEMORIES: u32 = 2;
/// Tables in one component.
pub(crate) const TABLES: u32 = 8;
/// What a response may cost above its body: headers and texts.
pub(crate) const RESPONSE_SLACK: usize = 64 << 10;

/// What a scorer can exceed and is then stopped for, by the setting that raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Linear memory.
    Memory,
    /// Elements of one table.
    TableElements,
    /// Stack of its own code: nested calls.
    Stack,
    /// Bytes handed to the host in one call.
    HostcallBytes,
    /// Bytes of an answer.
    ResponseBytes,
    /// Native runs of one request.
    InferCalls,
    /// Handles held at once.
    Handles,
    /// Calls to others of one request.
    EgressCalls,
    /// Bytes of the bodies of these calls.
    EgressBytes,
}

impl Limit {
    /// Every limit, in the order of their counters.
    pub const ALL: [Self; 9] = [
        Self::Memory,
        Self::TableElements,
        Self::Stack,
        Self::HostcallBytes,
        Self::ResponseBytes,
        Self::InferCalls,
        Self::Handles,
        Self::EgressCalls,
        Self::EgressBytes,
    ];

    /// The setting's name, which is also the value of the metric's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Memory => "memory_limit_mb",
            Self::TableElements => "max_table_elements",
            Self::Stack => "max_stack_kb",
            Self::HostcallBytes => "max_hostcall_bytes",
            Self::ResponseBytes => "max_response_bytes",
            Self::InferCalls => "max_infer_calls",
            Self::Handles => "max_handles",
            Self::EgressCalls => "max_egress_calls",
            Self::EgressBytes => "max_egress_bytes",
        }
    }

    /// What to do about it, for whoever is told.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Memory => "raise sandbox.memory_limit_mb of the deployment",
            Self::TableElements => "raise sandbox.max_table_elements of the deployment",
            // The engine has one stack size for all.
            Self::Stack => "nest less, or raise max_stack_kb in section [sandbox] of the server",
            Self::HostcallBytes => {
                "hand over less at once, or raise sandbox.max_hostcall_bytes of the deployment"
            }
            Self::ResponseBytes => "raise sandbox.max_response_bytes of the deployment",
            Self::InferCalls => "raise sandbox.max_infer_calls of the deployment",
            Self::Handles => {
                "drop what is no longer used, or raise sandbox.max_handles of the deployment"
            }
            Self::EgressCalls => {
                "ask for more in one call, or raise sandbox.max_egress_calls of the deployment"
            }
            Self::EgressBytes => {
                "ask for less, or raise sandbox.max_egress_bytes of the deployment"
            }
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_place_and_its_advice_names_its_setting() {
        for (place, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, place);
            assert!(limit.advice().contains(limit.label()), "{limit}");
        }
    }
}
