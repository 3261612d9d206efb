//! The engine: one per process, shared by all deployments.
//!
//! Holds what is made once: wasmtime's engine with its pool of memory, the linker with a scorer's imports, the clock that
//! interrupts guests, and the components that are compiled.

mod clock;
pub(crate) mod configuration;

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex, Weak},
};

use mlwasm_types::{Digest, Origin};
use tokio_util::sync::CancellationToken;
use wasmtime::component::Linker;

use crate::{
    cache::CodeCache,
    compilations::{Compilation, CompilationCounts, Compilations},
    compile::{self, Compiler, MachineCode},
    component::CompiledScorer,
    error::{ComponentError, EngineError},
    host_state::HostState,
    imports,
    lock::lock,
    precheck,
};

/// How much the engine is made for. Address space is reserved for it at once, memory is not.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// Sandboxes of all deployments together, those of a revision that is being replaced included.
    pub max_sandboxes: u32,
    /// The largest `memory_limit_mb` of a deployment.
    pub max_memory_mb: u32,
    /// Stack of a scorer's own code, in KiB. One size for all: it belongs to the engine.
    pub max_stack_kb: u32,
    /// The largest component, in bytes.
    pub max_component_bytes: u64,
    /// Where machine code is kept; nowhere if none.
    pub compiled_cache: Option<CompiledCache>,
    /// Who compiles what is not kept.
    pub compiler: Compiler,
}

/// Where machine code is kept.
#[derive(Clone)]
pub struct CompiledCache {
    /// A folder that only the server writes.
    pub folder: PathBuf,
    /// Seals the code. Whoever has it can run code in the server.
    pub key: [u8; 32],
}

impl fmt::Debug for CompiledCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledCache")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Makes components into scorers. Clones are the same engine.
///
/// # Concurrency
///
/// Any thread may check and compile. The lock on `compiled` guards the map alone; each entry has a lock of its own, held
/// while its component compiles, so that those who want the same one wait and the others do not.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    engine: wasmtime::Engine,
    linker: Linker<HostState>,
    max_component_bytes: u64,
    compiler: Compiler,
    cache: Option<CodeCache>,
    compilations: Compilations,
    compiled: Mutex<HashMap<Digest, Entry>>,
}

type Entry = Arc<Mutex<Weak<CompiledScorer>>>;

impl Engine {
    /// Reserves what `settings` ask for and starts the clock.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if this machine has no room for that, or the cache's folder can not be used.
    pub fn new(settings: EngineSettings) -> Result<Self, EngineError> {
        let engine = configuration::start(&settings)?;
        clock::start(&engine)?;
        let mut linker = Linker::new(&engine);
        imports::add_to_linker(&mut linker).map_err(|error| EngineError::Refused {
            message: format!("{error:#}"),
        })?;
        let cache = settings
            .compiled_cache
            .map(|cache| CodeCache::open(&cache.folder, cache.key, &engine))
            .transpose()
            .map_err(EngineError::Cache)?;
        let inner = Inner {
            engine,
            linker,
            max_component_bytes: settings.max_component_bytes,
            compiler: settings.compiler,
            cache,
            compilations: Compilations::default(),
            compiled: Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether `bytes` are a component that can be a scorer here, of a deployment that may call `egress`. Compiles nothing;
    /// takes milliseconds.
    ///
    /// # Errors
    ///
    /// [`ComponentError`] that names what is wrong: the missing export, the import that nobody offers.
    pub fn check(&self, bytes: &[u8], egress: &[Origin]) -> Result<(), ComponentError> {
        match self.precheck(bytes)? {
            Some(import) if egress.is_empty() => Err(ComponentError::NotGranted { import }),
            Some(_) | None => Ok(()),
        }
    }

    fn precheck(&self, bytes: &[u8]) -> Result<Option<String>, ComponentError> {
        precheck::check(
            bytes,
            self.inner.max_component_bytes,
            configuration::features(),
        )
    }

    /// The scorer whose component has this digest. `read` gets its bytes, if they have to be compiled.
    ///
    /// Blocks: for microseconds if the scorer is in use, milliseconds if its code is on disk, up to the compiler's limits
    /// if not.
    ///
    /// # Errors
    ///
    /// [`ComponentError`] as of [`Engine::check`], or if it can not be read or compiled.
    pub fn compile(
        &self,
        digest: Digest,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> Result<Arc<CompiledScorer>, ComponentError> {
        self.compile_unless(digest, read, &CancellationToken::new())
    }

    /// As [`Engine::compile`], for as long as `cancel` is not cancelled.
    ///
    /// # Errors
    ///
    /// As of [`Engine::compile`], and [`ComponentError::CompileCancelled`].
    pub fn compile_unless(
        &self,
        digest: Digest,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
        cancel: &CancellationToken,
    ) -> Result<Arc<CompiledScorer>, ComponentError> {
        let entry = self.entry(digest);
        let mut entry = lock(&entry);
        if let Some(scorer) = entry.upgrade() {
            return Ok(scorer);
        }
        let scorer = Arc::new(self.build(digest, read, cancel)?);
        *entry = Arc::downgrade(&scorer);
        Ok(scorer)
    }

    /// How many components were compiled, by what came of it.
    pub fn compilations(&self) -> CompilationCounts {
        self.inner.compilations.counts()
    }

    fn entry(&self, digest: Digest) -> Entry {
        let mut compiled = lock(&self.inner.compiled);
        // An entry that only the map holds is locked by nobody, and if its scorer is gone it is of no more use.
        compiled.retain(|_, entry| Arc::strong_count(entry) > 1 || lock(entry).strong_count() > 0);
        Arc::clone(compiled.entry(digest).or_default())
    }

    fn build(
        &self,
        digest: Digest,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
        cancel: &CancellationToken,
    ) -> Result<CompiledScorer, ComponentError> {
        let inner = &*self.inner;
        let (component, places) = match inner.cache.as_ref().and_then(|cache| cache.read(digest)) {
            Some(code) => {
                inner.compilations.count(Compilation::Cached);
                (compile::load(&inner.engine, &code)?, code.places())
            }
            None => {
                let code = self.compile_anew(digest, read, cancel)?;
                let component = compile::load(&inner.engine, &code)?;
                // Only what loads is kept: what does not would come back at every start.
                if let Some(cache) = &inner.cache {
                    cache.write(digest, &code);
                }
                (component, code.places())
            }
        };
        CompiledScorer::link(digest, &inner.linker, &component, places)
    }

    fn compile_anew(
        &self,
        digest: Digest,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
        cancel: &CancellationToken,
    ) -> Result<MachineCode, ComponentError> {
        let inner = &*self.inner;
        let bytes = read()?;
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(ComponentError::Corrupt {
                wanted: digest,
                found,
            });
        }
        // Code is of a component, not of a deployment: what this one grants is asked when its sandboxes are made.
        self.precheck(&bytes)?;
        let code = inner.compiler.compile(&inner.engine, &bytes, cancel);
        inner.compilations.count(Compilation::of(&code));
        code
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("max_component_bytes", &self.inner.max_component_bytes)
            .finish_non_exhaustive()
    }
}
