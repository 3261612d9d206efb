//! Describes two inputs of one name.

use mlwasm_sdk::{
    ElementType, InitError, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors,
};

struct TwinNames;

impl TensorScorer for TwinNames {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        let spec = |name: &str| TensorSpec::new(name, ElementType::Float32, [None]);
        Signature::new()
            .input(spec("x"))
            .input(spec("x"))
            .output(spec("y"))
    }

    fn infer(&mut self, _inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        Err(ScoreError::internal(
            "`describe` went wrong, and yet `infer` was called",
        ))
    }
}

mlwasm_sdk::tensor_scorer!(TwinNames);
