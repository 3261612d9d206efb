//! What can go wrong: starting the engine, taking a component, starting a pool, leasing, running.

use std::{fmt, io, time::Duration};

use mlwasm_types::{Digest, tensor::InvalidSignature};

use crate::limits::Limit;

/// Why the engine can not start on this machine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A number of sandboxes that no process can hold.
    #[error("max_sandboxes is {asked}: expected 1 to {most}")]
    SandboxCount {
        /// What was asked for.
        asked: u32,
        /// The most that the address space of a process has room for.
        most: u32,
    },
    /// A sandbox memory that no component can have.
    #[error("max_memory_mb is {asked}: expected 1 to {most}")]
    MemorySize {
        /// What was asked for.
        asked: u32,
        /// The most.
        most: u32,
    },
    /// A stack that no scorer can do with, or that is not worth its address space.
    #[error("max_stack_kb is {asked}: expected {least} to {most}")]
    StackSize {
        /// What was asked for.
        asked: u32,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// The kernel allows a process fewer memory mappings than the sandboxes may need.
    #[error(
        "max_sandboxes is {asked}, which may need {needed} memory mappings, and vm.max_map_count is {allowed}: \
         lower the one or raise the other"
    )]
    MapCount {
        /// What was asked for.
        asked: u32,
        /// The mappings that these sandboxes may need.
        needed: u64,
        /// What the kernel allows.
        allowed: u64,
    },
    /// wasmtime refuses, most often since it can not reserve the address space.
    #[error("no sandboxes on this machine: {message}")]
    Refused {
        /// wasmtime's words.
        message: String,
    },
    /// The thread that interrupts guests did not start.
    #[error("the clock that interrupts scorers did not start")]
    Clock(#[source] io::Error),
    /// The folder of the compiled cache can not be used.
    #[error("the folder for compiled scorers can not be used")]
    Cache(#[source] io::Error),
}

/// Why a component can not be used as a scorer.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// The bytes are something else.
    #[error("not a WebAssembly component: {found}")]
    NotAComponent {
        /// What they are, and what to do about it.
        found: &'static str,
    },
    /// More bytes than a component may have.
    #[error("the component has {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The bytes that came.
        size: u64,
        /// The most.
        limit: u64,
    },
    /// More functions than are compiled in a reasonable time.
    #[error("the component has more than {limit} functions")]
    TooManyFunctions {
        /// The most.
        limit: u32,
    },
    /// It breaks a rule of WebAssembly, or uses a proposal that is switched off.
    #[error("not a valid component: {message}")]
    Invalid {
        /// Where and how.
        message: String,
    },
    /// It lacks what makes it a scorer.
    #[error("not a scorer: it does not export {export}")]
    MissingExport {
        /// What is missing.
        export: String,
    },
    /// It wants what no scorer gets.
    #[error("it imports {import}, which this host does not offer to scorers")]
    ForeignImport {
        /// What it wants.
        import: String,
    },
    /// It wants to call others, and its deployment does not say whom.
    #[error("{}", not_granted(import))]
    NotGranted {
        /// What it wants.
        import: String,
    },
    /// An import or export has the right name and another type than the contract's.
    #[error("it does not fit the contract of this host: {message}")]
    Mismatch {
        /// wasmtime's words.
        message: String,
    },
    /// The stored bytes are not those that were asked for.
    #[error("the stored component {wanted} has become {found}")]
    Corrupt {
        /// The digest that was asked for.
        wanted: Digest,
        /// The digest of what was read.
        found: Digest,
    },
    /// The bytes can not be read.
    #[error("the stored component can not be read")]
    Read(#[from] io::Error),
    /// The compiler refuses.
    #[error("the component does not compile: {message}")]
    Compile {
        /// wasmtime's words.
        message: String,
    },
    /// Compiling took too much processor time.
    #[error(
        "compiling the component took more than {limit_seconds} s of processor time: make it smaller, or raise the \
         server's sandbox.compile_cpu_seconds"
    )]
    CompileOutOfCpu {
        /// The most, of all threads together.
        limit_seconds: u32,
    },
    /// Compiling took too much memory.
    #[error(
        "compiling the component took more than {limit_mb} MiB of memory: make it or its largest function smaller, or \
         raise the server's sandbox.compile_memory_mb"
    )]
    CompileOutOfMemory {
        /// The most.
        limit_mb: u32,
    },
    /// Compiling took too long, most likely since the machine is busy.
    #[error(
        "compiling the component took longer than {} ms: try again when the machine is less busy, or raise the server's \
         sandbox.compile_timeout_ms",
        .limit.as_millis()
    )]
    CompileTooSlow {
        /// The longest.
        limit: Duration,
    },
    /// Nobody wants the result any more.
    #[error("compiling the component was cancelled")]
    CompileCancelled,
    /// The compiler ended in a way that it should not.
    #[error(
        "the compiler failed ({how}): try again; if it fails again, the server's log says more"
    )]
    CompilerFailed {
        /// How, in the system's words.
        how: String,
    },
    /// The compiler can not be started.
    #[error("the compiler can not be started")]
    CompilerStart(#[source] io::Error),
}

