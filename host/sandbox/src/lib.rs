//! Sandboxes for scorers: the only crate that names wasmtime.
//!
//! An [`Engine`] makes a component into a [`CompiledScorer`], once; a [`SandboxPool`] keeps some sandboxes of it warm for
//! one deployment; a [`SandboxLease`] runs one request in one of them, in bytes or, of a typed scorer, in tensors. Read
//! `pool` first, then `sandbox`, which holds the two calls that the rest exists for; `imports` is the complete list of what a
//! scorer can do to the world.

mod anatomy;
mod bindings;
mod cache;
mod compilations;
mod compile;
mod component;
mod cost;
mod cpu;
mod egress;
mod engine;
mod error;
mod failures;
mod fault;
mod guard;
mod headers;
mod host_state;
mod hunger;
mod imports;
mod joining;
mod keep;
mod lease;
mod limits;
mod lock;
mod log;
mod places;
mod pool;
mod precheck;
mod recycles;
mod request;
mod rotating;
mod sandbox;
mod tasks;
mod tensors;
mod wear;

pub use anatomy::{Anatomy, CoreModule, Import};
pub use compilations::{Compilation, CompilationCounts};
pub use compile::{ChildCompiler, CompileLimits, Compiler, compile_child_main};
pub use component::CompiledScorer;
pub use cost::CostMeter;
pub use egress::{Authorities, Egress, EgressMeter, EgressOutcome, InvalidAuthority};
pub use engine::{CompiledCache, Engine, EngineSettings};
pub use error::{
    ComponentError, EngineError, LeaseError, NotJoinable, Opening, RunError, StartError,
};
pub use failures::{FailedBody, Failures, RevisionFailures};
pub use hunger::Hunger;
pub use imports::files::FilesFolder;
pub use imports::grants::Grant;
pub use joining::{Company, Joinable, JoinedCounts, JoinedSeat, Seat};
pub use keep::{Keep, Record, Recorder};
pub use lease::SandboxLease;
pub use limits::Limit;
pub use log::{DeploymentLog, LogKeeper, LogQuery, NoRoom};
pub use pool::{PoolLoad, PoolSettings, SandboxPool};
pub use precheck::not_a_component;
pub use recycles::{RecycleCounts, Recycles};
pub use request::{RunReport, ScoringRequest, ScoringResponse};
pub use rotating::{RotatingFile, Rotation};
pub use tasks::TaskGroup;
pub use tensors::{InferReport, NamedTensor, TensorInput, TensorRequest};
