//! The nouns of mlwasm: what the user says ([`spec`]), what is true ([`status`]), and the words for both.
//!
//! No I/O, no async, no heavy dependency: every other crate may name this one. Read [`spec`] first, then
//! [`traffic`]; [`api`] holds the bodies that the command line and the server exchange.

pub mod access;
pub mod api;
pub mod audit;
pub mod collection;
pub mod cost;
pub mod digest;
pub mod duration;
pub mod failure;
pub mod instance_type;
pub mod names;
pub mod percent;
pub mod progress;
pub mod registry;
pub mod revision;
pub mod role;
pub mod rollout;
mod schema;
pub mod shadow;
pub mod spec;
pub mod status;
pub mod tensor;
mod text;
pub mod traffic;

pub use access::Scope;
pub use collection::{CollectedLine, CollectedPage, Collection};
pub use cost::{Cost, CostReport, DeploymentCost, ProcessCost};
pub use digest::{Digest, InvalidDigest};
pub use instance_type::{InstanceType, InstanceTypes};
pub use names::{
    AdminTokenName, CollectionName, DeploymentName, EndpointName, InstanceTypeName, InvalidName,
    ModelName, Name,
};
pub use percent::{InvalidPercent, Percent};
pub use progress::{Progress, Step};
pub use registry::{ModelReference, ModelVersion, RegisteredModel};
pub use revision::{RevisionState, RevisionView, SettingChange};
pub use role::{Role, baseline};
pub use rollout::{InvalidPlan, Rollout, RolloutPlan, RolloutState, RolloutView};
pub use shadow::{ShadowReport, ShadowVerdict};
pub use spec::{
    AuthMode, Batching, Cron, DataCollector, DeploymentSpec, EndpointSpec, ExecutionProvider,
    FileName, Generation, InvalidCron, InvalidOrigin, InvalidSpec, Isolation, MAX_ORIGINS,
    ModelSpec, MountPath, Origin, RequestSettings, RevisionId, SandboxSettings, ScaleKind,
    ScaleSchedule, ScaleSettings, SecretReference, ShadowSettings,
};
pub use status::{DeploymentStatus, ProvisioningState, RevisionNumber};
pub use tensor::{ElementType, Signature, SignatureView, Tensor, TensorSpec};
pub use traffic::{
    Carrier, InvalidRoute, InvalidTraffic, Mirror, Route, RoutingPoint, TrafficSplit,
};
