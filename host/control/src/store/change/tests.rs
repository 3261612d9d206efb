use mlwasm_types::{Digest, RevisionNumber, registry::ModelRegistration, traffic::parse_shares};

use super::*;

fn endpoint() -> EndpointName {
    EndpointName::new("iris").unwrap()
}

fn name(text: &str) -> DeploymentName {
    DeploymentName::new(text).unwrap()
}

fn applied(state: &DesiredState, change: Change) -> DesiredState {
    change
        .apply(state, Expected::Anything)
        .unwrap()
        .expect("alters something")
}

fn refused(state: &DesiredState, change: Change, expected: Expected) -> Refusal {
    change.apply(state, expected).unwrap_err()
}

fn put_endpoint_change(change: impl FnOnce(&mut EndpointSpec)) -> Change {
    let mut spec = EndpointSpec::named(endpoint());
    change(&mut spec);
    Change::PutEndpoint {
        spec,
        salt: KeySalt([1; 16]),
    }
}

fn put_deployment_change(text: &str, component: &str) -> Change {
    let digest = Digest::of(component.as_bytes());
    Change::PutDeployment {
        spec: DeploymentSpec::new(endpoint(), name(text), digest).into(),
        control: OtherControl::Refuse,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn traffic(text: &str) -> Change {
    Change::SetTraffic {
        endpoint: endpoint(),
        traffic: text.parse().unwrap(),
    }
}

fn mirror(text: &str) -> Change {
    Change::SetMirror {
        endpoint: endpoint(),
        shares: parse_shares(text).unwrap(),
    }
}

fn delete(text: &str, in_use: InUse) -> Change {
    Change::DeleteDeployment {
        endpoint: endpoint(),
        deployment: name(text),
        in_use,
    }
}

/// Generation 3: the endpoint (made at 1), blue (2) and green (3).
fn two_deployments() -> DesiredState {
    let state = applied(&DesiredState::default(), put_endpoint_change(|_| {}));
    let state = applied(&state, put_deployment_change("blue", "a"));
    applied(&state, put_deployment_change("green", "b"))
}

fn endpoint_tag(state: &DesiredState) -> u64 {
    state.endpoint(&endpoint()).unwrap().generation.0
}

#[test]
fn each_object_has_the_generation_at_which_it_last_changed() {
    let state = two_deployments();
    let tag = |text| {
        state
            .deployment(&endpoint(), &name(text))
            .unwrap()
            .generation
            .0
    };
    assert_eq!((endpoint_tag(&state), tag("blue"), tag("green")), (1, 2, 3));
    assert_eq!(endpoint_tag(&applied(&state, traffic("blue=100"))), 4);
}

#[test]
fn a_change_that_alters_nothing_adds_no_generation() {
    let state = applied(&two_deployments(), traffic("blue=100"));
    for change in [
        traffic("blue=100"),
        put_deployment_change("blue", "a"),
        put_endpoint_change(|spec| spec.traffic = TrafficSplit::all_to(name("blue"))),
        mirror("green=0"),
    ] {
        assert_eq!(
            change.clone().apply(&state, Expected::Anything),
            Ok(None),
            "{change:?}"
        );
    }
}

#[test]
fn the_expectation_is_about_the_object_that_changes() {
    let state = two_deployments();
    let cases = [
        (traffic("blue=100"), Expected::At(Generation(1)), Ok(())),
        (traffic("blue=100"), Expected::At(Generation(3)), Err(1)),
        (
            put_deployment_change("blue", "z"),
            Expected::At(Generation(2)),
            Ok(()),
        ),
        (
            put_deployment_change("blue", "z"),
            Expected::At(Generation(1)),
            Err(2),
        ),
        (
            delete("green", InUse::Refuse),
            Expected::At(Generation(3)),
            Ok(()),
        ),
        (
            delete("green", InUse::Refuse),
            Expected::At(Generation(2)),
            Err(3),
        ),
    ];
    for (change, expected, result) in cases {
        let case = format!("{change:?} {expected:?}");
        let got = change
            .apply(&state, expected)
            .map(drop)
            .map_err(|refusal| match refusal {
                Refusal::Stale { found, .. } => found.0,
                other => panic!("{case}: {other}"),
            });
        assert_eq!(got, result, "{case}");
    }
}

#[test]
fn creation_can_ask_for_a_free_name() {
    let state = two_deployments();
    let exists = Refusal::Exists {
        found: Generation(2),
    };
    assert_eq!(
        refused(&state, put_deployment_change("blue", "z"), Expected::Absent),
        exists
    );
    assert!(
        put_deployment_change("red", "z")
            .apply(&state, Expected::Absent)
            .is_ok()
    );
    let gone = refused(&state, put_deployment_change("red", "z"), Expected::Present);
    assert_eq!(gone, Refusal::Gone);
}

#[test]
fn traffic_and_mirror_name_deployments_that_exist() {
    let state = two_deployments();
    let error = refused(&state, traffic("blue=50 red=50"), Expected::Anything);
    assert_eq!(
        error.to_string(),
        "endpoint iris has no deployment red: it has blue, green"
    );
    assert!(matches!(
        refused(&state, mirror("red=10"), Expected::Anything),
        Refusal::NoDeployment { .. }
    ));
    let empty = applied(&DesiredState::default(), put_endpoint_change(|_| {}));
    let error = refused(&empty, traffic("blue=100"), Expected::Anything);
    assert_eq!(
        error.to_string(),
        "endpoint iris has no deployment blue: it has none"
    );
}

#[test]
fn no_deployment_takes_live_and_mirrored_traffic() {
    let state = applied(&two_deployments(), traffic("blue=100"));
    assert!(matches!(
        refused(&state, mirror("blue=10"), Expected::Anything),
        Refusal::Invalid(_)
    ));
    let state = applied(&state, mirror("green=10"));
    assert!(matches!(
        refused(&state, traffic("blue=50 green=50"), Expected::Anything),
        Refusal::Invalid(_)
    ));
}

#[test]
fn a_deployment_in_use_is_deleted_only_by_force_and_its_share_goes_to_nobody() {
    let state = applied(&two_deployments(), traffic("blue=90 green=10"));
    let error = refused(&state, delete("green", InUse::Refuse), Expected::Anything);
    assert_eq!(
        error.to_string(),
        "deployment green gets 10 percent of the live traffic: set its traffic to 0 first, or add --yes --force"
    );
    let after = applied(&state, delete("green", InUse::Delete));
    let record = after.endpoint(&endpoint()).unwrap();
    assert!(record.spec.traffic.is_off());
    assert_eq!(
        record.generation, after.generation,
        "the endpoint changed too"
    );
    assert!(record.deployments.contains_key("blue"));
}

#[test]
fn the_mirrors_target_is_deleted_only_by_force_and_takes_the_mirror_along() {
    let state = applied(&two_deployments(), traffic("blue=100"));
    let state = applied(&state, mirror("green=10"));
    let error = refused(&state, delete("green", InUse::Refuse), Expected::Anything);
    assert!(matches!(error, Refusal::IsMirror { .. }));
    let after = applied(&state, delete("green", InUse::Delete));
    let spec = &after.endpoint(&endpoint()).unwrap().spec;
    assert!(spec.mirror_traffic.is_empty());
    assert_eq!(spec.traffic.to_string(), "blue=100");
}

#[test]
fn a_deployment_at_zero_percent_goes_without_force_or_trace() {
    let state = applied(&two_deployments(), traffic("blue=100 green=0"));
    let after = applied(&state, delete("green", InUse::Refuse));
    assert_eq!(
        after
            .endpoint(&endpoint())
            .unwrap()
            .spec
            .traffic
            .to_string(),
        "blue=100"
    );
}

#[test]
fn deleting_an_endpoint_deletes_its_deployments_and_no_other() {
    let state = two_deployments();
    let mut spec = EndpointSpec::named(EndpointName::new("other").unwrap());
    spec.description = Some("stays".to_owned());
    let put = Change::PutEndpoint {
        spec,
        salt: KeySalt([2; 16]),
    };
    let state = applied(&state, put);
    let delete = Change::DeleteEndpoint {
        endpoint: endpoint(),
    };
    let after = applied(&state, delete.clone());
    assert_eq!(after.deployments().count(), 0);
    assert_eq!(after.endpoints.len(), 1);
    assert!(matches!(
        refused(&after, delete, Expected::Anything),
        Refusal::NoEndpoint { .. }
    ));
}

#[test]
fn replacing_an_endpoint_keeps_its_salt_and_creating_it_again_does_not() {
    let state = two_deployments();
    let put = |salt| Change::PutEndpoint {
        spec: EndpointSpec {
            description: Some("new".to_owned()),
            ..EndpointSpec::named(endpoint())
        },
        salt: KeySalt([salt; 16]),
    };
    let salt = |state: &DesiredState| state.endpoint(&endpoint()).unwrap().salt;
    let replaced = applied(&state, put(9));
    assert_eq!(salt(&replaced), KeySalt([1; 16]));
    let deleted = applied(
        &replaced,
        Change::DeleteEndpoint {
            endpoint: endpoint(),
        },
    );
    assert_eq!(salt(&applied(&deleted, put(9))), KeySalt([9; 16]));
}

#[test]
fn a_revision_that_serves_clears_the_error_of_the_wanted_one_only() {
    let state = two_deployments();
    let blue = |state: &DesiredState| {
        DeploymentRecord::clone(state.deployment(&endpoint(), &name("blue")).unwrap())
    };
    let outcome = |state: &DesiredState, target, result: Result<(), &str>| {
        let outcome = Outcome {
            endpoint: endpoint(),
            deployment: name("blue"),
            created: blue(state).created,
            target,
            result: result.map_err(str::to_owned),
        };
        outcome.apply(state).unwrap()
    };
    let state = outcome(&state, blue(&state).wanted_target(), Ok(()));
    let state = applied(&state, put_deployment_change("blue", "z"));
    let state = outcome(&state, blue(&state).wanted_target(), Err("trapped"));
    assert_eq!(blue(&state).error.as_deref(), Some("trapped"));
    assert_eq!(blue(&state).serving, Some(RevisionNumber(1)));

    let retried = applied(&state, put_deployment_change("blue", "z"));
    assert_eq!(blue(&retried).error, None);
    let served = outcome(&retried, blue(&retried).wanted_target(), Ok(()));
    assert_eq!(blue(&served).serving, Some(RevisionNumber(2)));
}

fn with_role(text: &str, role: Role, control: OtherControl) -> Change {
    let mut spec = DeploymentSpec::new(endpoint(), name(text), Digest::of(text.as_bytes()));
    spec.role = Some(role);
    Change::PutDeployment {
        spec: spec.into(),
        control,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn an_endpoint_has_one_control_at_most_and_it_moves_only_if_asked_to() {
    let control = |text, other| with_role(text, Role::Control, other);
    let state = applied(&two_deployments(), control("blue", OtherControl::Refuse));
    let error = refused(
        &state,
        control("green", OtherControl::Refuse),
        Expected::Anything,
    );
    assert_eq!(
        error.to_string(),
        "blue is the control; an endpoint has one at most: to make green the control and blue a treatment, \
         add --move-control (move_control=true in the API)"
    );
    // Who is the control may be changed, and others may be treatments.
    let mut changed = DeploymentSpec::new(endpoint(), name("blue"), Digest::of(b"other"));
    changed.role = Some(Role::Control);
    let change = Change::PutDeployment {
        spec: changed.into(),
        control: OtherControl::Refuse,
        at: Timestamp::UNIX_EPOCH,
    };
    let state = applied(&state, change);
    let treatment = with_role("green", Role::Treatment, OtherControl::Refuse);
    let state = applied(&state, treatment);

    let moved = applied(&state, control("green", OtherControl::Move));
    let of = |text| moved.deployment(&endpoint(), &name(text)).unwrap();
    assert_eq!(of("green").spec.role, Some(Role::Control));
    assert_eq!(of("blue").spec.role, Some(Role::Treatment));
    assert_eq!(of("blue").generation, moved.generation);
    let before = state.deployment(&endpoint(), &name("blue")).unwrap();
    assert_eq!(of("blue").wanted, before.wanted, "no new revision");
}

#[test]
fn a_deployment_that_a_route_names_exists_takes_no_copies_and_is_in_use() {
    let state = applied(&two_deployments(), traffic("blue=100"));
    let routed = |to: &str| {
        let routes = vec![format!("x-tenant=acme->{to}").parse().unwrap()];
        put_endpoint_change(|spec| {
            spec.traffic = TrafficSplit::all_to(name("blue"));
            spec.routes = routes;
        })
    };
    let missing = refused(&state, routed("red"), Expected::Anything);
    assert!(matches!(missing, Refusal::NoDeployment { .. }));
    let state = applied(&state, routed("green"));
    let copies = refused(&state, mirror("green=10"), Expected::Anything);
    assert!(matches!(copies, Refusal::Invalid(_)));
    let error = refused(&state, delete("green", InUse::Refuse), Expected::Anything);
    assert_eq!(
        error.to_string(),
        "requests are sent to deployment green by the route x-tenant=acme->green: remove it first, or add --yes --force"
    );
    let after = applied(&state, delete("green", InUse::Delete));
    let record = after.endpoint(&endpoint()).unwrap();
    assert!(record.spec.routes.is_empty());
    assert_eq!(
        record.generation, after.generation,
        "the endpoint changed too"
    );
    assert_eq!(record.spec.traffic.to_string(), "blue=100");
}

#[test]
fn a_rollback_is_a_change_of_the_deployment() {
    let state = applied(&two_deployments(), put_deployment_change("blue", "z"));
    let back = |to| Change::Rollback {
        endpoint: endpoint(),
        deployment: name("blue"),
        to,
    };
    let first = Some(RevisionNumber(1));
    let stale = refused(&state, back(first), Expected::At(Generation(2)));
    assert!(matches!(stale, Refusal::Stale { .. }));
    let unknown = refused(&state, back(Some(RevisionNumber(3))), Expected::Anything);
    assert_eq!(
        unknown.to_string(),
        "revision 3 of deployment blue is not kept: kept are 1, 2"
    );
    // Nothing has served yet.
    let error = refused(&state, back(None), Expected::Anything);
    assert_eq!(
        error.to_string(),
        "it is not known what served before revision 2 of deployment blue: name a revision with --to; kept are 1, 2"
    );
    let after = applied(&state, back(first));
    let blue = after.deployment(&endpoint(), &name("blue")).unwrap();
    assert_eq!(blue.generation, after.generation);
    assert_eq!(blue.spec.component, Digest::of(b"a"));
    assert_eq!(back(first).apply(&after, Expected::Anything), Ok(None));
}

#[test]
fn versions_of_a_model_are_counted_and_never_given_twice() {
    let model = |text| ModelName::new(text).unwrap();
    let register = |content: &[u8]| Change::RegisterModel {
        name: model("iris"),
        version: VersionRecord {
            model: ModelRegistration {
                digest: Digest::of(content),
                description: None,
                tags: BTreeMap::new(),
            },
            size: content.len() as u64,
            created_at: Timestamp::UNIX_EPOCH,
        },
    };
    let delete = |version: Option<u64>| Change::DeleteModel {
        name: model("iris"),
        version: version.map(ModelVersion),
    };
    let versions = |state: &DesiredState| -> Vec<_> {
        let record = &state.models[&model("iris")];
        assert_eq!(record.generation, state.generation);
        record.versions.keys().map(|version| version.0).collect()
    };
    let resolved = |state: &DesiredState, text: &str| state.resolve(&text.parse().unwrap());

    let state = applied(&DesiredState::default(), register(b"one"));
    let state = applied(&state, register(b"two"));
    assert_eq!(versions(&state), [1, 2]);
    assert_eq!(resolved(&state, "mlwasm:iris:1"), Ok(Digest::of(b"one")));
    assert_eq!(
        resolved(&state, "mlwasm:iris@latest"),
        Ok(Digest::of(b"two"))
    );
    let both = [ModelVersion(1), ModelVersion(2)];
    assert_eq!(resolved(&state, "mlwasm:iris:3"), Err(both.to_vec()));
    assert_eq!(resolved(&state, "mlwasm:rose:1"), Err(Vec::new()));
    assert!(
        state
            .artifacts()
            .eq([Digest::of(b"one"), Digest::of(b"two")])
    );

    let state = applied(&state, delete(Some(2)));
    assert_eq!(
        resolved(&state, "mlwasm:iris@latest"),
        Ok(Digest::of(b"one"))
    );
    let again = refused(&state, delete(Some(2)), Expected::Anything);
    assert_eq!(
        again.to_string(),
        "model iris has no version 2: its versions are 1"
    );
    let state = applied(&state, delete(None));
    assert_eq!(versions(&state), [0; 0]);
    assert!(matches!(
        refused(&state, delete(None), Expected::Anything),
        Refusal::NoModel { .. }
    ));
    assert_eq!(versions(&applied(&state, register(b"two"))), [3]);
}
