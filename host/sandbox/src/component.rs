//! A scorer in machine code, linked to its imports once.

use std::{fmt, sync::Arc};

use mlwasm_types::Digest;
use wasmtime::{
    Engine, Store,
    component::{Component, ComponentExportIndex, Instance, InstancePre, Linker},
};

use crate::{
    bindings::{COLLECTION, SCORER, TENSOR_SCORER},
    error::ComponentError,
    host_state::HostState,
    imports::is_by_egress,
    places::Places,
};

/// A component that is ready to be instantiated any number of times.
pub struct CompiledScorer {
    digest: Digest,
    ready: InstancePre<HostState>,
    init: ComponentExportIndex,
    run: ComponentExportIndex,
    imports_collection: bool,
    by_egress: Option<String>,
    tensors: Option<TensorExports>,
    places: Arc<Places>,
}

/// What a typed scorer exports besides.
#[derive(Clone, Copy)]
pub(crate) struct TensorExports {
    pub(crate) describe: ComponentExportIndex,
    pub(crate) infer: ComponentExportIndex,
}

impl CompiledScorer {
    /// Links `component`, whose instructions stand at `places`, and finds its exports.
    pub(crate) fn link(
        digest: Digest,
        linker: &Linker<HostState>,
        component: &Component,
        places: Places,
    ) -> Result<Self, ComponentError> {
        let ready =
            linker
                .instantiate_pre(component)
                .map_err(|error| ComponentError::Mismatch {
                    message: format!("{error:#}"),
                })?;
        let export = |interface, name| {
            let index = component
                .get_export_index(None, interface)
                .and_then(|interface| component.get_export_index(Some(&interface), name));
            index.ok_or_else(|| ComponentError::MissingExport {
                export: format!("{interface}#{name}"),
            })
        };
        let component_type = component.component_type();
        // Of whichever version: one is offered that serves them all.
        let interface = COLLECTION.split('@').next();
        let imports_collection = component_type
            .imports(linker.engine())
            .any(|(name, _)| name.split('@').next() == interface);
        let mut imports = component_type.imports(linker.engine());
        let by_egress = imports.find(|(name, _)| is_by_egress(name));
        let by_egress = by_egress.map(|(name, _)| name.to_owned());
        let tensors = match component.get_export_index(None, TENSOR_SCORER) {
            None => None,
            Some(_) => Some(TensorExports {
                describe: export(TENSOR_SCORER, "describe")?,
                infer: export(TENSOR_SCORER, "infer")?,
            }),
        };
        Ok(Self {
            digest,
            init: export(SCORER, "init")?,
            run: export(SCORER, "run")?,
            imports_collection,
            by_egress,
            tensors,
            places: Arc::new(places),
            ready,
        })
    }

    /// The digest of the component.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes of its machine code, with what the engine needs to run it.
    pub fn machine_code_bytes(&self) -> u64 {
        let image = self.ready.component().image_range();
        (image.end as usize).saturating_sub(image.start as usize) as u64
    }

    /// The bytes of memory for the table that leads from its machine code to its author's lines; next to none of a component without
    /// debug information.
    pub fn places_bytes(&self) -> u64 {
        self.places.bytes()
    }

    /// Where its instructions stand in its author's files.
    pub(crate) fn places(&self) -> &Arc<Places> {
        &self.places
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.ready.engine()
    }

    pub(crate) fn init(&self) -> ComponentExportIndex {
        self.init
    }

    pub(crate) fn run(&self) -> ComponentExportIndex {
        self.run
    }

    /// Whether it may hand over records.
    pub(crate) fn imports_collection(&self) -> bool {
        self.imports_collection
    }

    /// The import by which it calls others; none if it has none.
    pub(crate) fn by_egress(&self) -> Option<&str> {
        self.by_egress.as_deref()
    }

    /// What a typed scorer exports besides; none if this is a raw one.
    pub(crate) fn tensors(&self) -> Option<TensorExports> {
        self.tensors
    }

    pub(crate) async fn instantiate(
        &self,
        store: &mut Store<HostState>,
    ) -> wasmtime::Result<Instance> {
        self.ready.instantiate_async(store).await
    }
}

impl fmt::Debug for CompiledScorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledScorer")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
