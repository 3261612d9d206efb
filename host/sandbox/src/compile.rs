//! From a component to machine code, and from machine code into this process.
//!
//! Compiling is the one step whose cost a component decides freely; it is a function from bytes to bytes, so that it can
//! move into a child process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use wasmtime::{Engine, component::Component};

use crate::error::ComponentError;

/// Machine code that our own compiler wrote: made only by [`compile`], and by the cache once it has checked the seal.
pub(crate) struct MachineCode(Vec<u8>);

impl MachineCode {
    /// Code that was sealed by us when it came out of [`compile`], and whose seal is whole.
    pub(crate) fn unsealed(code: Vec<u8>) -> Self {
        Self(code)
    }

    /// The code.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Compiles a component. Takes from milliseconds to a minute, and all cores.
pub(crate) fn compile(engine: &Engine, component: &[u8]) -> Result<MachineCode, ComponentError> {
    // The engine is shared, but compiling only reads it: a panic leaves nothing half done.
    let compile = AssertUnwindSafe(|| engine.precompile_component(component));
    match catch_unwind(compile) {
        Ok(code) => Ok(MachineCode(code.map_err(|error| refused(&error))?)),
        Err(_) => Err(ComponentError::Compile {
            message: "the compiler panicked; the server's log says where".to_owned(),
        }),
    }
}

/// Loads machine code into this process.
///
/// # Errors
///
/// [`ComponentError::Compile`] if it is for another engine.
#[expect(
    unsafe_code,
    reason = "machine code is run as it is; there is no safe way to load it"
)]
pub(crate) fn load(engine: &Engine, code: &MachineCode) -> Result<Component, ComponentError> {
    // SAFETY: the bytes must be what `precompile_component` wrote, unchanged. A `MachineCode` is made in two places only:
    // by `compile` above, and by the cache from a file whose HMAC, over these very bytes, was made with our secret key.
    let component = unsafe { Component::deserialize(engine, code.as_bytes()) };
    component.map_err(|error| refused(&error))
}

fn refused(error: &wasmtime::Error) -> ComponentError {
    ComponentError::Compile {
        message: format!("{error:#}"),
    }
}
