//! Programs in Python that the suite runs beside the server: clients that others wrote, and checks that they make easy.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    artifacts::workspace,
    cli::Output,
    failure::{OrFail as _, fail},
};

/// The variable that names the folder of the packages.
const PACKAGES: &str = "SUITE_PYTHON";

/// A program in Python that is being put together.
#[derive(Debug)]
#[must_use = "a program is run by `run`"]
pub struct Python {
    command: Command,
    input: Vec<u8>,
}

impl Python {
    /// The module `name`, of one of the packages in `tests/clients/requirements.txt`.
    pub fn module(name: &str) -> Self {
        Self::new(&["-m", name])
    }

    /// A file of `tests/clients`.
    pub fn script(name: &str) -> Self {
        let path = clients().join(name);
        Self::new(&[&path.to_string_lossy()])
    }

    fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new("python3");
        command
            .args(arguments)
            .env("PYTHONPATH", packages())
            // The packages are shared by tests that run at the same time.
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self {
            command,
            input: Vec::new(),
        }
    }

    /// Adds arguments.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Runs in this folder: what the program leaves behind goes with it.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Gives it this on standard input.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Runs it to its end. The caller's other tasks go on.
    pub async fn run(self) -> Output {
        let run = move || run(self.command, &self.input);
        let done = tokio::task::spawn_blocking(run).await;
        done.or_fail("running python3")
    }
}

fn run(mut command: Command, input: &[u8]) -> Output {
    let typed = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .or_fail("starting python3");
    if let Some(mut pipe) = child.stdin.take() {
        // One that ends before it has read everything tells why by itself.
        pipe.write_all(input).ok();
    }
    let output = child.wait_with_output().or_fail("waiting for python3");
    Output {
        command: typed,
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Where the suite's own files in Python are.
fn clients() -> PathBuf {
    workspace().join("tests/clients")
}

fn packages() -> PathBuf {
    match env::var_os(PACKAGES).filter(|path| !path.is_empty()) {
        Some(path) => path.into(),
        None => fail(format!(
            "{PACKAGES} is not set: run `export {PACKAGES}=$(cargo xtask python)` first"
        )),
    }
}
