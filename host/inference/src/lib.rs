//! Native inference for scorers: ONNX Runtime behind one trait.
//!
//! A scorer names a model and hands over tensors; this crate loads the model once for everyone who uses it
//! ([`ModelCatalog`]), checks the tensors before native code sees them, and runs the model until its deadline and no
//! longer: in place if that is short, else on a thread of its own (`lanes`), joined with what waits beside it (`batch`).
//! Read [`backend`] first, then [`onnx`] and `model`: `native` holds all of the crate's `unsafe` about running, and why
//! one session may be shared by all threads.

mod average;
pub mod backend;
mod batch;
pub mod catalog;
mod convert;
mod cpu;
pub mod error;
mod lanes;
mod model;
mod native;
pub mod onnx;
mod precheck;
mod protobuf;
mod providers;
mod sample;
mod sessions;
mod warm_up;
mod watchdog;
mod zipmap;

pub use backend::{
    BatchCounts, Begun, InferenceBackend, InputView, LaneCounts, Model, ModelOptions, Ran,
};
pub use catalog::{CatalogError, ModelCatalog};
pub use cpu::stand_back;
pub use error::{InferenceError, InvalidInput, LoadError, RuntimeError};
pub use onnx::{OnnxRuntime, OnnxSettings};
