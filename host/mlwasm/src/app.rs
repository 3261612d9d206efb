//! The server: its parts, in the order in which they start, serve and end.

mod admin;
mod announce;
mod listeners;
mod tls;

use std::{io, net::IpAddr, num::NonZeroUsize, sync::Arc, thread, time::Duration};

use anyhow::Context as _;
use mlwasm_control::{
    AnonymousCallers, AuditRetention, Control, ControlSettings, DataDir, LogRetention,
    SecretSources,
};
use mlwasm_gateway::{AccessLog, AccessLogTarget, Gateway, GatewaySettings, Records};
use mlwasm_inference::InferenceBackend;
use mlwasm_sandbox::{CompiledCache, Engine, EngineSettings, Rotation, TaskGroup};
use rustls::ServerConfig;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle, Runtime},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    compiler,
    config::{AccessLogConfig, AdminConfig, Config, GatewayConfig, SandboxConfig},
    onnxruntime, process, shutdown, telemetry, traces,
};
use admin::Admin;
use announce::Announcement;
pub(crate) use announce::{Addresses, Ready};
use listeners::Listeners;
use tls::Tls;

/// A day, in seconds.
const DAY: u64 = 24 * 3_600;

/// What is left to do after the last scoring request takes moments; more means that something hangs.
const LAST_TASKS: Duration = Duration::from_secs(5);

/// Why a server ended that had started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Somebody asked it to.
    Asked,
    /// The disk did not confirm a write of the state.
    StateDoubted,
}

/// Runs the server until a signal ends it, or the disk is not to be trusted any more, and returns when requests in flight
/// have ended too. `ready` says who is told the addresses once both are served.
///
/// # Errors
///
/// If a part can not start; the message names it.
pub(crate) fn run(config: &Config, ready: Ready<'_>) -> anyhow::Result<End> {
    telemetry::start(&config.log)?;
    let open_files = process::set_limits();
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let background = background().context("starting the background's runtime")?;
    let outcome = runtime.block_on(async {
        // Before anything slow, so that a server that starts can be stopped.
        let stop = shutdown::on_signal().context("listening for signals")?;
        let server = Server::start(config, open_files, background.handle()).await?;
        server.serve(stop, config.drain_timeout, ready).await
    });
    // A native run can not be waited for for ever; its request is over.
    runtime.shutdown_timeout(Duration::from_secs(1));
    background.shutdown_background();
    outcome
}

/// Threads for what no client waits for: half as many as cores, and they get what requests leave of the processor.
fn background() -> io::Result<Runtime> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Builder::new_multi_thread()
        .worker_threads(cores.div_ceil(2))
        .enable_all()
        .thread_name("background")
        .on_thread_start(mlwasm_inference::stand_back)
        .build()
}

/// All parts of a server.
struct Server {
    listeners: Listeners,
    control: Control,
    gateway: Arc<Gateway>,
    engine: Engine,
    inference: Arc<dyn InferenceBackend>,
    tasks: TaskGroup,
}

impl Server {
    /// Builds the parts, lowest first. Nothing is accepted yet.
    async fn start(config: &Config, open_files: u64, background: &Handle) -> anyhow::Result<Self> {
        let listeners = Listeners::bind(config).await?;
        let data_dir = std::path::absolute(&config.data_dir).context("finding the data folder")?;
        let data = DataDir::open(data_dir)?;
        let inference: Arc<dyn InferenceBackend> =
            Arc::new(onnxruntime::open(&config.onnxruntime)?);
        let engine = Engine::new(engine_settings(&config.sandbox, &data)?)
            .context("starting the sandboxes")?;
        let (publisher, reader) = mlwasm_routing::channel();
        let tasks = TaskGroup::new();
        let settings = control_settings(config, data, &listeners)?;
        let control = Control::open(
            settings,
            engine.clone(),
            Arc::clone(&inference),
            publisher,
            tasks.clone(),
        )?;
        let gateway = Gateway::new(
            gateway_settings(&config.gateway, open_files),
            reader,
            Records {
                access_log: access_log(&config.access_log, &tasks)?,
                traces: traces::start(&config.traces, &tasks)?,
            },
            tasks.clone(),
            tasks.on(background.clone()),
        );
        Ok(Self {
            listeners,
            control,
            gateway,
            engine,
            inference,
            tasks,
        })
    }

    /// Serves until `stop`, or until the state can not be changed any more; then drains.
    async fn serve(
        self,
        stop: CancellationToken,
        drain: Duration,
        ready: Ready<'_>,
    ) -> anyhow::Result<End> {
        let Self {
            listeners,
            control,
            gateway,
            engine,
            inference,
            tasks,
        } = self;
        // Requests find the table that they would have found before the restart, so none is accepted until it is back.
        tokio::select! {
            () = control.restore() => {}
            () = stop.cancelled() => {}
        }
        let announcement = Announcement::make(&listeners, control.data(), ready)?;
        let scoring_tls = encryption(listeners.scoring_tls, &tasks)?;
        let admin_tls = encryption(listeners.admin_tls, &tasks)?;
        let metrics = admin::Metrics {
            gateway: Arc::clone(&gateway),
            engine,
            inference,
        };
        let admin = Admin::start((listeners.admin, admin_tls), &control, metrics)?;
        let stop_accepting = CancellationToken::new();
        let scoring = scoring(
            &gateway,
            (listeners.scoring, scoring_tls),
            stop_accepting.clone(),
        );
        let mut end = End::Asked;
        let patience = async {
            tokio::select! {
                () = stop.cancelled() => tracing::info!("stopping: requests in flight may finish"),
                () = control.state_doubted() => {
                    end = End::StateDoubted;
                    tracing::error!("the disk did not confirm a write of the state: stopping, requests in flight may finish");
                }
            }
            gateway.set_draining();
            stop_accepting.cancel();
            sleep(drain).await;
        };
        tokio::select! {
            () = scoring => tracing::info!("all requests have ended"),
            () = patience => tracing::warn!(?drain, "requests still in flight are cut off"),
        }
        drop(announcement);
        admin.stop().await;
        if timeout(LAST_TASKS, tasks.shutdown()).await.is_err() {
            tracing::warn!("some tasks did not end");
        }
        Ok(end)
    }
}

