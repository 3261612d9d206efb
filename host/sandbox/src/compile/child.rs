//! The child's side: a process that reads a component, writes machine code and ends.
//!
//! It has no data folder, no secret, no log and no settings but its limits. Standard input brings the length of the
//! component (8 bytes, little-endian) and the component, and stays open as long as somebody wants the result: its end is
//! the parent's, however that came about.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    process::{self, ExitCode},
    thread,
};

use wasmtime::{Engine, error::OutOfMemory};

use super::{NotCompiled, compiled, confine, ending};
use crate::engine::configuration;

/// The stack of the thread that waits for the end of the input: it calls one function.
const LIFELINE_STACK: usize = 64 << 10;

/// The whole life of a process that compiles one component. `arguments` are those after the word that
/// [`super::ChildCompiler`] names; call this before anything else, on the main thread.
///
/// What it found is in the exit code, and in what went to standard output: machine code, or why there is none.
pub fn compile_child_main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (code, output) = match work(arguments) {
        Ok(machine_code) => (ending::COMPILED, machine_code),
        Err(Failure::Refused(reason)) => (ending::REFUSED, reason.into_bytes()),
        Err(Failure::OutOfMemory) => (ending::OUT_OF_MEMORY, Vec::new()),
        Err(Failure::Unfit(reason)) => (ending::UNFIT, reason.into_bytes()),
    };
    // A parent that no longer reads wants nothing more.
    let written = io::stdout().lock().write_all(&output);
    ExitCode::from(written.map_or(ending::UNFIT, |()| code))
}

/// Why there is no machine code.
enum Failure {
    /// The component is at fault.
    Refused(String),
    /// The limit was met where that can be told.
    OutOfMemory,
    /// This process is.
    Unfit(String),
}

fn work(arguments: impl Iterator<Item = OsString>) -> Result<Vec<u8>, Failure> {
    let unfit =
        |what: &str, error: &dyn std::fmt::Display| Failure::Unfit(format!("{what}: {error}"));
    // First of all: what comes after may already be too much.
    confine::confine(arguments).map_err(|error| unfit("confining the compiler", &error))?;
    let component = read_component().map_err(|error| unfit("reading the component", &error))?;
    end_with_the_input().map_err(|error| unfit("watching the input", &error))?;
    let engine = Engine::new(&configuration::for_compiling())
        .map_err(|error| unfit("starting the compiler", &error))?;
    compiled(&engine, &component).map_err(|error| match error {
        NotCompiled::Refused(error) if error.is::<OutOfMemory>() => Failure::OutOfMemory,
        NotCompiled::Refused(error) => Failure::Refused(format!("{error:#}")),
        // Its words are on standard error, too, where the panic has left them with its place.
        NotCompiled::Panicked(words) => Failure::Unfit(format!("it panicked: {words}")),
    })
}

fn read_component() -> io::Result<Vec<u8>> {
    let mut input = io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut component = Vec::new();
    let read = input.by_ref().take(length).read_to_end(&mut component)?;
    if read as u64 == length {
        Ok(component)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Ends this process as soon as nobody holds the other end of its input: the server was killed, or gave up.
///
/// Not by the parent's death signal: that one is sent when the *thread* which started the child ends.
fn end_with_the_input() -> io::Result<()> {
    thread::Builder::new()
        .name("lifeline".to_owned())
        .stack_size(LIFELINE_STACK)
        .spawn(|| {
            // Nothing more is ever written, so this fails, at the end.
            io::stdin().lock().read_exact(&mut [0]).ok();
            process::exit(i32::from(ending::UNFIT));
        })
        .map(drop)
}
