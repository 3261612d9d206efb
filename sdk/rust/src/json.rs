//! Requests and answers in JSON, for scorers that work on tensors.
//!
//! Types and shapes come from the signature; a client names inputs and gives numbers:
//!
//! ```json
//! {"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
//! {"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
//! {"data": [[5.1, 3.5], [6.2, 2.9]]}
//! {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}]}
//! ```
//!
//! JSON has no number for them, so the floats that are no finite number are the strings `"NaN"`, `"Infinity"` and
//! `"-Infinity"`, in requests and answers (as protobuf's JSON has it).
//!
//! In the order of a request: `body` (which inputs), `input` (one of them), `nested` (arrays within arrays), `elements`
//! (JSON to numbers), `answer`.

mod answer;
mod body;
mod elements;
mod input;
mod nested;

pub(crate) use answer::Named;
pub(crate) use input::read_protocol;

use crate::{Request, Response, ScoreError, TensorScorer};

/// Answers a request in JSON by the scorer's `infer`.
pub(crate) fn run<T: TensorScorer>(
    scorer: &mut T,
    request: &Request,
) -> Result<Response, ScoreError> {
    let (inputs, form) = body::read(&request.json()?, &scorer.describe().inputs)?;
    let outputs = scorer.infer(inputs.into())?;
    match form {
        body::Form::Plain => answer::plain(&outputs),
        body::Form::Protocol(asked) => answer::protocol(&outputs, &asked, &request.deployment),
    }
}

#[cfg(test)]
mod tests;
