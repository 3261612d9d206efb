//! Makes one revision ready: compiles its scorer, loads its models, warms its sandboxes.
//!
//! Compiling and loading keep a core busy each and are bounded by the machine; warming runs the scorer's own `init`, which
//! may do nothing for ten seconds, so that it must not hold up the others.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Weak},
    time::Instant,
};

use mlwasm_inference::{CatalogError, Model, ModelCatalog};
use mlwasm_routing::Revision;
use mlwasm_sandbox::{
    CompiledScorer, ComponentError, CostMeter, DeploymentLog, Egress, EgressMeter, Engine,
    FilesFolder, Hunger, PoolSettings, Recycles, RevisionFailures, SandboxPool, StartError,
    TaskGroup,
};
use mlwasm_types::{DeploymentSpec, FileName, ModelName, ModelSpec, RevisionNumber, Step};
use tokio::{sync::Semaphore, task};
use tokio_util::sync::CancellationToken;

use super::{live::Ready, progress::ProgressBoard};
use crate::{
    artifacts::Artifacts,
    autoscale,
    egress::{EgressFault, EgressRules},
    file_folders::{FileFault, FileFolders},
    secrets::{SecretFault, SecretText, Secrets},
};

/// Revisions that are compiled or loaded at once: requests need the other cores.
const LOADING: usize = 2;

/// Revisions whose sandboxes are warmed at once. Warming yields to requests, so this may well be above [`LOADING`].
const WARMING: usize = 16;

/// Where revisions are made ready.
///
/// # Concurrency
///
/// Any number of preparations at once; two semaphores bound what they do, one taken after the other was released.
pub(crate) struct Workshop {
    engine: Engine,
    catalog: Arc<ModelCatalog>,
    artifacts: Artifacts,
    folders: FileFolders,
    secrets: Secrets,
    egress: EgressRules,
    hunger: Arc<Hunger>,
    tasks: TaskGroup,
    loading: Arc<Semaphore>,
    warming: Semaphore,
}

/// What a workshop works with.
pub(crate) struct WorkshopParts {
    pub(crate) engine: Engine,
    pub(crate) catalog: Arc<ModelCatalog>,
    pub(crate) artifacts: Artifacts,
    pub(crate) folders: FileFolders,
    pub(crate) secrets: Secrets,
    pub(crate) egress: EgressRules,
    pub(crate) hunger: Arc<Hunger>,
    pub(crate) tasks: TaskGroup,
}

/// A revision to make ready.
pub(super) struct Order {
    pub(super) number: RevisionNumber,
    pub(super) spec: Arc<DeploymentSpec>,
    pub(super) log: Arc<DeploymentLog>,
    pub(super) failures: RevisionFailures,
    pub(super) costs: Arc<CostMeter>,
    pub(super) recycles: Arc<Recycles>,
    pub(super) egress: Arc<EgressMeter>,
    pub(super) progress: ProgressBoard,
    /// The sandboxes of the revision that serves until then.
    pub(super) former: Option<Weak<SandboxPool>>,
}

