//! What the operator wants: endpoints and deployments, as they are stored and as `PUT` bodies carry them.
//!
//! Field names are the contract's (Azure's where Azure has one). An unknown key is an error, so that a misspelt
//! setting never passes for a default. [`DeploymentSpec::revision_id`] says which fields make a revision.

mod invalid;

use std::{collections::BTreeMap, fmt, num::NonZeroU32, time::Duration};

use serde::{Deserialize, Serialize};

pub use invalid::InvalidSpec;
use invalid::{check_people_fields, check_variable, is_header_name};

use crate::{
    DeploymentName, Digest, EndpointName, InvalidTraffic, Mirror, ModelName, Percent, TrafficSplit,
};

/// The counter of the desired state: every accepted change adds one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl Generation {
    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How callers of an endpoint prove who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Two keys that never expire and can be regenerated.
    #[default]
    Key,
}

/// What is wanted of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// Unique on the server.
    pub name: EndpointName,
    /// How callers prove who they are.
    #[serde(default)]
    pub auth_mode: AuthMode,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// For people and their tools.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The live traffic's shares, in percent.
    #[serde(default)]
    pub traffic: TrafficSplit,
    /// The mirror's target and share in percent; empty means no mirror.
    #[serde(default)]
    pub mirror_traffic: BTreeMap<DeploymentName, Percent>,
    /// The request header whose value keeps a caller on one deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticky_header: Option<String>,
}

impl EndpointSpec {
    /// An endpoint with nothing but a name.
    pub fn named(name: EndpointName) -> Self {
        Self {
            name,
            auth_mode: AuthMode::Key,
            description: None,
            tags: BTreeMap::new(),
            traffic: TrafficSplit::default(),
            mirror_traffic: BTreeMap::new(),
            sticky_header: None,
        }
    }

    /// The mirror, if one is on.
    ///
    /// # Errors
    ///
    /// [`InvalidTraffic`] if the mirror breaks a rule.
    pub fn mirror(&self) -> Result<Option<Mirror>, InvalidTraffic> {
        Mirror::from_shares(&self.mirror_traffic, &self.traffic)
    }

    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] that names the setting.
    pub fn validate(&self) -> Result<(), InvalidSpec> {
        self.mirror()?;
        check_people_fields(self.description.as_deref(), &self.tags)?;
        match &self.sticky_header {
            Some(header) if !is_header_name(header) => Err(InvalidSpec::HeaderName {
                header: header.clone(),
            }),
            _ => Ok(()),
        }
    }
}

/// What is wanted of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSpec {
    /// Unique within the endpoint.
    pub name: DeploymentName,
    /// The endpoint that it belongs to.
    pub endpoint_name: EndpointName,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// For people and their tools.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The scorer: digest of an uploaded WebAssembly component.
    pub component: Digest,
    /// The models that the scorer may open: digests of uploaded ONNX files.
    #[serde(default)]
    pub models: BTreeMap<ModelName, Digest>,
    /// The scorer's whole environment.
    #[serde(default)]
    pub environment_variables: BTreeMap<String, String>,
    /// How many sandboxes, that is how many requests run at once.
    #[serde(default = "default_instance_count")]
    pub instance_count: NonZeroU32,
    /// Time and queue limits of a request.
    #[serde(default)]
    pub request_settings: RequestSettings,
    /// Limits of one sandbox.
    #[serde(default)]
    pub sandbox: SandboxSettings,
}

/// Time and queue limits of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSettings {
    /// Longest a request may take over queue, guest and native run, in milliseconds.
    pub request_timeout_ms: u64,
    /// Requests admitted for each instance; twice that many may be in the deployment, the rest gets 429.
    pub max_concurrent_requests_per_instance: NonZeroU32,
    /// Longest a request may wait for a sandbox, in milliseconds.
    pub max_queue_wait_ms: u64,
}

