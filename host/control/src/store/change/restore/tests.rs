//! What a restore leaves alone, what it changes, and what it never gives out again.

use mlwasm_types::{
    AdminTokenName, DeploymentName, DeploymentSpec, Digest, EndpointName, EndpointSpec,
    RevisionNumber, Scope, api::KeySlot, registry::ModelRegistration,
};

use super::*;
use crate::{
    admin_tokens::{AdminTokenRecord, TokenDigest},
    keys::KeySalt,
    store::{Change, OtherControl, VersionRecord},
};

fn endpoint() -> EndpointName {
    EndpointName::new("iris").unwrap()
}

fn applied(state: &DesiredState, change: Change) -> DesiredState {
    let next = change.apply(state, Expected::Anything).unwrap();
    next.expect("alters something")
}

fn deploy(state: &DesiredState, name: &str, component: &str) -> DesiredState {
    let change = Change::PutDeployment {
        spec: DeploymentSpec::new(
            endpoint(),
            DeploymentName::new(name).unwrap(),
            Digest::of(component.as_bytes()),
        )
        .into(),
        control: OtherControl::Refuse,
        at: Timestamp::UNIX_EPOCH,
    };
    applied(state, change)
}

fn traffic(state: &DesiredState, text: &str) -> DesiredState {
    let change = Change::SetTraffic {
        endpoint: endpoint(),
        traffic: text.parse().unwrap(),
    };
    applied(state, change)
}

fn with_endpoint(state: &DesiredState, salt: u8) -> DesiredState {
    let change = Change::PutEndpoint {
        spec: EndpointSpec::named(endpoint()),
        salt: KeySalt([salt; 16]),
    };
    applied(state, change)
}

/// `iris` with `blue`, which serves and has all traffic: generation 3.
fn backed_up() -> DesiredState {
    let state = deploy(&with_endpoint(&DesiredState::default(), 1), "blue", "a");
    let mut state = traffic(&state, "blue=100");
    let iris = Arc::make_mut(state.endpoints.get_mut(&endpoint()).unwrap());
    let blue = iris.deployments.values_mut().next().unwrap();
    Arc::make_mut(blue).serving = Some(RevisionNumber(1));
    state
}

fn restored(state: &DesiredState, backup: &DesiredState) -> Option<DesiredState> {
    restore(state, Expected::Anything, backup, Timestamp::UNIX_EPOCH).unwrap()
}

fn blue(state: &DesiredState) -> &Arc<DeploymentRecord> {
    let name = DeploymentName::new("blue").unwrap();
    state.deployment(&endpoint(), &name).unwrap()
}

#[test]
fn a_server_that_has_that_state_is_not_touched() {
    let state = backed_up();
    assert_eq!(restored(&state, &state), None);
    // What became of its revisions meanwhile is no reason.
    assert_eq!(
        restored(
            &state,
            &DesiredState {
                generation: Generation(9),
                ..state.clone()
            }
        ),
        None
    );
}

#[test]
fn what_is_equal_goes_on_and_the_rest_becomes_what_it_was() {
    let backup = backed_up();
    let state = deploy(&backup, "green", "b");
    let state = traffic(&state, "blue=50 green=50");
    let next = restored(&state, &backup).unwrap();
    // The very same record: the reconciler has nothing to do with it.
    assert!(Arc::ptr_eq(blue(&next), blue(&state)));
    let iris = next.endpoint(&endpoint()).unwrap();
    assert_eq!(iris.deployments.len(), 1);
    assert_eq!(iris.spec, backup.endpoint(&endpoint()).unwrap().spec);
    assert_eq!(next.generation, state.generation.next());
    assert_eq!(iris.generation, next.generation);
}

