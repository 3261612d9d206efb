//! The desired state: what is wanted, and what was last true of it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{
    DeploymentName, DeploymentSpec, EndpointName, EndpointSpec, Generation, ModelName, RevisionId,
    RevisionNumber, Rollout,
};

use super::{registry::ModelRecord, revision::RevisionRecord};
use crate::{
    admin_tokens::AdminTokens,
    keys::{KeyCounters, KeySalt},
};

/// Revisions of a deployment that are kept, besides those in use and the one that served before the wanted one.
const KEPT_REVISIONS: usize = 10;

/// Everything that is wanted, at one generation. Records that did not change are shared between snapshots.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DesiredState {
    pub(crate) generation: Generation,
    pub(crate) endpoints: BTreeMap<EndpointName, Arc<EndpointRecord>>,
    pub(crate) models: BTreeMap<ModelName, Arc<ModelRecord>>,
    pub(crate) admin_tokens: AdminTokens,
}

/// An endpoint and its deployments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EndpointRecord {
    pub(crate) spec: EndpointSpec,
    /// The last change of the endpoint itself: its entity tag.
    pub(crate) generation: Generation,
    pub(crate) salt: KeySalt,
    pub(crate) counters: KeyCounters,
    pub(crate) deployments: BTreeMap<DeploymentName, Arc<DeploymentRecord>>,
    /// The rollout that goes on, or the last one.
    pub(crate) rollout: Option<Arc<Rollout>>,
}

/// A deployment and its revisions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DeploymentRecord {
    /// What is wanted, with what people wrote on it.
    pub(crate) spec: Arc<DeploymentSpec>,
    /// The change that made the deployment: tells it from a deleted one of the same name.
    pub(crate) created: Generation,
    /// The last change of the deployment: its entity tag.
    pub(crate) generation: Generation,
    /// The wanted revision.
    pub(crate) wanted: RevisionNumber,
    /// The change that asked for the wanted revision, for the first time or again after it failed.
    pub(crate) attempt: Generation,
    /// The revision that was last made ready.
    pub(crate) serving: Option<RevisionNumber>,
    /// Why the wanted revision failed.
    pub(crate) error: Option<String>,
    /// The last revisions, among them `wanted` and `serving`.
    pub(crate) revisions: BTreeMap<RevisionNumber, RevisionRecord>,
}

/// One attempt to make one revision ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub(crate) revision: RevisionNumber,
    pub(crate) attempt: Generation,
}

impl DesiredState {
    pub(crate) fn endpoint(&self, name: &EndpointName) -> Option<&Arc<EndpointRecord>> {
        self.endpoints.get(name)
    }

    pub(crate) fn deployment(
        &self,
        endpoint: &EndpointName,
        name: &DeploymentName,
    ) -> Option<&Arc<DeploymentRecord>> {
        self.endpoints.get(endpoint)?.deployments.get(name)
    }

    /// Every deployment.
    pub(crate) fn deployments(&self) -> impl Iterator<Item = &Arc<DeploymentRecord>> {
        self.endpoints
            .values()
            .flat_map(|endpoint| endpoint.deployments.values())
    }
}

impl EndpointRecord {
    /// The rollout that goes on.
    pub(crate) fn active_rollout(&self) -> Option<&Arc<Rollout>> {
        self.rollout
            .as_ref()
            .filter(|rollout| rollout.state.is_active())
    }
}

impl DeploymentRecord {
    /// The first revision of a new deployment.
    pub(crate) fn new(spec: DeploymentSpec, generation: Generation, at: Timestamp) -> Self {
        let spec = Arc::new(spec);
        let first = RevisionRecord {
            spec: Arc::clone(&spec),
            created_at: Some(at),
            former: None,
            error: None,
        };
        Self {
            spec,
            created: generation,
            generation,
            wanted: RevisionNumber(1),
            attempt: generation,
            serving: None,
            error: None,
            revisions: BTreeMap::from([(RevisionNumber(1), first)]),
        }
    }

    /// The deployment with `spec` wanted instead, from `at` on.
    ///
    /// A spec that runs as the wanted or the serving revision does makes no new one; if the wanted one had failed,
    /// it is tried again.
    pub(crate) fn changed(
        &self,
        spec: DeploymentSpec,
        generation: Generation,
        at: Timestamp,
    ) -> Self {
        let id = spec.revision_id();
        let spec = Arc::new(spec);
        let mut next = Self {
            spec: Arc::clone(&spec),
            generation,
            ..self.clone()
        };
        if self.id_of(self.wanted) == Some(id) {
            if self.error.is_some() {
                next.try_for(self.wanted, generation);
            }
        } else if let Some(serving) = self
            .serving
            .filter(|number| self.id_of(*number) == Some(id))
        {
            next.try_for(serving, generation);
        } else {
            let number = RevisionNumber(self.last_number().0 + 1);
            let revision = RevisionRecord {
                spec,
                created_at: Some(at),
                former: self.serving,
                error: None,
            };
            next.revisions.insert(number, revision);
            next.try_for(number, generation);
        }
        next.forget_old_revisions();
        next
    }

