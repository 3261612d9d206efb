//! What an open model is, natively.

use std::rc::Rc;

use super::fake_host;
use super::fake_model::FakeModel;
use crate::{InferenceError, Tensor, TensorSpec};

#[derive(Debug)]
pub(crate) struct Handle(Rc<FakeModel>);

impl Handle {
    pub(crate) fn open(name: &str) -> Result<Self, InferenceError> {
        fake_host::find_model(name).map(Self)
    }

    pub(crate) fn inputs(&self) -> Vec<TensorSpec> {
        self.0.inputs.clone()
    }

    pub(crate) fn outputs(&self) -> Vec<TensorSpec> {
        self.0.outputs.clone()
    }

    pub(crate) fn infer(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, InferenceError> {
        self.0.infer(inputs)
    }
}
