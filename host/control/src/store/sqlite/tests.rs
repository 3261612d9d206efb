use std::path::PathBuf;

use jiff::Timestamp;
use mlwasm_types::{
    DeploymentName, DeploymentSpec, Digest, EndpointName, EndpointSpec, ModelName, Percent,
    RevisionNumber, TrafficSplit, api::KeySlot, registry::ModelRegistration,
};
use proptest::prelude::*;

use super::*;
use crate::{
    author::{Actor, Author},
    keys::KeySalt,
    store::{
        Change, CommitError, Expected, InUse, OtherControl, Outcome, Store, Target, VersionRecord,
        schema::SCRIPTS,
    },
};

fn endpoint(name: &str) -> EndpointName {
    EndpointName::new(name).unwrap()
}

fn deployment(name: &str) -> DeploymentName {
    DeploymentName::new(name).unwrap()
}

fn put_endpoint(name: &str) -> Change {
    Change::PutEndpoint {
        spec: EndpointSpec::named(endpoint(name)),
        salt: KeySalt([1; 16]),
    }
}

fn put_deployment(of: &str, name: &str, component: &str) -> Change {
    let digest = Digest::of(component.as_bytes());
    Change::PutDeployment {
        spec: DeploymentSpec::new(endpoint(of), deployment(name), digest).into(),
        control: OtherControl::Refuse,
        at: Timestamp::from_second(1_700_000_000).unwrap(),
    }
}

fn author() -> Author {
    Actor::Token("tester".into()).into()
}

fn open(folder: &Folder) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(&folder.database(), AuditRetention::default())
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("state.db")
    }

    fn open(&self) -> Store {
        Store::open(open(self).unwrap()).unwrap()
    }

    /// What a process finds that starts on the files as they are now, the way a crash or a power cut leaves them.
    fn after_a_crash(&self) -> DesiredState {
        let copy = Folder::new();
        for file in fs::read_dir(self.0.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.0.path().join(file.file_name())).unwrap();
        }
        let state = copy.open().read();
        DesiredState::clone(&state)
    }
}

#[tokio::test]
async fn whatever_is_acknowledged_survives_a_crash_at_once() {
    let folder = Folder::new();
    let store = folder.open();
    let changes = [
        put_endpoint("iris"),
        put_deployment("iris", "blue", "a"),
        put_deployment("iris", "green", "b"),
        Change::SetTraffic {
            endpoint: endpoint("iris"),
            traffic: TrafficSplit::all_to(deployment("blue")),
        },
        Change::SetMirror {
            endpoint: endpoint("iris"),
            shares: BTreeMap::from([(deployment("green"), Percent::new(10).unwrap())]),
        },
        put_deployment("iris", "green", "c"),
        Change::RotateKey {
            endpoint: endpoint("iris"),
            slot: KeySlot::Secondary,
        },
        Change::DeleteDeployment {
            endpoint: endpoint("iris"),
            deployment: deployment("green"),
            in_use: InUse::Delete,
        },
        put_endpoint("other"),
        Change::DeleteEndpoint {
            endpoint: endpoint("iris"),
        },
    ];
    for (i, change) in (1..).zip(changes) {
        let after = store
            .commit(change, Expected::Anything, author())
            .await
            .unwrap()
            .after;
        assert_eq!(after.generation, Generation(i), "each change adds one");
        assert_eq!(folder.after_a_crash(), *after, "after change {i}");
    }
}

