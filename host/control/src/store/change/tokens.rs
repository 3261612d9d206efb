//! Changes of administration tokens.

use std::sync::Arc;

use mlwasm_types::AdminTokenName;

use super::{Refusal, generation_after};
use crate::{
    admin_tokens::{AdminTokenRecord, MOST_TOKENS},
    store::desired::DesiredState,
};

/// A token is made once: one that were replaced would lock out those who hold it without a word.
pub(super) fn put(
    state: &DesiredState,
    record: AdminTokenRecord,
) -> Result<Option<DesiredState>, Refusal> {
    let name = record.name.clone();
    if state.admin_tokens.contains_key(&name) {
        return Err(Refusal::AdminTokenExists { name });
    }
    if state.admin_tokens.len() >= MOST_TOKENS {
        return Err(Refusal::TooManyAdminTokens);
    }
    let mut next = state.clone();
    next.generation = generation_after(state);
    next.admin_tokens.insert(name, Arc::new(record));
    Ok(Some(next))
}

pub(super) fn delete(
    state: &DesiredState,
    name: &AdminTokenName,
) -> Result<Option<DesiredState>, Refusal> {
    let mut next = state.clone();
    next.generation = generation_after(state);
    match next.admin_tokens.remove(name) {
        Some(_) => Ok(Some(next)),
        None => Err(Refusal::NoAdminToken { name: name.clone() }),
    }
}
