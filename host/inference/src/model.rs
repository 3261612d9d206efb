//! A loaded ONNX model: its checks, its sessions, and where each run takes place.

use std::{
    cell::OnceCell,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_types::{Tensor, TensorSpec};

use crate::{
    average::MovingAverage,
    backend::{BatchCounts, Begun, InputView, Model, Ran},
    batch::Batcher,
    convert,
    error::InferenceError,
    lanes::LaneQueue,
    native::{Contents, Value},
    providers::Sharing,
    sessions::Sessions,
    watchdog::{Ended, RunSlot, Stopper, Watchdog},
};

/// A longer run goes to a lane. The way there and back was measured at 5 to 10 µs of processor time and 10 to 25 µs of
/// waiting, besides copying the inputs: a few hundredths of such a run, while the requests that wait for the same thread
/// would wait for all of it.
const LONG_RUN: Duration = Duration::from_micros(500);

/// As [`LONG_RUN`], for models whose runs are joined: what waits on a lane can be joined, what runs at once can not. Below
/// this a run costs hardly more than the way to a lane and back, so that joining could save nothing.
const WORTH_JOINING: Duration = Duration::from_micros(30);

thread_local! {
    /// A thread runs one model at a time, so one slot is enough for it, whatever the model.
    static RUN_SLOT: OnceCell<Arc<RunSlot>> = const { OnceCell::new() };
}

/// What runs a model.
pub(crate) struct Runner {
    pub(crate) watchdog: &'static Watchdog,
    pub(crate) sessions: Sessions,
    pub(crate) inputs: Vec<TensorSpec>,
    pub(crate) outputs: Vec<TensorSpec>,
    pub(crate) max_output_bytes: usize,
    pub(crate) typical_run: MovingAverage,
}

/// What to run, and until when, in the slot of this thread.
#[derive(Clone, Copy)]
struct Order<'a> {
    slot: &'a Arc<RunSlot>,
    inputs: &'a [InputView<'a>],
    deadline: Instant,
}

/// Who may stop a run before its deadline.
pub(crate) trait Supervisor {
    /// A run begins, which `stopper` would stop. False if it must not.
    fn begins(&self, stopper: impl FnOnce() -> Stopper) -> bool;

    /// The run is over; what stops it must not be used any more.
    fn ends(&self);
}

/// Nobody: the run's thread is the one that waits for it.
pub(crate) struct Unsupervised;

impl Supervisor for Unsupervised {
    fn begins(&self, _: impl FnOnce() -> Stopper) -> bool {
        true
    }

    fn ends(&self) {}
}

