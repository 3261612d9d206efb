//! The Open Inference Protocol for scorers that take bytes.
//!
//! The host serves a [`TensorScorer`](crate::TensorScorer) over the protocol by itself. A [`Scorer`](crate::Scorer) gets such a
//! request as it came, with the header `mlwasm-protocol: v2`, which only the host sets. Over gRPC, too: the host turns messages
//! into this form, and the answer into a message.
//!
//! ```
//! use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, Tensor, v2};
//!
//! struct Double;
//!
//! impl Scorer for Double {
//!     fn init() -> Result<Self, InitError> {
//!         Ok(Self)
//!     }
//!
//!     fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
//!         if v2::is_asked(&request) {
//!             return v2::answer(&request, |inputs| {
//!                 let numbers = inputs.get("x").map_err(ScoreError::bad_request)?;
//!                 let doubled: Vec<f32> = numbers.values::<f32>()?.iter().map(|x| 2.0 * x).collect();
//!                 Ok(vec![Tensor::new("y", &[doubled.len()], &doubled)?])
//!             });
//!         }
//!         Response::json(&"ask over /v2")
//!     }
//! }
//! # mlwasm_sdk::scorer!(Double);
//! # fn main() {}
//! ```

mod outputs;
mod request;

use crate::{Request, Response, ScoreError, Tensor, Tensors};

/// The header that says how many bytes of a body are JSON: binary data follows.
const JSON_LENGTH: &str = "inference-header-content-length";

/// Whether the request is one of the protocol.
pub fn is_asked(request: &Request) -> bool {
    request.header("mlwasm-protocol") == Some("v2")
}

/// Answers a request of the protocol: reads its tensors from JSON and binary data, asks `infer`, and tells the outputs that the
/// client wants, in the form in which it wants them.
///
/// # Errors
///
/// [`ScoreError::BadRequest`] that names what is wrong in the body, or an output that there is not; else what `infer` answers.
pub fn answer(
    request: &Request,
    infer: impl FnOnce(Tensors) -> Result<Vec<Tensor>, ScoreError>,
) -> Result<Response, ScoreError> {
    let (inputs, wish) = request::read(request)?;
    let outputs = infer(inputs.into())?;
    outputs::write(request, &outputs, &wish)
}

#[cfg(test)]
mod tests;
