//! What the operator wants: endpoints and deployments, as they are stored and as `PUT` bodies carry them.
//!
//! Field names are the contract's (Azure's where Azure has one). An unknown key is an error, so that a misspelt
//! setting never passes for a default. [`DeploymentSpec::revision_id`] says which fields make a revision.

mod auth_mode;
mod bounds;
mod collector;
mod cron;
mod egress;
mod field_path;
mod files;
mod invalid;
mod model;
mod request;
mod sandbox;
mod scale;
mod secret;
mod shadow;

use std::{collections::BTreeMap, fmt, num::NonZeroU32};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use auth_mode::AuthMode;
pub use collector::{Collections, DataCollector, RollingRate, Switch};
pub use cron::{Cron, InvalidCron};
pub use egress::{InvalidOrigin, MAX_ORIGINS, Origin};
pub use field_path::{FieldPath, InvalidFieldPath, PathStep, written};
pub use files::{FileName, InvalidFileName, InvalidMountPath, MAX_FILE_NAME, MAX_FILES, MountPath};
pub use invalid::InvalidSpec;
pub(crate) use model::ModelOptions;
pub use model::{Batching, ExecutionProvider, ModelSpec};
pub use request::RequestSettings;
pub use sandbox::{Isolation, SandboxSettings};
pub use scale::{ScaleKind, ScaleSchedule, ScaleSettings};
pub use secret::{InvalidSecretReference, SecretReference};
pub use shadow::{Real, ShadowSettings};

use bounds::Bound;
use egress::check_origins;
use files::check_files;
pub(crate) use invalid::check_people_fields;
use invalid::{check_secret, check_variable};

use crate::{
    DeploymentName, Digest, EndpointName, InstanceTypeName, InvalidTraffic, Mirror, ModelName,
    Percent, Role, Route, TrafficSplit,
    traffic::routes::{check_routes, is_token},
};

/// The counter of the desired state: every accepted change adds one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
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

/// What is wanted of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// Unique on the server.
    #[schema(required = false)]
    pub name: EndpointName,
    /// How callers prove who they are.
    #[serde(default)]
    pub auth_mode: AuthMode,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096)]
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
    /// The cookie whose value does, where the header is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticky_cookie: Option<String>,
    /// What sends requests to a deployment before the shares are looked at; the first that fits decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub routes: Vec<Route>,
    /// How the mirror's answers are compared with the live ones.
    #[serde(default, skip_serializing_if = "ShadowSettings::is_default")]
    pub shadow: ShadowSettings,
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
            sticky_cookie: None,
            routes: Vec::new(),
            shadow: ShadowSettings::default(),
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
        let mirror = self.mirror()?;
        check_routes(&self.routes, mirror.as_ref())?;
        self.shadow.validate()?;
        check_people_fields(self.description.as_deref(), &self.tags)?;
        if let Some(header) = self.sticky_header.as_ref().filter(|name| !is_token(name)) {
            let header = header.clone();
            return Err(InvalidSpec::HeaderName { header });
        }
        if let Some(cookie) = self.sticky_cookie.as_ref().filter(|name| !is_token(name)) {
            let cookie = cookie.clone();
            return Err(InvalidSpec::CookieName { cookie });
        }
        Ok(())
    }
}

/// What is wanted of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSpec {
    /// Unique within the endpoint.
    #[schema(required = false)]
    pub name: DeploymentName,
    /// The endpoint that it belongs to.
    #[schema(required = false)]
    pub endpoint_name: EndpointName,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4096)]
    pub description: Option<String>,
    /// For people and their tools.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What it is for where versions are compared. At most one deployment of an endpoint is the control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The scorer: digest of an uploaded WebAssembly component.
    pub component: Digest,
    /// The models that the scorer may open.
    #[serde(default)]
    pub models: BTreeMap<ModelName, ModelSpec>,
    /// Files beside the models, which the scorer reads, and no others, in the folder `model_mount_path`; at most 1,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<FileName, Digest>,
    /// Where the scorer sees the folder of `files`; /model if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_mount_path: Option<MountPath>,
    /// The scorer's whole environment.
    #[serde(default)]
    pub environment_variables: BTreeMap<String, String>,
    /// More environment variables, whose values the server looks up when it makes a revision ready.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretReference>,
    /// Whom the scorer may call by HTTP, and nobody else; without it, nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 64)]
    pub egress: Vec<Origin>,
    /// How many sandboxes, that is how many requests run at once, unless `scale_settings` say otherwise.
    #[serde(default = "default_instance_count")]
    #[schema(value_type = u32, minimum = 1, maximum = 1000, default = 2)]
    pub instance_count: NonZeroU32,
    /// The profile of limits of the server's that `request_settings` and `sandbox` were laid over when the deployment took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<InstanceTypeName>,
    /// Whether the number of sandboxes follows the load.
    #[serde(default, skip_serializing_if = "ScaleSettings::is_fixed")]
    pub scale_settings: ScaleSettings,
    /// Time and queue limits of a request.
    #[serde(default)]
    pub request_settings: RequestSettings,
    /// Limits of one sandbox.
    #[serde(default)]
    pub sandbox: SandboxSettings,
    /// Whether requests in tensors that wait for a sandbox at the same time are joined into one call of the scorer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infer_batching: Option<Batching>,
    /// Which bodies are kept; without it, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_collector: Option<DataCollector>,
}

