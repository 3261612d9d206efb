//! A rollout's way from state to state, as pure functions: the split and the stage change together or not at all.
//!
//! The time is that of whoever asks: nothing here reads a clock. What is to be decided is decided elsewhere, by
//! `crate::rollout`; here stands what follows from it, and what else may be done meanwhile.

mod refusal;

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{
    DeploymentName, EndpointName, Generation, Percent, Role, Rollout, RolloutPlan, RolloutState,
    rollout::{Compared, ComparedWindow, RolloutDecision, Stage, Verdict},
};
use serde::Deserialize;
use utoipa::ToSchema;

pub(crate) use refusal::RolloutRefusal;

use super::{
    change::{Refusal, no_deployment},
    desired::{DeploymentRecord, EndpointRecord},
};

/// What is done with an endpoint's rollout.
#[derive(Clone, Debug)]
pub(crate) enum RolloutAct {
    /// Starts one.
    Start(RolloutPlan),
    /// Does what the operator wants, whatever the numbers say.
    Obey(Command),
    /// Does what was found out by looking at it.
    Follow(Finding),
}

/// What an operator may want of a rollout that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Command {
    /// To go on to the next stage.
    Promote,
    /// To stay at this stage.
    Pause,
    /// To go on comparing.
    Resume,
    /// To go back to the former split.
    Abort,
}

impl Command {
    /// What it comes to.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Promote => Verdict::Promote,
            Self::Pause => Verdict::Pause,
            Self::Resume => Verdict::Resume,
            Self::Abort => Verdict::Abort,
        }
    }
}

/// What was found out by looking at a rollout.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Which rollout was looked at.
    pub(crate) started: Generation,
    /// In which stage.
    pub(crate) stage: Stage,
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    /// The numbers; none if it was not found by numbers.
    pub(crate) window: Option<ComparedWindow>,
}

impl RolloutAct {
    /// What it is, for the audit log.
    pub(crate) fn described(&self) -> &'static str {
        let verdict = match self {
            Self::Start(_) => return "start rollout",
            Self::Obey(command) => command.verdict(),
            Self::Follow(finding) => finding.verdict,
        };
        match verdict {
            Verdict::Promote => "promote rollout",
            Verdict::Hold => "hold rollout",
            Verdict::RollBack => "roll rollout back",
            Verdict::Pause => "pause rollout",
            Verdict::Resume => "resume rollout",
            Verdict::Abort => "abort rollout",
        }
    }

    /// Does it to `record`, at `at`; `generation` is that of the state which comes of it.
    pub(super) fn carry_out(
        self,
        record: &mut EndpointRecord,
        at: Timestamp,
        generation: Generation,
    ) -> Result<(), Refusal> {
        match self {
            Self::Start(plan) => {
                let rollout = started(record, plan, at, generation)?;
                put(record, rollout);
            }
            Self::Obey(command) => {
                let rollout = present(record)?;
                let decision = commanded(rollout, command, at)?;
                let rollout = after(rollout, decision);
                put(record, rollout);
            }
            Self::Follow(finding) => {
                let rollout = present(record)?;
                if let Some(decision) = followed(rollout, finding, at) {
                    let rollout = after(rollout, decision);
                    put(record, rollout);
                }
            }
        }
        Ok(())
    }
}

fn present(record: &EndpointRecord) -> Result<&Rollout, RolloutRefusal> {
    record
        .rollout
        .as_deref()
        .ok_or_else(|| RolloutRefusal::None {
            endpoint: record.spec.name.clone(),
        })
}

/// Makes the rollout and its split the endpoint's.
fn put(record: &mut EndpointRecord, rollout: Rollout) {
    record.spec.traffic = match rollout.state {
        RolloutState::Running | RolloutState::Paused | RolloutState::Succeeded => {
            rollout.traffic_at(rollout.stage)
        }
        RolloutState::RolledBack | RolloutState::Aborted => rollout.former_traffic.clone(),
    };
    if let Some(mirror) = rollout.mirror() {
        record.spec.mirror_traffic = mirror;
    }
    record.rollout = Some(Arc::new(rollout));
}

