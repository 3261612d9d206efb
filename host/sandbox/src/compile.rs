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

use crate::{
    error::ComponentError,
    guard::panic_words,
    places::{self, Places},
};
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

/// Machine code that our own compiler wrote, and the table of its places: made only by [`Compiler::compile`], and by the cache
/// once it has checked the seal.
///
/// One run of bytes, so that one seal is over all of it: the code, the table, and the length of the code.
pub(crate) struct MachineCode(Vec<u8>);

/// The bytes of the length at the end.
const LENGTH: usize = size_of::<u64>();

impl MachineCode {
    /// Code that was sealed by us when it came out of [`Compiler::compile`], and whose seal is whole.
    pub(crate) fn unsealed(code: Vec<u8>) -> Self {
        Self(code)
    }

    /// All of it, to be kept.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Where its instructions stand in their author's files.
    pub(crate) fn places(&self) -> Places {
        self.parts()
            .map_or_else(Places::default, |(_, places)| Places::read(places))
    }

    /// The code and the table; none of bytes that were never ours.
    fn parts(&self) -> Option<(&[u8], &[u8])> {
        let (parts, length) = self.0.split_last_chunk::<LENGTH>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        parts.split_at_checked(length)
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
    match compiled(engine, component) {
        Ok(code) => Ok(MachineCode(code)),
        Err(NotCompiled::Refused(error)) => Err(ComponentError::Compile {
            message: format!("{error:#}"),
        }),
        Err(NotCompiled::Panicked(words)) => Err(ComponentError::CompilerFailed {
            how: format!("it panicked: {words}"),
        }),
    }
}

/// Why a component does not compile.
enum NotCompiled {
    /// The compiler says so.
    Refused(wasmtime::Error),
    /// A bug of the compiler's, in its words.
    Panicked(String),
}

/// The bytes of a [`MachineCode`].
fn compiled(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, NotCompiled> {
    // The engine may be shared, but compiling only reads it: a panic leaves nothing half done.
    let compile = AssertUnwindSafe(|| engine.precompile_component(component));
    let mut bytes = match catch_unwind(compile) {
        Ok(code) => code.map_err(NotCompiled::Refused)?,
        Err(payload) => {
            let words = panic_words(payload.as_ref());
            return Err(if words.contains(JOINED_MEMORIES) {
                NotCompiled::Refused(wasmtime::Error::msg(SEVERAL_MEMORIES))
            } else {
                NotCompiled::Panicked(words)
            });
        }
    };
    let length = bytes.len() as u64;
    bytes.extend(places::gather(component).to_bytes());
    bytes.extend(length.to_le_bytes());
    Ok(bytes)
}

/// What wasmtime panics with where components call each other: the module that it puts between them has the memories of both, and
/// is refused with all modules that have more than one.
const JOINED_MEMORIES: &str = "invalid adapter module generated";
const SEVERAL_MEMORIES: &str = "components within it call each other and have memories of their own, which this host does not join: \
    link them into one module, or build it without the tool that composed them (`wac`, `wasm-tools compose`)";

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
    let (machine_code, _) = code.parts().ok_or_else(|| ComponentError::CompilerFailed {
        how: "its code does not load: it has no end".to_owned(),
    })?;
    // SAFETY: the bytes must be what `precompile_component` wrote, unchanged. A `MachineCode` is made in two places only:
    // by `compile` above, from our own process or the pipe of a child that runs our own program, and by the cache from a
    // file whose HMAC, over these very bytes, was made with our secret key.
    let component = unsafe { Component::deserialize(engine, machine_code) };
    component.map_err(|error| ComponentError::CompilerFailed {
        how: format!("its code does not load: {error:#}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::configuration;

    /// Two components in one, each with a memory, of which one calls the other with a text.
    const TWO_MEMORIES: &[u8] = include_bytes!("compile/two_memories.wasm");

    #[test]
    fn components_that_call_each_other_are_refused_in_words() {
        let engine = Engine::new(&configuration::for_compiling()).unwrap();
        let refused = compile_here(&engine, TWO_MEMORIES).err().unwrap();
        let text = refused.to_string();
        assert!(
            text.contains("have memories of their own") && text.contains("link them into one"),
            "{text}"
        );
    }

    #[test]
    fn code_and_places_are_told_apart() {
        let whole = |parts: &[&[u8]]| MachineCode(parts.concat());
        let length = 4u64.to_le_bytes();
        let code = whole(&[b"code", b"places", &length]);
        assert_eq!(code.parts(), Some((&b"code"[..], &b"places"[..])));
        for torn in [whole(&[&length]), whole(&[b"cod", &length]), whole(&[])] {
            assert_eq!(torn.parts(), None);
            assert_eq!(torn.places(), Places::default());
        }
    }
}
