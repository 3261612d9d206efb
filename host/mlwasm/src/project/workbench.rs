//! One deployment in this process: its sandbox with its limits, its models, and nothing else of a server.
//!
//! The parts are those of a server, put together as a reconciler does, so that what passes here passes there. Requests come
//! one at a time, so there is one sandbox whatever the deployment's number.

mod code;
mod files;
mod secrets;

use std::{
    collections::BTreeMap,
    fs, io,
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use mlwasm_gateway::TrialCall;
use mlwasm_inference::{Model, ModelCatalog};
use mlwasm_sandbox::{
    CompiledScorer, CostMeter, DeploymentLog, Egress, EgressMeter, Engine, EngineSettings,
    Failures, Hunger, Keep, LogQuery, PoolSettings, Recycles, RunError, SandboxPool,
    ScoringRequest, TaskGroup,
};
use mlwasm_types::{
    DeploymentSpec, Digest, ModelName, RevisionNumber, api::LogLine, failure::Failure,
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::golden::{CaseRequest, Outcome, Protocol};
use crate::{compiler, config::Config, onnxruntime};
pub(crate) use code::Code;

/// Sandboxes that the engine makes room for: one that serves, its successor, and one more.
const MOST_SANDBOXES: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);
/// Failures that are kept: the one that is shown.
const KEPT_FAILURES: usize = 1;
/// Lines that a scorer can print in a run and have shown.
const LINES: usize = 1_000;

/// A deployment to try, and its files here.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// What is wanted.
    pub(crate) spec: DeploymentSpec,
    /// The scorer and the models.
    pub(crate) files: BTreeMap<Digest, PathBuf>,
}

impl Trial {
    fn read(&self, digest: Digest) -> io::Result<Vec<u8>> {
        let path = self.files.get(&digest).ok_or(io::ErrorKind::NotFound)?;
        fs::read(path)
    }
}

/// What it took to make the sandbox ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readiness {
    /// Compiling the component, or loading its code.
    pub(crate) compiling: Duration,
    /// The bytes of its machine code.
    pub(crate) machine_code: u64,
    /// The bytes of memory for the table that leads from machine code to lines of source.
    pub(crate) lines_table: u64,
    /// Making the sandbox, and its `init`.
    pub(crate) init: Duration,
    /// The bytes of its memories after that.
    pub(crate) memory: usize,
}

/// A sandbox that is ready.
pub(crate) struct Workbench {
    // Dropped first: sandboxes end on the runtime.
    pool: Arc<SandboxPool>,
    trial: Trial,
    readiness: Readiness,
    records: Records,
    asked: u64,
    // Held until no sandbox looks at them.
    _files: Option<TempDir>,
    runtime: Runtime,
}

/// Why there is none.
#[derive(Debug)]
pub(crate) struct NoWorkbench {
    /// The reason.
    pub(crate) error: anyhow::Error,
    /// What its scorer left behind.
    pub(crate) traces: Traces,
}

/// What a scorer leaves behind besides its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    /// What it printed.
    pub(crate) lines: Vec<LogLine>,
    /// How it failed, with where it was.
    pub(crate) failure: Option<Failure>,
}

/// One request's end.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// How long that took, native runs included.
    pub(crate) took: Duration,
    /// What it left behind.
    pub(crate) traces: Traces,
}

/// Where a sandbox leaves its traces, and how far they were read.
struct Records {
    log: Arc<DeploymentLog>,
    failures: Arc<Failures>,
    lines_read: u64,
    failures_read: u64,
}

impl Workbench {
    /// Makes the sandbox of `trial` ready: compiles, loads, runs `init`. `config` is that of a server on this machine.
    ///
    /// # Errors
    ///
    /// Why it can not be made ready, in the words of `mlwasm deploy`.
    pub(crate) fn start(
        trial: Trial,
        config: &Config,
        code: Code,
    ) -> Result<Self, Box<NoWorkbench>> {
        let mut records = Records::new();
        match Self::prepare(&trial, config, code, &records) {
            Ok((pool, readiness, runtime, files)) => Ok(Self {
                pool,
                trial,
                readiness,
                records,
                asked: 0,
                _files: files,
                runtime,
            }),
            Err(error) => Err(Box::new(NoWorkbench {
                error,
                traces: records.news(),
            })),
        }
    }

