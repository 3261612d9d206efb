//! One process of the server, from its start to its end.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use serde::Deserialize;

use crate::{
    eventually,
    failure::{OrFail as _, fail},
};

/// A running server. Dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    process: Child,
    addresses: Addresses,
    log: PathBuf,
}

/// Where the server listens, by its own word.
#[derive(Clone, Debug, Deserialize)]
struct Addresses {
    scoring: String,
    admin: String,
}

/// How a server ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// All that it logged, over all its lives in one folder.
    pub log: String,
}

impl Server {
    /// Starts `command`, which says where it listens in the file `ready`, and waits until it does. Its standard error
    /// is added to the file `log`. Fails the test if the process ends instead.
    pub(crate) async fn start(mut command: Command, ready: &Path, log: PathBuf) -> Self {
        std::fs::remove_file(ready).ok();
        let mut process = spawn(&mut command, &log);
        let addresses = eventually("the server is ready", async || {
            // Read before the process is looked at: it may have written and then ended.
            let written = std::fs::read(ready).ok();
            if let Some(status) = process.try_wait().or_fail("looking at the server") {
                let text = read_log(&log);
                fail(format!(
                    "the server ended ({status}) before it was ready:\n{text}"
                ));
            }
            let addresses: Addresses =
                serde_json::from_slice(&written?).or_fail("reading the ready file");
            Some(addresses)
        });
        let addresses = addresses.await;
        Self {
            process,
            addresses,
            log,
        }
    }

    /// The scoring listener's address: `http://127.0.0.1:PORT`.
    pub fn scoring(&self) -> &str {
        &self.addresses.scoring
    }

    /// The administration listener's address.
    pub fn admin(&self) -> &str {
        &self.addresses.admin
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// All that the server logged so far.
    pub fn log(&self) -> String {
        read_log(&self.log)
    }

    /// Ends the process as a power cut would: it learns nothing of it.
    pub(crate) fn kill(mut self) {
        self.process.kill().or_fail("killing the server");
        self.process.wait().or_fail("waiting for the server's end");
    }

    /// Sends the process a signal by its name, `TERM` or `KILL`, and returns at once.
    pub fn signal(&self, name: &str) {
        // A program does it: the standard library can only kill, and only who owns the process alone.
        let sent = Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status()
            .or_fail("running kill");
        if !sent.success() {
            fail(format!("kill -s {name} ended with {sent}"));
        }
    }

    /// Waits for the process's own end.
    pub async fn ended(mut self) -> Ended {
        let ended = eventually("the server ends", async || {
            self.process.try_wait().or_fail("looking at the server")
        });
        let status = ended.await;
        Ended {
            code: status.code(),
            log: self.log(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail on a process that ended before, which is fine.
        self.process.kill().ok();
        self.process.wait().ok();
        if std::thread::panicking() {
            show(&self.log());
        }
    }
}

/// Runs `command`, which is expected to end by itself soon.
pub(crate) async fn run_to_end(mut command: Command, log: PathBuf) -> Ended {
    let mut process = spawn(&mut command, &log);
    let mut ended: Option<ExitStatus> = None;
    eventually("the server gives up", async || {
        ended = process.try_wait().or_fail("looking at the server");
        ended
    })
    .await;
    Ended {
        code: ended.and_then(|status| status.code()),
        log: read_log(&log),
    }
}

fn spawn(command: &mut Command, log: &Path) -> Child {
    let log: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .or_fail("opening the server's log");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .or_fail("starting the server")
}

fn read_log(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The end of a log, next to the failure that it may explain.
#[expect(
    clippy::print_stderr,
    reason = "the test runner shows it with the failure"
)]
fn show(log: &str) {
    let lines: Vec<_> = log.lines().collect();
    let last = &lines[lines.len().saturating_sub(60)..];
    eprintln!("---- the server's log ----\n{}", last.join("\n"));
}