/// What is said of a scorer that imports what only `egress` gives.
fn not_granted(import: &str) -> String {
    format!(
        "it imports {import}, by which a scorer calls others: name in egress whom it may call, as in egress: \
         [\"https://features.internal:8443\"], or build it without HTTP"
    )
}

/// The calls that a scorer gets before its first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `init`, in each sandbox.
    Init,
    /// `describe`, in the first sandbox of a typed scorer.
    Describe,
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Init => "init",
            Self::Describe => "describe",
        })
    }
}

/// Why a pool, or one of its sandboxes, did not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// `init` answered an error.
    #[error("init failed: {message}")]
    InitFailed {
        /// The scorer's own words.
        message: String,
    },
    /// The scorer wants to call others, and its deployment does not say whom.
    #[error("{}", not_granted(import))]
    NotGranted {
        /// What it wants.
        import: String,
    },
    /// The first calls did not return in time.
    #[error("{call} exceeded its deadline of {limit:?}")]
    DeadlineExceeded {
        /// The call in which time was up.
        call: Opening,
        /// The time that all of them had.
        limit: Duration,
    },
    /// The scorer trapped.
    #[error("{call} trapped: {message}")]
    Trapped {
        /// The call in which it did.
        call: Opening,
        /// The trap.
        message: String,
    },
    /// It hit a limit of its sandbox.
    #[error("{call} exceeded {limit}: {message}; {}", limit.advice())]
    LimitExceeded {
        /// The call in which it did.
        call: Opening,
        /// Which one.
        limit: Limit,
        /// What happened, with the setting's value.
        message: String,
    },
    /// `describe` answered what no client could be told.
    #[error("describe answered what can not be a signature: {0}")]
    InvalidSignature(InvalidSignature),
    /// Requests are to be joined, and can not be.
    #[error("infer_batching joins the rows of requests, and {0}; set infer_batching to null")]
    NotJoinable(NotJoinable),
    /// All sandboxes that the server was started for are in use.
    #[error(
        "all sandboxes of this server are in use: raise max_sandboxes, or lower an instance_count"
    )]
    NoRoom,
    /// A bug of the host, or the process is going down.
    #[error("the host failed: {message}")]
    Host {
        /// What happened.
        message: String,
    },
}

/// Why requests to a scorer can not be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotJoinable {
    /// It takes bytes.
    #[error("the scorer has no signature that says what rows are: it exports `run` alone")]
    Raw,
    /// Nothing goes in.
    #[error("the scorer takes no inputs, so no rows")]
    NoInputs,
    /// A tensor has no place for rows of others.
    #[error("its {side} {name:?} is {found}: the first dimension must be open")]
    Tensor {
        /// `input` or `output`.
        side: &'static str,
        /// Its name.
        name: String,
        /// Its type and shape.
        found: String,
    },
}

/// Why no sandbox was leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// None came free in time.
    #[error("no sandbox came free in time")]
    QueueTimeout,
    /// There is none, and the last tries to make one failed.
    #[error("no sandbox is alive")]
    NoLiveSandbox,
}

/// Why a run has no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The scorer says that the client is wrong. The sandbox goes on.
    #[error("{0}")]
    BadRequest(String),
    /// The scorer says that it failed. The sandbox goes on.
    #[error("{0}")]
    Internal(String),
    /// The run was stopped at its deadline.
    #[error("the scorer ran past the request's deadline")]
    DeadlineExceeded,
    /// The scorer trapped.
    #[error("{message}")]
    Trapped {
        /// The trap.
        message: String,
    },
    /// The scorer was stopped at a limit.
    #[error("{limit}: {message}; {}", limit.advice())]
    LimitExceeded {
        /// Which one.
        limit: Limit,
        /// What happened, with the setting's value.
        message: String,
    },
    /// The response is none that HTTP allows, or not what the scorer has said that it gives. The sandbox goes on.
    #[error("{message}")]
    InvalidResponse {
        /// What is wrong with it.
        message: String,
    },
    /// A bug of the host.
    #[error("the host failed: {message}")]
    Host {
        /// What happened.
        message: String,
    },
}
