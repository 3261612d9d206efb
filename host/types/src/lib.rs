//! The nouns of mlwasm: what the user says ([`spec`]), what is true ([`status`]), and the words for both.
//!
//! No I/O, no async, no heavy dependency: every other crate may name this one. Read [`spec`] first, then
//! [`traffic`]; [`api`] holds the bodies that the command line and the server exchange.

pub mod api;
pub mod cost;
pub mod digest;
pub mod failure;
pub mod names;
pub mod percent;
pub mod progress;
pub mod shadow;
pub mod spec;
pub mod status;
pub mod tensor;
pub mod traffic;

pub use cost::{Cost, CostReport, DeploymentCost, ProcessCost};
pub use digest::{Digest, InvalidDigest};
pub use names::{DeploymentName, EndpointName, InvalidName, ModelName, Name};
pub use percent::{InvalidPercent, Percent};
pub use progress::{Progress, Step};
pub use shadow::{ShadowReport, ShadowVerdict};
pub use spec::{
    AuthMode, Batching, Cron, DeploymentSpec, EndpointSpec, ExecutionProvider, Generation,
    InvalidCron, InvalidSpec, Isolation, ModelSpec, RequestSettings, RevisionId, SandboxSettings,
    ScaleKind, ScaleSchedule, ScaleSettings, ShadowSettings,
};
pub use status::{DeploymentStatus, ProvisioningState, RevisionNumber};
pub use tensor::{ElementType, Tensor, TensorSpec};
pub use traffic::{InvalidTraffic, Mirror, RoutingPoint, TrafficSplit};
