//! The command line, as a user types it.

use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, sync_channel},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    eventually,
    failure::{OrFail as _, fail},
};

/// What a command printed, and its exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The command as typed.
    pub command: String,
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// What went to standard output.
    pub stdout: String,
    /// What went to standard error.
    pub stderr: String,
}

impl Output {
    /// The same output; fails the test unless the command succeeded.
    #[track_caller]
    #[must_use = "use `succeeded` on an output that is of no interest"]
    pub fn ok(self) -> Self {
        self.succeeded();
        self
    }

    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub fn succeeded(&self) {
        if self.code != 0 {
            fail(format!("{self:#?}"));
        }
    }

    /// Fails the test unless the command refused with `code`, and said so in one sentence: the last line on standard
    /// error, the only one that begins with `error: `, holds all of `words`, and there is nothing on standard output.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        let is_error = |line: &&str| line.starts_with("error: ");
        let errors: Vec<_> = self.stderr.lines().filter(is_error).collect();
        let is_one_sentence =
            errors.len() == 1 && self.stderr.lines().last() == errors.first().copied();
        let has_words = words
            .iter()
            .all(|word| errors.iter().any(|error| error.contains(word)));
        if self.code != code || !is_one_sentence || !has_words || !self.stdout.is_empty() {
            fail(format!(
                "expected exit {code} and one sentence with {words:?}: {self:#?}"
            ));
        }
    }

    /// Standard output read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.read()
    }

    /// Standard output read as one of the API's types.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => fail(format!("{error} in the output of {self:#?}")),
        }
    }
}

/// Runs `command` to its end, on a thread of its own so that others go on.
pub(crate) async fn run(command: Command) -> Output {
    let finished = tokio::task::spawn_blocking(move || {
        let mut command = command;
        let output = command
            .stdin(Stdio::null())
            .output()
            .or_fail("running mlwasm");
        Output {
            command: shown(&command),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    });
    finished.await.or_fail("running mlwasm")
}

/// What a command writes to.
type Pipe = Box<dyn Read + Send>;

/// A command that goes on until it is dropped, as `logs -f` does.
#[derive(Debug)]
pub struct Following {
    process: Child,
    lines: Receiver<String>,
}

impl Following {
    /// Reads its standard output.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        Self::spawn(command)
    }

    /// Reads its standard error.
    pub(crate) fn start_for_errors(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Self::spawn(command)
    }

    /// Reads both; lines of one come in their order.
    pub(crate) fn start_for_both(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::null())
            .spawn()
            .or_fail("running mlwasm");
        // A pipe holds what a test needs; the queue only has to be longer than what it ignores.
        let (sender, lines) = sync_channel(1_000);
        let out = process.stdout.take().map(|pipe| Box::new(pipe) as Pipe);
        let errors = process.stderr.take().map(|pipe| Box::new(pipe) as Pipe);
        for pipe in [out, errors].into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self { process, lines }
    }

    /// Waits for lines that hold each of `texts`, in any order: lines of two outputs, or of two threads, have none. Fails the test
    /// if one does not come.
    pub fn lines_with(&self, texts: &[&str]) {
        let mut missing = texts.to_vec();
        let mut seen = Vec::new();
        while !missing.is_empty() {
            // The first build of a project compiles all that it depends on.
            match self.lines.recv_timeout(Duration::from_secs(200)) {
                Ok(line) => {
                    missing.retain(|text| !line.contains(text));
                    seen.push(line);
                }
                Err(error) => fail(format!("no line with {missing:?} came: {error}; {seen:#?}")),
            }
        }
    }

    /// Interrupts it, as Ctrl-C does, and returns its exit code; -1 if the signal ended it.
    pub async fn interrupt(mut self) -> i32 {
        let sent = Command::new("kill")
            .args(["-s", "INT", &self.process.id().to_string()])
            .status()
            .or_fail("running kill");
        if !sent.success() {
            fail(format!("kill ended with {sent}"));
        }
        let status = eventually("the command ends", async || {
            self.process.try_wait().or_fail("looking at the command")
        });
        status.await.code().unwrap_or(-1)
    }

    /// The next line that holds `text`. Fails the test if none comes.
    pub fn line_with(&self, text: &str) -> String {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(20)) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => fail(format!("no line with {text:?} came: {error}")),
            }
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn shown(command: &Command) -> String {
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once("mlwasm".to_owned())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