    pub(super) fn try_for(&mut self, revision: RevisionNumber, attempt: Generation) {
        self.wanted = revision;
        self.attempt = attempt;
        self.error = None;
        if let Some(record) = self.revisions.get_mut(&revision) {
            record.error = None;
        }
    }

    /// The spec of one revision, if it is kept.
    pub(crate) fn revision(&self, number: RevisionNumber) -> Option<&Arc<DeploymentSpec>> {
        Some(&self.revisions.get(&number)?.spec)
    }

    /// The attempt that the operator asked for.
    pub(crate) fn wanted_target(&self) -> Target {
        Target {
            revision: self.wanted,
            attempt: self.attempt,
        }
    }

    /// The attempt to bring back what served before the process started.
    pub(crate) fn serving_target(&self) -> Option<Target> {
        let revision = self.serving?;
        let attempt = if revision == self.wanted {
            self.attempt
        } else {
            self.created
        };
        Some(Target { revision, attempt })
    }

    fn id_of(&self, number: RevisionNumber) -> Option<RevisionId> {
        Some(self.revision(number)?.revision_id())
    }

    fn last_number(&self) -> RevisionNumber {
        let last = self.revisions.keys().next_back().copied();
        last.unwrap_or(self.wanted)
    }

    fn forget_old_revisions(&mut self) {
        let many = self.revisions.len().saturating_sub(KEPT_REVISIONS);
        let old: Vec<_> = self.revisions.keys().take(many).copied().collect();
        let in_use = [Some(self.wanted), self.serving, self.former()];
        for number in old {
            if !in_use.contains(&Some(number)) {
                self.revisions.remove(&number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_types::Digest;

    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn spec(component: &str) -> DeploymentSpec {
        DeploymentSpec::new(
            EndpointName::new("iris").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(component.as_bytes()),
        )
    }

    fn numbers(record: &DeploymentRecord) -> (u64, Option<u64>, usize) {
        let serving = record.serving.map(|number| number.0);
        (record.wanted.0, serving, record.revisions.len())
    }

    #[test]
    fn only_a_spec_that_runs_differently_makes_a_revision() {
        let mut record = DeploymentRecord::new(spec("a"), Generation(1), AT);
        record.serving = Some(RevisionNumber(1));

        let mut described = spec("a");
        described.description = Some("first".to_owned());
        let described = record.changed(described, Generation(2), AT);
        assert_eq!(numbers(&described), (1, Some(1), 1));
        assert_eq!(described.spec.description.as_deref(), Some("first"));

        let second = described.changed(spec("b"), Generation(3), AT);
        assert_eq!(numbers(&second), (2, Some(1), 2));
        assert_eq!(second.wanted_target().attempt, Generation(3));
    }

    #[test]
    fn going_back_to_what_serves_makes_no_revision_and_forgets_the_failure() {
        let mut record = DeploymentRecord::new(spec("a"), Generation(1), AT);
        record.serving = Some(RevisionNumber(1));
        let mut failed = record.changed(spec("b"), Generation(2), AT);
        failed.error = Some("init failed".to_owned());

        let back = failed.changed(spec("a"), Generation(3), AT);

        assert_eq!(numbers(&back), (1, Some(1), 2));
        assert_eq!(back.error, None);
        let third = back.changed(spec("c"), Generation(4), AT);
        assert_eq!(
            third.wanted,
            RevisionNumber(3),
            "a number is never given twice"
        );
    }

    #[test]
    fn the_same_spec_again_retries_what_failed_and_nothing_else() {
        let record = DeploymentRecord::new(spec("a"), Generation(1), AT);
        assert_eq!(
            record.changed(spec("a"), Generation(2), AT).attempt,
            Generation(1)
        );

        let failed = DeploymentRecord {
            error: Some("init failed".to_owned()),
            ..record
        };
        let retried = failed.changed(spec("a"), Generation(2), AT);
        assert_eq!((retried.attempt, retried.error), (Generation(2), None));
        assert_eq!(retried.wanted, RevisionNumber(1));
    }

    #[test]
    fn the_last_ten_revisions_and_those_in_use_are_kept() {
        let mut record = DeploymentRecord::new(spec("0"), Generation(1), AT);
        record.serving = Some(RevisionNumber(1));
        for i in 2..=30 {
            record = record.changed(spec(&i.to_string()), Generation(i), AT);
        }
        let kept: Vec<_> = record.revisions.keys().map(|number| number.0).collect();
        assert_eq!(kept, [1, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    }

    #[test]
    fn the_revision_that_served_before_is_kept_however_old() {
        let mut record = DeploymentRecord::new(spec("0"), Generation(1), AT);
        record.serving = Some(RevisionNumber(1));
        for i in 2..=30 {
            record = record.changed(spec(&i.to_string()), Generation(i), AT);
        }
        record.serving = Some(RevisionNumber(30));
        let described = DeploymentSpec {
            description: Some("in use".to_owned()),
            ..spec("30")
        };
        let record = record.changed(described, Generation(31), AT);
        assert_eq!(record.former(), Some(RevisionNumber(1)));
        assert!(record.revision(RevisionNumber(1)).is_some());
    }
}
