//! What the answers to copied requests say, before the candidate gets a share: the endpoint's shadow report, judged by the
//! plan's gates in place of the endpoint's own.
//!
//! The report may be older than the rollout: what a mirror to the same revisions has shown before counts.

use mlwasm_types::{
    Rollout, ShadowReport, ShadowSettings, ShadowVerdict,
    rollout::{Compared, RolloutPlan, Verdict},
    shadow::ShadowSide,
    spec::Real,
};

use super::decide::Judgement;

/// A ratio that no latency exceeds: the plan does not compare them.
const ANY_RATIO: f64 = 1_000.0;

/// The endpoint's rules of comparing, with the plan's gates.
pub(super) fn settings(of_endpoint: &ShadowSettings, plan: &RolloutPlan) -> ShadowSettings {
    let of_endpoint = of_endpoint.clone();
    ShadowSettings {
        max_mismatch: plan
            .max_mismatch
            .map_or(of_endpoint.max_mismatch, |rate| Real(rate.fraction())),
        min_comparisons: plan.min_requests,
        max_p99_ratio: Real(plan.max_p99_ratio.unwrap_or(ANY_RATIO)),
        ..of_endpoint
    }
}

/// What follows from a report by these settings.
pub(super) fn judge(rollout: &Rollout, report: Option<&ShadowReport>) -> Judgement {
    let is = |side: &ShadowSide, of: &Compared| {
        (&side.deployment, side.revision) == (&of.deployment, of.revision)
    };
    let report = report.filter(|report| {
        is(&report.live, &rollout.baseline) && is(&report.mirror, &rollout.candidate)
    });
    let (candidate, baseline) = (&rollout.candidate.deployment, &rollout.baseline.deployment);
    let Some(report) = report else {
        return Judgement {
            verdict: Verdict::Hold,
            reason: format!("no answers of {candidate} and {baseline} were compared yet"),
        };
    };
    let verdict = match report.verdict {
        ShadowVerdict::Promote => Verdict::Promote,
        ShadowVerdict::Hold => Verdict::Hold,
        ShadowVerdict::Reject => Verdict::RollBack,
    };
    Judgement {
        verdict,
        reason: format!("answers of {candidate} and {baseline}: {}", report.reason),
    }
}
