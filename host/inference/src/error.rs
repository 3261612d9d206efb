//! What can go wrong: opening the engine, loading a model, running it.

use std::{io, path::PathBuf};

use mlwasm_types::{ElementType, ExecutionProvider, TensorSpec};

/// Why ONNX Runtime could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// There is no file at the path.
    #[error("no ONNX Runtime library at {}", path.display())]
    Missing {
        /// Where the library was looked for.
        path: PathBuf,
        /// Why the file could not be found or reached.
        #[source]
        source: io::Error,
    },
    /// The file is not a library that this machine can load.
    #[error("{} is not a shared library for this machine", path.display())]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What the system's loader says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is a library, but another one.
    #[error("{} is a shared library, but not ONNX Runtime's", path.display())]
    NotOnnxRuntime {
        /// The file.
        path: PathBuf,
    },
    /// The library lacks functions that we call.
    #[error("{} is ONNX Runtime {found}, need 1.{minimum_minor} or later", path.display())]
    TooOld {
        /// The file.
        path: PathBuf,
        /// The version it says it is.
        found: String,
        /// The least minor version that has what we call.
        minimum_minor: u32,
    },
    /// A process opens one library, once and for all.
    #[error("this process already runs ONNX Runtime from {}, not from {}", open.display(), asked.display())]
    AlreadyOpen {
        /// The library in use.
        open: PathBuf,
        /// The library that was asked for.
        asked: PathBuf,
    },
    /// The library refused to start.
    #[error("ONNX Runtime did not start: {message}")]
    NotStarted {
        /// ONNX Runtime's words, or the system's.
        message: String,
    },
}

/// Why a model could not be loaded. Every variant is the fault of the model or its options.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not an ONNX model at all.
    #[error("not an ONNX model: {reason}")]
    NotOnnx {
        /// Where the format is broken.
        reason: &'static str,
    },
    /// Weights in other files are never read.
    #[error("tensor {tensor:?} keeps its data in another file; save the model as one file")]
    ExternalData {
        /// The tensor's name.
        tensor: String,
    },
    /// Only operators that ONNX Runtime brings with it are run.
    #[error("operator {operator:?} of domain {domain:?} is not one that ONNX Runtime has")]
    CustomOperator {
        /// The domain of the operator.
        domain: String,
        /// The operator.
        operator: String,
    },
    /// An input is something else than a tensor of a known element type.
    #[error("input {name:?} is {found}; only tensors can be handed over")]
    UnsupportedInput {
        /// The input's name.
        name: String,
        /// What the model says it is.
        found: String,
    },
    /// An output is something else than a tensor of a known element type.
    #[error(
        "output {name:?} is {found}; only tensors can be returned: export a classifier with options={{'zipmap': False}}"
    )]
    UnsupportedOutput {
        /// The output's name.
        name: String,
        /// What the model says it is.
        found: String,
    },
    /// ONNX Runtime read the model and will not run it.
    #[error("ONNX Runtime refuses the model: {message}")]
    Refused {
        /// ONNX Runtime's words.
        message: String,
    },
    /// The library does not know the execution provider that is asked for.
    #[error(
        "this ONNX Runtime has {}; {wanted} needs a library built with it",
        has.join(", ")
    )]
    ProviderMissing {
        /// What was asked for.
        wanted: ExecutionProvider,
        /// What the library has, in its own words.
        has: Vec<String>,
    },
    /// The execution provider can not be set up on this machine.
    #[error("execution provider {wanted} does not start: {message}")]
    ProviderFailed {
        /// What was asked for.
        wanted: ExecutionProvider,
        /// ONNX Runtime's words.
        message: String,
    },
    /// Rows of different requests can not be joined.
    #[error("batching needs an open first dimension, and {side} {name:?} is {found}")]
    NotJoinable {
        /// `input` or `output`.
        side: &'static str,
        /// Its name.
        name: String,
        /// Its type and shape.
        found: String,
    },
    /// The model fails on several rows.
    #[error("batching: the model does not run on {rows} rows: {message}")]
    NotJoined {
        /// How many rows.
        rows: u32,
        /// ONNX Runtime's words.
        message: String,
    },
    /// Joined rows give other answers than single ones.
    #[error("batching changes the answers of this model: output {output:?} {how}")]
    RowsDepend {
        /// The output.
        output: String,
        /// How it differs.
        how: String,
    },
    /// The sample can not be read.
    #[error("sample: {reason}")]
    BadSample {
        /// What is wrong with it.
        reason: String,
    },
    /// The model does not run on the sample.
    #[error("sample")]
    SampleFailed(#[source] InferenceError),
}

