//! A whole platform for one test: server, command line, clients.

use std::{
    collections::HashMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use http::Method;
use mlwasm_types::api::{DeploymentView, EndpointKeys, EndpointView};
use tempfile::TempDir;

use crate::{
    Answer, Binary, Call, Deploy, Ended, FailingDisk, Following, GrpcCall, Metrics, Output, Server,
    artifacts, cli,
    failure::{OrFail as _, fail},
    raw, server,
};

/// How a platform is started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Which build of the server.
    pub binary: Binary,
    /// Further arguments of `serve`. Without listeners among them, free ports of the loopback are listened on.
    pub arguments: Vec<String>,
    /// Further environment variables of the server; they win over what the harness sets.
    pub environment: Vec<(String, String)>,
    /// The text of a configuration file, if the server shall have one.
    pub config: Option<String>,
    /// The certificates that clients trust, if the server speaks TLS.
    pub authority: Option<PathBuf>,
}

/// A server on free ports with a folder of its own, and those who talk to it. Dropping it ends the server and removes
/// the folder.
///
/// # Concurrency
///
/// Commands and calls may be made at once. Ending and restarting the server takes the platform alone.
#[derive(Debug)]
pub struct Platform {
    // Fields are dropped in order: the server goes before its folder.
    server: Option<Server>,
    setup: Setup,
    home: TempDir,
    client: reqwest::Client,
    /// Speaks HTTP/2 only.
    grpc_client: reqwest::Client,
    /// What was asked of the server once: keys of endpoints. Held for one look, never while waiting.
    keys: Mutex<HashMap<String, String>>,
}

impl Platform {
    /// A platform of the debug build, all else by default.
    pub async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    /// A platform as `setup` says.
    pub async fn start_with(setup: Setup) -> Self {
        let mut platform = Self::prepared(setup);
        platform.start_server().await;
        platform
    }

    /// What becomes of a server that can not start: its exit code and its log.
    pub async fn fail_to_start(setup: Setup) -> Ended {
        let platform = Self::prepared(setup);
        server::run_to_end(platform.serve_command(), platform.log_file()).await
    }

    /// What becomes of a second server on this platform's folder.
    pub async fn second_server_fails(&self) -> Ended {
        server::run_to_end(self.serve_command(), self.home.path().join("second.log")).await
    }

    fn prepared(setup: Setup) -> Self {
        // Clients ask for it when they are built, also those that will speak no TLS. Set before by another test: fine.
        rustls::crypto::aws_lc_rs::default_provider()
            .install_default()
            .ok();
        let home = tempfile::Builder::new()
            .prefix("mlwasm-test-")
            .tempdir()
            .or_fail("making a folder");
        if let Some(config) = &setup.config {
            std::fs::write(home.path().join("mlwasm.toml"), config)
                .or_fail("writing a configuration file");
        }
        let client = client(&setup).build().or_fail("building a client");
        let grpc_client = { client_of_http2(&setup) }
            .build()
            .or_fail("building a client");
        Self {
            server: None,
            setup,
            home,
            client,
            grpc_client,
            keys: Mutex::default(),
        }
    }

    /// Starts the server again on a disk that will fail, on new ports. How the server ended, if it did before it was ready.
    ///
    /// # Errors
    ///
    /// How it ended.
    pub async fn restart_on(&mut self, disk: FailingDisk) -> Result<(), Ended> {
        if self.server.is_some() {
            fail("the server still runs");
        }
        let mut command = self.serve_command();
        command.envs(disk.environment(&self.data_dir()));
        let server = Server::try_start(command, &self.ready_file(), self.log_file()).await?;
        self.server = Some(server);
        Ok(())
    }

    async fn start_server(&mut self) {
        let command = self.serve_command();
        let server = Server::start(command, &self.ready_file(), self.log_file()).await;
        self.server = Some(server);
    }

    // ---- the server's life

    /// The running server. Fails the test if it was ended.
    pub fn server(&self) -> &Server {
        match &self.server {
            Some(server) => server,
            None => fail("the server was ended and not restarted"),
        }
    }

    /// Ends the server as a power cut would.
    pub fn kill9(&mut self) {
        self.take_server().kill();
    }

    /// Asks the server to end and waits until it has.
    pub async fn terminate(&mut self) -> Ended {
        self.ask_to_end();
        self.ended().await
    }

