//! What an author of a typed scorer implements, and the macro that exports it.

use crate::{InitError, Request, Response, ScoreError, Signature, Tensor, Tensors, json};

/// A typed scorer: tensors in, tensors out, of the types and shapes that it describes.
///
/// The host compares requests with [`describe`](TensorScorer::describe) before [`infer`](TensorScorer::infer) sees them,
/// and answers with it afterwards; it is what clients are told of the scorer. Requests in JSON need no code: see
/// [`run`](TensorScorer::run).
///
/// ```
/// use mlwasm_sdk::{
///     ElementType, InitError, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors,
/// };
///
/// /// The length of each row.
/// struct Norm;
///
/// impl TensorScorer for Norm {
///     fn init() -> Result<Self, InitError> {
///         Ok(Self)
///     }
///
///     fn describe(&self) -> Signature {
///         Signature::new()
///             .input(TensorSpec::new("rows", ElementType::Float32, [None, Some(2)]))
///             .output(TensorSpec::new("norm", ElementType::Float32, [None]))
///     }
///
///     fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
///         let rows = inputs.get("rows")?.values::<f32>()?;
///         let norms: Vec<f32> = rows.chunks(2).map(|row| row[0].hypot(row[1])).collect();
///         Ok(vec![Tensor::new("norm", &[norms.len()], &norms)?])
///     }
/// }
///
/// mlwasm_sdk::tensor_scorer!(Norm);
///
/// # use mlwasm_sdk::testing::{FakeHost, post_json};
/// let mut sandbox = FakeHost::new().init_typed::<Norm>()?;
/// let response = sandbox.run(post_json(r#"{"inputs": {"rows": [[3, 4]]}}"#))?;
/// assert_eq!(
///     response.body,
///     br#"{"outputs":{"norm":{"datatype":"FP32","shape":[1],"data":[5.0]}}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Concurrency
///
/// As of a [`Scorer`](crate::Scorer).
pub trait TensorScorer: Sized + 'static {
    /// Makes the scorer: opens models, reads settings.
    ///
    /// # Errors
    ///
    /// As of [`Scorer::init`](crate::Scorer::init).
    fn init() -> Result<Self, InitError>;

    /// What the scorer takes and gives. The answer must not change.
    fn describe(&self) -> Signature;

    /// Scores one request: a tensor for each input, in the signature's order, checked. Answers a tensor for each output,
    /// in any order.
    ///
    /// # Errors
    ///
    /// As of [`Scorer::run`](crate::Scorer::run).
    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError>;

    /// Answers one request that is no tensors yet. By itself it takes JSON and answers in the same form:
    ///
    /// ```json
    /// {"inputs": {"rows": [[3, 4]]}}
    /// {"inputs": {"rows": {"shape": [1, 2], "data": [3, 4]}}}
    /// {"data": [[3, 4]]}
    /// {"inputs": [{"name": "rows", "datatype": "FP32", "shape": [1, 2], "data": [3, 4]}]}
    /// ```
    ///
    /// The third form is for scorers of one input, the last one is that of the Open Inference Protocol; it is answered in
    /// kind, the others by `{"outputs": {"norm": {"datatype": "FP32", "shape": [1], "data": [5.0]}}}`.
    ///
    /// # Errors
    ///
    /// [`ScoreError::BadRequest`] that names the input and what was expected; else what `infer` answers.
    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        json::run(self, &request)
    }
}

/// Exports a [`TensorScorer`] from a crate of type `cdylib`. Say it once per crate, instead of
/// [`scorer!`](macro@crate::scorer).
///
/// On targets other than WebAssembly it only checks that the type is such a scorer.
#[macro_export]
macro_rules! tensor_scorer {
    ($scorer:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::wasm::ExportedTensors<$scorer>;
            $crate::wasm::tensor_world::__export_tensor_scoring!(Exported with_types_in $crate::wasm::tensor_world);
        };

        #[cfg(not(target_family = "wasm"))]
        const _: fn() = $crate::testing::assert_tensor_scorer::<$scorer>;
    };
}
