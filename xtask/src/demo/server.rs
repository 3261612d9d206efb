//! The demo's server on loopback, with a data folder of its own, and the commands typed at it.

use std::{
    fs,
    io::Write as _,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::load::Client;
use crate::tools;

pub(super) struct Server {
    binary: PathBuf,
    folder: PathBuf,
    process: Option<Child>,
    admin: String,
}

impl Server {
    /// Starts `mlwasm serve` on free ports and waits until it says that it is ready.
    pub(super) fn start(library: &Path) -> anyhow::Result<Self> {
        let binary = tools::target().join("debug/mlwasm");
        let folder = std::env::temp_dir().join(format!("mlwasm-demo-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let data = folder.join("data");
        let ready = folder.join("ready.json");
        let data_text = data.display().to_string();
        let arguments = [
            "serve",
            "--data-dir",
            &data_text,
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ];
        show("mlwasm", &arguments);
        let log = fs::File::create(folder.join("server.log"))?;
        let process = Command::new(&binary)
            .args(arguments)
            .arg("--ready-file")
            .arg(&ready)
            .env("ORT_DYLIB_PATH", library)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let mut server = Self {
            binary,
            folder,
            process: Some(process),
            admin: String::new(),
        };
        let addresses = server.wait_until_ready(&ready)?;
        server.admin = addresses["admin"]
            .as_str()
            .context("no admin address")?
            .to_owned();
        tools::say(&format!("$ export MLWASM_SERVER={}", server.admin));
        Ok(server)
    }

    fn wait_until_ready(&mut self, ready: &Path) -> anyhow::Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(text) = fs::read_to_string(ready) {
                return Ok(serde_json::from_str(&text)?);
            }
            let process = self.process.as_mut().context("the server is gone")?;
            if let Some(status) = process.try_wait()? {
                let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                bail!("the server ended ({status}):\n{log}");
            }
            ensure!(
                Instant::now() < deadline,
                "the server was not ready within a minute"
            );
            pause();
        }
    }

    /// Shows a command, runs it, shows what it printed, and returns its standard output.
    pub(super) fn type_command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        show("mlwasm", arguments);
        std::io::stdout().flush()?;
        let output = self.command(arguments).stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8(output.stdout)?;
        if !text.is_empty() {
            tools::say(text.trim_end());
        }
        ensure!(
            output.status.success(),
            "mlwasm {}: {}",
            arguments.join(" "),
            output.status
        );
        Ok(text)
    }

    /// A client of `endpoint`, by the key that a user would copy.
    pub(super) fn client(&self, endpoint: &str) -> anyhow::Result<Client> {
        let arguments = [
            "endpoint",
            "show",
            endpoint,
            "--query",
            "scoring_uri",
            "-o",
            "tsv",
        ];
        let scoring_uri = self.type_command(&arguments)?.trim().to_owned();
        let arguments = [
            "keys",
            endpoint,
            "show",
            "--query",
            "primaryKey",
            "-o",
            "tsv",
        ];
        let key = self.command(&arguments).output()?;
        ensure!(
            key.status.success(),
            "mlwasm {}: {}",
            arguments.join(" "),
            key.status
        );
        Ok(Client::new(
            scoring_uri,
            String::from_utf8(key.stdout)?.trim(),
        ))
    }

    /// Waits until the copies that the mirror sent are within `expected`, and as many as they will be.
    ///
    /// Copies are answered after the client was, so the count is read until it stands still.
    pub(super) fn wait_for_mirrored(&self, expected: RangeInclusive<u64>) -> anyhow::Result<u64> {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut last = None;
        loop {
            let count = self.mirrored()?;
            if last == Some(count) && expected.contains(&count) {
                return Ok(count);
            }
            ensure!(
                Instant::now() < deadline,
                "{count} requests were mirrored, expected {expected:?}"
            );
            last = Some(count);
            pause();
        }
    }

    fn mirrored(&self) -> anyhow::Result<u64> {
        let metrics = ureq::get(format!("{}/metrics", self.admin))
            .call()?
            .body_mut()
            .read_to_string()?;
        let is_count = |line: &&str| {
            line.starts_with("mlwasm_mirror_requests_total{") && line.contains(r#"result="ok""#)
        };
        let counts = metrics
            .lines()
            .filter(is_count)
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        Ok(counts.sum())
    }

    /// Leaves the server running and says where it is.
    pub(super) fn keep(&mut self) {
        if let Some(process) = self.process.take() {
            tools::say(&format!(
                "\nThe server keeps running: process {}, files in {}.\nTalk to it:\n  export MLWASM_SERVER={}\n  {} endpoint list\nStop it:\n  kill {}",
                process.id(),
                self.folder.display(),
                self.admin,
                self.binary.display(),
                process.id(),
            ));
        }
    }

    /// Stops the server as a supervisor would, and checks that it ends well.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        let id = process.id().to_string();
        show("kill", &[&id]);
        let sent = Command::new("kill").arg(&id).status()?;
        ensure!(sent.success(), "kill {id}: {sent}");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(process.wait()));
        let status = receiver
            .recv_timeout(Duration::from_secs(40))
            .context("the server did not stop")??;
        ensure!(status.success(), "the server ended with {status}");
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env("MLWASM_SERVER", &self.admin)
            .current_dir(tools::root())
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // The demo failed before it came to stop the server; its files are left for a look.
            process.kill().ok();
            process.wait().ok();
            tools::complain(&format!(
                "the server's log: {}",
                self.folder.join("server.log").display()
            ));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "there is no executor here")]
fn pause() {
    thread::sleep(Duration::from_millis(50));
}

fn show(program: &str, arguments: &[&str]) {
    let quoted = arguments.iter().map(|argument| {
        if argument.contains([' ', '"', '{']) {
            format!("'{argument}'")
        } else {
            (*argument).to_owned()
        }
    });
    let line = std::iter::once(program.to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ");
    tools::say(&format!("\n$ {line}"));
}
