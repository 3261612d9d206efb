//! One rollout that is being looked at: where its window began, and how often it was held.

use std::sync::{Arc, Weak};

use jiff::Timestamp;
use mlwasm_routing::DeploymentMeters;
use mlwasm_sandbox::SandboxPool;
use mlwasm_types::{
    Generation, ProvisioningState, Rollout, ShadowReport,
    rollout::{Compared, ComparedWindow, OpenWindow, Stage, Verdict},
};
use tokio::time::{Duration, Instant};

use super::{
    answers,
    decide::{Judgement, Side, Sides, decide},
    window::{Reading, Window},
};
use crate::{
    reconcile::{LiveView, status_of},
    store::{EndpointRecord, Finding},
};

/// A window that is open.
#[derive(Debug)]
pub(super) struct Watch {
    started: Generation,
    stage: Stage,
    compared_since: Timestamp,
    interval: Duration,
    begun: Instant,
    candidate: Watched,
    baseline: Watched,
    looks: u32,
}

/// One of the two deployments, and its counters when the window began.
#[derive(Debug)]
struct Watched {
    meters: Arc<DeploymentMeters>,
    // Weak: a window must not keep a pool alive that no table holds.
    pool: Weak<SandboxPool>,
    first: Reading,
}

impl Watch {
    /// Opens a window; none while one of the two does not serve the revision that is compared.
    pub(super) fn begin(
        endpoint: &EndpointRecord,
        rollout: &Rollout,
        live: &LiveView,
        now: Instant,
    ) -> Option<Self> {
        Some(Self {
            started: rollout.started,
            stage: rollout.stage,
            compared_since: rollout.compared_since,
            interval: rollout.plan.interval.get(),
            begun: now,
            candidate: Watched::find(endpoint, &rollout.candidate, live)?,
            baseline: Watched::find(endpoint, &rollout.baseline, live)?,
            looks: 0,
        })
    }

    /// Whether the window is one of this rollout and its present stage, with no pause since it began.
    pub(super) fn is_of(&self, rollout: &Rollout) -> bool {
        self.started == rollout.started
            && self.stage == rollout.stage
            && self.compared_since == rollout.compared_since
    }

    /// When the window has to be looked at next.
    pub(super) fn due(&self) -> Instant {
        self.begun + self.interval * (self.looks + 1)
    }

    /// Looks at the window if it is time to, and returns what was found.
    ///
    /// One that is held goes on: what was counted so far counts at the next look, too.
    /// `answers` is the report of the mirror's answers, for the stage that compares them.
    pub(super) fn look(
        &mut self,
        rollout: &Rollout,
        now: Instant,
        answers: impl FnOnce() -> Option<ShadowReport>,
    ) -> Option<Finding> {
        if now < self.due() {
            return None;
        }
        self.looks += 1;
        let (candidate, baseline) = (self.candidate.window(), self.baseline.window());
        let Judgement { verdict, reason } = if self.candidate.is_dead() {
            let name = &rollout.candidate.deployment;
            Judgement {
                verdict: Verdict::RollBack,
                reason: format!("{name} has no live sandbox, and none could be made"),
            }
        } else if rollout.stage == Stage::Shadow {
            let Judgement { verdict, reason } = answers::judge(rollout, answers().as_ref());
            return Some(super::finding(rollout, verdict, reason));
        } else {
            let sides = Sides {
                candidate: side(&rollout.candidate, &candidate),
                baseline: side(&rollout.baseline, &baseline),
            };
            decide(&rollout.plan, sides, self.looks)
        };
        Some(Finding {
            window: Some(self.compared(&candidate, &baseline, now)),
            ..super::finding(rollout, verdict, reason)
        })
    }

    /// Takes the last look back: what was found could not be stored, so it is time to look again.
    pub(super) fn look_again(&mut self) {
        self.looks = self.looks.saturating_sub(1);
    }

    /// The window as it is now.
    pub(super) fn so_far(&self, now: Instant) -> OpenWindow {
        OpenWindow {
            so_far: self.compared(&self.candidate.window(), &self.baseline.window(), now),
            next_look_seconds: seconds(self.due().saturating_duration_since(now)),
        }
    }

    fn compared(&self, candidate: &Window, baseline: &Window, now: Instant) -> ComparedWindow {
        ComparedWindow {
            seconds: seconds(now.saturating_duration_since(self.begun)),
            candidate: candidate.measured(),
            baseline: baseline.measured(),
        }
    }
}

impl Watched {
    fn find(endpoint: &EndpointRecord, of: &Compared, live: &LiveView) -> Option<Self> {
        let record = endpoint.deployments.get(&of.deployment)?;
        let (_, scaled) = live
            .serving_of(record)
            .filter(|(revision, _)| *revision == of.revision)?;
        Some(Self {
            meters: Arc::clone(&scaled.meters),
            pool: Arc::downgrade(&scaled.pool),
            first: Reading::of(&scaled.meters),
        })
    }

    fn is_dead(&self) -> bool {
        self.pool.upgrade().is_some_and(|pool| pool.is_dead())
    }

    fn window(&self) -> Window {
        Reading::of(&self.meters).since(&self.first)
    }
}

fn side<'a>(of: &'a Compared, window: &'a Window) -> Side<'a> {
    Side {
        name: &of.deployment,
        window,
    }
}

/// Why a rollout can not go on, whatever the numbers say; none if it can.
///
/// A baseline that fails is no reason: to go back to it would help nobody. The window waits for it.
pub(super) fn broken(
    endpoint: &EndpointRecord,
    rollout: &Rollout,
    live: &LiveView,
) -> Option<String> {
    for of in [&rollout.candidate, &rollout.baseline] {
        let name = &of.deployment;
        // Whoever is in a rollout can not be deleted.
        let record = endpoint.deployments.get(name)?;
        if record.wanted != of.revision {
            return Some(format!(
                "revision {} of {name} was deployed, and the rollout compares revision {}",
                record.wanted, of.revision
            ));
        }
    }
    let name = &rollout.candidate.deployment;
    let record = endpoint.deployments.get(name)?;
    let status = status_of(record, live.deployment(record));
    if status.provisioning_state == ProvisioningState::Failed && live.serving_of(record).is_none() {
        let error = status.error.unwrap_or_default();
        return Some(format!(
            "revision {} of {name} failed: {error}",
            record.wanted
        ));
    }
    None
}

/// To the millisecond: nobody reads more.
fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000.0).round() / 1_000.0
}
