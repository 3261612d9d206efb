//! Settings about what is kept of requests.

use std::{num::NonZeroU32, path::PathBuf};

use anyhow::bail;
use serde::{Deserialize, Serialize};

/// A terabyte: what is more is a mistake.
const MOST_MB: u32 = 1 << 20;
/// Each rotation renames all of them.
const MOST_FILES: u32 = 1_000;

/// A line for each request of the data plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccessLogConfig {
    /// The file, or `stderr`; without it there is no access log.
    pub(crate) path: Option<PathBuf>,
    /// The size at which a file is full, in MiB.
    pub(crate) max_mb: NonZeroU32,
    /// Full files that are kept.
    pub(crate) files: u32,
}

impl Default for AccessLogConfig {
    fn default() -> Self {
        Self {
            path: None,
            max_mb: NonZeroU32::MIN.saturating_add(99),
            files: 5,
        }
    }
}

impl AccessLogConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key and its bounds.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        check_mb("access_log.max_mb", self.max_mb)?;
        if self.files > MOST_FILES {
            bail!(
                "access_log.files is {}: expected 0 to {MOST_FILES}",
                self.files
            );
        }
        Ok(())
    }
}

/// The bodies that deployments ask to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DataCollectionConfig {
    /// What all of them may take on disk, in MiB.
    pub(crate) max_mb: NonZeroU32,
}

impl Default for DataCollectionConfig {
    fn default() -> Self {
        Self {
            max_mb: NonZeroU32::MIN.saturating_add(1_023),
        }
    }
}

impl DataCollectionConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key and its bounds.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        check_mb("data_collection.max_mb", self.max_mb)
    }
}

/// What scorers print: `mlwasm deployment logs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogsConfig {
    /// What a deployment's log may take on disk, in MiB; 0 keeps it in memory alone.
    pub(crate) deployment_mb: u32,
    /// What all of them may take, in MiB.
    pub(crate) max_mb: NonZeroU32,
}

impl Default for LogsConfig {
    fn default() -> Self {
        Self {
            deployment_mb: 4,
            max_mb: NonZeroU32::MIN.saturating_add(1_023),
        }
    }
}

impl LogsConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the keys and their bounds.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        check_mb("logs.max_mb", self.max_mb)?;
        if self.deployment_mb > self.max_mb.get() {
            bail!(
                "logs.deployment_mb ({}) is above logs.max_mb ({}): one deployment could never have that much",
                self.deployment_mb,
                self.max_mb
            );
        }
        Ok(())
    }
}

fn check_mb(key: &str, value: NonZeroU32) -> anyhow::Result<()> {
    if value.get() > MOST_MB {
        bail!("{key} is {value}: expected 1 to {MOST_MB}");
    }
    Ok(())
}