    /// Asks the server to end; the platform keeps talking to it while it does. See [`Platform::ended`].
    pub fn ask_to_end(&self) {
        self.server().signal("TERM");
    }

    /// Waits for the end of a server that was sent a signal.
    pub async fn ended(&mut self) -> Ended {
        self.take_server().ended().await
    }

    /// Starts the server again on the same folder, on new ports. Fails the test if it still runs.
    pub async fn restart(&mut self) {
        if self.server.is_some() {
            fail("the server still runs");
        }
        self.start_server().await;
    }

    fn take_server(&mut self) -> Server {
        match self.server.take() {
            Some(server) => server,
            None => fail("the server was ended before"),
        }
    }

    // ---- the command line

    /// Runs `mlwasm` with these arguments against this server, as its local user would.
    pub async fn cli(&self, arguments: &[impl AsRef<OsStr>]) -> Output {
        let mut command = self.client_command();
        command.args(arguments);
        cli::run(command).await
    }

    /// Runs `mlwasm` with these arguments and further environment variables.
    pub async fn cli_with_env(
        &self,
        variables: &[(&str, &str)],
        arguments: &[impl AsRef<OsStr>],
    ) -> Output {
        let mut command = self.client_command();
        command.args(arguments).envs(variables.iter().copied());
        cli::run(command).await
    }

    /// Runs a script of the workspace, which finds `mlwasm` on its path, against this server.
    pub async fn script(&self, path: &str) -> Output {
        let mut command = self.command_of("bash");
        command.arg(path);
        command.env("MLWASM_SERVER", self.server().admin());
        cli::run(command).await
    }

    /// Starts a command that goes on until what is returned is dropped.
    pub fn follow(&self, arguments: &[impl AsRef<OsStr>]) -> Following {
        let mut command = self.client_command();
        command.args(arguments);
        Following::start(command)
    }

    /// As [`Platform::follow`], for what the command writes to standard error.
    pub fn follow_errors(&self, arguments: &[impl AsRef<OsStr>]) -> Following {
        let mut command = self.client_command();
        command.args(arguments);
        Following::start_for_errors(command)
    }

