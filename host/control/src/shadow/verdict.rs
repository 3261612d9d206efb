//! Whether the target may replace the live deployment, and why. Pure.
//!
//! What is found good stays so with more of the same; what is not known yet is never found good. The bounds of the
//! statistics decide, not the counts: see docs/decisions/0012-shadow-verdicts.md for how often that errs.

use mlwasm_types::{
    ShadowSettings,
    shadow::{Estimate, ShadowVerdict},
};

use super::{
    latency::{Quantile, TIMES_OF_P99, ratio},
    statistics::{Share, Z_95, trials_to_show},
};

/// The normal quantile of the bound that rejects, 99.5 %: reports are looked at often, and each look is a chance to err.
const Z_REJECT: f64 = 2.575_829;
/// Comparisons before which nothing is rejected: a start, cold caches, is no verdict. Fewer than a target that only fails gets
/// before copies are held back.
const MIN_TO_REJECT: u64 = 30;
/// Replays that are needed where something was taken for noise.
const REPLAYS_OF_NOISE: u64 = 10;
/// Nanoseconds that the p99 may differ by, whatever the ratio: nobody sees it over a network.
const UNSEEN: f64 = 100e3;

/// What is known.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Answers that differ, but for noise.
    pub(super) mismatch: Share,
    /// Where most of them do.
    pub(super) worst: Option<String>,
    /// How much more often the target failed.
    pub(super) excess_errors: Estimate,
    /// Whether any difference was taken for noise.
    pub(super) has_noise: bool,
    /// Whether noise had its chance to show.
    pub(super) knows_noise: bool,
    pub(super) replays: u64,
    /// Times that are compared.
    pub(super) times: u64,
    pub(super) live_p99: Quantile,
    pub(super) mirror_p99: Quantile,
}

/// A verdict, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) verdict: ShadowVerdict,
    pub(super) reason: String,
    pub(super) more_comparisons: Option<u64>,
}

/// What follows from the evidence.
pub(super) fn decide(evidence: &Evidence, settings: &ShadowSettings) -> Decision {
    let decided = rejection(evidence, settings).or_else(|| reservation(evidence, settings));
    decided.unwrap_or_else(|| {
        let mismatch = evidence.mismatch.wilson(Z_95);
        let of = evidence.mismatch.of;
        Decision {
            verdict: ShadowVerdict::Promote,
            reason: format!(
                "at most {} of the answers differ, by {of} comparisons, and {} may; the p99 latency is {:.2} times the live one",
                percent(mismatch.high),
                percent(settings.max_mismatch.0),
                ratio(evidence.mirror_p99, evidence.live_p99).ratio,
            ),
            more_comparisons: None,
        }
    })
}

/// Why the target may not replace the live deployment, if that is known.
fn rejection(evidence: &Evidence, settings: &ShadowSettings) -> Option<Decision> {
    let of = evidence.mismatch.of;
    if of < MIN_TO_REJECT || !evidence.knows_noise {
        return None;
    }
    let reject = |reason: String| {
        Some(Decision {
            verdict: ShadowVerdict::Reject,
            reason,
            more_comparisons: None,
        })
    };
    let mismatch = evidence.mismatch.wilson(Z_REJECT);
    let allowed = settings.max_mismatch.0;
    if mismatch.low > allowed {
        let place = evidence
            .worst
            .as_ref()
            .map_or_else(String::new, |path| format!(", most often in {path}"));
        let hint = if evidence.replays == 0 {
            "; what of it is noise could not be learned, since the live deployment never had two sandboxes to spare"
        } else {
            ""
        };
        return reject(format!(
            "{} of {of} answers differ{place}: at least {}, and {} may{hint}",
            percent(mismatch.rate),
            percent(mismatch.low),
            percent(allowed),
        ));
    }
    if evidence.excess_errors.low > allowed {
        return reject(format!(
            "it fails {} more often than the live deployment, at least {}, and {} may",
            percent(evidence.excess_errors.rate),
            percent(evidence.excess_errors.low),
            percent(allowed),
        ));
    }
    let p99 = ratio(evidence.mirror_p99, evidence.live_p99);
    let slower = evidence.mirror_p99.low.zip(evidence.live_p99.high);
    let is_seen = slower.is_some_and(|(mirror, live)| mirror - live > UNSEEN);
    match p99.low {
        Some(low) if low > settings.max_p99_ratio.0 && is_seen => reject(format!(
            "the p99 latency is {:.2} times the live one, at least {low:.2}, and {} may be",
            p99.ratio, settings.max_p99_ratio.0,
        )),
        _ => None,
    }
}

