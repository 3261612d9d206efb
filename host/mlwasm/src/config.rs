//! The server's settings: defaults, then a file, then `MLWASM_*` variables, then options; later ones win.
//!
//! An unknown key stops the start, wherever it stands, so that a misspelt setting never passes for a default. Every
//! default and its reason stand in `examples/mlwasm.toml`; a test holds the two together.

mod access;
mod duration;
mod egress;
mod exposure;
mod records;
mod sections;
mod traces;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{anyhow, bail};
use figment::{
    Figment, Source,
    error::Kind,
    providers::{Env, Format as _, Serialized, Toml},
};
use mlwasm_types::InstanceTypes;
use serde::{Deserialize, Serialize};

use crate::folders;
pub(crate) use access::{AuditConfig, SecretsConfig, TlsConfig};
pub(crate) use egress::EgressConfig;
pub(crate) use records::{AccessLogConfig, DataCollectionConfig, LogsConfig};
pub(crate) use sections::{
    AdminConfig, GatewayConfig, LogConfig, LogFormat, OnnxRuntimeConfig, SandboxConfig,
};
pub(crate) use traces::{OtlpProtocol, TraceExport, TracesConfig};

/// The whole configuration of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder that holds all that must outlive the process.
    pub(crate) data_dir: PathBuf,
    /// Longest that requests in flight may take to end after SIGTERM.
    #[serde(rename = "drain_timeout_ms", with = "duration")]
    pub(crate) drain_timeout: Duration,
    /// The data plane.
    pub(crate) gateway: GatewayConfig,
    /// The administration API.
    pub(crate) admin: AdminConfig,
    /// What all sandboxes have together.
    pub(crate) sandbox: SandboxConfig,
    /// Limits that deployments may name.
    pub(crate) instance_types: InstanceTypes,
    /// Native inference.
    pub(crate) onnxruntime: OnnxRuntimeConfig,
    /// What the secrets of deployments may reach.
    pub(crate) secrets: SecretsConfig,
    /// Whom scorers may call.
    pub(crate) egress: EgressConfig,
    /// How much of the audit log is kept.
    pub(crate) audit: AuditConfig,
    /// A line for each request of the data plane.
    pub(crate) access_log: AccessLogConfig,
    /// The bodies that deployments ask to be kept.
    pub(crate) data_collection: DataCollectionConfig,
    /// Spans of requests, for a collector.
    pub(crate) traces: TracesConfig,
    /// What scorers print.
    pub(crate) logs: LogsConfig,
    /// The server's own log.
    pub(crate) log: LogConfig,
}

/// Begins the name of every variable that is a setting.
const PREFIX: &str = "MLWASM_";
/// Variables that mean something to commands, not to the server's settings.
const NOT_SETTINGS: [&str; 5] = ["config", "server", "token", "token_file", "ca_file"];

/// What the compiler takes before it sees a component, and some for a small one.
const LEAST_COMPILE_MEMORY_MB: u32 = 64;
/// A failure takes up to 30 KB, of each deployment that fails.
const MOST_KEPT_FAILURES: usize = 1_000;

