//! Real servers for the suite and the benches: the built binary, real scorers, real sockets, a folder of its own.
//!
//! Read [`Platform`] first. Nothing here returns errors: what goes wrong fails the test at once, with the server's
//! own log, since a test can do nothing better with it.

mod artifacts;
mod author;
mod call;
mod certificates;
mod cli;
mod collector;
mod commands;
mod deploy;
mod disk;
mod eventually;
mod failure;
mod grpc;
mod metrics;
mod origin;
mod platform;
mod python;
mod raw;
mod server;

pub use artifacts::{Binary, guests, languages, models, onnxruntime, plugins, promtool, workspace};
pub use author::Author;
pub use call::{Answer, Call};
pub use certificates::Certificates;
pub use cli::{Following, Output};
pub use collector::{CollectedSpan, Collector};
pub use commands::Commands;
pub use deploy::Deploy;
pub use disk::{DiskCalls, DiskFault, FailingDisk};
pub use eventually::eventually;
pub use grpc::{GrpcAnswer, GrpcCall};
pub use metrics::{Metrics, Sample};
pub use origin::{Heard, Origin};
pub use platform::{Platform, Setup};
pub use python::Python;
pub use server::{Ended, Server};