/// Why it is not known yet that the target may replace the live deployment.
fn reservation(evidence: &Evidence, settings: &ShadowSettings) -> Option<Decision> {
    let (of, allowed) = (evidence.mismatch.of, settings.max_mismatch.0);
    let mismatch = evidence.mismatch.wilson(Z_95);
    if of < settings.min_comparisons {
        let missing = settings.min_comparisons - of;
        let to_show = trials_to_show(evidence.mismatch, allowed).unwrap_or(0);
        let reason = format!("{of} answers were compared");
        return hold(reason, Some(missing.max(to_show)));
    }
    if mismatch.low > allowed && !evidence.knows_noise {
        return hold(
            "answers differ, and whether that is noise is being learned".to_owned(),
            None,
        );
    }
    if evidence.has_noise && evidence.replays < REPLAYS_OF_NOISE {
        return hold(
            format!(
                "what differs is taken for noise after {} replays, and {REPLAYS_OF_NOISE} are needed to be sure",
                evidence.replays
            ),
            None,
        );
    }
    if mismatch.high > allowed {
        return hold(
            format!(
                "{} of {of} answers differ, and it could be {}; {} may",
                percent(mismatch.rate),
                percent(mismatch.high),
                percent(allowed),
            ),
            trials_to_show(evidence.mismatch, allowed),
        );
    }
    if evidence.has_noise && evidence.excess_errors.high > allowed {
        return hold(
            format!(
                "both fail now and then, and the target could do so {} more often; {} may",
                percent(evidence.excess_errors.high),
                percent(allowed),
            ),
            None,
        );
    }
    reservation_of_latency(evidence, settings)
}

/// The same, of latencies alone.
fn reservation_of_latency(evidence: &Evidence, settings: &ShadowSettings) -> Option<Decision> {
    let p99 = ratio(evidence.mirror_p99, evidence.live_p99);
    let slower = evidence.mirror_p99.high.zip(evidence.live_p99.low);
    let is_unseen = slower.is_some_and(|(mirror, live)| mirror - live <= UNSEEN);
    let most = settings.max_p99_ratio.0;
    match p99.high {
        _ if is_unseen => None,
        Some(high) if high <= most => None,
        Some(high) => hold(
            format!(
                "the p99 latency is {:.2} times the live one, and it could be {high:.2}; {most} may be",
                p99.ratio
            ),
            times_to_show(p99.ratio, high, most, evidence.times),
        ),
        None => hold(
            format!("the p99 latency is not known by {} answers", evidence.times),
            Some(TIMES_OF_P99.saturating_sub(evidence.times).max(1)),
        ),
    }
}

fn hold(reason: String, more_comparisons: Option<u64>) -> Option<Decision> {
    let ask = more_comparisons.map_or_else(String::new, |more| {
        format!("; about {more} more comparisons")
    });
    Some(Decision {
        verdict: ShadowVerdict::Hold,
        reason: format!("{reason}{ask}"),
        more_comparisons,
    })
}

/// About how many more times show that the ratio is at most `most`: a bound comes closer with the square root.
fn times_to_show(ratio: f64, high: f64, most: f64, times: u64) -> Option<u64> {
    if ratio >= most || ratio <= 0.0 {
        return None;
    }
    let factor = ((high / ratio).ln() / (most / ratio).ln()).powi(2);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and a float's conversion to a whole number saturates"
    )]
    let wanted = (times as f64 * factor).ceil() as u64;
    Some(wanted.saturating_sub(times).max(1))
}

