//! What was counted, as people and programs read it. Pure.

use mlwasm_types::{
    ShadowReport, ShadowSettings,
    shadow::{
        ErrorComparison, FieldDifference, Latency, LatencyComparison, ShadowCounts, ShadowSample,
        ShadowSide,
    },
};

use super::{
    latency::{Times, ratio},
    statistics::{Share, Z_95},
    tally::{SideTimes, Tally},
    verdict::decide,
};

/// The two revisions that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) live: ShadowSide,
    pub(super) mirror: ShadowSide,
}

/// Copied requests of which no pair came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) uncompared: u64,
    pub(super) dropped: u64,
}

/// The report of what `tally` has counted.
pub(super) fn report(
    tally: &Tally,
    lost: Lost,
    sides: &Sides,
    settings: &ShadowSettings,
) -> ShadowReport {
    let evidence = tally.evidence();
    let decision = decide(&evidence, settings);
    let counts = ShadowCounts {
        uncompared: lost.uncompared,
        dropped: lost.dropped,
        ..tally.counts()
    };
    let status = Share {
        count: counts.status,
        of: counts.comparisons,
    };
    ShadowReport {
        verdict: decision.verdict,
        reason: decision.reason,
        more_comparisons: decision.more_comparisons,
        live: sides.live.clone(),
        mirror: sides.mirror.clone(),
        since: tally.since,
        counts,
        agreement: evidence.mismatch.rest().wilson(Z_95),
        mismatch: evidence.mismatch.wilson(Z_95),
        status_mismatch: status.wilson(Z_95),
        errors: ErrorComparison {
            live: tally.errors.live,
            mirror: tally.errors.mirror,
            excess: evidence.excess_errors,
        },
        fields: fields(tally),
        latency: latency(tally),
        samples: samples(tally),
        settings: settings.clone(),
    }
}

/// Those that differed, noise last, the most frequent first.
fn fields(tally: &Tally) -> Vec<FieldDifference> {
    let noise = tally.noise();
    let seen = tally
        .fields
        .iter()
        .filter(|(_, field)| field.count + field.replayed > 0);
    let mut fields: Vec<_> = seen
        .map(|(bit, field)| FieldDifference {
            path: field.path.clone(),
            kind: field.kind,
            count: field.count,
            replayed: field.replayed,
            noise: noise.has(bit),
            live: field.live.clone(),
            mirror: field.mirror.clone(),
        })
        .collect();
    fields.sort_by_key(|field| (field.noise, std::cmp::Reverse(field.count)));
    fields
}

fn latency(tally: &Tally) -> Option<LatencyComparison> {
    let (live, mirror) = (&tally.live, &tally.mirror);
    let quantiles = |p: f64| ratio(mirror.whole.quantile(p), live.whole.quantile(p));
    (live.whole.count() > 0).then(|| LatencyComparison {
        requests: live.whole.count(),
        live: side(live),
        mirror: side(mirror),
        p50_ratio: quantiles(0.5),
        p99_ratio: quantiles(0.99),
    })
}

fn side(times: &SideTimes) -> Latency {
    let ms = |times: &Times, p: f64| match times.count() {
        0 => 0.0,
        _ => times.quantile(p).point / 1e6,
    };
    Latency {
        p50_ms: ms(&times.whole, 0.5),
        p99_ms: ms(&times.whole, 0.99),
        guest_p50_ms: ms(&times.guest, 0.5),
        guest_p99_ms: ms(&times.guest, 0.99),
        infer_p50_ms: ms(&times.infer, 0.5),
        infer_p99_ms: ms(&times.infer, 0.99),
    }
}

fn samples(tally: &Tally) -> Vec<ShadowSample> {
    let samples = tally.samples().map(|(sample, difference)| ShadowSample {
        request_id: sample.request_id.clone(),
        time: sample.time,
        path: difference.path.clone(),
        live: difference.live.clone(),
        mirror: difference.mirror.clone(),
    });
    samples.collect()
}
