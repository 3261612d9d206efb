use std::collections::BTreeMap;

use mlwasm_types::{DeploymentSpec, Digest, EndpointSpec, rollout::KEPT_DECISIONS};

use super::*;
use crate::{
    keys::{KeyCounters, KeySalt},
    store::{Change, DeploymentRecord, DesiredState, Expected, InUse, Outcome},
};

fn endpoint() -> EndpointName {
    EndpointName::new("e").unwrap()
}

fn name(text: &str) -> DeploymentName {
    DeploymentName::new(text).unwrap()
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The endpoint `e` with blue, green and red, which all serve, and this split.
fn state(traffic: &str) -> DesiredState {
    let deployments = ["blue", "green", "red"].map(|text| {
        let spec = DeploymentSpec::new(endpoint(), name(text), Digest::of(text.as_bytes()));
        let mut record = DeploymentRecord::new(spec, Generation(1), moment(0));
        record.serving = Some(record.wanted);
        (name(text), Arc::new(record))
    });
    let record = EndpointRecord {
        spec: EndpointSpec {
            traffic: traffic.parse().unwrap(),
            ..EndpointSpec::named(endpoint())
        },
        generation: Generation(1),
        salt: KeySalt([1; 16]),
        counters: KeyCounters::default(),
        deployments: BTreeMap::from(deployments),
        rollout: None,
    };
    DesiredState {
        generation: Generation(1),
        endpoints: BTreeMap::from([(endpoint(), Arc::new(record))]),
        ..DesiredState::default()
    }
}

fn plan(steps: &[i64]) -> RolloutPlan {
    let steps = steps.iter().map(|step| Percent::new(*step).unwrap());
    RolloutPlan {
        steps: steps.collect(),
        ..RolloutPlan::to(name("green"))
    }
}

/// The state after the change, the same one if it alters nothing.
fn changed(state: &DesiredState, change: Change) -> Result<DesiredState, Refusal> {
    let after = change.apply(state, Expected::Anything)?;
    Ok(after.unwrap_or_else(|| state.clone()))
}

fn acted(state: &DesiredState, act: RolloutAct) -> Result<DesiredState, Refusal> {
    let (endpoint, at) = (endpoint(), moment(7));
    changed(state, Change::Rollout { endpoint, act, at })
}

fn obeyed(state: &DesiredState, command: Command) -> DesiredState {
    acted(state, RolloutAct::Obey(command)).unwrap()
}

fn finding(state: &DesiredState, verdict: Verdict) -> Finding {
    let rollout = rollout(state);
    Finding {
        started: rollout.started,
        stage: rollout.stage,
        verdict,
        reason: "as seen".to_owned(),
        window: None,
    }
}

fn followed(state: &DesiredState, verdict: Verdict) -> DesiredState {
    acted(state, RolloutAct::Follow(finding(state, verdict))).unwrap()
}

fn started(traffic: &str, steps: &[i64]) -> DesiredState {
    acted(&state(traffic), RolloutAct::Start(plan(steps))).unwrap()
}

fn record(state: &DesiredState) -> &EndpointRecord {
    state.endpoint(&endpoint()).unwrap()
}

fn rollout(state: &DesiredState) -> &Rollout {
    record(state).rollout.as_ref().unwrap()
}

fn seen(state: &DesiredState) -> (String, String) {
    let (traffic, state) = (&record(state).spec.traffic, rollout(state).state);
    (traffic.to_string(), state.to_string())
}

#[track_caller]
fn assert_seen(state: &DesiredState, traffic: &str, is: &str) {
    assert_eq!(seen(state), (traffic.to_owned(), is.to_owned()));
}

#[test]
fn split_and_step_change_together_up_to_everything() {
    let mut state = started("blue=70 red=30", &[10, 50, 100]);
    assert_eq!(rollout(&state).baseline.deployment, name("blue"));
    for (traffic, is) in [
        ("blue=63 green=10 red=27", "running"),
        ("blue=35 green=50 red=15", "running"),
        ("blue=0 green=100 red=0", "succeeded"),
    ] {
        assert_seen(&state, traffic, is);
        state = followed(&state, Verdict::Promote);
    }
    assert_seen(&state, "blue=0 green=100 red=0", "succeeded");
    assert_eq!(
        rollout(&state).decisions.len(),
        2,
        "what is over is not promoted"
    );
    assert_eq!(rollout(&state).ended_at, Some(moment(7)));
}

#[test]
fn a_last_step_below_100_is_judged_too_and_stays() {
    let first = started("blue=100", &[10]);
    assert_seen(&first, "blue=90 green=10", "running");
    let over = followed(&first, Verdict::Promote);
    assert_seen(&over, "blue=90 green=10", "succeeded");
    assert_eq!(over.generation, first.generation, "nothing else is wanted");
}

#[test]
fn going_back_restores_the_very_split_that_was() {
    for (verdict, is) in [
        (Verdict::RollBack, "rolled-back"),
        (Verdict::Abort, "aborted"),
    ] {
        let state = followed(
            &started("blue=70 green=3 red=27", &[10, 50]),
            Verdict::Promote,
        );
        let back = match verdict {
            Verdict::Abort => obeyed(&state, Command::Abort),
            _ => followed(&state, verdict),
        };
        assert_seen(&back, "blue=70 green=3 red=27", is);
    }
}

#[test]
fn a_pause_stops_promotions_and_not_the_way_back() {
    let paused = obeyed(&started("blue=100", &[10, 50]), Command::Pause);
    assert_seen(&paused, "blue=90 green=10", "paused");
    assert_eq!(followed(&paused, Verdict::Promote), paused);
    assert_seen(
        &followed(&paused, Verdict::RollBack),
        "blue=100",
        "rolled-back",
    );
    assert_seen(
        &obeyed(&paused, Command::Promote),
        "blue=50 green=50",
        "paused",
    );
    let resumed = obeyed(&paused, Command::Resume);
    assert_seen(
        &followed(&resumed, Verdict::Promote),
        "blue=50 green=50",
        "running",
    );
}

#[test]
fn what_was_found_in_another_stage_or_rollout_is_not_followed() {
    let first = started("blue=100", &[10, 50, 100]);
    let old = finding(&first, Verdict::Promote);
    let second = followed(&first, Verdict::Promote);
    assert_eq!(
        acted(&second, RolloutAct::Follow(old.clone())).unwrap(),
        second
    );

    let aborted = obeyed(&first, Command::Abort);
    let other = acted(&aborted, RolloutAct::Start(plan(&[10, 50, 100]))).unwrap();
    assert_eq!(acted(&other, RolloutAct::Follow(old)).unwrap(), other);
}

#[test]
fn a_hold_is_kept_and_makes_nobodys_tag_out_of_date() {
    let first = started("blue=100", &[10, 50]);
    let mut state = first.clone();
    for _ in 0..KEPT_DECISIONS + 1 {
        state = followed(&state, Verdict::Hold);
    }
    assert_eq!(rollout(&state).decisions.len(), KEPT_DECISIONS);
    assert_eq!(state.generation, first.generation);
    assert_eq!(record(&state).generation, record(&first).generation);
}

#[test]
fn a_start_that_makes_no_sense_says_why() {
    let start = |state: &DesiredState, plan| {
        acted(state, RolloutAct::Start(plan))
            .unwrap_err()
            .to_string()
    };
    let mut mirrored = state("blue=100");
    let shares = BTreeMap::from([(name("green"), Percent::new(10).unwrap())]);
    mirrored = changed(
        &mirrored,
        Change::SetMirror {
            endpoint: endpoint(),
            shares,
        },
    )
    .unwrap();
    let mut unready = state("blue=100");
    let mut record = EndpointRecord::clone(record(&unready));
    Arc::make_mut(record.deployments.get_mut(&name("green")).unwrap()).serving = None;
    unready.endpoints.insert(endpoint(), Arc::new(record));
    for (state, plan, word) in [
        (state(""), plan(&[5]), "has no traffic"),
        (state("blue=90 green=10"), plan(&[10, 50]), "must be above"),
        (state("green=100"), plan(&[50]), "must be above"),
        (state("blue=100"), plan(&[]), "steps"),
        (
            state("blue=100"),
            RolloutPlan::to(name("white")),
            "no deployment white",
        ),
        (mirrored, plan(&[5]), "mirror's target"),
        (unready, plan(&[5]), "does not serve"),
        (
            started("blue=100", &[5]),
            plan(&[5]),
            "is running at 5 percent",
        ),
    ] {
        let error = start(&state, plan);
        assert!(error.contains(word), "{word}: {error}");
    }
}

#[test]
fn a_command_that_makes_no_sense_says_why() {
    let error = |state: &DesiredState, command| {
        acted(state, RolloutAct::Obey(command))
            .unwrap_err()
            .to_string()
    };
    let running = started("blue=100", &[5]);
    let over = followed(&running, Verdict::Promote);
    for (state, command, word) in [
        (&state("blue=100"), Command::Pause, "has no rollout"),
        (&running, Command::Resume, "running already"),
        (
            &obeyed(&running, Command::Pause),
            Command::Pause,
            "paused already",
        ),
        (
            &over,
            Command::Abort,
            "is over (succeeded): nothing of it is left to abort",
        ),
        (&over, Command::Promote, "over"),
    ] {
        let error = error(state, command);
        assert!(error.contains(word), "{word}: {error}");
    }
}

#[test]
fn nobody_else_moves_what_a_rollout_holds_paused_or_not() {
    let running = started("blue=70 red=30", &[10, 50]);
    let mirror = |to: &str| Change::SetMirror {
        endpoint: endpoint(),
        shares: BTreeMap::from([(name(to), Percent::new(10).unwrap())]),
    };
    let delete = |deployment: &str, in_use| Change::DeleteDeployment {
        endpoint: endpoint(),
        deployment: name(deployment),
        in_use,
    };
    let traffic = |text: &str| Change::SetTraffic {
        endpoint: endpoint(),
        traffic: text.parse().unwrap(),
    };
    for state in [&running, &obeyed(&running, Command::Pause)] {
        for change in [
            traffic("blue=100"),
            traffic(""),
            mirror("green"),
            mirror("blue"),
            delete("green", InUse::Delete),
            delete("blue", InUse::Delete),
            delete("red", InUse::Refuse),
        ] {
            let error = changed(state, change.clone()).unwrap_err();
            let is_active = matches!(error, Refusal::Rollout(RolloutRefusal::Active { .. }));
            assert!(is_active, "{change:?}: {error}");
        }
        assert!(changed(state, traffic("blue=63 green=10 red=27")).is_ok());
        let gone = changed(
            state,
            Change::DeleteEndpoint {
                endpoint: endpoint(),
            },
        )
        .unwrap();
        assert!(gone.endpoints.is_empty());
    }
    let over = obeyed(&running, Command::Abort);
    assert!(changed(&over, traffic("green=100")).is_ok());
    assert!(changed(&over, mirror("green")).is_ok());
}

#[test]
fn who_is_not_in_it_may_go_and_is_not_missed_on_the_way_back() {
    let running = started("blue=100 red=0", &[10]);
    let red = Change::DeleteDeployment {
        endpoint: endpoint(),
        deployment: name("red"),
        in_use: InUse::Refuse,
    };
    // The split names it with 0, as the operator did.
    let without = changed(&running, red).unwrap();
    assert_seen(
        &followed(&without, Verdict::RollBack),
        "blue=100",
        "rolled-back",
    );
}

#[test]
fn what_becomes_of_a_revision_leaves_the_rollout_alone() {
    let running = started("blue=100", &[10, 50]);
    let green = &record(&running).deployments[&name("green")];
    let outcome = Outcome {
        endpoint: endpoint(),
        deployment: name("green"),
        created: green.created,
        target: green.wanted_target(),
        result: Err("lost".to_owned()),
    };
    let after = outcome.apply(&running).unwrap();
    assert_eq!(rollout(&after), rollout(&running));
}

/// A start that has the answers compared first.
fn compared_first(state: &DesiredState) -> Result<DesiredState, Refusal> {
    let plan = RolloutPlan {
        max_mismatch: Some("1%".parse().unwrap()),
        ..plan(&[20, 100])
    };
    acted(state, RolloutAct::Start(plan))
}

/// `state` with its mirror changed.
fn mirrored(state: &DesiredState, target: &str, share: i64) -> Result<DesiredState, Refusal> {
    let shares = BTreeMap::from([(name(target), Percent::new(share).unwrap())]);
    let endpoint = endpoint();
    changed(state, Change::SetMirror { endpoint, shares })
}

#[track_caller]
fn assert_mirror(state: &DesiredState, expected: &[(&str, i64)]) {
    let found = &record(state).spec.mirror_traffic;
    let found: Vec<_> = found
        .iter()
        .map(|(name, share)| (name.as_str(), i64::from(share.get())))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn answers_are_compared_by_a_mirror_that_goes_with_its_stage() {
    let shadow = compared_first(&state("blue=100")).unwrap();
    assert_seen(&shadow, "blue=100", "running");
    assert_mirror(&shadow, &[("green", 20)]);
    // What the rollout holds is not touched meanwhile; the rest may be.
    assert!(mirrored(&shadow, "green", 0).is_err());
    assert!(mirrored(&shadow, "red", 5).is_err());
    let live = followed(&shadow, Verdict::Promote);
    assert_seen(&live, "blue=80 green=20", "running");
    assert_mirror(&live, &[]);
    let over = followed(&live, Verdict::Promote);
    assert_seen(&over, "blue=0 green=100", "succeeded");
    assert_mirror(&over, &[]);
}

#[test]
fn going_back_restores_the_mirror_that_was() {
    let before = mirrored(&state("blue=100"), "green", 7).unwrap();
    let shadow = compared_first(&before).unwrap();
    assert_mirror(&shadow, &[("green", 20)]);
    assert_mirror(&obeyed(&shadow, Command::Pause), &[("green", 20)]);
    for back in [
        obeyed(&shadow, Command::Abort),
        followed(&shadow, Verdict::RollBack),
        followed(&followed(&shadow, Verdict::Promote), Verdict::RollBack),
    ] {
        assert_eq!(record(&back).spec.traffic.to_string(), "blue=100");
        assert_mirror(&back, &[("green", 7)]);
    }
}

#[test]
fn a_mirror_to_another_or_a_share_leaves_no_room_to_compare_answers() {
    let other = mirrored(&state("blue=100"), "red", 7).unwrap();
    let is_live = state("blue=90 green=10");
    for (state, words) in [(&other, "mirrors to red"), (&is_live, "gets 10 percent")] {
        let refusal = compared_first(state).unwrap_err().to_string();
        assert!(refusal.contains(words), "{refusal}");
    }
    // Without that gate, neither is in the way.
    for state in [&other, &is_live] {
        acted(state, RolloutAct::Start(plan(&[20, 100]))).unwrap();
    }
}

#[test]
fn the_control_is_compared_with_if_it_has_traffic() {
    for (traffic, control, expected) in [
        ("blue=70 red=30", None, "blue"),
        ("blue=70 red=30", Some("red"), "red"),
        ("blue=100 red=0", Some("red"), "blue"),
        ("blue=50 red=50", None, "blue"),
        ("blue=90 green=10", Some("green"), "blue"),
    ] {
        let mut state = state(traffic);
        if let Some(control) = control {
            let record = Arc::make_mut(state.endpoints.get_mut(&endpoint()).unwrap());
            let record = Arc::make_mut(record.deployments.get_mut(&name(control)).unwrap());
            Arc::make_mut(&mut record.spec).role = Some(Role::Control);
        }
        let started = acted(&state, RolloutAct::Start(plan(&[20]))).unwrap();
        let found = &rollout(&started).baseline.deployment;
        assert_eq!(found.as_str(), expected, "{traffic} {control:?}");
    }
}
