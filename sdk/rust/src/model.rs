//! Models: run natively by the host, outside the sandbox.

use std::slice;

use crate::{InferenceError, Tensor, TensorError, TensorSpec};

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
        Ok(Outputs {
            tensors: self.handle.infer(inputs)?,
        })
    }
}

/// What a model gave: one tensor for each output, in the model's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    tensors: Vec<Tensor>,
}

impl Outputs {
    /// The output of this name.
    ///
    /// # Errors
    ///
    /// [`TensorError::NoSuchOutput`], with the names that there are.
    pub fn get(&self, name: &str) -> Result<&Tensor, TensorError> {
        self.iter()
            .find(|tensor| tensor.name() == name)
            .ok_or_else(|| TensorError::NoSuchOutput {
                wanted: name.to_owned(),
                available: self.iter().map(|tensor| tensor.name().to_owned()).collect(),
            })
    }

    /// The outputs in the model's own order.
    pub fn iter(&self) -> slice::Iter<'_, Tensor> {
        self.tensors.iter()
    }

    /// The outputs in the model's own order, owned.
    pub fn into_vec(self) -> Vec<Tensor> {
        self.tensors
    }
}

impl<'a> IntoIterator for &'a Outputs {
    type Item = &'a Tensor;
    type IntoIter = slice::Iter<'a, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
