//! From a component to machine code, and from machine code into this process.
//!
//! Compiling is the one step whose cost a component decides freely, so a server has it done by a child process that has
//! limits and dies alone. What it hands back is only bytes: this process seals, stores and loads them.

mod child;
mod confine;
mod ending;
mod parent;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use wasmtime::{Engine, component::Component};

use crate::error::ComponentError;
pub use child::compile_child_main;

/// Who compiles.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// This process, without limits: for tests and tools, which trust what they compile.
    InProcess,
    /// A child process.
    Child(ChildCompiler),
}

/// How the process that compiles one component is started.
#[derive(Clone, Debug)]
pub struct ChildCompiler {
    /// A program of the same build as this one: code of another is refused when it is loaded.
    pub program: PathBuf,
    /// The first argument: makes the program call [`compile_child_main`], and do nothing else.
    pub word: &'static str,
    /// What it may use.
    pub limits: CompileLimits,
}

/// What compiling one component may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Seconds of processor time, of all threads together.
    pub cpu_seconds: u32,
    /// Memory, in MiB.
    pub memory_mb: u32,
    /// Time, from the start of the process to its end.
    pub timeout: Duration,
}

/// Machine code that our own compiler wrote: made only by [`Compiler::compile`], and by the cache once it has checked
/// the seal.
pub(crate) struct MachineCode(Vec<u8>);

impl MachineCode {
    /// Code that was sealed by us when it came out of [`Compiler::compile`], and whose seal is whole.
    pub(crate) fn unsealed(code: Vec<u8>) -> Self {
        Self(code)
    }

    /// The code.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Compiler {
    /// Compiles a component for `engine`. Blocks: from milliseconds to the limits.
    ///
    /// # Errors
    ///
    /// [`ComponentError`] that names the limit, if it was one; [`ComponentError::CompileCancelled`] soon after `cancel`,
    /// unless this process compiles itself: that can not be stopped.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        component: &[u8],
        cancel: &CancellationToken,
    ) -> Result<MachineCode, ComponentError> {
        match self {
            Self::InProcess => compile_here(engine, component),
            Self::Child(child) => parent::compile(child, component, cancel).map(MachineCode),
        }
    }
}

fn compile_here(engine: &Engine, component: &[u8]) -> Result<MachineCode, ComponentError> {
    // The engine is shared, but compiling only reads it: a panic leaves nothing half done.
    let compile = AssertUnwindSafe(|| engine.precompile_component(component));
    match catch_unwind(compile) {
        Ok(Ok(code)) => Ok(MachineCode(code)),
        Ok(Err(error)) => Err(ComponentError::Compile {
            message: format!("{error:#}"),
        }),
        Err(_) => Err(ComponentError::CompilerFailed {
            how: "it panicked".to_owned(),
        }),
    }
}

/// Loads machine code into this process.
///
/// # Errors
///
/// [`ComponentError::CompilerFailed`] if it is for another engine.
#[expect(
    unsafe_code,
    reason = "machine code is run as it is; there is no safe way to load it"
)]
pub(crate) fn load(engine: &Engine, code: &MachineCode) -> Result<Component, ComponentError> {
    // SAFETY: the bytes must be what `precompile_component` wrote, unchanged. A `MachineCode` is made in two places only:
    // by `compile` above, from our own process or the pipe of a child that runs our own program, and by the cache from a
    // file whose HMAC, over these very bytes, was made with our secret key.
    let component = unsafe { Component::deserialize(engine, code.as_bytes()) };
    component.map_err(|error| ComponentError::CompilerFailed {
        how: format!("its code does not load: {error:#}"),
    })
}