/// Why a revision can not be made ready.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    #[error(transparent)]
    Component(#[from] ComponentError),
    #[error("model {name:?}")]
    Model {
        name: ModelName,
        #[source]
        source: Box<CatalogError>,
    },
    #[error("file {name:?}", name = name.as_str())]
    File {
        name: FileName,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Secret(#[from] SecretFault),
    #[error(transparent)]
    Egress(#[from] EgressFault),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the server has a fault; its log says which")]
    Died,
}

type Models = BTreeMap<ModelName, Arc<dyn Model>>;

/// What was read from the disk for a revision.
struct Loaded {
    scorer: Arc<CompiledScorer>,
    models: Models,
    files: Option<FilesFolder>,
    secrets: BTreeMap<String, SecretText>,
}

impl From<FileFault> for PrepareError {
    fn from(FileFault { name, source }: FileFault) -> Self {
        Self::File { name, source }
    }
}

impl Workshop {
    pub(crate) fn new(parts: WorkshopParts) -> Self {
        Self {
            engine: parts.engine,
            catalog: parts.catalog,
            artifacts: parts.artifacts,
            folders: parts.folders,
            secrets: parts.secrets,
            egress: parts.egress,
            hunger: parts.hunger,
            tasks: parts.tasks,
            loading: Arc::new(Semaphore::new(LOADING)),
            warming: Semaphore::new(WARMING),
        }
    }

    /// The revision that `order` describes, its sandboxes ready.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the sandboxes and kills the compiler; a load under way ends on its own thread, still
    /// counted.
    pub(super) async fn prepare(&self, order: Order) -> Result<Ready, PrepareError> {
        self.egress.check(&order.spec)?;
        let Loaded {
            scorer,
            models,
            files,
            secrets,
        } = self.load(&order).await?;
        let permit = self.warming.acquire().await;
        let begun = Instant::now();
        let Order {
            number,
            spec,
            log,
            failures,
            costs,
            recycles,
            egress,
            progress,
            former,
        } = order;
        progress.begin(Step::Warming);
        let former = former.and_then(|pool| pool.upgrade());
        let instances = autoscale::first_size(&spec, former.map(|pool| pool.load().target));
        let mut environment = spec.environment_variables.clone();
        environment.extend(
            secrets
                .into_iter()
                .map(|(name, text)| (name, text.reveal())),
        );
        if let Some(files) = &files {
            files.announce(&mut environment);
        }
        let egress = (!spec.egress.is_empty()).then(|| Egress {
            origins: spec.egress.clone(),
            authorities: self.egress.authorities.clone(),
            meter: egress,
        });
        let settings = PoolSettings {
            deployment: spec.name.clone(),
            instances,
            max_instances: spec.most_instances(),
            sandbox: spec.sandbox.clone(),
            infer_batching: spec.infer_batching,
            environment,
            models,
            files,
            egress,
            log: Arc::clone(&log),
            failures,
            costs,
            recycles,
            hunger: Arc::clone(&self.hunger),
            tasks: self.tasks.clone(),
        };
        let pool = SandboxPool::start(scorer, settings).await?;
        drop(permit);
        log.host(format!(
            "revision {number}: {instances} sandboxes ready{}",
            took(begun)
        ));
        let revision = Revision::new(number, &spec, pool);
        Ok(Ready { revision, spec })
    }

    async fn load(&self, order: &Order) -> Result<Loaded, PrepareError> {
        let permit = Arc::clone(&self.loading).acquire_owned().await;
        let (engine, catalog) = (self.engine.clone(), Arc::clone(&self.catalog));
        let (artifacts, folders) = (self.artifacts.clone(), self.folders.clone());
        let secrets = self.secrets.clone();
        let (number, spec, log) = (
            order.number,
            Arc::clone(&order.spec),
            Arc::clone(&order.log),
        );
        let progress = order.progress.clone();
        let unwanted = CancellationToken::new();
        // Cancelled when this future is dropped: the thread below learns it from no one else.
        let _guard = unwanted.clone().drop_guard();
        let load = move || {
            // Held here and not by the future: dropping that does not stop this.
            let permit = permit;
            let begun = Instant::now();
            // First, since they take little time: who forgot one need not wait for the compiler to hear of it.
            let secrets = secrets.resolve(&spec.secrets)?;
            let files = files_folder(&folders, &artifacts, &spec)?;
            progress.compiling(artifacts.size(spec.component).ok().flatten());
            let read = || artifacts.read(spec.component);
            let scorer = engine.compile_unless(spec.component, read, &unwanted)?;
            log.host(format!("revision {number}: compiled{}", took(begun)));
            progress.begin(Step::LoadingModels);
            let models = load_models(&catalog, &artifacts, &spec)?;
            if !models.is_empty() {
                let count = models.len();
                log.host(format!(
                    "revision {number}: models loaded: {count}{}",
                    took(begun)
                ));
            }
            drop(permit);
            Ok(Loaded {
                scorer,
                models,
                files,
                secrets,
            })
        };
        task::spawn_blocking(load)
            .await
            .unwrap_or(Err(PrepareError::Died))
    }
}

/// The folder with the deployment's files; none if it has none.
fn files_folder(
    folders: &FileFolders,
    artifacts: &Artifacts,
    spec: &DeploymentSpec,
) -> Result<Option<FilesFolder>, FileFault> {
    if spec.files.is_empty() {
        return Ok(None);
    }
    let folder = folders.with(&spec.files, artifacts)?;
    Ok(Some(FilesFolder::new(spec, folder)))
}

fn load_models(
    catalog: &ModelCatalog,
    artifacts: &Artifacts,
    spec: &DeploymentSpec,
) -> Result<Models, PrepareError> {
    // A model's first run is a part of what `init` would do, so it may take as long.
    let limit = spec.sandbox.init_timeout();
    let load = |(name, model): (&ModelName, &ModelSpec)| {
        let model = catalog.get_or_load(model, limit, |digest| artifacts.read(digest));
        let named = |source| PrepareError::Model {
            name: name.clone(),
            source: Box::new(source),
        };
        Ok((name.clone(), model.map_err(named)?))
    };
    spec.models.iter().map(load).collect()
}

fn took(begun: Instant) -> String {
    format!(" after {} ms", begun.elapsed().as_millis())
}
