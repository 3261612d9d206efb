//! Traps in `describe`.

use mlwasm_sdk::{InitError, ScoreError, Signature, Tensor, TensorScorer, Tensors};

struct TrapDescribe;

impl TensorScorer for TrapDescribe {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    #[expect(clippy::panic, reason = "what this guest is for")]
    fn describe(&self) -> Signature {
        panic!("trapped in describe");
    }

    fn infer(&mut self, _inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        Err(ScoreError::internal(
            "`describe` went wrong, and yet `infer` was called",
        ))
    }
}

mlwasm_sdk::tensor_scorer!(TrapDescribe);