/// The configuration of a listener's TLS, if it has one, whose files are followed from now on.
fn encryption(tls: Option<Tls>, tasks: &TaskGroup) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    let Some(tls) = tls else {
        return Ok(None);
    };
    let config = tls.config()?;
    tasks.spawn(tls.follow(tasks.clone()));
    Ok(Some(config))
}

/// Serves the data plane, with TLS or without.
async fn scoring(
    gateway: &Arc<Gateway>,
    (listener, tls): (TcpListener, Option<Arc<ServerConfig>>),
    stop: CancellationToken,
) {
    let gateway = Arc::clone(gateway);
    match tls {
        Some(config) => gateway.serve_tls(listener, config, stop).await,
        None => gateway.serve(listener, stop).await,
    }
}

fn engine_settings(config: &SandboxConfig, data: &DataDir) -> anyhow::Result<EngineSettings> {
    let cache = CompiledCache {
        folder: data.compiled_cache(),
        key: data.derive_key("compiled-cache"),
    };
    Ok(EngineSettings {
        max_sandboxes: config.max_sandboxes.get(),
        max_memory_mb: config.max_memory_mb.get(),
        max_stack_kb: config.max_stack_kb.get(),
        max_component_bytes: config.max_component_bytes,
        compiled_cache: config.compiled_cache.then_some(cache),
        compiler: compiler::of(config)?,
    })
}

fn control_settings(
    config: &Config,
    data: DataDir,
    listeners: &Listeners,
) -> anyhow::Result<ControlSettings> {
    Ok(ControlSettings {
        scoring_base: config
            .gateway
            .public_url
            .clone()
            .unwrap_or_else(|| listeners.scoring_url()),
        admin_token: data.admin_token().to_owned(),
        allowed_hosts: allowed_hosts(&config.admin),
        max_artifact_bytes: config.admin.max_artifact_bytes,
        max_component_bytes: config.sandbox.max_component_bytes,
        max_files_bytes: config.sandbox.max_files_bytes,
        instance_types: config.instance_types.clone(),
        kept_failures: config.sandbox.kept_failures,
        anonymous_callers: anonymous_callers(&config.gateway),
        audit: AuditRetention {
            max_lines: config.audit.max_lines,
            max_age: Duration::from_secs(DAY * u64::from(config.audit.max_age_days.get())),
        },
        max_collected_bytes: u64::from(config.data_collection.max_mb.get()) << 20,
        logs: LogRetention {
            max_deployment_bytes: u64::from(config.logs.deployment_mb) << 20,
            max_bytes: u64::from(config.logs.max_mb.get()) << 20,
        },
        secrets: SecretSources {
            allowed_env: config.secrets.allowed_env.clone(),
            folder: config.secrets.folder.clone(),
        },
        egress: config.egress.rules()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data,
    })
}

/// Besides what the operator names, the address that the API listens on: whoever asks there by it was pointed by nobody.
fn allowed_hosts(config: &AdminConfig) -> Vec<String> {
    let mut hosts = config.allowed_hosts.clone();
    let address = config.listen.ip();
    if !address.is_unspecified() {
        hosts.push(match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
    }
    hosts
}

fn anonymous_callers(config: &GatewayConfig) -> AnonymousCallers {
    if !config.allow_anonymous {
        return AnonymousCallers::Refused;
    }
    tracing::warn!(
        "gateway.allow_anonymous is on: whoever reaches the scoring address can call the endpoints with auth_mode none"
    );
    AnonymousCallers::Allowed
}

/// The access log, if there is to be one.
fn access_log(config: &AccessLogConfig, tasks: &TaskGroup) -> anyhow::Result<AccessLog> {
    let Some(path) = &config.path else {
        return Ok(AccessLog::off());
    };
    let target = if path.as_os_str() == "stderr" {
        AccessLogTarget::StandardError
    } else {
        AccessLogTarget::File(Rotation {
            path: std::path::absolute(path).context("finding the access log")?,
            max_bytes: u64::from(config.max_mb.get()) << 20,
            kept_files: config.files,
        })
    };
    AccessLog::open(target, tasks).with_context(|| {
        format!(
            "opening the access log (access_log.path) {}",
            path.display()
        )
    })
}

fn gateway_settings(config: &GatewayConfig, open_files: u64) -> GatewaySettings {
    // The other half is for administration, the state and the artifacts, which must work when connections run out.
    let half = u32::try_from(open_files / 2).unwrap_or(u32::MAX);
    let max_connections = config.max_connections.get().min(half);
    if max_connections < config.max_connections.get() {
        tracing::warn!(
            max_connections,
            open_files,
            "fewer connections than configured: the limit of open files is low"
        );
    }
    GatewaySettings {
        max_body_bytes: config.max_body_bytes,
        max_headers: config.max_headers,
        max_header_bytes: config.max_header_bytes,
        header_timeout: config.header_timeout,
        body_timeout: config.body_timeout,
        idle_timeout: config.idle_timeout,
        max_connections,
        max_mirrored_requests: config.max_mirrored_requests,
        max_mirrored_bytes: usize::try_from(config.max_mirrored_bytes).unwrap_or(usize::MAX),
    }
}
