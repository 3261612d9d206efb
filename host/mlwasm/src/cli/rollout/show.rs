//! A rollout for people: its steps, what is done now, and what was decided last.

use mlwasm_types::{
    RolloutState, RolloutView,
    rollout::{ComparedWindow, Measured, RolloutDecision, Stage},
};
use serde_json::{Map, Value};

use crate::cli::{Cli, output::Table, views};

/// Shows a rollout.
///
/// # Errors
///
/// As [`crate::cli::output::Output::show`].
pub(super) fn show(answer: &Value, cli: &Cli) -> anyhow::Result<()> {
    let view: RolloutView = views::read(answer)?;
    cli.output.show(answer, || table(&view))
}

/// One decision in a line.
pub(super) fn told(decision: &RolloutDecision) -> String {
    let RolloutDecision {
        time,
        share,
        verdict,
        reason,
        ..
    } = decision;
    format!("{time:.0}, at {share} %: {verdict}: {reason}")
}

fn table(view: &RolloutView) -> Table {
    let rollout = &view.rollout;
    let (candidate, baseline) = (&rollout.candidate, &rollout.baseline);
    let mut rows = vec![
        ("endpoint".to_owned(), view.endpoint_name.to_string()),
        (
            "rollout".to_owned(),
            format!(
                "{} (revision {}) against {} (revision {})",
                candidate.deployment, candidate.revision, baseline.deployment, baseline.revision
            ),
        ),
        ("state".to_owned(), rollout.state.to_string()),
        ("traffic".to_owned(), view.traffic.to_string()),
        ("before".to_owned(), rollout.former_traffic.to_string()),
    ];
    let present = match rollout.stage {
        Stage::Shadow => 0,
        Stage::Live { step } => step,
    };
    if rollout.plan.max_mismatch.is_some() {
        let (share, state) = (
            rollout.plan.mirror_share(),
            state_of(0, present, rollout.state),
        );
        rows.push(("answers".to_owned(), format!("{share} % copied, {state}")));
    }
    for (index, share) in rollout.plan.steps.iter().enumerate() {
        let state = state_of(index + 1, present, rollout.state);
        rows.push((format!("step {}", index + 1), format!("{share} %, {state}")));
    }
    if let Some(last) = rollout.decisions.last() {
        rows.push(("last decision".to_owned(), told(last)));
        if let Some(window) = &last.window {
            rows.push(("made on".to_owned(), numbers(view, window)));
        }
    }
    if let Some(window) = &view.window {
        // Copies are no traffic of the candidate's: `mlwasm shadow report` has their numbers.
        if rollout.stage != Stage::Shadow {
            rows.push(("since then".to_owned(), numbers(view, &window.so_far)));
        }
        let next = format!("in {:.0} s", window.next_look_seconds);
        rows.push(("next look".to_owned(), next));
    }
    let order: Vec<_> = rows.iter().map(|(name, _)| name.clone()).collect();
    let order: Vec<_> = order.iter().map(String::as_str).collect();
    let rows: Map<_, _> = rows
        .into_iter()
        .map(|(name, text)| (name, text.into()))
        .collect();
    Table::object(&rows.into(), &order)
}

fn state_of(step: usize, present: usize, state: RolloutState) -> &'static str {
    match state {
        RolloutState::Succeeded => "done",
        _ if step < present => "done",
        _ if step > present => "to come",
        RolloutState::Running => "now",
        RolloutState::Paused => "paused",
        RolloutState::RolledBack => "rolled back",
        RolloutState::Aborted => "aborted",
    }
}

fn numbers(view: &RolloutView, window: &ComparedWindow) -> String {
    let rollout = &view.rollout;
    let of = |name, measured: &Measured| {
        let Measured {
            requests,
            errors,
            overloaded,
            p99_ms,
        } = measured;
        let p99 = p99_ms.map_or("-".to_owned(), |ms| format!("{ms} ms"));
        format!("{name} {requests} requests, {errors} errors, {overloaded} without room, p99 {p99}")
    };
    format!(
        "{:.0} s: {}; {}",
        window.seconds,
        of(&rollout.candidate.deployment, &window.candidate),
        of(&rollout.baseline.deployment, &window.baseline)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn view() -> Value {
        let did = |requests: u64, p99: f64| json!({"requests": requests, "errors": 0, "overloaded": 0, "p99_ms": p99});
        let window = |seconds: f64| json!({"seconds": seconds, "candidate": did(412, 3.2), "baseline": did(7_800, 3.1)});
        let mut open = window(19.0);
        open["next_look_seconds"] = json!(41.2);
        json!({
            "endpoint_name": "iris", "traffic": {"blue": 75, "green": 25}, "state": "running",
            "plan": {"to": "green", "steps": [5, 25, 50, 100]}, "stage": {"kind": "live", "step": 2},
            "candidate": {"deployment": "green", "revision": 2}, "baseline": {"deployment": "blue", "revision": 1},
            "former_traffic": {"blue": 100}, "started": 7, "started_at": "2026-03-09T08:00:00Z",
            "compared_since": "2026-03-09T08:01:00.5Z",
            "decisions": [{
                "time": "2026-03-09T08:01:00.5Z", "stage": {"kind": "live", "step": 1}, "share": 5,
                "verdict": "promote", "reason": "green does as well as it has to: …", "window": window(60.0),
            }],
            "window": open,
        })
    }

    #[test]
    fn the_steps_and_the_last_decision_are_shown_with_its_numbers() {
        let shown = |view: &Value| table(&serde_json::from_value(view.clone()).unwrap()).render();
        insta::assert_snapshot!(shown(&view()), @"
        endpoint       iris
        rollout        green (revision 2) against blue (revision 1)
        state          running
        traffic        blue=75 green=25
        before         blue=100
        step 1         5 %, done
        step 2         25 %, now
        step 3         50 %, to come
        step 4         100 %, to come
        last decision  2026-03-09T08:01:00Z, at 5 %: promote: green does as well as it has to: …
        made on        60 s: green 412 requests, 0 errors, 0 without room, p99 3.2 ms; blue 7800 requests, 0 errors, 0 without room, p99 3.1 ms
        since then     19 s: green 412 requests, 0 errors, 0 without room, p99 3.2 ms; blue 7800 requests, 0 errors, 0 without room, p99 3.1 ms
        next look      in 41 s
        ");

        let mut over = view();
        over["state"] = json!("rolled-back");
        over["traffic"] = json!({"blue": 100});
        over["window"] = Value::Null;
        over["decisions"] = json!([]);
        insta::assert_snapshot!(shown(&over), @"
        endpoint  iris
        rollout   green (revision 2) against blue (revision 1)
        state     rolled-back
        traffic   blue=100
        before    blue=100
        step 1    5 %, done
        step 2    25 %, rolled back
        step 3    50 %, to come
        step 4    100 %, to come
        ");
    }
}