/// Two sandboxes: a deployment that answers one request while it takes the next.
fn default_instance_count() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(1)
}

/// The digest of what a revision consists of: component, models, files and settings.
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
            role: None,
            component,
            models: BTreeMap::new(),
            files: BTreeMap::new(),
            model_mount_path: None,
            environment_variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            egress: Vec::new(),
            instance_count: default_instance_count(),
            instance_type: None,
            scale_settings: ScaleSettings::default(),
            request_settings: RequestSettings::default(),
            sandbox: SandboxSettings::default(),
            infer_batching: None,
            data_collector: None,
        }
    }

    /// Which revision this is. Description, tags, role, data collector and the name of the profile do not count: they change nothing that runs.
    ///
    /// # Panics
    ///
    /// Never: a spec always has a JSON form.
    pub fn revision_id(&self) -> RevisionId {
        let running = Self {
            description: None,
            tags: BTreeMap::new(),
            role: None,
            data_collector: None,
            instance_type: None,
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
        2 * per_instance * self.most_instances() as usize
    }

    /// The sandboxes that the deployment has at the least, before any schedule.
    pub fn least_instances(&self) -> u32 {
        match self.scale_settings.kind {
            ScaleKind::Default => self.instance_count.get(),
            ScaleKind::TargetUtilization => self.scale_settings.min_instances,
        }
    }

    /// The sandboxes that the deployment has at the most.
    pub fn most_instances(&self) -> u32 {
        match self.scale_settings.kind {
            ScaleKind::Default => self.instance_count.get(),
            ScaleKind::TargetUtilization => self.scale_settings.max_instances.get(),
        }
    }

    /// Every artifact that it needs.
    pub fn artifacts(&self) -> impl Iterator<Item = Digest> {
        let of_models = self.models.values().flat_map(ModelSpec::artifacts);
        std::iter::once(self.component)
            .chain(of_models.map(|(_, digest)| digest))
            .chain(self.files.values().copied())
    }

    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] that names the setting and its bounds.
    pub fn validate(&self) -> Result<(), InvalidSpec> {
        let instances = Bound::new("instance_count", self.instance_count.get(), 1, 1_000);
        instances.check()?;
        self.request_settings.validate()?;
        self.sandbox.validate()?;
        self.scale_settings.validate()?;
        if let Some(collector) = &self.data_collector {
            collector.validate()?;
        }
        if let Some(batching) = self.infer_batching {
            let size = "infer_batching.max_batch_size";
            batching.validate(size, "infer_batching.max_queue_delay_us")?;
            if self.sandbox.isolation == Isolation::Request {
                return Err(InvalidSpec::JoinedAndApart);
            }
        }
        if self.models.len() > MAX_MODELS {
            return Err(InvalidSpec::TooManyModels {
                count: self.models.len(),
            });
        }
        self.models.values().try_for_each(ModelSpec::validate)?;
        check_files(&self.files)?;
        check_origins(&self.egress)?;
        check_people_fields(self.description.as_deref(), &self.tags)?;
        self.environment_variables
            .iter()
            .try_for_each(|(name, value)| check_variable(name, value))?;
        self.secrets
            .keys()
            .try_for_each(|name| check_secret(name, &self.environment_variables))
    }
}

#[cfg(test)]
mod tests;