/// A setting that an option gives: its key and its value as text.
pub(crate) type Override = (&'static str, String);

impl Config {
    /// The defaults.
    pub(crate) fn with_data_dir(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            drain_timeout: Duration::from_secs(30),
            gateway: GatewayConfig::default(),
            admin: AdminConfig::default(),
            sandbox: SandboxConfig::default(),
            instance_types: InstanceTypes::default(),
            onnxruntime: OnnxRuntimeConfig::default(),
            secrets: SecretsConfig::default(),
            egress: EgressConfig::default(),
            audit: AuditConfig::default(),
            access_log: AccessLogConfig::default(),
            data_collection: DataCollectionConfig::default(),
            traces: TracesConfig::default(),
            logs: LogsConfig::default(),
            log: LogConfig::default(),
        }
    }

    /// Reads the configuration: from `file`, or else from `mlwasm.toml` in the data folder if there is one.
    ///
    /// # Errors
    ///
    /// Names the key that is wrong, and where it stands; or both keys of a relation that does not hold.
    pub(crate) fn load(file: Option<&Path>, options: &[Override]) -> anyhow::Result<Self> {
        let figment = Self::layers(file, options)?;
        let config: Self = figment.extract().map_err(|error| described(&error))?;
        config.check()?;
        Ok(config)
    }

    fn layers(file: Option<&Path>, options: &[Override]) -> anyhow::Result<Figment> {
        let variables = Env::prefixed(PREFIX).ignore(&NOT_SETTINGS).split("__");
        let with_options = |figment: Figment| {
            options
                .iter()
                .fold(figment.merge(variables.clone()), |figment, (key, value)| {
                    figment.merge(Serialized::default(key, value))
                })
        };
        let data_dir = match folders::data_home() {
            Some(home) => home.join("mlwasm"),
            // Only needed if nothing else names the folder.
            None => PathBuf::new(),
        };
        let defaults = Figment::from(Serialized::defaults(Self::with_data_dir(data_dir)));
        let file = match file {
            Some(file) if !file.is_file() => bail!("there is no settings file {}", file.display()),
            Some(file) => file.to_owned(),
            None => {
                let folder: PathBuf = with_options(defaults.clone())
                    .extract_inner("data_dir")
                    .map_err(|error| described(&error))?;
                folder.join("mlwasm.toml")
            }
        };
        Ok(with_options(if file.is_file() {
            defaults.merge(Toml::file_exact(file))
        } else {
            defaults
        }))
    }

    /// Checks what holds between settings.
    fn check(&self) -> anyhow::Result<()> {
        if self.data_dir.as_os_str().is_empty() {
            bail!(
                "data_dir is not set, and neither XDG_DATA_HOME nor HOME names a folder for it: give --data-dir"
            );
        }
        let (gateway, admin, sandbox) = (&self.gateway, &self.admin, &self.sandbox);
        exposure::check(gateway, admin)?;
        self.secrets.check()?;
        self.egress.check()?;
        self.audit.check()?;
        self.access_log.check()?;
        self.data_collection.check()?;
        self.traces.check()?;
        self.logs.check()?;
        if gateway.listen == admin.listen && gateway.listen.port() != 0 {
            bail!(
                "gateway.listen and admin.listen are both {}: they need different ports",
                admin.listen
            );
        }
        if gateway.body_timeout > self.drain_timeout {
            bail!(
                "gateway.body_timeout_ms ({}) is above drain_timeout_ms ({}): a stop would cut requests that are still allowed to arrive",
                gateway.body_timeout.as_millis(),
                self.drain_timeout.as_millis()
            );
        }
        if gateway.max_mirrored_bytes < gateway.max_body_bytes {
            bail!(
                "gateway.max_mirrored_bytes ({}) is below gateway.max_body_bytes ({}): the largest requests could never be mirrored",
                gateway.max_mirrored_bytes,
                gateway.max_body_bytes
            );
        }
        if sandbox.kept_failures > MOST_KEPT_FAILURES {
            bail!(
                "sandbox.kept_failures is {}: expected 0 to {MOST_KEPT_FAILURES}",
                sandbox.kept_failures
            );
        }
        if sandbox.compile_memory_mb < LEAST_COMPILE_MEMORY_MB {
            bail!(
                "sandbox.compile_memory_mb is {}: the compiler needs at least {LEAST_COMPILE_MEMORY_MB} for itself",
                sandbox.compile_memory_mb
            );
        }
        for (name, profile) in &self.instance_types.0 {
            let limits = profile
                .checked()
                .map_err(|error| anyhow!("instance_types.{name}.{error}"))?;
            if limits.memory_limit_mb > sandbox.max_memory_mb.get() {
                bail!(
                    "instance_types.{name}.sandbox.memory_limit_mb ({}) is above sandbox.max_memory_mb ({}): no deployment could have it",
                    limits.memory_limit_mb,
                    sandbox.max_memory_mb
                );
            }
        }
        if admin.max_artifact_bytes < sandbox.max_component_bytes {
            bail!(
                "admin.max_artifact_bytes ({}) is below sandbox.max_component_bytes ({}): the largest components could never be uploaded",
                admin.max_artifact_bytes,
                sandbox.max_component_bytes
            );
        }
        Ok(())
    }
}

/// The first thing that is wrong: which key, what is wrong with it, and where it stands.
fn described(error: &figment::Error) -> anyhow::Error {
    let place = error
        .metadata
        .as_ref()
        .map(|metadata| match &metadata.source {
            Some(Source::File(file)) => format!(" in {}", file.display()),
            _ if metadata.name.contains("environment") => {
                format!(" from {PREFIX}{}", error.path.join("__").to_uppercase())
            }
            _ => String::new(),
        });
    let kind = match &error.kind {
        Kind::UnknownField(_, expected) => {
            format!("unknown setting, expected one of {}", expected.join(", "))
        }
        Kind::UnknownVariant(found, expected) => {
            format!("found {found:?}, expected one of {}", expected.join(", "))
        }
        kind => kind.to_string(),
    };
    let key = match error.path.as_slice() {
        [] => "settings".to_owned(),
        path => path.join("."),
    };
    anyhow!("{key}{}: {kind}", place.unwrap_or_default())
}

#[cfg(test)]
mod tests;
