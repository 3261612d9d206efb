//! What the rest of mlwasm knows of an inference engine.
//!
//! A run takes as long as the model does. [`Model::infer`] blocks for that time; [`Model::begin`], which requests use,
//! blocks for short models only.

use std::{
    num::NonZeroU32,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::{Batching, ElementType, ExecutionProvider, Tensor, TensorSpec};

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

/// How a model is loaded and run.
#[derive(Clone, Copy, Debug)]
pub struct ModelOptions<'a> {
    /// Whether runs that wait at the same time are joined.
    pub batching: Option<Batching>,
    /// How many times the model is loaded. The runs take the copies in turn.
    pub sessions: NonZeroU32,
    /// Threads that work on one operator of one run; the engine's own setting if there is none.
    pub intra_threads: Option<NonZeroU32>,
    /// What computes.
    pub execution_provider: ExecutionProvider,
    /// Inputs to warm up with, as JSON; zeros if there are none.
    pub sample: Option<&'a [u8]>,
    /// Longest that warming up may take.
    pub warm_up_limit: Duration,
}

impl Default for ModelOptions<'_> {
    fn default() -> Self {
        Self {
            batching: None,
            sessions: NonZeroU32::MIN,
            intra_threads: None,
            execution_provider: ExecutionProvider::Cpu,
            sample: None,
            // What a scorer's own `init` may take.
            warm_up_limit: Duration::from_secs(10),
        }
    }
}

/// An engine that turns the bytes of a model into something that runs.
pub trait InferenceBackend: Send + Sync + 'static {
    /// Loads a model and warms it up. Takes milliseconds to seconds, in which it blocks.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names what is wrong with the model or its options.
    fn load_as(
        &self,
        bytes: &[u8],
        options: &ModelOptions<'_>,
    ) -> Result<Arc<dyn Model>, LoadError>;

    /// Loads a model with all options by default.
    ///
    /// # Errors
    ///
    /// As [`InferenceBackend::load_as`].
    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, LoadError> {
        self.load_as(bytes, &ModelOptions::default())
    }

    /// The name and version of the engine, `ONNX Runtime 1.31.1`.
    fn version(&self) -> &str;

    /// What the engine's own threads do now.
    fn lanes(&self) -> LaneCounts {
        LaneCounts::default()
    }
}

/// The threads for runs that are long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneCounts {
    /// How many there are.
    pub lanes: usize,
    /// How many of them run a model.
    pub busy: usize,
    /// Runs that wait for one; joined runs count as one.
    pub waiting: usize,
}

/// The joined runs of a model so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Runs, of one request's rows or of many.
    pub batches: u64,
    /// Rows in all of them.
    pub rows: u64,
}

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// All outputs, in the model's order.
    pub result: Result<Vec<Tensor>, InferenceError>,
    /// From [`Model::begin`] to the answer, waiting for a lane included.
    pub took: Duration,
    /// Processor time of the run; of a joined run the share that this request's rows have in it. Threads that ONNX
    /// Runtime adds (`intra_threads`) are not in it.
    pub cpu: Duration,
}

/// A run that has begun.
pub enum Begun {
    /// It was short and has ended.
    Ended(Ran),
    /// It is on its way elsewhere. Whoever drops the future stops the run if that is in nobody else's interest.
    Elsewhere(Pin<Box<dyn Future<Output = Ran> + Send>>),
}

/// A loaded model.
///
/// # Concurrency
///
/// One model serves any number of threads at once. On the processor no run waits for another; the sessions of other
/// execution providers take one run at a time.
pub trait Model: Send + Sync {
    /// The inputs, in the model's order. All of them are required in each run.
    fn inputs(&self) -> &[TensorSpec];

    /// The outputs, in the model's order.
    fn outputs(&self) -> &[TensorSpec];

    /// Runs the model once, on this thread, and returns all outputs, in the model's order.
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

    /// Runs the model once: at once and here if that is short, else elsewhere, from a copy of the inputs.
    ///
    /// As [`Model::infer`] in all else. The future does not look at the clock: whoever awaits it holds the deadline too.
    fn begin(&self, inputs: &[InputView<'_>], deadline: Instant) -> Begun {
        let begun = Instant::now();
        let result = self.infer(inputs, deadline);
        let took = begun.elapsed();
        // A short run is hardly ever interrupted; asking for the thread's own time would cost more than that error.
        Begun::Ended(Ran {
            result,
            took,
            cpu: took,
        })
    }

    /// A moving average of what a run of this model takes, without any waiting or copying around it.
    ///
    /// [`Duration::MAX`] until the first run has ended: a model of which nothing is known is taken for a slow one.
    fn typical_run(&self) -> Duration;

    /// The joined runs so far; none if runs of this model are not joined.
    fn batches(&self) -> Option<BatchCounts> {
        None
    }
}
