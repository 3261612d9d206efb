//! A patch from its reading to its writing: merged with what is stored, and again if another kind of change came between.

use std::future::Future;

use axum::extract::Request;
use mlwasm_types::Generation;
use serde_json::Value;

use super::{
    Api, body,
    patch::patched,
    precondition::expected,
    problem::{Failure, ProblemKind},
};
use crate::{
    author::Author,
    store::{Change, CommitError, Committed, DesiredState, Expected, Refusal},
};

/// How often a patch is made anew. Patches themselves take turns; other changes do not.
const ATTEMPTS: usize = 8;

/// Where an object is that can be patched.
pub(crate) trait Patchable: Sync {
    /// What is wanted of the object, and when it was last changed.
    ///
    /// # Errors
    ///
    /// If there is no such object.
    fn current(&self, state: &DesiredState) -> Result<(Value, Generation), Failure>;

    /// `patch`, with what follows from it for an object that is `current`.
    ///
    /// # Errors
    ///
    /// If it names what there is not.
    fn completed(&self, _api: &Api, _current: &Value, patch: Value) -> Result<Value, Failure> {
        Ok(patch)
    }

    /// The change that makes the object `merged`.
    ///
    /// # Errors
    ///
    /// If that is nothing that the object may be.
    fn change(
        &self,
        api: &Api,
        merged: Value,
    ) -> impl Future<Output = Result<Change, Failure>> + Send;
}

/// Carries out the patch that `request` is, and returns once it is live.
///
/// # Errors
///
/// What the object, the store or the request's own precondition refuses; 409 if others kept changing the object.
pub(crate) async fn carry_out(
    api: &Api,
    object: &impl Patchable,
    author: Author,
    request: Request,
) -> Result<Committed, Failure> {
    let (parts, bytes) = request.into_parts();
    let given = expected(&parts.headers)?;
    let patch = body::merge_patch(&parts.headers, bytes).await?;
    let _turn = api.patching.lock().await;
    for _ in 0..ATTEMPTS {
        let (current, read_at) = object.current(&api.store.read())?;
        let patch = object.completed(api, &current, patch.clone())?;
        let change = object.change(api, patched(current, patch)).await?;
        let expected = if is_pinned(given) {
            given
        } else {
            Expected::At(read_at)
        };
        match api.store.commit(change, expected, author.clone()).await {
            Err(CommitError::Refused(Refusal::Stale { .. })) if !is_pinned(given) => {}
            committed => {
                let committed = committed?;
                api.live_at(committed.after.generation).await;
                return Ok(committed);
            }
        }
    }
    Err(Failure::new(
        ProblemKind::Conflict,
        "others changed it again and again at the same time: try again",
    ))
}

/// `spec` as a client sees it.
///
/// # Errors
///
/// Never for a spec: it is plain data with text keys.
pub(crate) fn as_json<T: serde::Serialize>(spec: &T) -> Result<Value, Failure> {
    serde_json::to_value(spec).map_err(|error| Failure::bug(&error))
}

/// Whether the client itself says which version it changes, so that a newer one must not be changed instead.
fn is_pinned(given: Expected) -> bool {
    matches!(given, Expected::At(_) | Expected::Absent)
}
