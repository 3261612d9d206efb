//! A model that is a closure.

use std::fmt;

use super::check;
use crate::{InferenceError, Tensor, TensorSpec};

type Run = dyn Fn(&[Tensor]) -> Result<Vec<Tensor>, InferenceError>;

/// A model that is a closure, with the inputs and outputs that it claims to have.
pub struct FakeModel {
    run: Box<Run>,
    pub(super) inputs: Vec<TensorSpec>,
    pub(super) outputs: Vec<TensorSpec>,
}

impl FakeModel {
    /// A model without inputs and outputs yet. The closure gets its tensors in the order of the inputs.
    pub fn new(run: impl Fn(&[Tensor]) -> Result<Vec<Tensor>, InferenceError> + 'static) -> Self {
        Self {
            run: Box::new(run),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// The same model with one more input.
    #[must_use]
    pub fn input(mut self, spec: TensorSpec) -> Self {
        self.inputs.push(spec);
        self
    }

    /// The same model with one more output.
    #[must_use]
    pub fn output(mut self, spec: TensorSpec) -> Self {
        self.outputs.push(spec);
        self
    }

    pub(super) fn infer(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, InferenceError> {
        let inputs = check::in_order(&self.inputs, inputs).map_err(InferenceError::InvalidInput)?;
        let outputs = (self.run)(&inputs)?;
        // A real model can not break its own promise, so a fake one must not either: the test would prove nothing.
        check::in_order(&self.outputs, &outputs).map_err(|reason| {
            InferenceError::Failed(format!(
                "the fake model's closure broke its outputs: {reason}"
            ))
        })
    }
}

impl fmt::Debug for FakeModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("FakeModel");
        debug
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .finish_non_exhaustive()
    }
}
