//! What the rest of mlwasm knows of an inference engine.
//!
//! Everything here blocks: a run takes as long as the model does. Callers on an async thread ask
//! [`Model::typical_run`] first.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::{ElementType, Tensor, TensorSpec};

use crate::error::{InferenceError, LoadError};

/// A borrowed input: its data stays where it is (in a guest's memory) and is read in place when aligned for its element.
#[derive(Clone, Copy, Debug)]
pub struct InputView<'a> {
    /// The name of the model's input.
    pub name: &'a str,
    /// The type of the elements.
    pub element: ElementType,
    /// The size of each dimension.
    pub shape: &'a [u32],
    /// The elements, row-major and little-endian.
    pub data: &'a [u8],
}

/// An engine that turns the bytes of a model into something that runs.
pub trait InferenceBackend: Send + Sync + 'static {
    /// Loads a model. Takes milliseconds to seconds, in which it blocks.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names what is wrong with the model.
    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, LoadError>;

    /// The name and version of the engine, `ONNX Runtime 1.31.1`.
    fn version(&self) -> &str;
}

/// A loaded model.
///
/// # Concurrency
///
/// One model serves any number of threads at once; no run waits for another.
pub trait Model: Send + Sync {
    /// The inputs, in the model's order. All of them are required in each run.
    fn inputs(&self) -> &[TensorSpec];

    /// The outputs, in the model's order.
    fn outputs(&self) -> &[TensorSpec];

    /// Runs the model once and returns all outputs, in the model's order.
    ///
    /// `inputs` may come in any order; they are matched by name. Blocks until the run ends or `deadline` has passed:
    /// the engine looks at the clock between two operators of the model, so that a single long operator (one huge
    /// matrix product) ends late by its own duration.
    ///
    /// # Errors
    ///
    /// [`InferenceError::InvalidInput`] before anything runs; the other variants if the run went wrong.
    fn infer(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError>;

    /// A moving average of what a run of this model takes, without any waiting or copying around it.
    ///
    /// [`Duration::MAX`] until the first run has ended: a model of which nothing is known is taken for a slow one.
    fn typical_run(&self) -> Duration;
}
