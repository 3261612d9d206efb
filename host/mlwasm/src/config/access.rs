//! Settings about trust: certificates, secrets, the audit log.

use std::{num::NonZeroU32, path::PathBuf};

use anyhow::bail;
use serde::{Deserialize, Serialize};

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    /// The certificate and those that lead to its authority, in PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key, in PEM.
    pub(crate) key: PathBuf,
}

/// What the secrets of deployments may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SecretsConfig {
    /// Names of the server's variables; a `*` at the end stands for any rest.
    pub(crate) allowed_env: Vec<String>,
    /// The folder below which files may be read.
    pub(crate) folder: Option<PathBuf>,
}

impl SecretsConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for pattern in &self.allowed_env {
            let name = pattern.strip_suffix('*').unwrap_or(pattern);
            if name.is_empty() || name.contains(['*', '=', '\0']) {
                bail!(
                    "secrets.allowed_env holds {pattern:?}: expected the name of a variable, or its beginning and a `*`, as \
                     in RISK_*"
                );
            }
        }
        match &self.folder {
            Some(folder) if !folder.is_absolute() => bail!(
                "secrets.folder is {}: expected an absolute path",
                folder.display()
            ),
            Some(_) | None => Ok(()),
        }
    }
}

/// How much of the audit log is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditConfig {
    /// Most lines.
    pub(crate) max_lines: u64,
    /// Longest that a line is kept, in days.
    pub(crate) max_age_days: NonZeroU32,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            max_lines: 100_000,
            max_age_days: NonZeroU32::MIN.saturating_add(89),
        }
    }
}

/// Fewer lines would not tell what came before a change.
const LEAST_AUDIT_LINES: u64 = 100;
/// A line has about half a kilobyte.
const MOST_AUDIT_LINES: u64 = 10_000_000;
/// A century: longer than anything is kept, and far from where dates end.
const MOST_AUDIT_DAYS: u32 = 36_500;

impl AuditConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key and its bounds.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if !(LEAST_AUDIT_LINES..=MOST_AUDIT_LINES).contains(&self.max_lines) {
            bail!(
                "audit.max_lines is {}: expected {LEAST_AUDIT_LINES} to {MOST_AUDIT_LINES}",
                self.max_lines
            );
        }
        if self.max_age_days.get() > MOST_AUDIT_DAYS {
            bail!(
                "audit.max_age_days is {}: expected 1 to {MOST_AUDIT_DAYS}",
                self.max_age_days
            );
        }
        Ok(())
    }
}
