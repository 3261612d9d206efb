//! The no-code scorer: serves any ONNX model that the deployment lists as `model`, without code of the user's own.
//!
//! It is a typed scorer that takes and gives what the model does. What clients may send as JSON, and what comes back, is the
//! same for all typed scorers: see [`TensorScorer::run`](mlwasm_sdk::TensorScorer::run).

mod scorer;

pub use scorer::OnnxScorer;

mlwasm_sdk::tensor_scorer!(OnnxScorer);
