//! The models in memory: each one once, whoever uses it.
//!
//! Two deployments with the same model share its weights, and so do the old and the new revision of one deployment
//! during a roll-out. The catalog keeps no model alive: the last user's drop frees it.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use mlwasm_types::{Digest, ModelSpec};

use crate::{
    backend::{InferenceBackend, Model, ModelOptions},
    error::LoadError,
};

/// Why a model is not available.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The bytes of the model or its sample could not be read.
    #[error("{digest} can not be read")]
    Unreadable {
        /// What was asked for.
        digest: Digest,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The bytes are not those that the digest was made of: something changed them.
    #[error("{expected} is damaged: its bytes have digest {actual}")]
    Damaged {
        /// What was asked for.
        expected: Digest,
        /// The digest of what was read.
        actual: Digest,
    },
    /// The backend does not take the model.
    #[error("{digest} can not be loaded")]
    NotLoaded {
        /// The model that was asked for.
        digest: Digest,
        /// What is wrong with it.
        #[source]
        source: LoadError,
    },
}

/// Loads models, each once for those who want it with the same options.
///
/// # Concurrency
///
/// `entries` is locked for a look-up only. Each entry has a lock of its own, held while its model loads: whoever asks for
/// that model meanwhile waits for the load, whoever asks for another does not. The first is taken before the second,
/// and released before waiting for it.
pub struct ModelCatalog {
    backend: Arc<dyn InferenceBackend>,
    entries: Mutex<HashMap<ModelSpec, Arc<Entry>>>,
}

#[derive(Default)]
struct Entry {
    model: Mutex<Option<Weak<dyn Model>>>,
}

impl ModelCatalog {
    /// A catalog of models that `backend` loads.
    pub fn new(backend: Arc<dyn InferenceBackend>) -> Self {
        Self {
            backend,
            entries: Mutex::default(),
        }
    }

    /// The engine that runs the models.
    pub fn backend(&self) -> &dyn InferenceBackend {
        &*self.backend
    }

    /// The model of this spec, which is read and loaded unless someone uses it already.
    ///
    /// Blocks while the model loads and, for `warm_up_limit` at the most, makes its first runs. If that fails, the next one
    /// who asks tries again.
    ///
    /// # Errors
    ///
    /// [`CatalogError`]: the bytes can not be read, are not those of their digest, or are not a model to load.
    pub fn get_or_load(
        &self,
        spec: &ModelSpec,
        warm_up_limit: Duration,
        read: impl Fn(Digest) -> io::Result<Vec<u8>>,
    ) -> Result<Arc<dyn Model>, CatalogError> {
        let entry = self.entry(spec);
        let mut slot = lock(&entry.model);
        if let Some(model) = slot.as_ref().and_then(Weak::upgrade) {
            return Ok(model);
        }
        let bytes = checked(spec.digest, &read)?;
        let sample = spec.sample.map(|digest| checked(digest, &read));
        let sample = sample.transpose()?;
        let options = ModelOptions {
            batching: spec.batching,
            sessions: spec.sessions,
            intra_threads: spec.intra_threads,
            execution_provider: spec.execution_provider,
            sample: sample.as_deref(),
            warm_up_limit,
        };
        let model = self.backend.load_as(&bytes, &options);
        let model = model.map_err(|source| CatalogError::NotLoaded {
            digest: spec.digest,
            source,
        })?;
        *slot = Some(Arc::downgrade(&model));
        Ok(model)
    }

    /// The entry for a spec. Takes the occasion to forget models that nobody uses, of which a few bytes are left.
    fn entry(&self, spec: &ModelSpec) -> Arc<Entry> {
        let mut entries = lock(&self.entries);
        entries.retain(|_, entry| entry.is_in_use());
        Arc::clone(entries.entry(spec.clone()).or_default())
    }
}

/// The bytes of an artifact, which have its digest.
fn checked(
    expected: Digest,
    read: impl Fn(Digest) -> io::Result<Vec<u8>>,
) -> Result<Vec<u8>, CatalogError> {
    let bytes = read(expected).map_err(|source| CatalogError::Unreadable {
        digest: expected,
        source,
    })?;
    match Digest::of(&bytes) {
        actual if actual == expected => Ok(bytes),
        actual => Err(CatalogError::Damaged { expected, actual }),
    }
}

impl Entry {
    fn is_in_use(self: &Arc<Self>) -> bool {
        // Whoever holds the entry besides the map is about to load the model; the lock would make us wait for that.
        Arc::strong_count(self) > 1
            || lock(&self.model)
                .as_ref()
                .is_some_and(|model| model.strong_count() > 0)
    }
}

