//! The no-code scorer: serves any ONNX model that the deployment lists as `model`, without code of the user's own.
//!
//! A request names the model's inputs; types and shapes come from the model itself:
//!
//! ```json
//! {"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
//! {"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
//! {"data": [[5.1, 3.5], [6.2, 2.9]]}
//! ```
//!
//! The second form may state a `datatype` too; the third is for models of a single input. The answer is always of this form:
//!
//! ```json
//! {"outputs": {"y": {"datatype": "FP32", "shape": [2], "data": [0.25, 0.75]}}}
//! ```
//!
//! JSON has no number for them, so the floats that are no finite number are the strings `"NaN"`, `"Infinity"` and
//! `"-Infinity"`, in requests and answers (as protobuf's JSON has it).
//!
//! Read [`OnnxScorer`] first. In the order of a request: `body` (which inputs), `input` (one of them), `nested` (arrays
//! within arrays), `elements` (JSON to numbers), `answer`.

mod answer;
mod body;
mod elements;
mod input;
mod nested;
mod scorer;

pub use scorer::OnnxScorer;

mlwasm_sdk::scorer!(OnnxScorer);
