//! A host for tests: runs a scorer natively, without a server, against models that are closures.
//!
//! Inputs are checked as the real host checks them, so a tensor that passes here has the right name, type and shape.
//!
//! ```
//! # use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer};
//! use mlwasm_sdk::testing::{FakeHost, FakeModel, post_json};
//! use mlwasm_sdk::{ElementType, Tensor, TensorSpec};
//!
//! # struct Double { model: Model }
//! # impl Scorer for Double {
//! #     fn init() -> Result<Self, InitError> { Ok(Self { model: Model::open("model")? }) }
//! #     fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
//! #         let numbers: Vec<f32> = request.json()?;
//! #         let outputs = self.model.infer(&[Tensor::new("x", &[numbers.len()], &numbers)?])?;
//! #         Response::json(&outputs.get("y")?.values::<f32>()?)
//! #     }
//! # }
//! let double = FakeModel::new(|inputs| {
//!     let x = inputs[0].values::<f32>().unwrap();
//!     let y: Vec<f32> = x.iter().map(|x| 2.0 * x).collect();
//!     Ok(vec![Tensor::new("y", &[y.len()], &y).unwrap()])
//! })
//! .input(TensorSpec::new("x", ElementType::Float32, [None]))
//! .output(TensorSpec::new("y", ElementType::Float32, [None]));
//!
//! let mut sandbox = FakeHost::new().with_model("model", double).init::<Double>()?;
//! let response = sandbox.run(post_json("[1, 2.5]"))?;
//! assert_eq!(response.body, b"[2.0,5.0]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "http")]
mod calling;
mod check;
mod collecting;
mod fake_host;
mod fake_model;
mod fake_typed;
mod handle;
mod requests;

#[cfg(feature = "http")]
pub(crate) use calling::send;
pub use collecting::Recorded;
pub(crate) use collecting::{collect, is_collected};
pub use fake_host::{FakeHost, FakeSandbox};
pub(crate) use fake_host::{env_var, file, file_names};
pub use fake_model::FakeModel;
pub use fake_typed::FakeTypedSandbox;
pub(crate) use handle::Handle;
pub use requests::{post, post_json};

/// What [`scorer!`](crate::scorer) leaves of its check on targets other than WebAssembly.
#[doc(hidden)]
pub fn assert_scorer<T: crate::Scorer>() {}

/// As [`assert_scorer`], of [`tensor_scorer!`](crate::tensor_scorer).
#[doc(hidden)]
pub fn assert_tensor_scorer<T: crate::TensorScorer>() {}
