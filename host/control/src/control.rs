//! The control plane, put together.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use axum::Router;
use mlwasm_inference::{InferenceBackend, ModelCatalog};
use mlwasm_routing::{TablePublisher, shadow::ShadowReceiver};
use mlwasm_sandbox::{Engine, Hunger, TaskGroup};
use mlwasm_types::{Digest, InstanceTypes};
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    anonymous::AnonymousCallers,
    api::{self, About, Api, Guard},
    artifacts::Artifacts,
    audit::AuditRetention,
    autoscale::Autoscaler,
    backup,
    collection::{self, Collections, IsThere, Unwritten},
    cost::Ledger,
    data_dir::DataDir,
    egress::EgressRules,
    file_folders::FileFolders,
    logs::{self, LogRetention, Logs},
    reconcile::{Means, Reconciler, Workshop, WorkshopParts},
    rollout::{Conductor, RolloutCounts, Rollouts},
    secrets::{SecretSources, Secrets},
    shadow::Shadows,
    store::{SqliteStore, Store, StoreError},
};

/// How long a start waits for what served before: then it opens with what is ready, and the rest follows.
const RESTORE_PATIENCE: Duration = Duration::from_secs(30);

/// Components that are checked at once, each whole in memory.
const CHECKS: usize = 2;

/// Artifacts that are received at once.
const UPLOADS: usize = 8;

/// What the control plane needs to know.
#[derive(Debug)]
pub struct ControlSettings {
    /// The data folder.
    pub data: DataDir,
    /// The data plane's address as callers reach it, `http://127.0.0.1:8080`.
    pub scoring_base: String,
    /// The token that may do everything; [`DataDir::admin_token`] unless the operator has another. Those that it makes work too.
    pub admin_token: String,
    /// Names that `Host` may carry, without port, besides those of the machine itself.
    pub allowed_hosts: Vec<String>,
    /// The largest artifact, in bytes.
    pub max_artifact_bytes: u64,
    /// The largest component, in bytes: that of the engine's settings.
    pub max_component_bytes: u64,
    /// The most bytes that the files of one deployment may have together.
    pub max_files_bytes: u64,
    /// The limits that deployments may name.
    pub instance_types: InstanceTypes,
    /// Failures that are kept of each deployment.
    pub kept_failures: usize,
    /// Whether endpoints may be made that ask their callers for nothing.
    pub anonymous_callers: AnonymousCallers,
    /// How much of the audit log is kept.
    pub audit: AuditRetention,
    /// What the collected bodies of all deployments may take on disk, in bytes.
    pub max_collected_bytes: u64,
    /// How much of what scorers print is kept on disk.
    pub logs: LogRetention,
    /// Where the values of deployments' secrets may come from.
    pub secrets: SecretSources,
    /// Whom scorers may call.
    pub egress: EgressRules,
    /// The server's version.
    pub version: String,
}

