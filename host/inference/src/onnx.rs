//! ONNX Runtime as an [`InferenceBackend`].
//!
//! A process has one ONNX Runtime: its library can not be unloaded or replaced, and neither can its environment. Models
//! run on the thread that asks, one operator after the other; requests in parallel keep all cores busy without threads
//! that wait for each other.

use std::{
    cell::OnceCell,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use mlwasm_types::{ElementType, Tensor, TensorSpec};
use ort::{
    environment::Environment,
    ep,
    logging::LogLevel,
    session::{
        Session,
        builder::{AutoDevicePolicy, GraphOptimizationLevel},
    },
    value::{Outlet, ValueType},
};

use crate::{
    average::MovingAverage,
    backend::{InferenceBackend, InputView, Model},
    convert::{self, ExpectedInput, Rank},
    error::{InferenceError, LoadError, RuntimeError},
    native::{self, Contents, NativeSession, Value},
    precheck,
    watchdog::{Ended, RunSlot, Watchdog},
};

/// How models are loaded and run.
#[derive(Clone, Debug)]
pub struct OnnxSettings {
    /// Threads that work on one operator. One is best under load: requests run in parallel anyway.
    pub threads_per_run: NonZeroUsize,
    /// Bytes that all outputs of a run may have together.
    pub max_output_bytes: usize,
}

/// The ONNX Runtime of this process.
#[derive(Clone)]
pub struct OnnxRuntime {
    process: &'static Process,
    settings: OnnxSettings,
}

/// What there is once in a process.
struct Process {
    library: PathBuf,
    version: String,
    environment: Environment,
    watchdog: Watchdog,
}

static PROCESS: OnceLock<Process> = OnceLock::new();

thread_local! {
    /// A thread runs one model at a time, so one slot is enough for it, whatever the model.
    static RUN_SLOT: OnceCell<Arc<RunSlot>> = const { OnceCell::new() };
}

impl OnnxRuntime {
    /// Loads the library at `library` and starts ONNX Runtime, without telemetry.
    ///
    /// Opening the same library again is cheap, and gives a second handle with settings of its own.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] tells a missing file from one that is no library, another library, or too old a version.
    pub fn open(library: &Path, settings: OnnxSettings) -> Result<Self, RuntimeError> {
        static OPENING: Mutex<()> = Mutex::new(());

        // `ort` looks for relative paths next to the executable, and panics later on for a library that is not there.
        let library = library
            .canonicalize()
            .map_err(|source| RuntimeError::Missing {
                path: library.to_owned(),
                source,
            })?;
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let process = match PROCESS.get() {
            Some(process) if process.library == library => process,
            Some(process) => {
                return Err(RuntimeError::AlreadyOpen {
                    open: process.library.clone(),
                    asked: library,
                });
            }
            None => {
                let process = start(library)?;
                PROCESS.get_or_init(|| process)
            }
        };
        Ok(Self { process, settings })
    }

    /// The library that was opened.
    pub fn library(&self) -> &Path {
        &self.process.library
    }
}

impl std::fmt::Debug for OnnxRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnnxRuntime")
            .field("library", &self.process.library)
            .field("version", &self.process.version)
            .field("settings", &self.settings)
            .finish()
    }
}

fn start(library: PathBuf) -> Result<Process, RuntimeError> {
    let version = native::library_version(&library)?;
    let minor = version
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < ort::MINOR_VERSION) {
        return Err(RuntimeError::TooOld {
            path: library,
            found: version,
            minimum_minor: ort::MINOR_VERSION,
        });
    }
    let not_started = |message: String| RuntimeError::NotStarted { message };
    let environment = ort::init_from(&library)
        .map_err(|error| not_started(error.to_string()))?
        .with_name("mlwasm")
        .with_telemetry(false)
        .with_logger(Arc::new(log))
        .build()
        .map_err(|error| not_started(error.to_string()))?;
    let watchdog = Watchdog::start().map_err(|error| not_started(error.to_string()))?;
    Ok(Process {
        library,
        version: format!("ONNX Runtime {version}"),
        environment,
        watchdog,
    })
}

