//! What a typed scorer takes and gives.

use crate::TensorSpec;

/// What a [`TensorScorer`](crate::TensorScorer) takes and gives. Names are distinct on each side, and at least one tensor is
/// given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// What it takes: each of them in every request.
    pub inputs: Vec<TensorSpec>,
    /// What it gives: each of them in every answer.
    pub outputs: Vec<TensorSpec>,
}

impl Signature {
    /// A signature without tensors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same signature with one more input.
    #[must_use]
    pub fn input(mut self, spec: TensorSpec) -> Self {
        self.inputs.push(spec);
        self
    }

    /// The same signature with one more output.
    #[must_use]
    pub fn output(mut self, spec: TensorSpec) -> Self {
        self.outputs.push(spec);
        self
    }
}
