//! The same executable as a compiler: started by the server for one component, with limits, and gone when that is done.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use mlwasm_sandbox::{ChildCompiler, CompileLimits, Compiler};

use crate::config::SandboxConfig;

/// The first argument of a process that only compiles. No command: it is not for people.
const WORD: &str = "compile-component";

/// This executable, whatever happens to its file: an upgrade while the server runs must not change who compiles.
const OURSELVES: &str = "/proc/self/exe";

/// The whole life of a process that only compiles; none if this is not one.
pub(crate) fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    (arguments.next()? == WORD).then(|| mlwasm_sandbox::compile_child_main(arguments))
}

/// The compiler that the server starts.
///
/// # Errors
///
/// If the system does not say where the executable is.
pub(crate) fn of(config: &SandboxConfig) -> anyhow::Result<Compiler> {
    Ok(Compiler::Child(ChildCompiler {
        program: program()?,
        word: WORD,
        limits: CompileLimits {
            cpu_seconds: config.compile_cpu_seconds.get(),
            memory_mb: config.compile_memory_mb,
            timeout: config.compile_timeout,
        },
    }))
}

fn program() -> anyhow::Result<PathBuf> {
    let ourselves = Path::new(OURSELVES);
    if ourselves.exists() {
        return Ok(ourselves.to_owned());
    }
    // Where there is no /proc. Code of another build is refused when it is loaded.
    env::current_exe().context("finding the executable of the server")
}
