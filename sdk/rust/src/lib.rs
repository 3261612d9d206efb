//! Write scorers for mlwasm in Rust.
//!
//! A scorer is a WebAssembly component: the platform calls its `init` once, then `run` for every request, and runs its
//! models natively outside the sandbox. Implement [`Scorer`] and export it with [`scorer!`]:
//!
//! ```
//! use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer, Tensor};
//!
//! #[derive(serde::Deserialize)]
//! struct Flowers {
//!     data: Vec<[f32; 4]>,
//! }
//!
//! struct Iris {
//!     model: Model,
//! }
//!
//! impl Scorer for Iris {
//!     fn init() -> Result<Self, InitError> {
//!         Ok(Self { model: Model::open("model")? })
//!     }
//!
//!     fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
//!         let flowers: Flowers = request.json()?;
//!         let input = Tensor::new("input", &[flowers.data.len(), 4], flowers.data.as_flattened())?;
//!         let outputs = self.model.infer(&[input])?;
//!         Response::json(&outputs.get("label")?.values::<i64>()?)
//!     }
//! }
//!
//! mlwasm_sdk::scorer!(Iris);
//! # fn main() {}
//! ```
//!
//! A scorer whose input and output are tensors implements [`TensorScorer`] instead, and is exported by [`tensor_scorer!`]:
//! then clients are told what it takes and gives, and JSON needs no code.
//!
//! Read [`Scorer`] first, then [`Model`] and [`Tensor`]. Native tests of a scorer need no server: see [`testing`].

mod collection;
mod element;
mod element_type;
pub mod env;
mod error;
pub mod files;
mod half;
mod header;
#[cfg(feature = "http")]
pub mod http;
mod json;
pub mod log;
mod model;
mod query;
mod request;
mod response;
mod scorer;
mod signature;
mod spec;
mod strings;
mod tensor;
mod tensor_error;
mod tensor_scorer;
mod tensors;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod v2;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod wasm;

pub use collection::Collection;
pub use element::Element;
pub use element_type::{ElementType, UnknownDatatype};
pub use error::{CollectionError, InferenceError, InitError, ScoreError};
pub use half::{BFloat16, Float16};
pub use header::Header;
pub use model::Model;
pub use query::QueryParams;
pub use request::Request;
pub use response::Response;
pub use scorer::Scorer;
pub use signature::Signature;
pub use spec::TensorSpec;
pub use tensor::Tensor;
pub use tensor_error::TensorError;
pub use tensor_scorer::TensorScorer;
pub use tensors::{Outputs, Tensors};

// Compiles the guide's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
