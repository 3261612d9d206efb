//! The model `rows`, and requests to it: see `tests/models/make.py`.

use std::{num::NonZeroUsize, pin::Pin, sync::Arc, time::Instant};

use mlwasm_inference::{
    Begun, InferenceBackend, InferenceError, InputView, Model, ModelOptions, OnnxRuntime,
    OnnxSettings, Ran,
};
use mlwasm_types::{Batching, ElementType, Tensor};

use crate::{bytes_of, floats, later, library, settings};

/// Warming up with this many rounds makes the model a slow one, so that its runs go to a lane.
const SAMPLE: &str = r#"{"inputs": [
    {"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]},
    {"name": "rounds", "datatype": "INT64", "shape": [1], "data": [20000]},
    {"name": "index", "datatype": "INT64", "shape": [1], "data": [0]}
]}"#;

/// A run on its way to a lane.
pub(crate) type Run = Pin<Box<dyn Future<Output = Ran> + Send>>;

/// A runtime with lanes of its own.
pub(crate) fn with_lanes(lanes: usize) -> OnnxRuntime {
    let settings = OnnxSettings {
        lanes: NonZeroUsize::new(lanes).unwrap(),
        ..settings()
    };
    OnnxRuntime::open(&library(), settings).unwrap()
}

/// The model, whose runs are joined.
pub(crate) fn joining(runtime: &OnnxRuntime, max_batch_size: u32) -> Arc<dyn Model> {
    let batching = Batching {
        max_batch_size,
        max_queue_delay_us: 0,
    };
    model(runtime, Some(batching))
}

/// The model.
pub(crate) fn model(runtime: &OnnxRuntime, batching: Option<Batching>) -> Arc<dyn Model> {
    let options = ModelOptions {
        batching,
        sample: Some(SAMPLE.as_bytes()),
        ..ModelOptions::default()
    };
    runtime.load_as(&bytes_of("rows"), &options).unwrap()
}

/// A request: its rows are made of `seed`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    shape: [u32; 2],
    x: Vec<u8>,
    rounds: Vec<u8>,
    index: Vec<u8>,
    deadline: Instant,
}

impl Request {
    pub(crate) fn new(seed: u8, rows: u32, columns: u32) -> Self {
        let x: Vec<f32> = (0..rows * columns)
            .map(|n| f32::from(seed) + f32::from(u8::try_from(n).unwrap()) / 8.0)
            .collect();
        let index = (0..rows).flat_map(|row| i64::from((u32::from(seed) + row) % 3).to_le_bytes());
        Self {
            shape: [rows, columns],
            x: floats(&x),
            rounds: vec![0; 8 * rows as usize],
            index: index.collect(),
            deadline: later(),
        }
    }

    /// A request that ends only when it is stopped.
    pub(crate) fn endless() -> Self {
        Self::new(0, 1, 2).rounds(i64::MAX)
    }

    pub(crate) fn rounds(mut self, rounds: i64) -> Self {
        self.rounds[..8].copy_from_slice(&rounds.to_le_bytes());
        self
    }

    /// Makes the first row one that the model fails on.
    pub(crate) fn spoiled(mut self) -> Self {
        self.index[..8].copy_from_slice(&7_i64.to_le_bytes());
        self
    }

    /// Gives `rounds` one row, whatever the others have.
    pub(crate) fn one_round_for_all(mut self) -> Self {
        self.rounds.truncate(8);
        self
    }

    pub(crate) fn until(mut self, deadline: Instant) -> Self {
        self.deadline = deadline;
        self
    }

    fn with<T>(&self, run: impl FnOnce(&[InputView<'_>]) -> T) -> T {
        let rows = [self.shape[0]];
        let rounds = [u32::try_from(self.rounds.len() / 8).unwrap()];
        run(&[
            view("index", ElementType::Int64, &rows, &self.index),
            view("x", ElementType::Float32, &self.shape, &self.x),
            view("rounds", ElementType::Int64, &rounds, &self.rounds),
        ])
    }

    /// Begins the run; fails the test if it does not leave this thread.
    pub(crate) fn begin(&self, model: &Arc<dyn Model>) -> Run {
        elsewhere(self.with(|views| model.begin(views, self.deadline)))
    }

    /// The outputs of the model when this runs alone and here.
    pub(crate) fn alone(&self, model: &dyn Model) -> Result<Vec<Tensor>, InferenceError> {
        self.with(|views| model.infer(views, later()))
    }
}

fn view<'a>(
    name: &'a str,
    element: ElementType,
    shape: &'a [u32],
    data: &'a [u8],
) -> InputView<'a> {
    InputView {
        name,
        element,
        shape,
        data,
    }
}

/// A run that left this thread; fails the test if it did not.
pub(crate) fn elsewhere(begun: Begun) -> Run {
    match begun {
        Begun::Elsewhere(run) => run,
        Begun::Ended(ran) => panic!("it ended at once: {ran:?}"),
    }
}

/// Waits until `is_so`, which another thread is about to make true.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let patience = later();
    while !is_so() {
        assert!(Instant::now() < patience, "waited in vain");
        tokio::task::yield_now().await;
    }
}

/// A run that keeps one lane of `runtime` busy until it is dropped.
pub(crate) async fn keep_busy(runtime: &OnnxRuntime, model: &Arc<dyn Model>) -> Run {
    let before = runtime.lanes().busy;
    let run = Request::endless().begin(model);
    until(|| runtime.lanes().busy == before + 1).await;
    run
}

/// How all of them end.
pub(crate) async fn all(runs: impl IntoIterator<Item = Run>) -> Vec<Ran> {
    let mut ends = Vec::new();
    for run in runs {
        ends.push(run.await);
    }
    ends
}