    /// Begins a `mlwasm deploy` of a component or a model.
    pub fn deploy(&self, artifact: impl AsRef<Path>) -> Deploy<'_> {
        Deploy::new(self, artifact.as_ref())
    }

    // ---- the data plane

    /// Begins a `POST` to the endpoint's score route, with its key.
    pub async fn scoring(&self, endpoint: &str) -> Call {
        let key = self.key(endpoint).await;
        let route = format!("/endpoints/{endpoint}/score");
        self.scoring_call(Method::POST, &route).key(&key)
    }

    /// Scores `body` and returns the answer, whatever its status.
    pub async fn score(&self, endpoint: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.scoring(endpoint).await.body(body).send().await
    }

    /// Begins any request to the data plane, without a key.
    pub fn scoring_call(&self, method: Method, path: &str) -> Call {
        let address = format!("{}{path}", self.server().scoring());
        Call::new(self.client.request(method, address))
    }

    /// Begins a call over gRPC to the data plane, `SERVICE/METHOD`, without a key.
    pub fn grpc(&self, method: &str) -> GrpcCall {
        let address = format!("{}/{method}", self.server().scoring());
        GrpcCall::new(self.grpc_client.request(Method::POST, address))
    }

    /// Sends bytes to the data plane and returns what came until it closed the connection.
    pub async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let address = self.server().scoring().trim_start_matches("http://");
        raw::exchange(address.to_owned(), bytes.into()).await
    }

    /// The endpoint's primary key. Asked for once.
    pub async fn key(&self, endpoint: &str) -> String {
        let known = self
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(endpoint)
            .cloned();
        if let Some(key) = known {
            return key;
        }
        let key = self.keys(endpoint).await.primary_key;
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(endpoint.to_owned(), key.clone());
        key
    }

    // ---- the administration listener

    /// Begins a request to the administration listener, with the admin token.
    pub fn admin(&self, method: Method, path: &str) -> Call {
        self.admin_without_token(method, path)
            .key(&self.admin_token())
    }

    /// Begins a request to the administration listener that shows no token.
    pub fn admin_without_token(&self, method: Method, path: &str) -> Call {
        let address = format!("{}{path}", self.server().admin());
        Call::new(self.client.request(method, address))
    }

    /// The endpoint as the server shows it. Fails the test if it does not exist.
    pub async fn endpoint(&self, endpoint: &str) -> EndpointView {
        self.get(&format!("/v1/endpoints/{endpoint}")).await.read()
    }

    /// The deployment as the server shows it. Fails the test if it does not exist.
    pub async fn deployment(&self, endpoint: &str, name: &str) -> DeploymentView {
        self.get(&format!("/v1/endpoints/{endpoint}/deployments/{name}"))
            .await
            .read()
    }

    /// The endpoint's keys, asked for now.
    pub async fn keys(&self, endpoint: &str) -> EndpointKeys {
        self.get(&format!("/v1/endpoints/{endpoint}/keys"))
            .await
            .read()
    }

    /// The metrics as they are now.
    pub async fn metrics(&self) -> Metrics {
        let answer = self.admin(Method::GET, "/metrics").send().await;
        if answer.status() != 200 {
            fail(format!("{answer:?}"));
        }
        Metrics::parse(&answer.text())
    }

    async fn get(&self, path: &str) -> Answer {
        let answer = self.admin(Method::GET, path).send().await;
        if answer.status() != 200 {
            fail(format!("GET {path}: {answer:?}"));
        }
        answer
    }

    // ---- files

    /// A folder that goes when the platform does: for input files of a test.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into [`Platform::home`] and returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, bytes).or_fail("writing a file");
        path
    }

    /// Where the server keeps its state.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The token that the server made for its local user.
    pub fn admin_token(&self) -> String {
        let path = self.data_dir().join("admin.token");
        let token = std::fs::read_to_string(&path).or_fail("reading the admin token");
        token.trim().to_owned()
    }

    fn ready_file(&self) -> PathBuf {
        self.home.path().join("ready.json")
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("server.log")
    }

    fn serve_command(&self) -> Command {
        let mut command = self.command();
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(self.data_dir())
            .arg("--ready-file")
            .arg(self.ready_file());
        for option in ["--listen", "--admin-listen"] {
            if !self.setup.arguments.iter().any(|given| given == option) {
                command.args([option, "127.0.0.1:0"]);
            }
        }
        if self.setup.config.is_some() {
            command
                .arg("--config")
                .arg(self.home.path().join("mlwasm.toml"));
        }
        command
            .args(&self.setup.arguments)
            .env("ORT_DYLIB_PATH", artifacts::onnxruntime())
            .envs(self.setup.environment.iter().cloned());
        command
    }

    fn client_command(&self) -> Command {
        let mut command = self.command();
        command.env("MLWASM_SERVER", self.server().admin());
        if let Some(authority) = &self.setup.authority {
            command.env("MLWASM_CA_FILE", authority);
        }
        command
    }

    fn command(&self) -> Command {
        self.command_of(self.setup.binary.path())
    }

    /// Nothing of the machine's own settings reaches the program; it finds the binary first.
    fn command_of(&self, program: impl AsRef<OsStr>) -> Command {
        let binary = self.setup.binary.path();
        let folder = binary.parent().map(Path::to_owned);
        let machine = std::env::var_os("PATH").unwrap_or_default();
        let folders = folder.into_iter().chain(std::env::split_paths(&machine));
        let mut command = Command::new(program);
        command
            .env_clear()
            .env(
                "PATH",
                std::env::join_paths(folders).or_fail("making a path"),
            )
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("XDG_DATA_HOME", self.home.path().join("share"))
            .current_dir(artifacts::workspace());
        command
    }
}

fn client(setup: &Setup) -> reqwest::ClientBuilder {
    // Proxies of the machine are no business of loopback.
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(trusted(setup))
        // What the server answers is what the test sees.
        .redirect(reqwest::redirect::Policy::none())
        // A request that failed has failed: the suite counts failures.
        .retry(reqwest::retry::never())
}

fn client_of_http2(setup: &Setup) -> reqwest::ClientBuilder {
    client(setup).http2_prior_knowledge()
}

/// The certificates that a test's own client trusts: no others.
fn trusted(setup: &Setup) -> Vec<reqwest::Certificate> {
    let Some(authority) = &setup.authority else {
        return Vec::new();
    };
    let pem = std::fs::read(authority).or_fail("reading the authority's certificate");
    vec![reqwest::Certificate::from_pem(&pem).or_fail("reading the authority's certificate")]
}
