//! Changes of registered models. None of them reaches a deployment: revisions hold digests.

use std::sync::Arc;

use mlwasm_types::{ModelName, registry::ModelVersion};

use super::{Expected, Refusal, generation_after};
use crate::store::{
    desired::DesiredState,
    registry::{ModelRecord, VersionRecord},
};

/// Adds the next version of a model.
pub(super) fn register(
    state: &DesiredState,
    expected: Expected,
    name: ModelName,
    version: VersionRecord,
) -> Result<Option<DesiredState>, Refusal> {
    let found = state.models.get(&name);
    expected.check(found.map(|record| record.generation))?;
    version.model.validate()?;
    let mut next = match found {
        Some(found) => ModelRecord::clone(found),
        None => ModelRecord::new(name),
    };
    next.last = ModelVersion(next.last.0 + 1);
    next.versions.insert(next.last, version);
    Ok(Some(with_model(state, next)))
}

/// Removes one version of a model, or all of them.
pub(super) fn delete(
    state: &DesiredState,
    expected: Expected,
    name: &ModelName,
    version: Option<ModelVersion>,
) -> Result<Option<DesiredState>, Refusal> {
    let no_model = || Refusal::NoModel { name: name.clone() };
    let found = state.models.get(name).ok_or_else(no_model)?;
    expected.check(Some(found.generation))?;
    let mut next = ModelRecord::clone(found);
    match version {
        None if found.versions.is_empty() => return Err(no_model()),
        None => next.versions.clear(),
        Some(version) if next.versions.remove(&version).is_none() => {
            return Err(Refusal::NoModelVersion {
                name: name.clone(),
                version,
                have: found.versions.keys().copied().collect(),
            });
        }
        Some(_) => {}
    }
    Ok(Some(with_model(state, next)))
}

fn with_model(state: &DesiredState, mut record: ModelRecord) -> DesiredState {
    let mut next = state.clone();
    next.generation = generation_after(state);
    record.generation = next.generation;
    next.models.insert(record.name.clone(), Arc::new(record));
    next
}