/// Why a run has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InferenceError {
    /// The inputs do not fit the model. Nothing ran.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// The run was stopped at its deadline, or never started since that had passed.
    #[error("model ran past its deadline")]
    DeadlineExceeded,
    /// The outputs are larger than a scorer may receive. The model ran.
    #[error("output {name:?} brings the outputs above {limit} bytes")]
    OutputTooLarge {
        /// The first output that did not fit.
        name: String,
        /// The limit on all outputs together.
        limit: usize,
    },
    /// The model stopped with an error of its own.
    #[error("model failed: {message}")]
    Failed {
        /// ONNX Runtime's words.
        message: String,
    },
}

/// How the inputs of a run do not fit the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInput {
    /// The model has no such input.
    #[error(
        "input {name:?}: the model has no such input, it has {}",
        names(expected)
    )]
    Unknown {
        /// The name that came.
        name: String,
        /// The names of all inputs of the model.
        expected: Vec<String>,
    },
    /// An input of the model did not come.
    #[error("input {:?}: missing, expected {expected}", expected.name)]
    Missing {
        /// The input that is missing.
        expected: TensorSpec,
    },
    /// An input came twice.
    #[error("input {name:?}: given more than once")]
    Duplicate {
        /// The name that came twice.
        name: String,
    },
    /// The element type or the shape is another one.
    #[error("input {:?}: expected {expected}, got {element} {}", expected.name, dimensions(shape))]
    Mismatch {
        /// What the model says of this input.
        expected: TensorSpec,
        /// The element type that came.
        element: ElementType,
        /// The shape that came.
        shape: Vec<u32>,
    },
    /// The shape has more elements than memory could hold.
    #[error("input {name:?}: shape {} has too many elements", dimensions(shape))]
    TooManyElements {
        /// The input.
        name: String,
        /// The shape that came.
        shape: Vec<u32>,
    },
    /// The data is shorter or longer than the shape says.
    #[error(
        "input {name:?}: {element} {} takes {expected} bytes, got {actual}",
        dimensions(shape)
    )]
    DataLength {
        /// The input.
        name: String,
        /// The element type.
        element: ElementType,
        /// The shape that came.
        shape: Vec<u32>,
        /// The bytes that the shape asks for.
        expected: usize,
        /// The bytes that came.
        actual: usize,
    },
    /// A boolean is neither 0 nor 1.
    #[error("input {name:?}: element {index} is {value}, a boolean is 0 or 1")]
    NotBoolean {
        /// The input.
        name: String,
        /// The position of the element.
        index: usize,
        /// The byte that came.
        value: u8,
    },
    /// The data ends within a string, or goes on after the last.
    #[error(
        "input {name:?}: expected {expected} strings, each a 4-byte length and its bytes; {found}"
    )]
    Strings {
        /// The input.
        name: String,
        /// The number of strings that the shape asks for.
        expected: usize,
        /// What is wrong with the data.
        found: StringsFault,
    },
}

/// What is wrong with the data of a tensor of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StringsFault {
    /// The data ends too early.
    #[error("the data ends within string {index}")]
    EndsWithin {
        /// The position of the string that is cut.
        index: usize,
    },
    /// The data ends too late.
    #[error("{bytes} bytes follow the last")]
    Trailing {
        /// The bytes left over.
        bytes: usize,
    },
}

fn names(names: &[String]) -> String {
    format!("{names:?}")
}

fn dimensions(shape: &[u32]) -> String {
    let sizes: Vec<String> = shape.iter().map(u32::to_string).collect();
    format!("[{}]", sizes.join(","))
}
