//! Models: run natively by the host, outside the sandbox.

use crate::{InferenceError, Outputs, Tensor, TensorSpec};

#[cfg(not(target_family = "wasm"))]
use crate::testing::Handle;
#[cfg(target_family = "wasm")]
use crate::wasm::Handle;

/// A model that the host has loaded. Closed when dropped.
#[derive(Debug)]
pub struct Model {
    handle: Handle,
}

impl Model {
    /// Opens the model that the deployment lists under this name; `model` is the name of a deployment's only one.
    ///
    /// Open models in [`Scorer::init`](crate::Scorer::init): then a missing one stops the deployment, not a request.
    ///
    /// # Errors
    ///
    /// [`InferenceError::UnknownModel`] if the deployment lists no such model.
    pub fn open(name: &str) -> Result<Self, InferenceError> {
        Ok(Self {
            handle: Handle::open(name)?,
        })
    }

    /// What the model takes, in the model's own order.
    pub fn inputs(&self) -> Vec<TensorSpec> {
        self.handle.inputs()
    }

    /// What the model gives, in the model's own order.
    pub fn outputs(&self) -> Vec<TensorSpec> {
        self.handle.outputs()
    }

    /// Runs the model once: one tensor for each input, in any order.
    ///
    /// # Errors
    ///
    /// [`InferenceError::InvalidInput`] before anything runs, if a name, type, shape or length does not fit;
    /// [`InferenceError::Failed`] if the run fails.
    pub fn infer(&self, inputs: &[Tensor]) -> Result<Outputs, InferenceError> {
        Ok(self.handle.infer(inputs)?.into())
    }
}
