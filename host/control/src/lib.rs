//! The control plane: what the operator wants, kept durable and made true.
//!
//! A request to the administration API becomes a change of the desired state, the store makes it durable, and the reconciler
//! brings the routing table to it. Read [`Control`] first, then `store/change.rs` for the rules of what may be changed,
//! `reconcile/plan.rs` for what follows from a change, and `reconcile.rs` for how it is carried out. No file but those in
//! `store/` names the database, and none but those in `api/` names HTTP.

mod admin_tokens;
mod anonymous;
mod api;
mod artifacts;
mod audit;
mod author;
mod autoscale;
mod backup;
mod causes;
mod clock;
mod collection;
mod control;
mod cost;
mod data_dir;
mod egress;
mod file_folders;
mod keys;
mod logs;
mod reconcile;
mod rollout;
mod scoring_tokens;
mod secret;
mod secrets;
mod shadow;
mod store;

pub use anonymous::AnonymousCallers;
pub use audit::AuditRetention;
pub use backup::{RestoreError, Restored, restore};
pub use control::{Control, ControlError, ControlSettings};
pub use data_dir::{DataDir, DataDirError};
pub use egress::{AllowedOrigins, EgressRules};
pub use logs::LogRetention;
pub use rollout::RolloutCounts;
pub use secret::SecretError;
pub use secrets::SecretSources;
pub use store::StoreError;
