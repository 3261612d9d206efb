//! The server's side: starts a process for one component, feeds it, and ends it when its time is up.

use std::{
    io::{self, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
};

use tokio::{runtime::Builder, sync::oneshot, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{ChildCompiler, CompileLimits, confine, ending::Ending};
use crate::error::ComponentError;

/// Two, so that a component of seconds is ready in half of them; not more, since each takes a core from requests.
const THREADS: &str = "2";
/// Of what the process says on standard error; a panic fits.
const LAST_WORDS: u64 = 16 << 10;

/// Has `component` compiled by a process of its own. Blocks until that has ended: none is left behind.
pub(super) fn compile(
    compiler: &ChildCompiler,
    component: &[u8],
    cancel: &CancellationToken,
) -> Result<Vec<u8>, ComponentError> {
    let limits = &compiler.limits;
    let mut child = start(compiler).map_err(ComponentError::CompilerStart)?;
    let waited = attend(&mut child, component, limits, cancel);
    child.kill().ok();
    let status = child.wait().map_err(ComponentError::CompilerStart)?;
    let (waited, stderr) = waited.map_err(ComponentError::CompilerStart)?;
    match waited {
        Waited::Ended(stdout) => Ending {
            status,
            stdout,
            stderr,
        }
        .verdict(limits),
        Waited::TimeIsUp => Err(ComponentError::CompileTooSlow {
            limit: limits.timeout,
        }),
        Waited::Cancelled => Err(ComponentError::CompileCancelled),
    }
}

fn start(compiler: &ChildCompiler) -> io::Result<Child> {
    Command::new(&compiler.program)
        .arg(compiler.word)
        .args(confine::arguments(&compiler.limits))
        // Nothing of the server's environment, where secrets may be, nor what changes how programs are loaded.
        .env_clear()
        .env("RAYON_NUM_THREADS", THREADS)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// What ended the waiting.
enum Waited {
    /// The process closed its output, which only its end does. This is what it wrote.
    Ended(Vec<u8>),
    TimeIsUp,
    Cancelled,
}

/// Feeds the process and listens to it, until it has ended or has been made to. With what it wrote on standard error.
fn attend(
    child: &mut Child,
    component: &[u8],
    limits: &CompileLimits,
    cancel: &CancellationToken,
) -> io::Result<(Waited, String)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // More than the process may have in memory, it can not mean to hand over.
    let most = u64::from(limits.memory_mb) << 20;
    let clock = Builder::new_current_thread().enable_time().build()?;
    let (done, ended) = oneshot::channel();
    // One thread for each pipe: whichever fills up, the others go on.
    thread::scope(|scope| {
        let feeding = thread::Builder::new().spawn_scoped(scope, || feed(stdin, component))?;
        let words = thread::Builder::new().spawn_scoped(scope, || hear(stderr, LAST_WORDS))?;
        thread::Builder::new().spawn_scoped(scope, || done.send(hear(stdout, most)).ok())?;
        let waited = clock.block_on(async {
            tokio::select! {
                // What is done is done, also if it is not wanted any more.
                biased;
                stdout = ended => Waited::Ended(stdout.unwrap_or_default()),
                () = cancel.cancelled() => Waited::Cancelled,
                () = sleep(limits.timeout) => Waited::TimeIsUp,
            }
        });
        // How a process ended is settled before its output is closed, so this changes nothing for one that has. The
        // others end here, and with them the threads that listen to them.
        child.kill().ok();
        let stderr = words.join().unwrap_or_default();
        // Only now: the end of its input would end the process.
        drop(feeding.join());
        Ok((waited, String::from_utf8_lossy(&stderr).into_owned()))
    })
}

/// Writes the component, and hands back the pipe, open.
fn feed(stdin: Option<ChildStdin>, component: &[u8]) -> Option<ChildStdin> {
    let mut stdin = stdin?;
    let length = (component.len() as u64).to_le_bytes();
    // A process that ends before it has read all says why by its exit status.
    stdin
        .write_all(&length)
        .and_then(|()| stdin.write_all(component))
        .ok();
    Some(stdin)
}

/// Reads a pipe to its end and keeps up to `most` bytes.
fn hear(pipe: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.by_ref().take(most).read_to_end(&mut kept).ok();
        // A full pipe would hold the process up.
        io::copy(&mut pipe, &mut io::sink()).ok();
    }
    kept
}
