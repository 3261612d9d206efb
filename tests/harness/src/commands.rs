//! The command line without a server: for commands that work on files, such as those of projects.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{
    Binary, Following, Output,
    artifacts::{self, target},
    cli,
    failure::{OrFail as _, fail},
};

/// A user with a folder of their own, where their commands run. Dropping it removes the folder.
///
/// # Concurrency
///
/// Projects in Rust share one target folder, so that only the first has to compile what all depend on. Their components have one
/// name there, so one user at a time works: the next waits until this one is dropped.
#[derive(Debug)]
pub struct Commands {
    home: TempDir,
    client: reqwest::Client,
    // Held, not read.
    _turn: File,
}

/// What of the machine's own settings reaches commands: where Rust is.
const KEPT: [&str; 3] = ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

impl Default for Commands {
    fn default() -> Self {
        Self::new()
    }
}

impl Commands {
    /// A user with an empty folder.
    pub fn new() -> Self {
        rustls::crypto::aws_lc_rs::default_provider()
            .install_default()
            .ok();
        let shared = shared_target();
        fs::create_dir_all(&shared).or_fail("making a target folder");
        let turn = File::create(shared.join("turn")).or_fail("making a file to lock");
        turn.lock().or_fail("waiting for the turn");
        Self {
            home: tempfile::Builder::new()
                .prefix("mlwasm-test-")
                .tempdir()
                .or_fail("making a folder"),
            client: reqwest::Client::builder()
                .no_proxy()
                .tls_certs_only(Vec::new())
                .build()
                .or_fail("building a client"),
            _turn: turn,
        }
    }

    /// The folder in which commands run.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file below [`Commands::home`] and returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.home().join(name);
        fs::write(&path, bytes).or_fail("writing a file");
        path.display().to_string()
    }

    /// Replaces a text of a file, as an author who saves it. Fails the test if the file does not hold it.
    #[track_caller]
    pub fn replace(&self, name: &str, former: &str, new: &str) {
        let path = self.home().join(name);
        let text = fs::read_to_string(&path).or_fail("reading a file");
        if !text.contains(former) {
            fail(format!("{name} does not hold {former:?}: {text}"));
        }
        fs::write(&path, text.replacen(former, new, 1)).or_fail("writing a file");
    }

    /// Runs `mlwasm` with these arguments.
    pub async fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Output {
        self.run_with_env(&[], arguments).await
    }

    /// Runs `mlwasm` with these arguments and further environment variables.
    pub async fn run_with_env(
        &self,
        variables: &[(&str, &str)],
        arguments: &[impl AsRef<OsStr>],
    ) -> Output {
        let mut command = self.command();
        command.args(arguments).envs(variables.iter().copied());
        cli::run(command).await
    }

    /// Starts a command that goes on until what is returned is dropped; both its outputs are read.
    pub fn follow(&self, arguments: &[impl AsRef<OsStr>]) -> Following {
        let mut command = self.command();
        command.args(arguments);
        Following::start_for_both(command)
    }

    /// Sends JSON and returns the answer's status and text.
    pub async fn post(&self, uri: &str, json: &'static str) -> (u16, String) {
        let request = self.client.post(uri).body(json);
        let answer = request
            .header("content-type", "application/json")
            .send()
            .await
            .or_fail("asking");
        let status = answer.status().as_u16();
        (status, answer.text().await.or_fail("reading the answer"))
    }

    fn command(&self) -> Command {
        let home = self.home();
        let cargo_home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
        let rustup_home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".rustup"));
        let mut command = Command::new(Binary::Debug.path());
        command.env_clear().current_dir(home);
        for (name, path) in [("CARGO_HOME", cargo_home), ("RUSTUP_HOME", rustup_home)] {
            command.envs(path.map(|path| (name, path)));
        }
        command
            .envs(
                KEPT.into_iter()
                    .filter_map(|name| Some((name, env::var_os(name)?))),
            )
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("share"))
            .env("ORT_DYLIB_PATH", artifacts::onnxruntime())
            .env("CARGO_TARGET_DIR", shared_target())
            // What this workspace was built with is there.
            .env("CARGO_NET_OFFLINE", "true");
        command
    }
}

fn shared_target() -> PathBuf {
    target().join("projects")
}
