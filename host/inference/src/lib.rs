//! Native inference for scorers: ONNX Runtime behind one trait.
//!
//! A scorer names a model and hands over tensors; this crate loads the model once for everyone who uses it
//! ([`ModelCatalog`]), checks the tensors before native code sees them, and runs the model in place, until its deadline
//! and no longer. Read [`backend`] first, then [`onnx`]: `native` holds all of the crate's `unsafe` about running, and
//! why one session may be shared by all threads.

mod average;
pub mod backend;
pub mod catalog;
mod convert;
pub mod error;
mod native;
pub mod onnx;
mod precheck;
mod watchdog;

pub use backend::{InferenceBackend, InputView, Model};
pub use catalog::{CatalogError, ModelCatalog};
pub use error::{InferenceError, InvalidInput, LoadError, RuntimeError};
pub use onnx::{OnnxRuntime, OnnxSettings};