/// Limits of one sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxSettings {
    /// Linear memory, in MiB.
    pub memory_limit_mb: u32,
    /// Longest that `init` may take, in milliseconds.
    pub init_timeout_ms: u64,
    /// Largest answer of `run`, in bytes.
    pub max_response_bytes: u64,
    /// Native runs that one request may ask for.
    pub max_infer_calls: u32,
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
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            memory_limit_mb: 64,
            init_timeout_ms: 10_000,
            max_response_bytes: 8 << 20,
            max_infer_calls: 64,
        }
    }
}

impl SandboxSettings {
    /// Longest that `init` may take.
    pub fn init_timeout(&self) -> Duration {
        Duration::from_millis(self.init_timeout_ms)
    }

    /// Linear memory in bytes.
    pub fn memory_limit_bytes(&self) -> u64 {
        u64::from(self.memory_limit_mb) << 20
    }
}

/// Two sandboxes: a deployment that answers one request while it takes the next.
fn default_instance_count() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(1)
}

/// The digest of what a revision consists of: component, models and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RevisionId(pub Digest);

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Most models that a deployment may name.
pub const MAX_MODELS: usize = 1_000;

impl DeploymentSpec {
    /// A deployment of one component, all else by default.
    pub fn new(endpoint_name: EndpointName, name: DeploymentName, component: Digest) -> Self {
        Self {
            name,
            endpoint_name,
            description: None,
            tags: BTreeMap::new(),
            component,
            models: BTreeMap::new(),
            environment_variables: BTreeMap::new(),
            instance_count: default_instance_count(),
            request_settings: RequestSettings::default(),
            sandbox: SandboxSettings::default(),
        }
    }

    /// Which revision this is. Description and tags do not count: they change nothing that runs.
    ///
    /// # Panics
    ///
    /// Never: a spec always has a JSON form.
    pub fn revision_id(&self) -> RevisionId {
        let running = Self {
            description: None,
            tags: BTreeMap::new(),
            ..self.clone()
        };
        // Fields and maps are written in a fixed order, so equal specs have equal bytes.
        let bytes = serde_json::to_vec(&running).expect("a spec is plain data with text keys");
        RevisionId(Digest::of(&bytes))
    }

    /// Requests that may be in the deployment at once, waiting or running; one more is refused with 429.
    pub fn max_in_flight(&self) -> usize {
        let per_instance = self
            .request_settings
            .max_concurrent_requests_per_instance
            .get() as usize;
        2 * per_instance * self.instance_count.get() as usize
    }

    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] that names the setting and its bounds.
    pub fn validate(&self) -> Result<(), InvalidSpec> {
        let request = &self.request_settings;
        let sandbox = &self.sandbox;
        let bounds: [(&'static str, u64, u64, u64); 8] = [
            ("instance_count", self.instance_count.get().into(), 1, 1_000),
            (
                "request_settings.request_timeout_ms",
                request.request_timeout_ms,
                1,
                600_000,
            ),
            (
                "request_settings.max_concurrent_requests_per_instance",
                request.max_concurrent_requests_per_instance.get().into(),
                1,
                1_000,
            ),
            (
                "request_settings.max_queue_wait_ms",
                request.max_queue_wait_ms,
                0,
                600_000,
            ),
            (
                "sandbox.memory_limit_mb",
                sandbox.memory_limit_mb.into(),
                1,
                1_024,
            ),
            (
                "sandbox.init_timeout_ms",
                sandbox.init_timeout_ms,
                1,
                600_000,
            ),
            (
                "sandbox.max_response_bytes",
                sandbox.max_response_bytes,
                1,
                1 << 30,
            ),
            (
                "sandbox.max_infer_calls",
                sandbox.max_infer_calls.into(),
                0,
                1_000_000,
            ),
        ];
        for (setting, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(InvalidSpec::OutOfBounds {
                    setting,
                    value,
                    least,
                    most,
                });
            }
        }
        if self.models.len() > MAX_MODELS {
            return Err(InvalidSpec::TooManyModels {
                count: self.models.len(),
            });
        }
        check_people_fields(self.description.as_deref(), &self.tags)?;
        self.environment_variables
            .iter()
            .try_for_each(|(name, value)| check_variable(name, value))
    }
}

#[cfg(test)]
mod tests;