/// A share for people, to two digits that count.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = if percent.abs() < 1.0 { 2 } else { 1 };
    let text = format!("{percent:.digits$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{short} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantile(ms: f64, spread: f64) -> Quantile {
        Quantile {
            point: 1e6 * ms,
            low: Some(1e6 * ms / spread),
            high: Some(1e6 * ms * spread),
        }
    }

    fn evidence(count: u64, of: u64) -> Evidence {
        Evidence {
            mismatch: Share { count, of },
            worst: Some("$.label".to_owned()),
            excess_errors: super::super::statistics::paired_difference(0, 0, of),
            has_noise: false,
            knows_noise: true,
            replays: 10,
            times: of,
            live_p99: quantile(10.0, 1.02),
            mirror_p99: quantile(10.0, 1.02),
        }
    }

    fn told(evidence: &Evidence) -> String {
        let decision = decide(evidence, &ShadowSettings::default());
        format!("{}: {}", decision.verdict, decision.reason)
    }

    #[test]
    fn a_verdict_follows_from_its_bounds_and_says_why() {
        insta::assert_snapshot!(told(&evidence(0, 0)), @"hold: 0 answers were compared; about 765 more comparisons");
        insta::assert_snapshot!(told(&evidence(0, 199)), @"hold: 199 answers were compared; about 566 more comparisons");
        insta::assert_snapshot!(told(&evidence(0, 764)), @"hold: 0 % of 764 answers differ, and it could be 0.5 %; 0.5 % may; about 1 more comparisons");
        insta::assert_snapshot!(told(&evidence(0, 765)), @"promote: at most 0.5 % of the answers differ, by 765 comparisons, and 0.5 % may; the p99 latency is 1.00 times the live one");
        insta::assert_snapshot!(told(&evidence(4, 800)), @"hold: 0.5 % of 800 answers differ, and it could be 1.3 %; 0.5 % may");
        insta::assert_snapshot!(told(&evidence(5, 100)), @"reject: 5 % of 100 answers differ, most often in $.label: at least 1.7 %, and 0.5 % may");
    }

    #[test]
    fn nothing_is_rejected_before_there_is_enough_to_see() {
        for (of, knows_noise, verdict) in [
            (29, true, ShadowVerdict::Hold),
            (30, true, ShadowVerdict::Reject),
            (30, false, ShadowVerdict::Hold),
            (100_000, false, ShadowVerdict::Hold),
        ] {
            let evidence = Evidence {
                knows_noise,
                ..evidence(of, of)
            };
            let decision = decide(&evidence, &ShadowSettings::default());
            assert_eq!(
                decision.verdict, verdict,
                "{of} {knows_noise}: {decision:?}"
            );
        }
    }

    #[test]
    fn latency_and_errors_decide_when_the_answers_agree() {
        let slower = |ms: f64, spread: f64| Evidence {
            mirror_p99: quantile(ms, spread),
            ..evidence(0, 10_000)
        };
        insta::assert_snapshot!(told(&slower(13.0, 1.02)), @"reject: the p99 latency is 1.30 times the live one, at least 1.25, and 1.2 may be");
        insta::assert_snapshot!(told(&slower(11.5, 1.1)), @"hold: the p99 latency is 1.15 times the live one, and it could be 1.29; 1.2 may be; about 63157 more comparisons");
        insta::assert_snapshot!(told(&Evidence { live_p99: quantile(0.02, 1.02), ..slower(0.09, 1.02) }), @"promote: at most 0.04 % of the answers differ, by 10000 comparisons, and 0.5 % may; the p99 latency is 4.50 times the live one");
        let unknown = Quantile {
            high: None,
            ..quantile(10.0, 1.0)
        };
        insta::assert_snapshot!(told(&Evidence { mirror_p99: unknown, times: 300, ..evidence(0, 10_000) }), @"hold: the p99 latency is not known by 300 answers; about 263 more comparisons");
        let failing = Evidence {
            excess_errors: Estimate {
                rate: 0.05,
                low: 0.03,
                high: 0.07,
            },
            has_noise: true,
            ..evidence(0, 10_000)
        };
        insta::assert_snapshot!(told(&failing), @"reject: it fails 5 % more often than the live deployment, at least 3 %, and 0.5 % may");
        let unsure = Evidence {
            has_noise: true,
            replays: 9,
            ..evidence(0, 10_000)
        };
        insta::assert_snapshot!(told(&unsure), @"hold: what differs is taken for noise after 9 replays, and 10 are needed to be sure");
    }

    #[test]
    fn shares_are_written_as_people_read_them() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.000_04, "0 %"),
            (0.005, "0.5 %"),
            (0.001_234, "0.12 %"),
            (0.1, "10 %"),
            (1.0, "100 %"),
            (0.123_4, "12.3 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
