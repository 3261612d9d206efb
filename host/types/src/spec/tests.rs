use super::*;

fn spec() -> DeploymentSpec {
    DeploymentSpec::new(
        EndpointName::new("iris").unwrap(),
        DeploymentName::new("blue").unwrap(),
        Digest::of(b"component"),
    )
}

#[test]
fn equal_specs_are_the_same_revision_whatever_people_wrote_on_them() {
    let mut described = spec();
    described.description = Some("first".into());
    described.tags.insert("team".into(), "risk".into());
    assert_eq!(described.revision_id(), spec().revision_id());

    let mut slower = spec();
    slower.request_settings.request_timeout_ms += 1;
    assert_ne!(slower.revision_id(), spec().revision_id());
}

#[test]
fn each_bound_holds_at_below_and_above() {
    fn check(set: impl Fn(&mut DeploymentSpec, u32), cases: &[(u32, bool)]) {
        for (value, allowed) in cases {
            let mut spec = spec();
            set(&mut spec, *value);
            assert_eq!(
                spec.validate().is_ok(),
                *allowed,
                "{value}: {:?}",
                spec.validate()
            );
        }
    }
    check(
        |spec, n| spec.instance_count = NonZeroU32::new(n).unwrap(),
        &[(1, true), (1_000, true), (1_001, false)],
    );
    check(
        |spec, n| spec.sandbox.memory_limit_mb = n,
        &[(0, false), (1, true), (1_024, true), (1_025, false)],
    );
    check(
        |spec, n| spec.request_settings.request_timeout_ms = n.into(),
        &[(0, false), (1, true), (600_000, true), (600_001, false)],
    );
    check(
        |spec, n| {
            spec.environment_variables = BTreeMap::from([("K".repeat(n as usize), String::new())])
        },
        &[(0, false), (1, true), (256, true), (257, false)],
    );
}

#[test]
fn the_error_names_the_setting_and_its_bounds() {
    let mut spec = spec();
    spec.sandbox.memory_limit_mb = 4_096;
    assert_eq!(
        spec.validate().unwrap_err().to_string(),
        "sandbox.memory_limit_mb is 4096: expected 1 to 1024"
    );
}

#[test]
fn an_unknown_setting_is_refused() {
    let mut body = serde_json::to_value(spec()).unwrap();
    body["instance_cuont"] = 2.into();
    let error = serde_json::from_value::<DeploymentSpec>(body).unwrap_err();
    assert!(error.to_string().contains("instance_cuont"), "{error}");
}

#[test]
fn twice_the_concurrency_may_be_in_flight() {
    let mut spec = spec();
    spec.instance_count = NonZeroU32::new(3).unwrap();
    spec.request_settings.max_concurrent_requests_per_instance = NonZeroU32::new(2).unwrap();
    assert_eq!(spec.max_in_flight(), 12);
}
