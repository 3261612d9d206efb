//! The data plane: the way of one request, from its socket to a sandbox and back.
//!
//! Read `pipeline` first, it names the steps in order; each step is a file and hands on a value that only it can
//! make. `rejection` lists every reason for which a client gets an error. `listener`, `connection`, `activity` and
//! `warden` are about sockets and know nothing of scoring. `form` says how requests in the words of `v2`, `kserve` and `grpc` take the
//! same way.

mod access_log;
mod activity;
mod admit;
mod authenticate;
mod body;
mod choose;
mod collect;
mod connection;
mod context;
mod form;
mod gateway;
mod grpc;
mod health;
mod kserve;
mod listener;
mod meters;
pub mod metrics;
mod mirror;
mod pipeline;
mod record;
mod rejection;
mod respond;
mod route;
mod run;
mod settings;
mod swagger;
mod traces;
mod v2;
mod warden;

pub use access_log::{AccessLog, AccessLogTarget};
pub use form::TrialCall;
pub use gateway::Gateway;
pub use record::Records;
pub use settings::GatewaySettings;
pub use traces::{
    RequestTrace, Span, SpanId, Step, StepKind, TraceId, TraceReceiver, TraceRole, TraceSettings,
    TracedExchange, Traces,
};
