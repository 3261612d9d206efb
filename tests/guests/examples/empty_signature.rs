//! Describes itself as giving nothing.

use mlwasm_sdk::{InitError, ScoreError, Signature, Tensor, TensorScorer, Tensors};

struct EmptySignature;

impl TensorScorer for EmptySignature {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        Signature::new()
    }

    fn infer(&mut self, _inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        Err(ScoreError::internal(
            "`describe` went wrong, and yet `infer` was called",
        ))
    }
}

mlwasm_sdk::tensor_scorer!(EmptySignature);
