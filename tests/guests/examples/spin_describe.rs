//! Never returns from `describe`.

use mlwasm_sdk::{InitError, ScoreError, Signature, Tensor, TensorScorer, Tensors};

struct SpinDescribe;

impl TensorScorer for SpinDescribe {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        loop {
            std::hint::black_box(());
        }
    }

    fn infer(&mut self, _inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        Err(ScoreError::internal(
            "`describe` went wrong, and yet `infer` was called",
        ))
    }
}

mlwasm_sdk::tensor_scorer!(SpinDescribe);
