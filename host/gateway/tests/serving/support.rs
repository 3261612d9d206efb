//! A gateway on a free port, with the echo scorer behind it, and a client that writes bytes as they are told.

use std::{
    collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf, sync::Arc,
    time::Duration,
};

use mlwasm_gateway::{Gateway, GatewaySettings, Records};
use mlwasm_routing::{
    Callers, Deployment, DeploymentMeters, Endpoint, EndpointParts, KeyDigest, Outcome, Revision,
    RoutingTable, TablePublisher,
};
use mlwasm_sandbox::{
    Compiler, DeploymentLog, Engine, EngineSettings, Failures, PoolSettings, SandboxPool, TaskGroup,
};
use mlwasm_types::{
    DeploymentName, DeploymentSpec, Digest, EndpointName, EndpointSpec, Generation, RevisionNumber,
    traffic::parse_shares,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

pub(crate) const KEY: &str = "the-key";

/// Small and short limits, so that tests meet them soon.
pub(crate) fn settings() -> GatewaySettings {
    GatewaySettings {
        max_body_bytes: 1 << 20,
        max_headers: 100,
        max_header_bytes: 16 << 10,
        header_timeout: Duration::from_secs(1),
        body_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_secs(30),
        max_connections: 100,
        max_mirrored_requests: 10,
        max_mirrored_bytes: 1 << 20,
    }
}

/// A gateway that serves endpoint `e`: `blue` echoes and has all traffic, `green` echoes, `red` is not ready.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) blue: Arc<DeploymentMeters>,
    publisher: TablePublisher,
    deployments: BTreeMap<DeploymentName, Arc<Deployment>>,
    shutdown: CancellationToken,
    ended: oneshot::Receiver<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: GatewaySettings) -> Self {
        let tasks = TaskGroup::new();
        let (publisher, reader) = mlwasm_routing::channel();
        let copies = tasks.clone();
        let gateway = Gateway::new(settings, reader, Records::off(), tasks.clone(), copies);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let (end, ended) = oneshot::channel();
        let serving = Arc::clone(&gateway).serve(listener, shutdown.clone());
        tasks.spawn(async move {
            serving.await;
            end.send(()).ok();
        });
        let meters = DeploymentMeters::new();
        let red = Deployment::new(name("red"), DeploymentMeters::new(), None);
        let deployments = BTreeMap::from([
            (
                name("blue"),
                echo("blue", Arc::clone(&meters), &tasks).await,
            ),
            (
                name("green"),
                echo("green", DeploymentMeters::new(), &tasks).await,
            ),
            (name("red"), Arc::new(red)),
        ]);
        let mut server = Self {
            address,
            gateway,
            blue: meters,
            publisher,
            deployments,
            shutdown,
            ended,
        };
        server.publish("");
        server
    }

    /// Publishes a table with this mirror.
    pub(crate) fn publish(&mut self, mirror: &str) {
        let mut spec = EndpointSpec::named(EndpointName::new("e").unwrap());
        spec.traffic = "blue=100".parse().unwrap();
        spec.mirror_traffic = parse_shares(mirror).unwrap();
        let endpoint = Endpoint::new(EndpointParts {
            spec: &spec,
            callers: Callers::new(KeyDigest::of(KEY.as_bytes()), KeyDigest::of(b"other")),
            deployments: self.deployments.clone(),
            shadow: None,
        });
        let table = RoutingTable::new(Generation(1), [Arc::new(endpoint)]);
        drop(self.publisher.publish(table));
    }

    pub(crate) async fn connect(&self) -> Client {
        Client {
            tcp: TcpStream::connect(self.address).await.unwrap(),
            unread: Vec::new(),
        }
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn exchange(&self, request: &str) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.blue.durations(outcome).count()
    }

    /// The value of one line of `/metrics`.
    pub(crate) fn metric(&self, line: &str) -> String {
        let page = self.gateway.metrics();
        let found = page
            .lines()
            .find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
        found
            .unwrap_or_else(|| panic!("no {line} in {page}"))
            .to_owned()
    }

    /// Asks the listener to end, and lets the caller wait for it.
    pub(crate) fn shut_down(self) -> oneshot::Receiver<()> {
        self.gateway.set_draining();
        self.shutdown.cancel();
        self.ended
    }
}

fn name(text: &str) -> DeploymentName {
    DeploymentName::new(text).unwrap()
}

/// One sandbox, so that two requests may be inside.
async fn echo(
    deployment: &str,
    meters: Arc<DeploymentMeters>,
    tasks: &TaskGroup,
) -> Arc<Deployment> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/scorers/wasm32-wasip2/scorer/examples/echo.wasm");
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{path:?}: {error}: run `cargo xtask plugins` first"));
    let digest = Digest::of(&bytes);
    let engine = Engine::new(EngineSettings {
        max_sandboxes: 4,
        max_memory_mb: 64,
        max_stack_kb: 512,
        max_component_bytes: 1 << 20,
        compiled_cache: None,
        compiler: Compiler::InProcess,
    })
    .unwrap();
    let scorer = engine.compile(digest, || Ok(bytes)).unwrap();
    let mut spec = DeploymentSpec::new(EndpointName::new("e").unwrap(), name(deployment), digest);
    spec.instance_count = NonZeroU32::MIN;
    spec.request_settings.request_timeout_ms = 10_000;
    let pool = SandboxPool::start(
        scorer,
        PoolSettings {
            deployment: spec.name.clone(),
            instances: spec.least_instances(),
            max_instances: spec.most_instances(),
            sandbox: spec.sandbox.clone(),
            environment: BTreeMap::new(),
            files: None,
            egress: None,
            models: BTreeMap::new(),
            log: DeploymentLog::new(),
            failures: Failures::new(20).of(RevisionNumber(1)),
            costs: Arc::clone(&meters.costs),
            recycles: Arc::clone(&meters.recycles),
            infer_batching: None,
            hunger: Arc::default(),
            tasks: tasks.clone(),
        },
    )
    .await
    .unwrap();
    let revision = Revision::new(RevisionNumber(1), &spec, pool);
    Arc::new(Deployment::new(spec.name, meters, Some(revision)))
}

/// A connection that carries what it is told.
pub(crate) struct Client {
    tcp: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Client {
    pub(crate) async fn send(&mut self, bytes: &str) {
        self.tcp.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        let end = loop {
            let end = self.unread.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            assert!(
                self.read().await,
                "closed before an answer: {:?}",
                self.unread
            );
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let mut answer = Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body: String::new(),
        };
        let length = answer.header("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap());
        while self.unread.len() < length {
            assert!(self.read().await, "closed in a body: {answer:?}");
        }
        answer.body = String::from_utf8(self.unread.drain(..length).collect()).unwrap();
        answer
    }

    /// All bytes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.read().await {}
        std::mem::take(&mut self.unread)
    }

    async fn read(&mut self) -> bool {
        let count = self.tcp.read_buf(&mut self.unread).await;
        // A reset is an end too.
        count.unwrap_or_default() > 0
    }
}

/// A scoring request with a key, further header lines, and a body.
pub(crate) fn score(headers: &str, body: &str) -> String {
    head(headers, body.len()) + body
}

/// The head of a scoring request whose body has `length` bytes.
pub(crate) fn head(headers: &str, length: usize) -> String {
    format!(
        "POST /endpoints/e/score HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n\
         content-length: {length}\r\n{headers}\r\n"
    )
}

/// Waits until something holds that another task brings about.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let limit = Duration::from_secs(10);
    assert!(
        tokio::time::timeout(limit, wait).await.is_ok(),
        "never: {what}"
    );
}
