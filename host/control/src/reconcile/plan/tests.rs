use std::sync::Arc;

use mlwasm_types::{DeploymentName, DeploymentSpec, Digest, EndpointName, EndpointSpec};

use super::*;
use crate::{
    keys::{KeyCounters, KeySalt},
    store::EndpointRecord,
};

fn key(name: &str) -> Key {
    (
        EndpointName::new("iris").unwrap(),
        DeploymentName::new(name).unwrap(),
    )
}

/// A deployment made at generation 5 that wants revision 2, asked for at generation 7.
fn record(name: &str, change: impl FnOnce(&mut DeploymentRecord)) -> DeploymentRecord {
    let (endpoint, name) = key(name);
    let spec = DeploymentSpec::new(endpoint, name, Digest::of(b"a"));
    let mut record = DeploymentRecord::new(spec.clone(), Generation(5));
    record.revisions.insert(RevisionNumber(2), Arc::new(spec));
    record.wanted = RevisionNumber(2);
    record.attempt = Generation(7);
    change(&mut record);
    record
}

fn desired(records: impl IntoIterator<Item = DeploymentRecord>) -> DesiredState {
    let endpoint = key("any").0;
    let record = EndpointRecord {
        spec: EndpointSpec::named(endpoint.clone()),
        generation: Generation(1),
        salt: KeySalt([0; 16]),
        counters: KeyCounters::default(),
        deployments: records
            .into_iter()
            .map(|record| (record.spec.name.clone(), Arc::new(record)))
            .collect(),
    };
    DesiredState {
        generation: Generation(9),
        endpoints: BTreeMap::from([(endpoint, Arc::new(record))]),
        ..DesiredState::default()
    }
}

fn target(revision: u64, attempt: u64) -> Target {
    Target {
        revision: RevisionNumber(revision),
        attempt: Generation(attempt),
    }
}

fn prepare(name: &str, revision: u64, attempt: u64) -> Step {
    Step::Prepare {
        key: key(name),
        target: target(revision, attempt),
    }
}

fn adopt(name: &str) -> Step {
    Step::Adopt {
        key: key(name),
        created: Generation(5),
    }
}

fn summary(change: impl FnOnce(&mut Summary)) -> Summary {
    let mut summary = Summary {
        created: Generation(5),
        ..Summary::default()
    };
    change(&mut summary);
    summary
}

/// Checks the steps for one deployment, blue.
fn check(record: DeploymentRecord, live: Option<Summary>, steps: &[Step]) {
    let live = live.map(|summary| (key("blue"), summary));
    let desired = desired([record.clone()]);
    let live: BTreeMap<_, _> = live.into_iter().collect();
    assert_eq!(diff(&desired, &live), steps, "{record:?} {live:?}");
}

const SERVING_1: Option<RevisionNumber> = Some(RevisionNumber(1));
const SERVING_2: Option<RevisionNumber> = Some(RevisionNumber(2));

#[test]
fn a_new_deployment_is_adopted_and_prepared() {
    check(
        record("blue", |_| {}),
        None,
        &[adopt("blue"), prepare("blue", 2, 7)],
    );
}

#[test]
fn what_is_live_as_wanted_needs_nothing() {
    let served = || record("blue", |record| record.serving = SERVING_2);
    check(
        served(),
        Some(summary(|live| live.serving = SERVING_2)),
        &[],
    );
    // The outcome is not stored yet, or could not be.
    check(
        record("blue", |_| {}),
        Some(summary(|live| live.serving = SERVING_2)),
        &[],
    );
}

#[test]
fn a_preparation_under_way_goes_on_unless_another_is_wanted() {
    let live = |preparing| {
        Some(summary(|live| {
            live.serving = SERVING_1;
            live.preparing = Some(preparing);
        }))
    };
    let updating = || record("blue", |record| record.serving = SERVING_1);
    let cancel = Step::Cancel { key: key("blue") };
    check(updating(), live(target(2, 7)), &[]);
    check(
        updating(),
        live(target(2, 6)),
        &[cancel.clone(), prepare("blue", 2, 7)],
    );
    check(
        updating(),
        live(target(1, 7)),
        &[cancel.clone(), prepare("blue", 2, 7)],
    );
    let back = record("blue", |record| {
        record.serving = SERVING_1;
        record.wanted = RevisionNumber(1);
    });
    check(back, live(target(2, 7)), &[cancel]);
}

#[test]
fn what_failed_is_not_tried_again_until_asked_for() {
    let failed = || {
        record("blue", |record| {
            record.serving = SERVING_1;
            record.error = Some("init failed".to_owned());
        })
    };
    check(
        failed(),
        Some(summary(|live| live.serving = SERVING_1)),
        &[],
    );
    let tried = |attempt| {
        Some(summary(|live| {
            live.serving = SERVING_1;
            live.failed.insert(target(2, attempt));
        }))
    };
    // The failure could not be stored.
    check(record("blue", |_| {}), tried(7), &[]);
    // Asked for again, at generation 7.
    check(record("blue", |_| {}), tried(6), &[prepare("blue", 2, 7)]);
}

#[test]
fn a_restart_brings_back_what_served_before_it_goes_on() {
    let updating = || record("blue", |record| record.serving = SERVING_1);
    check(updating(), None, &[adopt("blue"), prepare("blue", 1, 5)]);
    check(
        updating(),
        Some(summary(|live| live.serving = SERVING_1)),
        &[prepare("blue", 2, 7)],
    );
    // What served can not be brought back: the wanted one is tried nonetheless.
    let lost = summary(|live| {
        live.failed.insert(target(1, 5));
    });
    check(updating(), Some(lost), &[prepare("blue", 2, 7)]);
}

#[test]
fn a_restart_tries_what_served_even_if_it_could_not_be_brought_back_last_time() {
    let lost = record("blue", |record| {
        record.serving = SERVING_2;
        record.error = Some("artifact damaged".to_owned());
    });
    check(lost.clone(), None, &[adopt("blue"), prepare("blue", 2, 7)]);
    let tried = summary(|live| {
        live.failed.insert(target(2, 7));
    });
    check(lost, Some(tried), &[]);
}

#[test]
fn a_failed_first_revision_stays_failed_over_a_restart() {
    let failed = record("blue", |record| {
        record.error = Some("init failed".to_owned())
    });
    check(failed, None, &[adopt("blue")]);
}

#[test]
fn a_deleted_deployment_is_let_go_of_and_one_of_the_same_name_begins_anew() {
    let live = BTreeMap::from([(key("blue"), summary(|live| live.serving = SERVING_2))]);
    let forget = Step::Forget { key: key("blue") };
    assert_eq!(diff(&desired([]), &live), std::slice::from_ref(&forget));

    let again = record("blue", |record| record.created = Generation(8));
    let adopt = Step::Adopt {
        key: key("blue"),
        created: Generation(8),
    };
    assert_eq!(
        diff(&desired([again]), &live),
        [forget, adopt, prepare("blue", 2, 7)]
    );
}

#[test]
fn what_served_before_comes_before_what_never_did() {
    let state = desired([
        record("blue", |_| {}),
        record("green", |record| record.serving = SERVING_2),
    ]);
    assert_eq!(
        diff(&state, &BTreeMap::new()),
        [
            adopt("blue"),
            adopt("green"),
            prepare("green", 2, 7),
            prepare("blue", 2, 7)
        ]
    );
}