#[test]
fn a_deployment_that_changed_gets_its_former_settings_as_its_next_revision() {
    let backup = backed_up();
    let mut state = deploy(&backup, "blue", "b");
    let iris = Arc::make_mut(state.endpoints.get_mut(&endpoint()).unwrap());
    let record = Arc::make_mut(iris.deployments.values_mut().next().unwrap());
    record.serving = Some(RevisionNumber(2));
    let next = restored(&state, &backup).unwrap();
    let record = blue(&next);
    assert_eq!(record.spec, blue(&backup).spec);
    // The same deployment, which goes on serving until that is ready.
    assert_eq!(record.created, blue(&state).created);
    assert_eq!(
        (record.wanted, record.serving),
        (RevisionNumber(3), Some(RevisionNumber(2)))
    );
}

#[test]
fn what_was_deleted_comes_back_with_its_history_as_another_one() {
    let backup = backed_up();
    let state = DesiredState {
        generation: Generation(7),
        ..DesiredState::default()
    };
    let next = restored(&state, &backup).unwrap();
    assert_eq!(next.generation, Generation(8));
    let record = blue(&next);
    assert_eq!(
        (record.created, record.serving),
        (Generation(8), Some(RevisionNumber(1)))
    );
    assert_eq!(record.revisions, blue(&backup).revisions);
}

#[test]
fn generations_go_on_upwards_whichever_server_was_further() {
    let backup = DesiredState {
        generation: Generation(40),
        ..backed_up()
    };
    for (own, after) in [(0, 41), (39, 41), (40, 41), (41, 42)] {
        let state = DesiredState {
            generation: Generation(own),
            ..DesiredState::default()
        };
        assert_eq!(
            restored(&state, &backup).unwrap().generation,
            Generation(after),
            "{own}"
        );
    }
    let refused = restore(
        &backup,
        Expected::At(Generation(39)),
        &backup,
        Timestamp::UNIX_EPOCH,
    );
    assert!(matches!(refused, Err(Refusal::Stale { .. })), "{refused:?}");
}

#[test]
fn a_key_that_was_regenerated_stays_invalid() {
    let backup = backed_up();
    let rotate = |slot| Change::RotateKey {
        endpoint: endpoint(),
        slot,
    };
    let state = applied(&backup, rotate(KeySlot::Primary));
    assert_eq!(restored(&state, &backup), None);

    let backup = applied(&backup, rotate(KeySlot::Secondary));
    let next = restored(&state, &backup).unwrap();
    let expected = KeyCounters {
        primary: 1,
        secondary: 1,
    };
    assert_eq!(next.endpoint(&endpoint()).unwrap().counters, expected);
    // Of an endpoint that was made again since, the keys are others anyway.
    let other = with_endpoint(&DesiredState::default(), 2);
    let next = restored(&other, &backup).unwrap();
    let counters = next.endpoint(&endpoint()).unwrap().counters;
    assert_eq!(counters, backup.endpoint(&endpoint()).unwrap().counters);
}

#[test]
fn tokens_of_administrators_stay_as_they_are() {
    let token = |name: &str| Change::PutAdminToken {
        record: AdminTokenRecord {
            name: AdminTokenName::new(name).unwrap(),
            scope: Scope::Admin,
            digest: TokenDigest::of(name.as_bytes()),
            created: Timestamp::UNIX_EPOCH,
            expires: None,
        },
    };
    let backup = applied(&backed_up(), token("revoked-since"));
    let state = applied(&DesiredState::default(), token("made-since"));
    let next = restored(&state, &backup).unwrap();
    let names: Vec<_> = next.admin_tokens.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["made-since"]);
}

#[test]
fn no_version_of_a_model_gets_another_ones_number() {
    let register = |state: &DesiredState, name: &str| {
        let model = serde_json::json!({"digest": Digest::of(b"m")});
        let model: ModelRegistration = serde_json::from_value(model).unwrap();
        let version = VersionRecord {
            model,
            size: 1,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let name = ModelName::new(name).unwrap();
        applied(state, Change::RegisterModel { name, version })
    };
    let backup = register(&DesiredState::default(), "m");
    let state = register(&register(&backup, "m"), "other");
    let next = restored(&state, &backup).unwrap();
    let numbers = |name: &str| {
        let record = &next.models[&ModelName::new(name).unwrap()];
        (record.last.0, record.versions.len())
    };
    assert_eq!((numbers("m"), numbers("other")), ((2, 1), (1, 0)));
}
