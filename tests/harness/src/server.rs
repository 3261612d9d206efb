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
    process: Process,
    addresses: Addresses,
}

/// A process that ends when it is dropped, and shows its log if a test fails meanwhile.
#[derive(Debug)]
struct Process {
    child: Child,
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
    pub(crate) async fn start(command: Command, ready: &Path, log: PathBuf) -> Self {
        match Self::try_start(command, ready, log).await {
            Ok(server) => server,
            Err(ended) => fail(format!("the server ended before it was ready: {ended:?}")),
        }
    }

    /// As [`Server::start`].
    ///
    /// # Errors
    ///
    /// How the process ended, if it did instead.
    pub(crate) async fn try_start(
        mut command: Command,
        ready: &Path,
        log: PathBuf,
    ) -> Result<Self, Ended> {
        std::fs::remove_file(ready).ok();
        let mut process = Process::start(&mut command, log);
        let addresses = eventually("the server is ready", async || {
            // Read before the process is looked at: it may have written and then ended.
            let written = std::fs::read(ready).ok();
            if let Some(status) = process.status() {
                return Some(Err(Ended {
                    code: status.code(),
                    log: process.log(),
                }));
            }
            Some(Ok(
                serde_json::from_slice(&written?).or_fail("reading the ready file")
            ))
        });
        let addresses = addresses.await?;
        Ok(Self { process, addresses })
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
        self.process.child.id()
    }

    /// All that the server logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Ends the process as a power cut would: it learns nothing of it.
    pub(crate) fn kill(mut self) {
        let child = &mut self.process.child;
        child.kill().or_fail("killing the server");
        child.wait().or_fail("waiting for the server's end");
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
    pub async fn ended(self) -> Ended {
        self.process.ended().await
    }
}

/// Runs `command`, which is expected to end by itself soon.
pub(crate) async fn run_to_end(mut command: Command, log: PathBuf) -> Ended {
    Process::start(&mut command, log).ended().await
}

impl Process {
    fn start(command: &mut Command, log: PathBuf) -> Self {
        let file: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .or_fail("opening the server's log");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .or_fail("starting the server");
        Self { child, log }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().or_fail("looking at the server")
    }

    async fn ended(mut self) -> Ended {
        let status = eventually("the server ends", async || self.status()).await;
        Ended {
            code: status.code(),
            log: self.log(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail on a process that ended before, which is fine.
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            show(&self.log());
        }
    }
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
