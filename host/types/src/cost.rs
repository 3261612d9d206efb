//! What deployments cost.

use std::{
    ops::{Add, Sub},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeploymentName, EndpointName, duration::parse_duration};

/// The longest that the server can look back.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// What was used, in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Requests that a scorer was run for, mirrored ones included.
    pub requests: u64,
    /// Processor time of the scorer's own code, `init` included.
    pub guest_cpu_seconds: f64,
    /// Processor time of native runs.
    pub native_cpu_seconds: f64,
    /// Memory of sandboxes, idle ones included, times how long they had it.
    pub mib_seconds: f64,
    /// Bytes of the bodies that the scorer was given.
    pub request_bytes: u64,
    /// Bytes of the bodies that it answered with.
    pub response_bytes: u64,
}

impl Cost {
    /// Processor time, whatever it was used for.
    pub fn cpu_seconds(&self) -> f64 {
        self.guest_cpu_seconds + self.native_cpu_seconds
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            guest_cpu_seconds: self.guest_cpu_seconds + other.guest_cpu_seconds,
            native_cpu_seconds: self.native_cpu_seconds + other.native_cpu_seconds,
            mib_seconds: self.mib_seconds + other.mib_seconds,
            request_bytes: self.request_bytes + other.request_bytes,
            response_bytes: self.response_bytes + other.response_bytes,
        }
    }
}

/// What came on top of an earlier reading; nothing where that is larger.
impl Sub for Cost {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            guest_cpu_seconds: (self.guest_cpu_seconds - earlier.guest_cpu_seconds).max(0.0),
            native_cpu_seconds: (self.native_cpu_seconds - earlier.native_cpu_seconds).max(0.0),
            mib_seconds: (self.mib_seconds - earlier.mib_seconds).max(0.0),
            request_bytes: self.request_bytes.saturating_sub(earlier.request_bytes),
            response_bytes: self.response_bytes.saturating_sub(earlier.response_bytes),
        }
    }
}

/// What one deployment used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentCost {
    /// Its endpoint.
    pub endpoint: EndpointName,
    /// Its name.
    pub deployment: DeploymentName,
    /// What it used.
    #[serde(flatten)]
    pub cost: Cost,
}

/// What deployments used between two moments, in this life of the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostReport {
    /// The first moment: that of the nearest reading before the one that was asked for, not before the server's start.
    pub since: Timestamp,
    /// The second moment.
    pub until: Timestamp,
    /// By deployment.
    pub deployments: Vec<DeploymentCost>,
    /// Of deployments that were deleted meanwhile; none where one endpoint was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Cost>,
    /// All of the above.
    pub sum: Cost,
    /// Of the whole process; none where one endpoint was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessCost>,
}

/// Processor time of the server's process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessCost {
    /// All of it.
    pub cpu_seconds: f64,
    /// What is nobody's: HTTP, compiling and loading, making and freeing sandboxes.
    pub host_cpu_seconds: f64,
}

/// How far to look back, as in `90m`, `24h` or `1h 30m`.
///
/// # Errors
///
/// As [`parse_duration`], and if it is above [`LONGEST_WINDOW`].
pub fn parse_window(text: &str) -> Result<Duration, String> {
    check_window(parse_duration(text)?)
}

/// The same, if the server looks back as far.
///
/// # Errors
///
/// If it is above [`LONGEST_WINDOW`].
pub fn check_window(window: Duration) -> Result<Duration, String> {
    if window > LONGEST_WINDOW {
        return Err("that is too far back: the server keeps 24h".to_owned());
    }
    Ok(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(scale: u64) -> Cost {
        Cost {
            requests: scale,
            guest_cpu_seconds: scale as f64,
            native_cpu_seconds: 2.0 * scale as f64,
            mib_seconds: 3.0 * scale as f64,
            request_bytes: 4 * scale,
            response_bytes: 5 * scale,
        }
    }

    #[test]
    fn costs_add_up_and_come_apart() {
        assert_eq!(cost(2) + cost(3), cost(5));
        assert_eq!(cost(5) - cost(3), cost(2));
        assert_eq!(cost(3) - cost(5), Cost::default());
        assert!((cost(1).cpu_seconds() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_window_is_a_duration_up_to_a_day() {
        for (text, seconds) in [
            ("24h", Some(86_400)),
            ("1d", Some(86_400)),
            ("2d", None),
            (" 90m ", Some(5_400)),
            ("1h 30m", Some(5_400)),
            ("1s", Some(1)),
            ("PT1H", Some(3_600)),
            ("24h 1s", None),
            ("0s", None),
            ("-1h", None),
            ("7", None),
            ("soon", None),
            ("", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(parse_window(text).ok(), expected, "{text:?}");
        }
    }
}