/// Why the control plane can not start.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The state can not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The artifacts can not be reached.
    #[error("the folder of artifacts can not be used")]
    Artifacts(#[source] io::Error),
    /// The folders of deployments' files can not be made.
    #[error("the folder of deployments' files can not be used")]
    Files(#[source] io::Error),
    /// The collected bodies can not be reached.
    #[error("the folder of collected bodies can not be used")]
    Collections(#[source] io::Error),
    /// The logs of scorers can not be reached.
    #[error("the folder of scorers' logs can not be used")]
    Logs(#[source] io::Error),
}

/// The control plane: keeps what the operator wants, and makes it true.
///
/// # Concurrency
///
/// The state is read from snapshots; one task publishes the routing table. Dropping this value stops nothing: the tasks
/// end when their group shuts down.
pub struct Control {
    api: Arc<Api>,
    guard: Guard,
    // Taken by the first `restore`.
    unstarted: Mutex<Option<Unstarted>>,
    hunger: Arc<Hunger>,
    tasks: TaskGroup,
}

/// What waits for the start.
struct Unstarted {
    reconciler: Reconciler,
    pairs: ShadowReceiver,
    bodies: Unwritten,
    lines: logs::Unwritten,
}

impl Control {
    /// Reads the state. Nothing is served before [`Control::restore`]. Blocks while it reads.
    ///
    /// # Errors
    ///
    /// [`ControlError`] if the state or the artifacts can not be used.
    pub fn open(
        settings: ControlSettings,
        engine: Engine,
        backend: Arc<dyn InferenceBackend>,
        publisher: TablePublisher,
        tasks: TaskGroup,
    ) -> Result<Self, ControlError> {
        let data = settings.data;
        let store = Store::open(SqliteStore::open(&data.database(), settings.audit)?)?;
        let (artifacts, folders) = open_artifacts(&data, settings.max_artifact_bytes, &store)?;
        let about = about(settings.version, &*backend, &settings.scoring_base);
        let hunger = Arc::<Hunger>::default();
        let workshop = Workshop::new(WorkshopParts {
            engine: engine.clone(),
            catalog: Arc::new(ModelCatalog::new(backend)),
            artifacts: artifacts.clone(),
            folders,
            secrets: Secrets::new(settings.secrets),
            egress: settings.egress.clone(),
            hunger: Arc::clone(&hunger),
            tasks: tasks.clone(),
        });
        let (shadows, pairs) = Shadows::new();
        let (collections, bodies) =
            open_collections(&data, settings.max_collected_bytes, store.clone())?;
        let (logs, lines) = open_logs(&data, settings.logs, &store, &tasks)?;
        let (reconciler, live) = Reconciler::new(Means {
            store: store.clone(),
            workshop,
            secret: data.secret().clone(),
            anonymous_callers: settings.anonymous_callers,
            publisher,
            shadows: Arc::clone(&shadows),
            collections: Arc::clone(&collections),
            logs,
            kept_failures: settings.kept_failures,
            tasks: tasks.clone(),
        });
        let guard = Guard::new(
            &settings.admin_token,
            &settings.allowed_hosts,
            store.clone(),
        );
        let api = Api {
            store,
            artifacts,
            engine,
            data,
            live,
            ledger: Ledger::new(),
            rollouts: Arc::new(Rollouts::default()),
            shadows,
            collections,
            about,
            max_component_bytes: settings.max_component_bytes,
            max_files_bytes: settings.max_files_bytes,
            instance_types: settings.instance_types,
            egress: settings.egress,
            anonymous_callers: settings.anonymous_callers,
            tasks: tasks.clone(),
            patching: tokio::sync::Mutex::default(),
            checks: Semaphore::new(CHECKS),
            uploads: Semaphore::new(UPLOADS),
            restoring: tokio::sync::Mutex::default(),
        };
        Ok(Self {
            api: Arc::new(api),
            guard,
            unstarted: Mutex::new(Some(Unstarted {
                reconciler,
                pairs,
                bodies,
                lines,
            })),
            hunger,
            tasks,
        })
    }

    /// Starts to serve what is wanted, and returns when everything that served before the process started serves again,
    /// can not, or takes longer than half a minute.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the waiting, not the work.
    pub async fn restore(&self) {
        let unstarted = self
            .unstarted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Unstarted {
            reconciler,
            pairs,
            bodies,
            lines,
        }) = unstarted
        {
            self.tasks.spawn(logs::write(lines, self.tasks.clone()));
            self.tasks
                .spawn(collection::write(bodies, self.tasks.clone()));
            let autoscaler = Autoscaler::new(self.api.live.clone(), Arc::clone(&self.hunger));
            self.tasks.spawn(autoscaler.run(self.tasks.clone()));
            self.tasks.spawn(reconciler.run());
            let (store, live) = (self.api.store.clone(), self.api.live.clone());
            let (rollouts, shadows) = (&self.api.rollouts, &self.api.shadows);
            let conductor = Conductor::new(store, live, Arc::clone(rollouts), Arc::clone(shadows));
            self.tasks.spawn(conductor.run(self.tasks.clone()));
            let (ledger, live) = (Arc::clone(&self.api.ledger), self.api.live.clone());
            self.tasks.spawn(ledger.keep(live, self.tasks.clone()));
            let shadows = Arc::clone(&self.api.shadows);
            self.tasks.spawn(shadows.compare(pairs, self.tasks.clone()));
        }
        let mut live = self.api.live.clone();
        let restored = live.wait_for(|live| live.is_restored);
        if timeout(RESTORE_PATIENCE, restored).await.is_err() {
            tracing::warn!(
                "some deployments are not ready yet: their requests get 503 until they are"
            );
        }
    }

    /// Ends when the disk did not confirm a write of the state: from then on nothing can be changed, and the process should
    /// end, to be started again on what the disk really holds.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub async fn state_doubted(&self) {
        self.api.store.doubted().await;
    }

    /// The administration API: every route under `/v1`, and 404 for all others.
    pub fn router(&self) -> Router {
        api::router(&self.api, &self.guard)
    }

    /// `router` behind the checks of `Host` and `Origin` that the administration API has, without its token.
    ///
    /// For what else listens on the administration's address, such as metrics.
    pub fn protect(&self, router: Router) -> Router {
        api::protect(router, &self.guard)
    }

    /// What counts the rollouts, for whoever shows it.
    pub fn rollouts(&self) -> impl Fn() -> RolloutCounts + Clone + Send + Sync + 'static {
        let api = Arc::clone(&self.api);
        move || RolloutCounts::of(&api.rollouts, &api.store.read())
    }

    /// As [`Control::protect`], for those alone who bear a token of any scope.
    pub fn protect_with_token(&self, router: Router) -> Router {
        self.protect(api::with_token(router, &self.guard))
    }

    /// The data folder.
    pub fn data(&self) -> &DataDir {
        &self.api.data
    }
}