fn started(
    record: &EndpointRecord,
    plan: RolloutPlan,
    at: Timestamp,
    generation: Generation,
) -> Result<Rollout, Refusal> {
    plan.validate().map_err(RolloutRefusal::from)?;
    if let Some(rollout) = record.active_rollout() {
        return Err(active(&record.spec.name, rollout).into());
    }
    let (endpoint, candidate) = (&record.spec.name, &plan.to);
    if !record.deployments.contains_key(candidate) {
        return Err(no_deployment(record, candidate));
    }
    let traffic = &record.spec.traffic;
    let (share, step) = (traffic.share(candidate), plan.steps[0]);
    if step <= share {
        let candidate = candidate.clone();
        return Err(RolloutRefusal::FirstStep {
            candidate,
            share,
            step,
        }
        .into());
    }
    check_mirror(record, &plan)?;
    let baseline = baseline(record, candidate).ok_or_else(|| RolloutRefusal::NoTraffic {
        endpoint: endpoint.clone(),
        candidate: candidate.clone(),
    })?;
    Ok(Rollout {
        state: RolloutState::Running,
        stage: plan.first_stage(),
        candidate: compared(record, candidate)?,
        baseline: compared(record, baseline)?,
        former_traffic: traffic.clone(),
        former_mirror: match plan.max_mismatch {
            Some(_) => record.spec.mirror_traffic.clone(),
            None => BTreeMap::new(),
        },
        started: generation,
        started_at: at,
        compared_since: at,
        ended_at: None,
        decisions: Vec::new(),
        plan,
    })
}

/// Whether the mirror leaves room for what the plan does with the candidate.
fn check_mirror(record: &EndpointRecord, plan: &RolloutPlan) -> Result<(), RolloutRefusal> {
    let (endpoint, candidate) = (record.spec.name.clone(), plan.to.clone());
    let mirror = record.spec.mirror_traffic.keys().next();
    let share = record.spec.traffic.share(&candidate);
    match (plan.max_mismatch, mirror) {
        (None, Some(target)) if *target == candidate => Err(RolloutRefusal::IsMirror {
            endpoint,
            candidate,
        }),
        (Some(_), _) if share > Percent::ZERO => Err(RolloutRefusal::IsLive { candidate, share }),
        (Some(_), Some(target)) if *target != candidate => Err(RolloutRefusal::OtherMirror {
            endpoint,
            candidate,
            target: target.clone(),
        }),
        (Some(_) | None, _) => Ok(()),
    }
}

/// With what the candidate is compared: the control, or else the deployment with the largest share, of equal ones the first by
/// name; of those alone that have traffic. None if nobody else has.
fn baseline<'a>(
    record: &'a EndpointRecord,
    candidate: &DeploymentName,
) -> Option<&'a DeploymentName> {
    let traffic = &record.spec.traffic;
    let others = record
        .deployments
        .iter()
        .filter(|(name, _)| *name != candidate && traffic.share(name) > Percent::ZERO);
    let is_control = |record: &DeploymentRecord| record.spec.role == Some(Role::Control);
    let first =
        others.min_by_key(|(name, record)| (!is_control(record), Reverse(traffic.share(name))));
    first.map(|(name, _)| name)
}

/// The deployment with the revision that it serves by, which must be the wanted one.
fn compared(record: &EndpointRecord, name: &DeploymentName) -> Result<Compared, Refusal> {
    let deployment = record
        .deployments
        .get(name)
        .ok_or_else(|| no_deployment(record, name))?;
    if deployment.serving == Some(deployment.wanted) && deployment.error.is_none() {
        Ok(Compared {
            deployment: name.clone(),
            revision: deployment.wanted,
        })
    } else {
        let (endpoint, deployment) = (record.spec.name.clone(), name.clone());
        Err(RolloutRefusal::NotServing {
            endpoint,
            deployment,
        }
        .into())
    }
}

/// What a finding comes to; none if the rollout has moved on since it was looked at.
fn followed(rollout: &Rollout, finding: Finding, at: Timestamp) -> Option<RolloutDecision> {
    let is_of_this = rollout.started == finding.started && rollout.stage == finding.stage;
    // Nothing keeps it from going back, not even a pause.
    let may_follow = match finding.verdict {
        Verdict::RollBack => rollout.state.is_active(),
        _ => rollout.state == RolloutState::Running,
    };
    (is_of_this && may_follow).then(|| RolloutDecision {
        window: finding.window,
        ..decision(rollout, finding.verdict, finding.reason, at)
    })
}

