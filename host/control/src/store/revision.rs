//! One revision of a deployment, and which one a rollback leads to.
//!
//! A revision never changes but for the note of how its last attempt ended. Rolling back makes no new one: the earlier
//! one is wanted again, under its own number.

use std::sync::Arc;

use jiff::Timestamp;
use mlwasm_types::{DeploymentSpec, Generation, RevisionNumber};

use super::desired::DeploymentRecord;

/// One revision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RevisionRecord {
    pub(crate) spec: Arc<DeploymentSpec>,
    /// When it was asked for, in whole seconds; none if it was made by a version that did not note it.
    pub(crate) created_at: Option<Timestamp>,
    /// The one that served when this one was asked for.
    pub(crate) former: Option<RevisionNumber>,
    /// Why its last attempt failed.
    pub(crate) error: Option<String>,
}

/// Why there is nothing to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoWayBack {
    /// The wanted revision replaced none that served, or it is not known which.
    NoFormer,
    /// The revision is not kept.
    NotKept { revision: RevisionNumber },
}

impl DeploymentRecord {
    /// The deployment with an earlier revision wanted: `to`, else the one that served when the wanted one was asked for.
    ///
    /// So each further rollback leads one step further back, never to a revision that was rolled back from. The role and the
    /// data collector stay: they are the deployment's.
    pub(crate) fn rolled_back(
        &self,
        to: Option<RevisionNumber>,
        generation: Generation,
    ) -> Result<Self, NoWayBack> {
        let number = to.or_else(|| self.former()).ok_or(NoWayBack::NoFormer)?;
        let revision = self
            .revisions
            .get(&number)
            .ok_or(NoWayBack::NotKept { revision: number })?;
        let spec = DeploymentSpec {
            role: self.spec.role,
            data_collector: self.spec.data_collector.clone(),
            ..DeploymentSpec::clone(&revision.spec)
        };
        let mut next = Self {
            spec: Arc::new(spec),
            ..self.clone()
        };
        if number != self.wanted || self.error.is_some() {
            next.try_for(number, generation);
        }
        if next != *self {
            next.generation = generation;
        }
        Ok(next)
    }

    /// The revision that served when the wanted one was asked for.
    pub(crate) fn former(&self) -> Option<RevisionNumber> {
        self.revisions.get(&self.wanted)?.former
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_types::{DeploymentName, Digest, EndpointName, Role};

    use super::*;

    fn spec(component: &str) -> DeploymentSpec {
        DeploymentSpec::new(
            EndpointName::new("iris").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(component.as_bytes()),
        )
    }

    /// A deployment on which things happen one after the other.
    struct Story {
        record: DeploymentRecord,
        generation: u64,
    }

    impl Story {
        fn begin() -> Self {
            let record = DeploymentRecord::new(spec("1"), Generation(1), Timestamp::UNIX_EPOCH);
            Self {
                record,
                generation: 1,
            }
        }

        fn next(&mut self) -> Generation {
            self.generation += 1;
            Generation(self.generation)
        }

        fn deploy(&mut self, component: &str) -> &mut Self {
            let generation = self.next();
            self.record = self
                .record
                .changed(spec(component), generation, Timestamp::UNIX_EPOCH);
            self
        }

        fn serves(&mut self) -> &mut Self {
            self.record.serving = Some(self.record.wanted);
            self
        }

        fn fails(&mut self) -> &mut Self {
            self.record.error = Some("init failed".to_owned());
            self
        }

        fn roll_back(&mut self, to: Option<u64>) -> Result<u64, NoWayBack> {
            let generation = self.next();
            self.record = self
                .record
                .rolled_back(to.map(RevisionNumber), generation)?;
            Ok(self.record.wanted.0)
        }
    }

    #[test]
    fn each_rollback_leads_one_step_further_back() {
        let mut story = Story::begin();
        story.serves().deploy("2").serves().deploy("3").serves();
        assert_eq!(story.roll_back(None), Ok(2));
        assert_eq!(story.record.spec.component, Digest::of(b"2"));
        assert_eq!(
            story.record.serving,
            Some(RevisionNumber(3)),
            "until 2 is ready"
        );
        story.serves();
        assert_eq!(story.roll_back(None), Ok(1));
        story.serves();
        assert_eq!(story.roll_back(None), Err(NoWayBack::NoFormer));
    }

    #[test]
    fn a_revision_that_was_rolled_back_from_is_never_a_way_back() {
        let mut story = Story::begin();
        story.serves().deploy("2").serves();
        assert_eq!(story.roll_back(None), Ok(1));
        story.serves().deploy("3").serves();
        assert_eq!(story.record.wanted, RevisionNumber(3), "2 is still known");
        assert_eq!(story.roll_back(None), Ok(1));
    }

    #[test]
    fn a_revision_that_never_served_is_no_way_back() {
        let mut story = Story::begin();
        story.serves().deploy("2").fails().deploy("3").serves();
        assert_eq!(story.roll_back(None), Ok(1));

        let mut first = Story::begin();
        first.fails().deploy("2").serves();
        assert_eq!(first.roll_back(None), Err(NoWayBack::NoFormer));
    }

    #[test]
    fn a_failed_revision_is_given_up_for_the_one_that_serves() {
        let mut story = Story::begin();
        story.serves().deploy("2").fails();
        assert_eq!(story.roll_back(None), Ok(1));
        assert_eq!(story.record.error, None);
        assert_eq!(story.record.wanted, story.record.serving.unwrap());
    }

    #[test]
    fn any_kept_revision_can_be_named_and_others_are_refused() {
        let mut story = Story::begin();
        story.serves().deploy("2").serves().deploy("3").serves();
        assert_eq!(story.roll_back(Some(1)), Ok(1));
        story.serves();
        // Forward again, and back to what served when 3 was made.
        assert_eq!(story.roll_back(Some(3)), Ok(3));
        story.serves();
        let before = story.record.clone();
        assert_eq!(story.roll_back(Some(3)), Ok(3));
        assert_eq!(story.record, before, "it is there already");
        assert_eq!(story.roll_back(None), Ok(2));
        let revision = RevisionNumber(4);
        assert_eq!(
            story.roll_back(Some(4)),
            Err(NoWayBack::NotKept { revision })
        );
    }

    #[test]
    fn the_role_stays_and_the_rest_is_the_revisions() {
        let mut story = Story::begin();
        story.serves();
        let mut second = spec("2");
        second.role = Some(Role::Control);
        second.description = Some("second".to_owned());
        story.record = story
            .record
            .changed(second, Generation(2), Timestamp::UNIX_EPOCH);
        story.serves();
        assert_eq!(story.roll_back(None), Ok(1));
        let shown = &story.record.spec;
        assert_eq!(
            (shown.role, shown.description.as_ref()),
            (Some(Role::Control), None)
        );
        assert_eq!(shown.component, Digest::of(b"1"));
    }
}