/// The collections, which know from `store` whose files make room first.
fn open_collections(
    data: &DataDir,
    max_bytes: u64,
    store: Store,
) -> Result<(Arc<Collections>, Unwritten), ControlError> {
    let is_there: IsThere = Box::new(move |endpoint, deployment| {
        let state = store.read();
        let endpoint = state.endpoints.get(endpoint);
        endpoint.is_some_and(|endpoint| endpoint.deployments.contains_key(deployment))
    });
    Collections::open(data.collected(), max_bytes, is_there).map_err(ControlError::Collections)
}

/// The logs of deployments. Those whose deletion a crash cut short go.
fn open_logs(
    data: &DataDir,
    retention: LogRetention,
    store: &Store,
    tasks: &TaskGroup,
) -> Result<(Arc<Logs>, logs::Unwritten), ControlError> {
    let (logs, lines) =
        Logs::open(data.logs(), retention, tasks.clone()).map_err(ControlError::Logs)?;
    let state = store.read();
    let exists = |endpoint: &str, deployment: &str, created| {
        let endpoint = state
            .endpoints
            .iter()
            .find(|(name, _)| name.as_str() == endpoint);
        endpoint.is_some_and(|(_, endpoint)| {
            let mut deployments = endpoint.deployments.iter();
            deployments.any(|(name, it)| name.as_str() == deployment && it.created == created)
        })
    };
    if let Err(error) = logs.retain(exists) {
        tracing::warn!(%error, "logs of deleted deployments could not be removed");
    }
    Ok((logs, lines))
}

/// The artifacts, and where folders are made out of them, without what an earlier process left behind.
fn open_artifacts(
    data: &DataDir,
    most_bytes: u64,
    store: &Store,
) -> Result<(Artifacts, FileFolders), ControlError> {
    let artifacts = Artifacts::open(&data.artifacts(), most_bytes);
    let folders = FileFolders::open(data.files());
    let (artifacts, folders) = (
        artifacts.map_err(ControlError::Artifacts)?,
        folders.map_err(ControlError::Files)?,
    );
    remove_unused(&artifacts, store);
    backup::remove_left_over(data.path());
    Ok((artifacts, folders))
}

fn about(version: String, inference: &dyn InferenceBackend, scoring_base: &str) -> About {
    About {
        version,
        inference: inference.version().to_owned(),
        scoring_base: scoring_base.trim_end_matches('/').to_owned(),
    }
}

/// Removes artifacts that no revision and no registered model names. If that fails they only take room.
fn remove_unused(artifacts: &Artifacts, store: &Store) {
    let state = store.read();
    let used: BTreeSet<Digest> = state.artifacts().collect();
    match artifacts.collect(&used, SystemTime::now()) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "artifacts that nothing refers to were removed"),
        Err(error) => tracing::warn!(%error, "unused artifacts could not be removed"),
    }
}
