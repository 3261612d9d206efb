//! The waist between the planes: the control plane publishes a [`RoutingTable`], the data plane reads it.
//!
//! Neither names the other; both name this. Read [`table`] first, then [`publish`].

pub mod admission;
pub mod breaker;
pub mod budget;
pub mod callers;
pub mod choose;
mod cohorts;
pub mod collection;
pub mod meters;
pub mod publish;
pub mod shadow;
pub mod table;
pub mod tokens;

pub use admission::{Admission, Admitted, CopyTurn, Full};
pub use breaker::Breaker;
pub use budget::Budget;
pub use callers::{Callers, KeyDigest, Keys};
pub use choose::{ChooseError, Selection};
pub use collection::CollectionTap;
pub use meters::{
    DeploymentMeters, Histogram, Latencies, MirrorResult, Outcome, ScaleDirection, ShadowResult,
};
pub use publish::{TablePublisher, TableReader, channel};
pub use shadow::ShadowTap;
pub use table::{Deployment, Endpoint, EndpointParts, MirrorRoute, Revision, RoutingTable};
pub use tokens::{SigningError, TokenKey};