#[tokio::test]
async fn the_outcome_of_a_revision_survives_and_adds_no_generation() {
    let folder = Folder::new();
    let store = folder.open();
    store
        .commit(put_endpoint("iris"), Expected::Anything, author())
        .await
        .unwrap();
    let state = store
        .commit(
            put_deployment("iris", "blue", "a"),
            Expected::Anything,
            author(),
        )
        .await
        .unwrap()
        .after;
    let record = state
        .deployment(&endpoint("iris"), &deployment("blue"))
        .unwrap();
    let outcome = |target, result| Outcome {
        endpoint: endpoint("iris"),
        deployment: deployment("blue"),
        created: record.created,
        target,
        result,
    };

    store
        .record(outcome(record.wanted_target(), Ok(())))
        .await
        .unwrap();
    let next = store
        .commit(
            put_deployment("iris", "blue", "b"),
            Expected::Anything,
            author(),
        )
        .await
        .unwrap()
        .after;
    let wanted = next
        .deployment(&endpoint("iris"), &deployment("blue"))
        .unwrap()
        .wanted_target();
    store
        .record(outcome(wanted, Err("init failed: no".to_owned())))
        .await
        .unwrap();

    let found = folder.after_a_crash();
    assert_eq!(found.generation, next.generation);
    let found = found
        .deployment(&endpoint("iris"), &deployment("blue"))
        .unwrap();
    assert_eq!(found.serving, Some(RevisionNumber(1)));
    assert_eq!(found.wanted, RevisionNumber(2));
    assert_eq!(found.error.as_deref(), Some("init failed: no"));
    assert!(found.revision(RevisionNumber(1)).is_some());
}

#[tokio::test]
async fn an_outcome_of_a_superseded_attempt_or_a_deleted_deployment_is_dropped() {
    let store = Folder::new().open();
    store
        .commit(put_endpoint("iris"), Expected::Anything, author())
        .await
        .unwrap();
    let state = store
        .commit(
            put_deployment("iris", "blue", "a"),
            Expected::Anything,
            author(),
        )
        .await
        .unwrap()
        .after;
    let record = state
        .deployment(&endpoint("iris"), &deployment("blue"))
        .unwrap();
    let late = |created, revision| Outcome {
        endpoint: endpoint("iris"),
        deployment: deployment("blue"),
        created,
        target: Target {
            revision: RevisionNumber(revision),
            attempt: Generation(1),
        },
        result: Err("late".to_owned()),
    };
    store.record(late(record.created, 1)).await.unwrap();
    store.record(late(Generation(1), 1)).await.unwrap();
    assert_eq!(*store.read(), *state);
}

#[tokio::test]
async fn a_full_disk_refuses_the_change_and_the_old_state_stays() {
    let folder = Folder::new();
    let mut engine = open(&folder).unwrap();
    // Room for a few more pages: the next large write finds the disk full.
    let pages: i64 = engine
        .connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    engine
        .connection
        .pragma_update(None, "max_page_count", pages + 2)
        .unwrap();
    let state = Arc::new(engine.load().unwrap());
    let store = Store::open(engine).unwrap();
    store
        .commit(put_endpoint("small"), Expected::Anything, author())
        .await
        .unwrap();

    let mut spec = EndpointSpec::named(endpoint("large"));
    for i in 0..4 {
        spec.tags.insert(format!("tag{i}"), "x".repeat(4_000));
    }
    let large = Change::PutEndpoint {
        spec,
        salt: KeySalt([2; 16]),
    };
    let refused = store
        .commit(large, Expected::Anything, author())
        .await
        .unwrap_err();

    assert!(
        matches!(refused, CommitError::Store(StoreError::DiskFull(_))),
        "{refused:?}"
    );
    assert_eq!(store.read().generation, state.generation.next());
    let deleted = Change::DeleteEndpoint {
        endpoint: endpoint("small"),
    };
    let after = store
        .commit(deleted, Expected::Anything, author())
        .await
        .unwrap()
        .after;
    assert_eq!(folder.after_a_crash(), *after, "the store goes on");
}

