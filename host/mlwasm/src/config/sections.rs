//! The sections of the settings, one for each part of the server.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{TlsConfig, duration};

/// The data plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GatewayConfig {
    /// Address to accept scoring requests on. Port 0 picks a free port.
    pub(crate) listen: SocketAddr,
    /// The certificate of the listener; without it, it does not encrypt.
    pub(crate) tls: Option<TlsConfig>,
    /// How callers reach the listener, if not by its address.
    pub(crate) public_url: Option<String>,
    /// Largest request body, in bytes.
    pub(crate) max_body_bytes: u64,
    /// Most header fields of a request.
    pub(crate) max_headers: usize,
    /// Largest head of a request, in bytes.
    pub(crate) max_header_bytes: u32,
    /// Longest that a head may take to arrive.
    #[serde(rename = "header_timeout_ms", with = "duration")]
    pub(crate) header_timeout: Duration,
    /// Longest that a body may take to arrive.
    #[serde(rename = "body_timeout_ms", with = "duration")]
    pub(crate) body_timeout: Duration,
    /// Longest that a connection stays open without a request.
    #[serde(rename = "idle_timeout_ms", with = "duration")]
    pub(crate) idle_timeout: Duration,
    /// Most connections at once.
    pub(crate) max_connections: NonZeroU32,
    /// Most mirrored requests in flight.
    pub(crate) max_mirrored_requests: usize,
    /// Most bytes of mirrored bodies in flight.
    pub(crate) max_mirrored_bytes: u64,
    /// Whether endpoints may be made that ask their callers for nothing.
    pub(crate) allow_anonymous: bool,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            public_url: None,
            max_body_bytes: 16 << 20,
            max_headers: 100,
            max_header_bytes: 16 << 10,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            max_connections: NonZeroU32::MIN.saturating_add(4_095),
            max_mirrored_requests: 256,
            max_mirrored_bytes: 64 << 20,
            allow_anonymous: false,
        }
    }
}

/// The administration API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdminConfig {
    /// Address to accept administration requests on. Port 0 picks a free port.
    pub(crate) listen: SocketAddr,
    /// The certificate of the listener; without it, it does not encrypt.
    pub(crate) tls: Option<TlsConfig>,
    /// Names that `Host` may carry besides those of this machine.
    pub(crate) allowed_hosts: Vec<String>,
    /// Largest artifact, in bytes.
    pub(crate) max_artifact_bytes: u64,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)),
            tls: None,
            allowed_hosts: Vec::new(),
            max_artifact_bytes: 1 << 30,
        }
    }
}

/// What all sandboxes have together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SandboxConfig {
    /// Most sandboxes at once.
    pub(crate) max_sandboxes: NonZeroU32,
    /// Largest `sandbox.memory_limit_mb` of a deployment.
    pub(crate) max_memory_mb: NonZeroU32,
    /// Stack of a scorer's own code, in KiB.
    pub(crate) max_stack_kb: NonZeroU32,
    /// Largest component, in bytes.
    pub(crate) max_component_bytes: u64,
    /// Most bytes that the files of one deployment may have together.
    pub(crate) max_files_bytes: u64,
    /// Whether machine code is kept in the data folder.
    pub(crate) compiled_cache: bool,
    /// Most processor time that compiling a component may take, in seconds.
    pub(crate) compile_cpu_seconds: NonZeroU32,
    /// Most memory that compiling a component may take, in MiB.
    pub(crate) compile_memory_mb: u32,
    /// Longest that compiling a component may take.
    #[serde(rename = "compile_timeout_ms", with = "duration")]
    pub(crate) compile_timeout: Duration,
    /// Failures that are kept of each deployment.
    pub(crate) kept_failures: usize,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            max_sandboxes: NonZeroU32::MIN.saturating_add(999),
            max_memory_mb: NonZeroU32::MIN.saturating_add(1_023),
            max_stack_kb: NonZeroU32::MIN.saturating_add(511),
            max_component_bytes: 32 << 20,
            max_files_bytes: 256 << 20,
            compiled_cache: true,
            compile_cpu_seconds: NonZeroU32::MIN.saturating_add(29),
            compile_memory_mb: 1_024,
            compile_timeout: Duration::from_secs(600),
            kept_failures: 20,
        }
    }
}

/// Native inference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OnnxRuntimeConfig {
    /// The shared library.
    pub(crate) library: Option<PathBuf>,
    /// Threads that work on one operator of one run, unless a deployment's `intra_threads` says otherwise.
    pub(crate) threads_per_run: NonZeroUsize,
    /// Threads for native runs that are long; as many as cores if there is no number.
    pub(crate) lanes: Option<NonZeroUsize>,
    /// Most bytes of all outputs of one run.
    pub(crate) max_output_bytes: usize,
}

impl Default for OnnxRuntimeConfig {
    fn default() -> Self {
        Self {
            library: None,
            threads_per_run: NonZeroUsize::MIN,
            lanes: None,
            max_output_bytes: 64 << 20,
        }
    }
}

/// The server's own log, on standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// How a line is written.
    pub(crate) format: LogFormat,
    /// Which lines are written, in `RUST_LOG`'s language.
    pub(crate) filter: String,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}
