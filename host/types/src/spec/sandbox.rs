//! What one sandbox may hold and do, how long it is used, and for how many requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InvalidSpec, bounds::Bound};

/// Which requests may meet in one sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// A sandbox serves many requests of its deployment, one after the other.
    #[default]
    Deployment,
    /// Every request gets a sandbox that no request has touched, `init` already run.
    Request,
}

/// Limits of one sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct SandboxSettings {
    /// Which requests may meet in one sandbox.
    pub isolation: Isolation,
    /// Linear memory, in MiB.
    #[schema(minimum = 1, maximum = 1024)]
    pub memory_limit_mb: u32,
    /// Elements of one table: interpreters keep pointers to their thousands of functions there.
    #[schema(minimum = 0, maximum = 100000)]
    pub max_table_elements: u32,
    /// Handles that the guest may hold: models, streams, pollables.
    #[schema(minimum = 1, maximum = 100000)]
    pub max_handles: u32,
    /// Longest that `init` may take, in milliseconds.
    #[schema(minimum = 1, maximum = 600000)]
    pub init_timeout_ms: u64,
    /// Largest answer of `run`, in bytes.
    #[schema(minimum = 1, maximum = 1073741824)]
    pub max_response_bytes: u64,
    /// Bytes that the guest may hand to the host in one call: tensors, texts, an answer.
    #[schema(minimum = 1, maximum = 1073741824)]
    pub max_hostcall_bytes: u64,
    /// Native runs that one request may ask for.
    #[schema(minimum = 0, maximum = 1000000)]
    pub max_infer_calls: u32,
    /// Calls to others that one request may make, of those that `egress` allows.
    #[schema(minimum = 0, maximum = 1000)]
    pub max_egress_calls: u32,
    /// Bytes that the bodies of these calls may have together, both ways.
    #[schema(minimum = 1, maximum = 1073741824)]
    pub max_egress_bytes: u64,
    /// Lines that the deployment's sandboxes may print in a second; the rest is counted and dropped.
    #[schema(minimum = 0, maximum = 10000)]
    pub max_log_lines_per_second: u32,
    /// Longest line that is kept, in bytes; the rest of it is cut off.
    #[schema(minimum = 64, maximum = 65536)]
    pub max_log_line_bytes: u32,
    /// Requests after which a sandbox is replaced.
    #[schema(minimum = 1, maximum = 1000000000)]
    pub max_requests_per_sandbox: u64,
    /// Age at which a sandbox is replaced, after the request that it is in, in seconds.
    #[schema(minimum = 1, maximum = 2592000)]
    pub max_age_s: u64,
    /// A sandbox that after a request holds more memory than `init` left, by more than this, is replaced; in MiB.
    #[schema(minimum = 1, maximum = 1024)]
    pub memory_high_water_mb: u32,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            isolation: Isolation::Deployment,
            memory_limit_mb: 64,
            max_table_elements: 20_000,
            max_handles: 1_000,
            init_timeout_ms: 10_000,
            max_response_bytes: 8 << 20,
            max_hostcall_bytes: 64 << 20,
            max_infer_calls: 64,
            max_egress_calls: 16,
            max_egress_bytes: 8 << 20,
            max_log_lines_per_second: 100,
            max_log_line_bytes: 4 << 10,
            max_requests_per_sandbox: 10_000,
            max_age_s: 600,
            memory_high_water_mb: 16,
        }
    }
}

impl SandboxSettings {
    /// The largest `max_table_elements`. The engine reserves address space for as many in each table of each sandbox: 6.4 MB
    /// a sandbox, which costs no memory until a guest uses it.
    pub const MOST_TABLE_ELEMENTS: u32 = 100_000;

    /// Longest that `init` may take.
    pub fn init_timeout(&self) -> Duration {
        Duration::from_millis(self.init_timeout_ms)
    }

    /// Linear memory in bytes.
    pub fn memory_limit_bytes(&self) -> u64 {
        u64::from(self.memory_limit_mb) << 20
    }

    /// Age at which a sandbox is replaced.
    pub fn max_age(&self) -> Duration {
        Duration::from_secs(self.max_age_s)
    }

    /// Memory above what `init` left at which a sandbox is replaced, in bytes.
    pub fn memory_high_water_bytes(&self) -> u64 {
        u64::from(self.memory_high_water_mb) << 20
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidSpec> {
        const DAY_S: u64 = 24 * 60 * 60;
        const GIB: u64 = 1 << 30;
        [
            Bound::new("sandbox.memory_limit_mb", self.memory_limit_mb, 1, 1_024),
            Bound::new(
                "sandbox.max_table_elements",
                self.max_table_elements,
                0,
                Self::MOST_TABLE_ELEMENTS.into(),
            ),
            Bound::new("sandbox.max_handles", self.max_handles, 1, 100_000),
            Bound::new("sandbox.init_timeout_ms", self.init_timeout_ms, 1, 600_000),
            Bound::new(
                "sandbox.max_response_bytes",
                self.max_response_bytes,
                1,
                GIB,
            ),
            Bound::new(
                "sandbox.max_hostcall_bytes",
                self.max_hostcall_bytes,
                1,
                GIB,
            ),
            Bound::new(
                "sandbox.max_infer_calls",
                self.max_infer_calls,
                0,
                1_000_000,
            ),
            Bound::new("sandbox.max_egress_calls", self.max_egress_calls, 0, 1_000),
            Bound::new("sandbox.max_egress_bytes", self.max_egress_bytes, 1, GIB),
            Bound::new(
                "sandbox.max_log_lines_per_second",
                self.max_log_lines_per_second,
                0,
                10_000,
            ),
            Bound::new(
                "sandbox.max_log_line_bytes",
                self.max_log_line_bytes,
                64,
                64 << 10,
            ),
            Bound::new(
                "sandbox.max_requests_per_sandbox",
                self.max_requests_per_sandbox,
                1,
                1_000_000_000,
            ),
            Bound::new("sandbox.max_age_s", self.max_age_s, 1, 30 * DAY_S),
            Bound::new(
                "sandbox.memory_high_water_mb",
                self.memory_high_water_mb,
                1,
                1_024,
            ),
        ]
        .into_iter()
        .try_for_each(Bound::check)
    }
}