/// What a command comes to.
fn commanded(
    rollout: &Rollout,
    command: Command,
    at: Timestamp,
) -> Result<RolloutDecision, RolloutRefusal> {
    let (candidate, state) = (rollout.candidate.deployment.clone(), rollout.state);
    let verdict = command.verdict();
    match (command, state) {
        (_, RolloutState::Succeeded | RolloutState::RolledBack | RolloutState::Aborted) => {
            let what = verdict.label();
            Err(RolloutRefusal::Over {
                candidate,
                state,
                what,
            })
        }
        (Command::Pause, RolloutState::Paused) | (Command::Resume, RolloutState::Running) => {
            Err(RolloutRefusal::Already { candidate, state })
        }
        (_, RolloutState::Running | RolloutState::Paused) => {
            Ok(decision(rollout, verdict, "by command".to_owned(), at))
        }
    }
}

fn decision(rollout: &Rollout, verdict: Verdict, reason: String, at: Timestamp) -> RolloutDecision {
    RolloutDecision {
        time: at,
        stage: rollout.stage,
        share: rollout.share(),
        verdict,
        reason,
        window: None,
    }
}

/// The rollout once it was done what was decided.
fn after(rollout: &Rollout, decision: RolloutDecision) -> Rollout {
    let mut rollout = rollout.clone();
    match decision.verdict {
        Verdict::Hold => {}
        Verdict::Pause => rollout.state = RolloutState::Paused,
        Verdict::Resume => {
            rollout.state = RolloutState::Running;
            rollout.compared_since = decision.time;
        }
        Verdict::RollBack => rollout.state = RolloutState::RolledBack,
        Verdict::Abort => rollout.state = RolloutState::Aborted,
        Verdict::Promote => {
            let next = rollout.plan.stage_after(rollout.stage);
            rollout.stage = next.unwrap_or(rollout.stage);
            rollout.compared_since = decision.time;
            // Once the candidate has everything, there is nothing left to compare it with.
            if next.is_none() || rollout.share() == Percent::ALL {
                rollout.state = RolloutState::Succeeded;
            }
        }
    }
    rollout.ended_at = (!rollout.state.is_active()).then_some(decision.time);
    rollout.record(decision);
    rollout
}

/// Refuses what the operator may not change while a rollout goes on: the split, and a mirror to who is in it.
pub(super) fn check_change(before: &EndpointRecord, after: &EndpointRecord) -> Result<(), Refusal> {
    let Some(rollout) = before.active_rollout() else {
        return Ok(());
    };
    let is_held = |(target, share): (&DeploymentName, &Percent)| {
        *share > Percent::ZERO && rollout.holds(target)
    };
    let (mirror, former) = (&after.spec.mirror_traffic, &before.spec.mirror_traffic);
    let takes_mirror =
        mirror != former && (rollout.stage == Stage::Shadow || mirror.iter().any(is_held));
    if after.spec.traffic != before.spec.traffic || takes_mirror {
        return Err(active(&before.spec.name, rollout).into());
    }
    Ok(())
}

/// Refuses to delete who is in a rollout that goes on; the others are taken out of the split that it goes back to.
pub(super) fn leave(record: &mut EndpointRecord, name: &DeploymentName) -> Result<(), Refusal> {
    let Some(rollout) = record.active_rollout() else {
        return Ok(());
    };
    if rollout.holds(name) {
        return Err(active(&record.spec.name, rollout).into());
    }
    let mut rollout = Rollout::clone(rollout);
    rollout.former_traffic = rollout.former_traffic.without(name);
    record.rollout = Some(Arc::new(rollout));
    Ok(())
}

fn active(endpoint: &EndpointName, rollout: &Rollout) -> RolloutRefusal {
    RolloutRefusal::Active {
        endpoint: endpoint.clone(),
        candidate: rollout.candidate.deployment.clone(),
        state: rollout.state,
        share: rollout.share(),
    }
}

#[cfg(test)]
mod tests;
