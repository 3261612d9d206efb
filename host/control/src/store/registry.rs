//! The models that are registered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mlwasm_types::{
    Digest, Generation, ModelName,
    registry::{ModelReference, ModelRegistration, ModelVersion, Pick},
};
use serde::{Deserialize, Serialize};

use super::desired::DesiredState;

/// A registered model. It stays, without versions, when the last one is deleted: else a number would be given twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelRecord {
    pub(crate) name: ModelName,
    /// The last change of the model: its entity tag.
    pub(crate) generation: Generation,
    /// The last version that was registered, deleted or not.
    pub(crate) last: ModelVersion,
    pub(crate) versions: BTreeMap<ModelVersion, VersionRecord>,
}

/// One version of a registered model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VersionRecord {
    pub(crate) model: ModelRegistration,
    /// In bytes.
    pub(crate) size: u64,
    /// In whole seconds.
    pub(crate) created_at: Timestamp,
}

impl ModelRecord {
    /// A model of which nothing is registered yet.
    pub(crate) fn new(name: ModelName) -> Self {
        Self {
            name,
            generation: Generation::default(),
            last: ModelVersion::default(),
            versions: BTreeMap::new(),
        }
    }
}

impl DesiredState {
    /// The digest that the reference means now; else the versions that there are.
    pub(crate) fn resolve(&self, reference: &ModelReference) -> Result<Digest, Vec<ModelVersion>> {
        let Some(record) = self.models.get(&reference.name) else {
            return Err(Vec::new());
        };
        let version = match reference.pick {
            Pick::Version(version) => record.versions.get(&version),
            Pick::Latest => record.versions.values().next_back(),
        };
        version
            .map(|version| version.model.digest)
            .ok_or_else(|| record.versions.keys().copied().collect())
    }

    /// Every file that the desired state needs: those of kept revisions and of registered models.
    pub(crate) fn artifacts(&self) -> impl Iterator<Item = Digest> {
        let revisions = self
            .deployments()
            .flat_map(|record| record.revisions.values());
        let registered = self
            .models
            .values()
            .flat_map(|record| record.versions.values());
        revisions
            .flat_map(|revision| revision.spec.artifacts())
            .chain(registered.map(|version| version.model.digest))
    }
}