/// Takes ONNX Runtime's own log. Its errors are also returned to whoever ran the model, so here they are details.
fn log(level: LogLevel, _category: &str, _id: &str, location: &str, message: &str) {
    match level {
        LogLevel::Fatal => tracing::error!(location, error = message, "ONNX Runtime"),
        LogLevel::Error | LogLevel::Warning => {
            tracing::debug!(location, error = message, "ONNX Runtime")
        }
        LogLevel::Info | LogLevel::Verbose => {
            tracing::trace!(location, error = message, "ONNX Runtime")
        }
    }
}

impl InferenceBackend for OnnxRuntime {
    fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Model>, LoadError> {
        precheck::check(bytes)?;
        // `ort` panics on types of inputs and outputs that it does not know; a model must not be able to do that to us.
        let session = catch_unwind(AssertUnwindSafe(|| self.session(bytes)))
            .map_err(|_| refused("an input or output is of an unknown type"))?
            .map_err(|error| refused(error.message()))?;
        Ok(Arc::new(OnnxModel::new(self, &session)?))
    }

    fn version(&self) -> &str {
        &self.process.version
    }
}

fn refused(message: &str) -> LoadError {
    LoadError::Refused {
        message: message.to_owned(),
    }
}

impl OnnxRuntime {
    fn session(&self, bytes: &[u8]) -> ort::Result<Session> {
        Session::builder(&self.process.environment)?
            .with_intra_threads(self.settings.threads_per_run.get())?
            .with_inter_threads(1)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            // The environment passes on everything, so that its level can be raised; a session that logged each step of
            // each run would spend more time on that than on the run.
            .with_log_level(LogLevel::Warning)?
            // Sharing a session between threads is sound on the CPU provider: see `native`. No other may slip in.
            .with_auto_device(AutoDevicePolicy::PreferCPU)?
            .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?
            .with_config_entry("session.load_model_format", "ONNX")?
            // The second lock behind `precheck`: weights in other files are looked for where there can be none.
            .with_config_entry(
                "session.model_external_initializers_file_folder_path",
                "/dev/null",
            )?
            .commit_from_memory(bytes)
    }
}

/// A loaded model: one session for all threads.
struct OnnxModel {
    process: &'static Process,
    session: NativeSession,
    expected: Vec<ExpectedInput>,
    inputs: Vec<TensorSpec>,
    outputs: Vec<TensorSpec>,
    max_output_bytes: usize,
    typical_run: MovingAverage,
}

impl OnnxModel {
    fn new(runtime: &OnnxRuntime, session: &Session) -> Result<Self, LoadError> {
        let unsupported_input = |(name, found)| LoadError::UnsupportedInput { name, found };
        let unsupported_output = |(name, found)| LoadError::UnsupportedOutput { name, found };
        let inputs: Result<Vec<_>, _> = session.inputs().iter().map(tensor_spec).collect();
        let outputs: Result<Vec<_>, _> = session.outputs().iter().map(tensor_spec).collect();
        let (inputs, outputs) = (
            inputs.map_err(unsupported_input)?,
            outputs.map_err(unsupported_output)?,
        );
        let native = NativeSession::new(session).map_err(|error| refused(error.message()))?;
        let expected =
            expected_inputs(&native, &inputs).map_err(|error| refused(error.message()))?;
        Ok(Self {
            process: runtime.process,
            session: native,
            expected,
            inputs,
            outputs,
            max_output_bytes: runtime.settings.max_output_bytes,
            typical_run: MovingAverage::new(),
        })
    }

