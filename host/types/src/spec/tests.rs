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
    described.role = Some(Role::Control);
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

#[test]
fn how_to_scale_is_refused_where_nothing_scales() {
    let refusal = |settings: serde_json::Value| {
        let mut spec = spec();
        spec.scale_settings = serde_json::from_value(settings).unwrap();
        spec.validate().err()
    };
    assert_eq!(refusal(serde_json::json!({})), None);
    assert_eq!(refusal(serde_json::json!({"type": "default"})), None);
    let more = serde_json::json!({"type": "default", "max_instances": 2});
    assert_eq!(refusal(more), Some(InvalidSpec::NothingScales));
    let scaled = serde_json::json!({"type": "target_utilization", "max_instances": 2});
    assert_eq!(refusal(scaled), None);
}

#[test]
fn each_bound_of_scaling_holds_at_below_and_above() {
    let validate = |change: serde_json::Value| {
        let mut settings = serde_json::json!({"type": "target_utilization", "max_instances": 8});
        let change = change.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(change);
        let mut spec = spec();
        spec.scale_settings = serde_json::from_value(settings).unwrap();
        spec.validate().map_err(|error| error.to_string())
    };
    let scheduled = |min: u32| serde_json::json!([{"cron": "0 8 * * *", "min_instances": min}]);
    let many = |count: usize| {
        let one = serde_json::json!({"cron": "0 8 * * *", "min_instances": 1});
        serde_json::Value::from(vec![one; count])
    };
    for (key, value, allowed) in [
        ("min_instances", 0.into(), true),
        ("min_instances", 8.into(), true),
        ("min_instances", 9.into(), false),
        ("max_instances", 1_000.into(), true),
        ("max_instances", 1_001.into(), false),
        ("target_utilization_percentage", 0.into(), false),
        ("target_utilization_percentage", 1.into(), true),
        ("target_utilization_percentage", 100.into(), true),
        ("target_utilization_percentage", 101.into(), false),
        ("polling_interval", 0.into(), false),
        ("polling_interval", "PT0S".into(), false),
        ("polling_interval", "PT1S".into(), true),
        ("polling_interval", "PT1H".into(), true),
        ("polling_interval", 3_601.into(), false),
        ("schedules", scheduled(0), true),
        ("schedules", scheduled(8), true),
        ("schedules", scheduled(9), false),
        ("schedules", many(512), true),
        ("schedules", many(513), false),
    ] {
        let validated = validate(serde_json::json!({key: value}));
        assert_eq!(validated.is_ok(), allowed, "{key}: {validated:?}");
        if let Err(error) = validated {
            assert!(error.contains(&format!("scale_settings.{key}")), "{error}");
        }
    }
}

#[test]
fn an_interval_is_read_as_seconds_or_as_a_duration_and_written_as_seconds() {
    let read = |interval: serde_json::Value| {
        let settings = serde_json::json!({ "polling_interval": interval });
        let settings: Result<ScaleSettings, _> = serde_json::from_value(settings);
        settings.map(|settings| settings.polling_interval).ok()
    };
    for (given, seconds) in [
        (serde_json::json!(30), Some(30)),
        (serde_json::json!("PT30S"), Some(30)),
        (serde_json::json!("PT2M"), Some(120)),
        (serde_json::json!("PT1H"), Some(3_600)),
        (serde_json::json!("PT0.5S"), None),
        (serde_json::json!("-PT1S"), None),
        (serde_json::json!("soon"), None),
        (serde_json::json!(1.5), None),
        (serde_json::json!(-1), None),
    ] {
        assert_eq!(read(given.clone()), seconds, "{given}");
    }
    let settings: ScaleSettings = serde_json::from_str("{\"polling_interval\": \"PT5S\"}").unwrap();
    assert_eq!(
        serde_json::to_value(settings).unwrap()["polling_interval"],
        5
    );
}