#[test]
fn a_commit_waits_for_the_disk() {
    let folder = Folder::new();
    let engine = open(&folder).unwrap();
    let ask = |pragma: &str| -> String {
        let query = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
        engine
            .connection
            .query_row(&query, [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(ask("journal_mode"), "wal");
    assert_eq!(ask("synchronous"), "2", "FULL");
    assert_eq!(ask("foreign_keys"), "1");
}

#[test]
fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let store = folder.open();
    for file in fs::read_dir(folder.0.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
    drop(store);
}

#[test]
fn a_damaged_row_is_named() {
    let folder = Folder::new();
    let engine = open(&folder).unwrap();
    engine
        .connection
        .execute(
            "INSERT INTO endpoints VALUES ('e', '{\"name\":3}', 1, x'00', 0, 0)",
            [],
        )
        .unwrap();
    let error = Store::open(engine).err().unwrap();
    assert!(
        error
            .to_string()
            .starts_with("the state is damaged: spec: "),
        "{error}"
    );
}

#[test]
fn a_database_of_the_first_version_keeps_its_revisions() {
    let folder = Folder::new();
    let connection = Connection::open(folder.database()).unwrap();
    connection.execute_batch(SCRIPTS[0]).unwrap();
    let digest = Digest::of(b"a");
    let spec = DeploymentSpec::new(endpoint("iris"), deployment("blue"), digest);
    let spec = serde_json::to_string(&spec).unwrap();
    let of_endpoint = serde_json::to_string(&EndpointSpec::named(endpoint("iris"))).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TABLE schema_version (only_row INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;
             INSERT INTO schema_version VALUES (1, 1);
             INSERT INTO endpoints VALUES ('iris', '{of_endpoint}', 1, x'01010101010101010101010101010101', 0, 0);
             INSERT INTO deployments VALUES ('iris', 'blue', '{spec}', 2, 2, 1, 2, 1, NULL);
             INSERT INTO revisions VALUES ('iris', 'blue', 1, '{spec}');"
        ))
        .unwrap();
    drop(connection);

    let state = SqliteStore::open(&folder.database(), AuditRetention::default())
        .unwrap()
        .load()
        .unwrap();
    let record = state
        .deployment(&endpoint("iris"), &deployment("blue"))
        .unwrap();
    let first = &record.revisions[&RevisionNumber(1)];
    assert_eq!(first.spec.component, digest);
    assert_eq!((first.created_at, first.former), (None, None));
}

fn any_change() -> impl Strategy<Value = Change> {
    let names = prop::sample::select(vec!["a", "b"]);
    let slots = prop::sample::select(vec!["blue", "green"]);
    let shares = prop::sample::select(vec!["", "blue=100", "green=100", "blue=50 green=50"]);
    prop_oneof![
        2 => names.clone().prop_map(put_endpoint),
        4 => (names.clone(), slots.clone(), prop::sample::select(vec!["x", "y", "z"]))
            .prop_map(|(of, name, component)| put_deployment(of, name, component)),
        2 => (names.clone(), shares).prop_map(|(of, text)| Change::SetTraffic {
            endpoint: endpoint(of),
            traffic: text.parse().unwrap(),
        }),
        1 => names.clone().prop_map(|of| Change::RotateKey {
            endpoint: endpoint(of),
            slot: KeySlot::Primary,
        }),
        1 => names.clone().prop_map(|of| Change::DeleteEndpoint { endpoint: endpoint(of) }),
        1 => names.clone().prop_map(|name| Change::RegisterModel {
            name: ModelName::new(name).unwrap(),
            version: VersionRecord {
                model: ModelRegistration {
                    digest: Digest::of(b"model"),
                    description: None,
                    tags: BTreeMap::new(),
                },
                size: 5,
                created_at: Timestamp::from_second(1_700_000_000).unwrap(),
            },
        }),
        1 => names.clone().prop_map(|name| Change::DeleteModel {
            name: ModelName::new(name).unwrap(),
            version: None,
        }),
        2 => (names.clone(), slots.clone()).prop_map(|(of, name)| Change::Rollback {
            endpoint: endpoint(of),
            deployment: deployment(name),
            to: Some(RevisionNumber(1)),
        }),
        2 => (names, slots, prop::sample::select(vec![InUse::Refuse, InUse::Delete])).prop_map(
            |(of, name, in_use)| Change::DeleteDeployment {
                endpoint: endpoint(of),
                deployment: deployment(name),
                in_use,
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn reopening_gives_the_same_state_after_any_changes(changes in prop::collection::vec(any_change(), 1..24)) {
        let folder = Folder::new();
        let mut engine = open(&folder).unwrap();
        let mut state = engine.load().unwrap();
        for change in changes {
            if let Ok(Some(next)) = change.apply(&state, Expected::Anything) {
                engine.save(&state, &next).unwrap();
                state = next;
            }
        }
        drop(engine);
        let reopened = open(&folder).unwrap().load().unwrap();
        prop_assert_eq!(reopened, state);
    }
}
