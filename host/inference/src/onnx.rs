//! ONNX Runtime as an [`InferenceBackend`].
//!
//! A process has one ONNX Runtime: its library can not be unloaded or replaced, and neither can its environment. A run
//! stays on one thread, one operator after the other; requests in parallel keep all cores busy without threads that wait
//! for each other.

use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use mlwasm_types::{ElementType, TensorSpec};
use ort::{
    environment::Environment,
    logging::LogLevel,
    session::{
        Session,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::{Outlet, ValueType},
};

use crate::{
    average::MovingAverage,
    backend::{InferenceBackend, LaneCounts, Model, ModelOptions},
    batch::Batcher,
    error::{LoadError, RuntimeError},
    lanes::{Lanes, Work},
    model::{OnnxModel, Runner},
    native::{self, NativeSession},
    precheck,
    providers::{self, Sharing},
    sample::Sample,
    sessions::Sessions,
    warm_up,
    watchdog::Watchdog,
    zipmap,
};

/// How models are loaded and run.
#[derive(Clone, Debug)]
pub struct OnnxSettings {
    /// Threads that work on one operator. One is best under load: requests run in parallel anyway.
    pub threads_per_run: NonZeroUsize,
    /// Threads for runs that are long.
    pub lanes: NonZeroUsize,
    /// Bytes that all outputs of a run may have together.
    pub max_output_bytes: usize,
}

/// The ONNX Runtime of this process.
#[derive(Clone)]
pub struct OnnxRuntime {
    process: &'static Process,
    settings: OnnxSettings,
    lanes: Arc<Lanes>,
}

/// What there is once in a process.
struct Process {
    library: PathBuf,
    version: String,
    environment: Environment,
    watchdog: Watchdog,
}

static PROCESS: OnceLock<Process> = OnceLock::new();

impl OnnxRuntime {
    /// Loads the library at `library` and starts ONNX Runtime, without telemetry.
    ///
    /// Opening the same library again is cheap, and gives a second handle with settings and lanes of its own.
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
        let lanes = Lanes::start(settings.lanes).map_err(|error| RuntimeError::NotStarted {
            message: error.to_string(),
        })?;
        Ok(Self {
            process,
            settings,
            lanes,
        })
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
    fn load_as(
        &self,
        bytes: &[u8],
        options: &ModelOptions<'_>,
    ) -> Result<Arc<dyn Model>, LoadError> {
        precheck::check(bytes)?;
        providers::check(options.execution_provider)?;
        let sample = options.sample.map(Sample::parse).transpose()?;
        let runner = Arc::new(self.runner(&zipmap::flattened(bytes)?, options)?);
        if options.batching.is_some() {
            check_joinable(&runner)?;
        }
        warm_up::warm_up(&runner, sample, options)?;
        let most = match runner.sessions.sharing() {
            Sharing::Shared => usize::MAX,
            Sharing::OneAtATime => runner.sessions.len(),
        };
        let batcher = Arc::new(Batcher::new(Arc::clone(&runner), options.batching));
        let queue = self.lanes.open(Arc::clone(&batcher) as Arc<dyn Work>, most);
        Ok(Arc::new(OnnxModel::new(runner, batcher, queue)))
    }

    fn version(&self) -> &str {
        &self.process.version
    }

    fn lanes(&self) -> LaneCounts {
        self.lanes.counts()
    }
}

fn refused(message: &str) -> LoadError {
    LoadError::Refused {
        message: message.to_owned(),
    }
}

impl OnnxRuntime {
    fn runner(&self, bytes: &[u8], options: &ModelOptions<'_>) -> Result<Runner, LoadError> {
        let load = || {
            // `ort` panics on types of inputs and outputs that it does not know; a model must not be able to do that to us.
            catch_unwind(AssertUnwindSafe(|| self.session(bytes, options)))
                .map_err(|_| refused("an input or output is of an unknown type"))?
        };
        let first = load()?;
        let unsupported_input = |(name, found)| LoadError::UnsupportedInput { name, found };
        let unsupported_output = |(name, found)| LoadError::UnsupportedOutput { name, found };
        let inputs: Result<Vec<_>, _> = first.inputs().iter().map(tensor_spec).collect();
        let outputs: Result<Vec<_>, _> = first.outputs().iter().map(tensor_spec).collect();
        let (mut inputs, mut outputs) = (
            inputs.map_err(unsupported_input)?,
            outputs.map_err(unsupported_output)?,
        );
        let native = |session: &Session| {
            NativeSession::new(session).map_err(|error| refused(error.message()))
        };
        let mut sessions = vec![native(&first)?];
        for _ in 1..options.sessions.get() {
            sessions.push(native(&load()?)?);
        }
        without_shapes(&mut inputs, |index| sessions[0].input_has_shape(index))?;
        without_shapes(&mut outputs, |index| sessions[0].output_has_shape(index))?;
        Ok(Runner {
            watchdog: &self.process.watchdog,
            sessions: Sessions::new(sessions, providers::sharing(options.execution_provider)),
            inputs,
            outputs,
            max_output_bytes: self.settings.max_output_bytes,
            typical_run: MovingAverage::new(),
        })
    }

    fn session(&self, bytes: &[u8], options: &ModelOptions<'_>) -> Result<Session, LoadError> {
        let provider = options.execution_provider;
        let builder = self
            .builder(options)
            .map_err(|error| refused(error.message()))?;
        providers::register(builder, provider)
            .map_err(|error| LoadError::ProviderFailed {
                wanted: provider,
                message: error.message().to_owned(),
            })?
            .commit_from_memory(bytes)
            .map_err(|error| refused(error.message()))
    }

    fn builder(&self, options: &ModelOptions<'_>) -> ort::Result<SessionBuilder> {
        let threads = options
            .intra_threads
            .map_or(self.settings.threads_per_run.get(), |threads| {
                threads.get() as usize
            });
        Ok(Session::builder(&self.process.environment)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            // The environment passes on everything, so that its level can be raised; a session that logged each step of
            // each run would spend more time on that than on the run.
            .with_log_level(LogLevel::Warning)?
            .with_config_entry("session.load_model_format", "ONNX")?
            // The second lock behind `precheck`: weights in other files are looked for where there can be none.
            .with_config_entry(
                "session.model_external_initializers_file_folder_path",
                "/dev/null",
            )?)
    }
}

/// Refuses to join the runs of a model whose tensors have no place for rows of others.
fn check_joinable(runner: &Runner) -> Result<(), LoadError> {
    let refused = |side, spec: &TensorSpec| LoadError::NotJoinable {
        side,
        name: spec.name.clone(),
        found: spec.to_string(),
    };
    let has_no_rows = |spec: &&TensorSpec| spec.shape.first() != Some(&None);
    if let Some(input) = runner.inputs.iter().find(has_no_rows) {
        return Err(refused("input", input));
    }
    match runner.outputs.iter().find(has_no_rows) {
        Some(output) => Err(refused("output", output)),
        None => Ok(()),
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

/// Gives those of `specs` the contract's word for any shape for which the model declares none: `ort` shows such a tensor as a
/// scalar.
fn without_shapes(
    specs: &mut [TensorSpec],
    has_shape: impl Fn(usize) -> ort::Result<bool>,
) -> Result<(), LoadError> {
    for (index, spec) in specs.iter_mut().enumerate() {
        if !has_shape(index).map_err(|error| refused(error.message()))? {
            spec.shape = TensorSpec::ANY_SHAPE.to_vec();
        }
    }
    Ok(())
}