/// Locks in spite of a panic elsewhere: what these locks guard is replaced in one step, so it is never half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Instant,
    };

    use mlwasm_types::{Batching, Tensor, TensorSpec};

    use super::*;
    use crate::{backend::InputView, error::InferenceError};

    /// Counts its loads, and refuses models that are empty.
    #[derive(Default)]
    struct Counting {
        loads: AtomicUsize,
    }

    struct Nothing;

    impl InferenceBackend for Counting {
        fn load_as(&self, bytes: &[u8], _: &ModelOptions<'_>) -> Result<Arc<dyn Model>, LoadError> {
            self.loads.fetch_add(1, Ordering::SeqCst);
            if bytes.is_empty() {
                return Err(LoadError::NotOnnx {
                    reason: "it is empty",
                });
            }
            Ok(Arc::new(Nothing))
        }

        fn version(&self) -> &str {
            "counting"
        }
    }

    impl Model for Nothing {
        fn inputs(&self) -> &[TensorSpec] {
            &[]
        }

        fn outputs(&self) -> &[TensorSpec] {
            &[]
        }

        fn infer(&self, _: &[InputView<'_>], _: Instant) -> Result<Vec<Tensor>, InferenceError> {
            Ok(Vec::new())
        }

        fn typical_run(&self) -> Duration {
            Duration::MAX
        }
    }

    fn catalog() -> (Arc<Counting>, ModelCatalog) {
        let backend = Arc::new(Counting::default());
        (Arc::clone(&backend), ModelCatalog::new(backend))
    }

    const BYTES: &[u8] = b"a model";

    fn get(catalog: &ModelCatalog) -> Arc<dyn Model> {
        get_as(catalog, &ModelSpec::new(Digest::of(BYTES)))
    }

    fn get_as(catalog: &ModelCatalog, spec: &ModelSpec) -> Arc<dyn Model> {
        catalog
            .get_or_load(spec, Duration::MAX, |_| Ok(BYTES.to_vec()))
            .unwrap()
    }

    #[test]
    fn users_of_a_model_share_it() {
        let (backend, catalog) = catalog();
        let (first, second) = (get(&catalog), get(&catalog));
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(backend.loads.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn users_who_want_other_options_do_not_share_it() {
        let (backend, catalog) = catalog();
        let batched = ModelSpec {
            batching: Some(Batching::default()),
            ..ModelSpec::new(Digest::of(BYTES))
        };
        let (plain, joined) = (get(&catalog), get_as(&catalog, &batched));
        assert!(!Arc::ptr_eq(&plain, &joined));
        assert!(Arc::ptr_eq(&joined, &get_as(&catalog, &batched)));
        assert_eq!(backend.loads.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_model_that_many_ask_for_at_once_is_loaded_once() {
        let (backend, catalog) = catalog();
        let everyone = Barrier::new(8);
        let models: Vec<_> = thread::scope(|scope| {
            let ask = || {
                everyone.wait();
                get(&catalog)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(models.len(), 8);
        assert_eq!(backend.loads.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_model_that_nobody_uses_is_freed() {
        let (backend, catalog) = catalog();
        let model = get(&catalog);
        let weak = Arc::downgrade(&model);
        drop(model);
        assert!(weak.upgrade().is_none());
        let _again = get(&catalog);
        assert_eq!(backend.loads.load(Ordering::SeqCst), 2);
        assert_eq!(lock(&catalog.entries).len(), 1);
    }

    #[test]
    fn a_failed_load_says_why_and_is_tried_again() {
        let (backend, catalog) = catalog();
        let spec = ModelSpec::new(Digest::of(b""));
        for loads in 1..3 {
            let error = catalog
                .get_or_load(&spec, Duration::MAX, |_| Ok(Vec::new()))
                .err()
                .unwrap();
            assert!(matches!(error, CatalogError::NotLoaded { .. }), "{error}");
            assert_eq!(backend.loads.load(Ordering::SeqCst), loads);
        }
    }

    #[test]
    fn bytes_that_cannot_be_read_or_are_others_are_not_loaded() {
        let (backend, catalog) = catalog();
        let spec = ModelSpec::new(Digest::of(BYTES));
        let unreadable = catalog
            .get_or_load(
                &spec,
                Duration::MAX,
                |_| Err(io::ErrorKind::NotFound.into()),
            )
            .err()
            .unwrap();
        assert!(
            matches!(unreadable, CatalogError::Unreadable { .. }),
            "{unreadable}"
        );
        let damaged = catalog
            .get_or_load(&spec, Duration::MAX, |_| Ok(b"another".to_vec()))
            .err()
            .unwrap();
        assert!(matches!(damaged, CatalogError::Damaged { .. }), "{damaged}");
        assert_eq!(backend.loads.load(Ordering::SeqCst), 0);
    }
}