    fn prepare(
        trial: &Trial,
        config: &Config,
        code: Code,
        records: &Records,
    ) -> anyhow::Result<(Arc<SandboxPool>, Readiness, Runtime, Option<TempDir>)> {
        let secrets = secrets::resolve(&trial.spec.secrets)?;
        let engine = Engine::new(EngineSettings {
            max_sandboxes: MOST_SANDBOXES.get(),
            max_memory_mb: config.sandbox.max_memory_mb.get(),
            max_stack_kb: config.sandbox.max_stack_kb.get(),
            max_component_bytes: config.sandbox.max_component_bytes,
            compiled_cache: code.cache(),
            compiler: compiler::of(&config.sandbox)?,
        })
        .context("starting the sandbox")?;
        let begun = Instant::now();
        let component = trial.spec.component;
        let scorer = engine.compile(component, || trial.read(component))?;
        let compiling = begun.elapsed();
        let models = load(trial, config)?;
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("starting the runtime")?;
        let (machine_code, lines_table) = (scorer.machine_code_bytes(), scorer.places_bytes());
        let mut environment = trial.spec.environment_variables.clone();
        environment.extend(secrets);
        let (folder, files) = files::lay_out(trial)?.unzip();
        if let Some(files) = &files {
            files.announce(&mut environment);
        }
        let begun = Instant::now();
        let settings = PoolSettings {
            files,
            egress: egress(&trial.spec, config)?,
            ..settings(trial, (environment, models), records)
        };
        let (pool, memory) = runtime.block_on(first_sandbox(scorer, settings))?;
        let readiness = Readiness {
            compiling,
            machine_code,
            lines_table,
            init: begun.elapsed(),
            memory,
        };
        Ok((pool, readiness, runtime, folder))
    }

    /// What it took.
    pub(crate) fn readiness(&self) -> Readiness {
        self.readiness
    }

    /// What `init` left behind, once.
    pub(crate) fn traces(&mut self) -> Traces {
        self.records.news()
    }

    /// Asks the scorer, with the deployment's time and limits.
    ///
    /// # Errors
    ///
    /// If the request is none that HTTP allows.
    pub(crate) fn ask(&mut self, request: &CaseRequest) -> anyhow::Result<Reply> {
        self.asked += 1;
        let id = format!("case-{}", self.asked);
        let mut headers = headers(request)?;
        let body = request.body.bytes()?;
        let spec = &self.trial.spec;
        let call = match request.protocol {
            None => None,
            Some(Protocol::V2) => {
                TrialCall::mark(&mut headers, &spec.endpoint_name);
                let signature = self.pool.signature();
                signature.map(|signature| TrialCall::read(&headers, &body, signature))
            }
        };
        let call = match call {
            None => None,
            Some(Ok(call)) => Some(call),
            // The host refuses it: the scorer is never asked.
            Some(Err(text)) => {
                return Ok(Reply {
                    took: Duration::ZERO,
                    outcome: Outcome::BadRequest(text),
                    traces: Traces::default(),
                });
            }
        };
        let asked = ScoringRequest {
            id: &id,
            deployment: spec.name.as_str(),
            is_mirror: false,
            queued_at: Instant::now(),
            query: &request.query,
            headers: &headers,
            content_type: request.content_type(),
            body: &body,
            // What it records goes nowhere: nothing is collected here.
            keep: Keep::default(),
        };
        let run = async {
            // After a fault, or with `isolation: request`, another sandbox's `init` comes first.
            let patience = Instant::now() + spec.sandbox.init_timeout();
            let lease = self.pool.lease(patience).await?;
            let deadline = Instant::now() + spec.request_settings.request_timeout();
            anyhow::Ok(match call {
                None => lease.run(asked, deadline).await,
                Some(call) => call.run(lease, asked, deadline).await,
            })
        };
        let report = self
            .runtime
            .block_on(run)
            .context("making another sandbox")?;
        Ok(Reply {
            took: report.ended.saturating_duration_since(report.begun),
            outcome: outcome(report.outcome),
            traces: self.records.news(),
        })
    }
}

impl Records {
    fn new() -> Self {
        Self {
            log: DeploymentLog::new(),
            failures: Failures::new(KEPT_FAILURES),
            lines_read: 0,
            failures_read: 0,
        }
    }

