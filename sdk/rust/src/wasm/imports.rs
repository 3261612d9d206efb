//! What an open model is, on WebAssembly: a handle of the host's.

use mlwasm_tensor_world::mlwasm::scoring::inference;

use super::convert;
use crate::{InferenceError, Tensor, TensorSpec};

#[derive(Debug)]
pub(crate) struct Handle(inference::Model);

impl Handle {
    pub(crate) fn open(name: &str) -> Result<Self, InferenceError> {
        inference::Model::open(name)
            .map(Self)
            .map_err(convert::inference_error)
    }

    pub(crate) fn inputs(&self) -> Vec<TensorSpec> {
        self.0.inputs().into_iter().map(convert::spec).collect()
    }

    pub(crate) fn outputs(&self) -> Vec<TensorSpec> {
        self.0.outputs().into_iter().map(convert::spec).collect()
    }

    pub(crate) fn infer(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, InferenceError> {
        let lent: Vec<_> = inputs.iter().map(convert::lend_tensor).collect();
        let outputs = self.0.infer(&lent).map_err(convert::inference_error)?;
        Ok(outputs.into_iter().map(convert::tensor).collect())
    }
}