    fn run(
        &self,
        slot: &RunSlot,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError> {
        let inputs = convert::arrange(&self.expected, inputs)?;
        let started = Instant::now();
        if started >= deadline {
            return Err(InferenceError::DeadlineExceeded);
        }
        let watch = self.process.watchdog.watch(slot, deadline);
        let ran = self.session.run(slot.options(), &inputs);
        let ended = watch.end();
        self.typical_run.record(started.elapsed());
        match (ran, ended) {
            // An answer that crossed the signal to stop is as good as any; the caller looks at the clock too.
            (Ok(outputs), Ended::InTime | Ended::Stopped) => self.tensors(&outputs),
            (Err(_), Ended::Stopped) => Err(InferenceError::DeadlineExceeded),
            (Err(error), Ended::InTime) => Err(failed(&error)),
        }
    }

    fn tensors(&self, values: &[Value<'_>]) -> Result<Vec<Tensor>, InferenceError> {
        let mut room = self.max_output_bytes;
        let mut tensors = Vec::with_capacity(values.len());
        for (spec, value) in self.outputs.iter().zip(values) {
            let name = spec.name.clone();
            match value.read(room).map_err(|error| failed(&error))? {
                Contents::Tensor {
                    element,
                    shape,
                    data,
                } => {
                    room -= data.len();
                    tensors.push(Tensor {
                        name,
                        element,
                        shape,
                        data,
                    });
                }
                Contents::TooLarge => {
                    return Err(InferenceError::OutputTooLarge {
                        name,
                        limit: self.max_output_bytes,
                    });
                }
                Contents::Other => {
                    let message = format!("output {name:?} is not a tensor that can be returned");
                    return Err(InferenceError::Failed { message });
                }
            }
        }
        Ok(tensors)
    }
}

impl Model for OnnxModel {
    fn inputs(&self) -> &[TensorSpec] {
        &self.inputs
    }

    fn outputs(&self) -> &[TensorSpec] {
        &self.outputs
    }

    fn infer(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError> {
        RUN_SLOT.with(|slot| {
            if let Some(slot) = slot.get() {
                return self.run(slot, inputs, deadline);
            }
            let enrolled = self
                .process
                .watchdog
                .enrol()
                .map_err(|error| failed(&error))?;
            self.run(slot.get_or_init(|| enrolled), inputs, deadline)
        })
    }

    fn typical_run(&self) -> Duration {
        self.typical_run.get()
    }
}

fn failed(error: &ort::Error) -> InferenceError {
    InferenceError::Failed {
        message: error.message().to_owned(),
    }
}

/// The spec of an input or output, or its name and type where the contract has no word for that.
fn tensor_spec(outlet: &Outlet) -> Result<TensorSpec, (String, String)> {
    let unsupported = |found: String| (outlet.name().to_owned(), found);
    let (element, shape) = match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => (*ty, shape),
        ValueType::Sequence(_) => return Err(unsupported("a sequence".to_owned())),
        ValueType::Map { .. } => return Err(unsupported("a map".to_owned())),
        ValueType::Optional(_) => return Err(unsupported("optional".to_owned())),
    };
    let element =
        known_element(element).ok_or_else(|| unsupported(format!("a tensor of {element}")))?;
    // Negative sizes stand for "any". A size beyond the contract's can never be met: no memory holds it.
    let size = |&size: &i64| u32::try_from(size.max(0)).map(|known| (size >= 0).then_some(known));
    let shape: Result<Vec<_>, _> = shape.iter().map(size).collect();
    let shape = shape.map_err(|_| unsupported("larger than 32 bits can count".to_owned()))?;
    Ok(TensorSpec {
        name: outlet.name().to_owned(),
        element,
        shape,
    })
}

fn known_element(element: ort::value::TensorElementType) -> Option<ElementType> {
    native::element_of_code(ort::sys::ONNXTensorElementDataType::from(element) as i32)
}

fn expected_inputs(
    session: &NativeSession,
    specs: &[TensorSpec],
) -> ort::Result<Vec<ExpectedInput>> {
    let expected = |(index, spec): (usize, &TensorSpec)| {
        let rank = if session.input_has_shape(index)? {
            Rank::OfSpec
        } else {
            Rank::Any
        };
        Ok(ExpectedInput {
            spec: spec.clone(),
            rank,
        })
    };
    specs.iter().enumerate().map(expected).collect()
}