impl Runner {
    /// Runs the model on this thread and returns what `read` makes of the outputs, and the time that the run took.
    pub(crate) fn run<T>(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
        supervisor: &impl Supervisor,
        read: impl FnOnce(&[Value<'_>]) -> Result<T, InferenceError>,
    ) -> (Result<T, InferenceError>, Duration) {
        RUN_SLOT.with(|cell| {
            let slot = match cell.get() {
                Some(slot) => slot,
                None => match self.watchdog.enrol() {
                    Ok(enrolled) => cell.get_or_init(|| enrolled),
                    Err(error) => return (Err(failed(&error)), Duration::ZERO),
                },
            };
            let order = Order {
                slot,
                inputs,
                deadline,
            };
            self.run_in(order, supervisor, read)
        })
    }

    fn run_in<T>(
        &self,
        order: Order<'_>,
        supervisor: &impl Supervisor,
        read: impl FnOnce(&[Value<'_>]) -> Result<T, InferenceError>,
    ) -> (Result<T, InferenceError>, Duration) {
        let Order {
            slot,
            inputs,
            deadline,
        } = order;
        let inputs = match convert::arrange(&self.inputs, inputs) {
            Ok(inputs) => inputs,
            Err(error) => return (Err(error.into()), Duration::ZERO),
        };
        let started = Instant::now();
        if started >= deadline {
            return (Err(InferenceError::DeadlineExceeded), Duration::ZERO);
        }
        self.sessions.with_next(|session| {
            let watch = self.watchdog.watch(slot, deadline);
            if !supervisor.begins(|| watch.stopper()) {
                watch.end();
                return (Err(InferenceError::DeadlineExceeded), Duration::ZERO);
            }
            let ran = session.run(slot.options(), &inputs);
            supervisor.ends();
            let ended = watch.end();
            let took = started.elapsed();
            let result = match (ran, ended) {
                // An answer that crossed the signal to stop is as good as any; the caller looks at the clock too.
                (Ok(outputs), Ended::InTime | Ended::Stopped) => read(&outputs),
                (Err(_), Ended::Stopped) => Err(InferenceError::DeadlineExceeded),
                (Err(error), Ended::InTime) => Err(failed(&error)),
            };
            (result, took)
        })
    }

    /// All outputs, copied out.
    pub(crate) fn tensors(&self, values: &[Value<'_>]) -> Result<Vec<Tensor>, InferenceError> {
        let mut room = self.max_output_bytes;
        let mut tensors = Vec::with_capacity(values.len());
        for (spec, value) in self.outputs.iter().zip(values) {
            let (element, shape, data) =
                match value.contents(room).map_err(|error| failed(&error))? {
                    Contents::Tensor {
                        element,
                        shape,
                        data,
                    } => (element, shape, data.into_owned()),
                    Contents::TooLarge => return Err(self.too_large(spec)),
                    Contents::Other => return Err(not_a_tensor(spec)),
                };
            room -= data.len();
            tensors.push(Tensor {
                name: spec.name.clone(),
                element,
                shape,
                data,
            });
        }
        Ok(tensors)
    }

    fn too_large(&self, output: &TensorSpec) -> InferenceError {
        InferenceError::OutputTooLarge {
            name: output.name.clone(),
            limit: self.max_output_bytes,
        }
    }
}

fn not_a_tensor(output: &TensorSpec) -> InferenceError {
    InferenceError::Failed {
        message: format!(
            "output {:?} is not a tensor that can be returned",
            output.name
        ),
    }
}

fn failed(error: &ort::Error) -> InferenceError {
    InferenceError::Failed {
        message: error.message().to_owned(),
    }
}

/// A loaded model: what runs it, and the queue in which its runs wait for a lane.
pub(crate) struct OnnxModel {
    runner: Arc<Runner>,
    batcher: Arc<Batcher>,
    queue: Arc<LaneQueue>,
}

impl OnnxModel {
    pub(crate) fn new(runner: Arc<Runner>, batcher: Arc<Batcher>, queue: LaneQueue) -> Self {
        Self {
            runner,
            batcher,
            queue: Arc::new(queue),
        }
    }

    /// Whether a run is better made at once, by whoever asks for it.
    fn is_short(&self) -> bool {
        let longest = if self.batcher.is_joining() {
            WORTH_JOINING
        } else {
            LONG_RUN
        };
        // A session that takes one run at a time may have to be waited for, which only a lane may do.
        self.runner.typical_run.get() <= longest
            && self.runner.sessions.sharing() == Sharing::Shared
    }

    fn run_here(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> (Result<Vec<Tensor>, InferenceError>, Duration) {
        let read = |outputs: &[Value<'_>]| self.runner.tensors(outputs);
        let (result, took) = self.runner.run(inputs, deadline, &Unsupervised, read);
        if !took.is_zero() {
            self.runner.typical_run.record(took);
        }
        (result, took)
    }
}

impl Model for OnnxModel {
    fn inputs(&self) -> &[TensorSpec] {
        &self.runner.inputs
    }

    fn outputs(&self) -> &[TensorSpec] {
        &self.runner.outputs
    }

    fn infer(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError> {
        self.run_here(inputs, deadline).0
    }

    fn begin(&self, inputs: &[InputView<'_>], deadline: Instant) -> Begun {
        if self.is_short() {
            let (result, took) = self.run_here(inputs, deadline);
            // A short run is hardly ever interrupted; asking for the thread's own time would cost more than that error.
            return Begun::Ended(Ran {
                result,
                took,
                cpu: took,
            });
        }
        match convert::in_order(&self.runner.inputs, inputs) {
            Ok(views) => {
                Begun::Elsewhere(Box::pin(self.batcher.add(&views, deadline, &self.queue)))
            }
            Err(error) => Begun::Ended(Ran {
                result: Err(error.into()),
                took: Duration::ZERO,
                cpu: Duration::ZERO,
            }),
        }
    }

    fn typical_run(&self) -> Duration {
        self.runner.typical_run.get()
    }

    fn batches(&self) -> Option<BatchCounts> {
        self.batcher.counts()
    }
}
