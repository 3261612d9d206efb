//! Time and queue limits of a request.

use std::{num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InvalidSpec, bounds::Bound};

/// Time and queue limits of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct RequestSettings {
    /// Longest a request may take over queue, guest and native run, in milliseconds.
    #[schema(minimum = 1, maximum = 600000)]
    pub request_timeout_ms: u64,
    /// Requests admitted for each instance; twice that many may be in the deployment, the rest gets 429.
    #[schema(value_type = u32, minimum = 1, maximum = 1000)]
    pub max_concurrent_requests_per_instance: NonZeroU32,
    /// Longest a request may wait for a sandbox, in milliseconds.
    #[schema(minimum = 0, maximum = 600000)]
    pub max_queue_wait_ms: u64,
}

impl Default for RequestSettings {
    // Azure's own defaults.
    fn default() -> Self {
        Self {
            request_timeout_ms: 5_000,
            max_concurrent_requests_per_instance: NonZeroU32::MIN,
            max_queue_wait_ms: 500,
        }
    }
}

impl RequestSettings {
    /// Longest a request may take.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// Longest a request may wait for a sandbox.
    pub fn max_queue_wait(&self) -> Duration {
        Duration::from_millis(self.max_queue_wait_ms)
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidSpec> {
        let concurrent = self.max_concurrent_requests_per_instance.get();
        [
            Bound::new(
                "request_settings.request_timeout_ms",
                self.request_timeout_ms,
                1,
                600_000,
            ),
            Bound::new(
                "request_settings.max_concurrent_requests_per_instance",
                concurrent,
                1,
                1_000,
            ),
            Bound::new(
                "request_settings.max_queue_wait_ms",
                self.max_queue_wait_ms,
                0,
                600_000,
            ),
        ]
        .into_iter()
        .try_for_each(Bound::check)
    }
}