    /// What was left behind since the last call.
    fn news(&mut self) -> Traces {
        let page = self.log.page(LogQuery {
            after: Some(self.lines_read),
            lines: LINES,
        });
        self.lines_read = page.next_after;
        let failures = self.failures.page(1);
        let is_new = failures.total > self.failures_read;
        self.failures_read = failures.total;
        Traces {
            lines: page.lines,
            failure: failures.failures.into_iter().next().filter(|_| is_new),
        }
    }
}

type Environment = BTreeMap<String, String>;
type Models = BTreeMap<ModelName, Arc<dyn Model>>;

fn settings(
    trial: &Trial,
    (environment, models): (Environment, Models),
    records: &Records,
) -> PoolSettings {
    PoolSettings {
        deployment: trial.spec.name.clone(),
        instances: 1,
        max_instances: 1,
        sandbox: trial.spec.sandbox.clone(),
        infer_batching: trial.spec.infer_batching,
        environment,
        models,
        files: None,
        egress: None,
        log: Arc::clone(&records.log),
        failures: records.failures.of(RevisionNumber(1)),
        costs: CostMeter::new(),
        recycles: Recycles::new(),
        hunger: Arc::new(Hunger::default()),
        tasks: TaskGroup::new(),
    }
}

/// Whom the scorer may call. A server's operator says which origins deployments may name; here the author is the operator.
fn egress(spec: &DeploymentSpec, config: &Config) -> anyhow::Result<Option<Egress>> {
    if spec.egress.is_empty() {
        return Ok(None);
    }
    Ok(Some(Egress {
        origins: spec.egress.clone(),
        authorities: config.egress.authorities()?,
        meter: Arc::<EgressMeter>::default(),
    }))
}

/// The pool, its sandbox ready, and the bytes of its memories.
async fn first_sandbox(
    scorer: Arc<CompiledScorer>,
    settings: PoolSettings,
) -> anyhow::Result<(Arc<SandboxPool>, usize)> {
    let pool = SandboxPool::start(scorer, settings).await?;
    // It is there, so nobody waits.
    let lease = pool.lease(Instant::now()).await?;
    let memory = lease.memory();
    drop(lease);
    Ok((pool, memory))
}

/// The models; ONNX Runtime is looked for only if there are any.
fn load(trial: &Trial, config: &Config) -> anyhow::Result<Models> {
    if trial.spec.models.is_empty() {
        return Ok(Models::new());
    }
    let catalog = ModelCatalog::new(Arc::new(onnxruntime::open(&config.onnxruntime)?));
    let limit = trial.spec.sandbox.init_timeout();
    let models = trial.spec.models.iter().map(|(name, model)| {
        let loaded = catalog
            .get_or_load(model, limit, |digest| trial.read(digest))
            .with_context(|| format!("model {name:?}"))?;
        anyhow::Ok((name.clone(), loaded))
    });
    models.collect()
}

fn headers(request: &CaseRequest) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let wrong = || anyhow!("header {name:?} is none that HTTP allows");
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?,
            HeaderValue::from_str(value).map_err(|_| wrong())?,
        );
    }
    if let Some(content_type) = request.content_type() {
        headers.insert("content-type", HeaderValue::from_str(content_type)?);
    }
    Ok(headers)
}

fn outcome(outcome: Result<mlwasm_sandbox::ScoringResponse, RunError>) -> Outcome {
    match outcome {
        Ok(response) => Outcome::Answer {
            status: response.status.as_u16(),
            content_type: response
                .content_type
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            body: response.body.to_vec(),
        },
        Err(RunError::BadRequest(text)) => Outcome::BadRequest(text),
        Err(RunError::Internal(text)) => Outcome::Internal(text),
        Err(RunError::Trapped { message }) => Outcome::Fault(format!("it trapped: {message}")),
        Err(error @ RunError::InvalidResponse { .. }) => {
            Outcome::Fault(format!("its answer is invalid: {error}"))
        }
        Err(
            error @ (RunError::DeadlineExceeded
            | RunError::LimitExceeded { .. }
            | RunError::Host { .. }),
        ) => Outcome::Fault(error.to_string()),
    }
}
