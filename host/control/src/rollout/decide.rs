//! What the numbers of a window say: a pure function, so that its cases are a table and its mistakes can be counted.
//!
//! Three things are compared: errors, requests without room, and the 99th percentile. Each is worse than allowed, within what
//! is allowed, or not known yet, with bounds that chance keeps. One that is worse rolls back; only all within promote. A window
//! that is held grows, and is looked at again: since every look is another chance to be wrong, each has a smaller part of what
//! may go wrong in all.

use mlwasm_types::{
    DeploymentName,
    rollout::{RolloutPlan, Verdict},
};

use super::{
    statistics::{Estimate, Share, difference, percentile, ratio},
    window::Window,
};

/// How often, at the most, a stage rolls back a candidate that is just good enough.
const WRONG_ROLL_BACKS: f64 = 0.01;
/// How often, at the most, a stage promotes a candidate that is just not good enough.
const WRONG_PROMOTIONS: f64 = 0.05;
/// One that is worse is enough to roll back, so these share what may go wrong. A promotion needs them all.
const COMPARISONS: f64 = 3.0;

/// A deployment and what it did in the window.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) name: &'a DeploymentName,
    pub(super) window: &'a Window,
}

/// The two that are compared.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) candidate: Side<'a>,
    pub(super) baseline: Side<'a>,
}

impl<'a> Sides<'a> {
    /// What `of` counts for the candidate and for the baseline.
    fn map(self, of: impl Fn(&Window) -> Share) -> [(&'a DeploymentName, Share); 2] {
        [self.candidate, self.baseline].map(|side| (side.name, of(side.window)))
    }
}

/// A verdict, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
}

/// What one comparison says.
struct Finding {
    case: Case,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Worse,
    Within,
    Unknown,
}

/// What may go wrong at one look.
#[derive(Clone, Copy)]
struct Risk {
    roll_back: f64,
    promotion: f64,
}

impl Risk {
    /// At the `look` of a window, counted from 1. Over all looks these add up to the whole.
    fn at(look: u32) -> Self {
        let look = f64::from(look.max(1));
        let part = 1.0 / (look * (look + 1.0));
        Self {
            roll_back: part * WRONG_ROLL_BACKS / COMPARISONS,
            promotion: part * WRONG_PROMOTIONS,
        }
    }

    /// Compares with `limit` what `estimate` is, given how often it may be wrong.
    fn compare(self, limit: f64, estimate: impl Fn(f64) -> Estimate) -> Case {
        if estimate(self.roll_back).low > limit {
            Case::Worse
        } else if estimate(self.promotion).high <= limit {
            Case::Within
        } else {
            Case::Unknown
        }
    }
}

/// Judges the candidate by what both did in the same time, at the `look` of this window, counted from 1.
pub(super) fn decide(plan: &RolloutPlan, sides: Sides<'_>, look: u32) -> Judgement {
    let Sides {
        candidate,
        baseline,
    } = sides;
    let least = plan.min_requests;
    let is_short = |side: Side<'_>| side.window.turned_away().of < least;
    if is_short(candidate) || is_short(baseline) {
        let count = |side: Side<'_>| format!("{} has {}", side.name, side.window.turned_away().of);
        let reason = format!(
            "too little data: of {least} requests that each needs {}, {}",
            count(candidate),
            count(baseline)
        );
        return Judgement {
            verdict: Verdict::Hold,
            reason,
        };
    }
    let risk = Risk::at(look);
    let limit = plan.max_error_rate.fraction();
    let mut findings = vec![rates("errors", limit, risk, sides.map(Window::failed))];
    // One that turned nobody away is within wherever its errors are: no need to say so each time.
    if candidate.window.overloaded > 0 {
        let turned_away = sides.map(Window::turned_away);
        findings.push(rates("without room", limit, risk, turned_away));
    }
    if let Some(limit) = plan.max_p99_ratio {
        findings.push(percentiles(limit, risk, sides));
    }
    conclude(candidate.name, &findings)
}

fn conclude(candidate: &DeploymentName, findings: &[Finding]) -> Judgement {
    let of = |case: Case| findings.iter().filter(move |finding| finding.case == case);
    let texts = |case: Case| {
        let texts: Vec<_> = of(case).map(|finding| finding.text.as_str()).collect();
        texts.join("; ")
    };
    let (verdict, reason) = if of(Case::Worse).next().is_some() {
        let reason = format!(
            "{candidate} does worse than allowed: {}",
            texts(Case::Worse)
        );
        (Verdict::RollBack, reason)
    } else if of(Case::Unknown).next().is_some() {
        let reason = format!(
            "not certain yet, more requests will tell: {}",
            texts(Case::Unknown)
        );
        (Verdict::Hold, reason)
    } else {
        let reason = format!(
            "{candidate} does as well as it has to: {}",
            texts(Case::Within)
        );
        (Verdict::Promote, reason)
    };
    Judgement { verdict, reason }
}

/// Compares two rates of what should not happen: by how much the candidate's is above the baseline's.
fn rates(what: &str, limit: f64, risk: Risk, sides: [(&DeploymentName, Share); 2]) -> Finding {
    let above = |alpha: f64| {
        let [candidate, baseline] = sides.map(|(_, share)| share.estimate(alpha));
        difference(candidate, baseline)
    };
    let [candidate, baseline] = sides.map(|(name, share)| {
        let (some, of, percent) = (share.some, share.of, share.rate() * 100.0);
        format!("{name} {some} of {of} ({percent:.2}%)")
    });
    let Estimate { low, value, high } = above(risk.promotion).map(|part| part * 100.0);
    Finding {
        case: risk.compare(limit, above),
        text: format!(
            "{what}: {candidate}, {baseline}, which is {value:+.2} points (likely {low:+.2} to {high:+.2}), {:+.2} are allowed",
            limit * 100.0
        ),
    }
}

/// Compares 99th percentiles: how many times as long the candidate's is.
fn percentiles(limit: f64, risk: Risk, sides: Sides<'_>) -> Finding {
    let Sides {
        candidate,
        baseline,
    } = sides;
    let unknown = |side: Side<'_>| Finding {
        case: Case::Unknown,
        text: format!("p99: {} has no good answer", side.name),
    };
    let at = |side: Side<'_>, alpha: f64| percentile(&side.window.latencies, alpha);
    let Some(one) = at(candidate, risk.promotion) else {
        return unknown(candidate);
    };
    let Some(other) = at(baseline, risk.promotion) else {
        return unknown(baseline);
    };
    let times = |alpha: f64| {
        // Both have durations, so neither is missing at another alpha.
        ratio(
            at(candidate, alpha).unwrap_or(one),
            at(baseline, alpha).unwrap_or(other),
        )
    };
    let ms = |estimate: Estimate| estimate.value / 1e6;
    let Estimate { low, value, high } = times(risk.promotion);
    let likely = if high.is_finite() {
        format!("likely {low:.2} to {high:.2}")
    } else {
        "with too few requests to be sure".to_owned()
    };
    Finding {
        case: risk.compare(limit, times),
        text: format!(
            "p99: {} {:.3} ms, {} {:.3} ms, which is {value:.2} times as long ({likely}), {limit} are allowed",
            candidate.name,
            ms(one),
            baseline.name,
            ms(other)
        ),
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
