//! What happened between two readings of the counters: a pure function of both.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::{
    Order,
    exposition::{Exposition, Sample},
};

/// All deployments in one interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Report {
    /// How long the interval was.
    pub(crate) seconds: f64,
    /// The generation that is served.
    pub(crate) generation: f64,
    /// Requests of all deployments, in each second.
    pub(crate) requests_per_second: f64,
    pub(crate) deployments: Vec<Row>,
}

/// One deployment in one interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Row {
    pub(crate) endpoint: String,
    pub(crate) deployment: String,
    pub(crate) requests_per_second: f64,
    /// Of requests that ended in 5xx, 424 or 408: the scorer's or the server's fault.
    pub(crate) errors_per_second: f64,
    /// Of requests that were refused with 429 or 503.
    pub(crate) refused_per_second: f64,
    /// Copies that ran here: neither shed nor held back.
    pub(crate) mirrored_per_second: f64,
    /// None if no request ended. An estimate within a bucket of the histogram.
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) in_flight: f64,
    pub(crate) sandboxes_busy: f64,
    pub(crate) sandboxes_idle: f64,
    /// Processor time of guests and native runs in each second.
    pub(crate) cpu_cores: f64,
    /// Memory of the sandboxes, on average.
    pub(crate) memory_mib: f64,
}

/// What a counter said of each deployment.
type ByDeployment = BTreeMap<(String, String), f64>;
/// The counts up to each bound, of each deployment.
type Buckets = BTreeMap<(String, String), Vec<(f64, f64)>>;

impl Report {
    /// What happened from `before` to `now`. A counter that went back, since the server started anew, counts from 0.
    pub(super) fn between(before: &Exposition, now: &Exposition, took: Duration) -> Self {
        let seconds = took.as_secs_f64().max(1e-9);
        let change = |name: &str, is: &dyn Fn(&Sample) -> bool| {
            let (former, current) = (summed(before, name, is), summed(now, name, is));
            let change = current.into_iter().map(|(key, value)| {
                let former = former.get(&key).copied().unwrap_or_default();
                let change = if value < former {
                    value
                } else {
                    value - former
                };
                (key, change / seconds)
            });
            change.collect::<ByDeployment>()
        };
        let any = |_: &Sample| true;
        let requests = change("mlwasm_requests_total", &any);
        let errors = change("mlwasm_requests_total", &is_error);
        let refused = change("mlwasm_requests_total", &is_refused);
        let mirrored = change("mlwasm_mirror_requests_total", &has_run);
        let guest = change("mlwasm_guest_cpu_seconds_total", &any);
        let native = change("mlwasm_native_cpu_seconds_total", &any);
        let memory = change("mlwasm_memory_mib_seconds_total", &any);
        let in_flight = summed(now, "mlwasm_requests_in_flight", &any);
        let busy = summed(now, "mlwasm_sandboxes", &|sample| {
            sample.label("state") == "busy"
        });
        let idle = summed(now, "mlwasm_sandboxes", &|sample| {
            sample.label("state") == "idle"
        });
        let (former, current) = (buckets(before), buckets(now));
        let deployments = requests.iter().map(|(key, rate)| {
            let of = |values: &ByDeployment| values.get(key).copied().unwrap_or_default();
            let durations = durations(former.get(key), current.get(key));
            Row {
                endpoint: key.0.clone(),
                deployment: key.1.clone(),
                requests_per_second: *rate,
                errors_per_second: of(&errors),
                refused_per_second: of(&refused),
                mirrored_per_second: of(&mirrored),
                p50_ms: quantile(&durations, 0.5),
                p99_ms: quantile(&durations, 0.99),
                in_flight: of(&in_flight),
                sandboxes_busy: of(&busy),
                sandboxes_idle: of(&idle),
                cpu_cores: of(&guest) + of(&native),
                memory_mib: of(&memory),
            }
        });
        Self {
            seconds,
            generation: now.of("mlwasm_generation").map(|sample| sample.value).sum(),
            requests_per_second: requests.values().sum(),
            deployments: deployments.collect(),
        }
    }

    /// Puts what is asked for first; deployments that are alike stay in the order of their names.
    pub(super) fn sort(&mut self, order: Order) {
        let most = |value: fn(&Row) -> f64| {
            move |one: &Row, other: &Row| value(other).total_cmp(&value(one))
        };
        self.deployments.sort_by(|one, other| {
            (&one.endpoint, &one.deployment).cmp(&(&other.endpoint, &other.deployment))
        });
        match order {
            Order::Name => {}
            Order::Requests => self
                .deployments
                .sort_by(most(|row| row.requests_per_second)),
            Order::Errors => self.deployments.sort_by(most(|row| row.errors_per_second)),
            Order::Latency => self
                .deployments
                .sort_by(most(|row| row.p99_ms.unwrap_or(-1.0))),
            Order::Cpu => self.deployments.sort_by(most(|row| row.cpu_cores)),
        }
    }
}

fn is_error(sample: &Sample) -> bool {
    matches!(sample.label("code"), "5xx" | "424" | "408" | "500")
}

fn is_refused(sample: &Sample) -> bool {
    matches!(sample.label("code"), "429" | "503")
}

fn has_run(sample: &Sample) -> bool {
    matches!(sample.label("result"), "ok" | "failed")
}

fn key(sample: &Sample) -> (String, String) {
    (
        sample.label("endpoint").to_owned(),
        sample.label("deployment").to_owned(),
    )
}

fn summed(page: &Exposition, name: &str, is: &dyn Fn(&Sample) -> bool) -> ByDeployment {
    let mut sums = ByDeployment::new();
    for sample in page.of(name).filter(|sample| is(sample)) {
        *sums.entry(key(sample)).or_default() += sample.value;
    }
    sums
}

/// The durations of requests, whatever came of them, as counts up to each bound.
fn buckets(page: &Exposition) -> Buckets {
    let mut all = Buckets::new();
    for sample in page.of("mlwasm_request_duration_seconds_bucket") {
        let bound = match sample.label("le") {
            "+Inf" => f64::INFINITY,
            bound => bound.parse().unwrap_or(f64::INFINITY),
        };
        let counts = all.entry(key(sample)).or_default();
        match counts.iter_mut().find(|(known, _)| *known == bound) {
            Some((_, count)) => *count += sample.value,
            None => counts.push((bound, sample.value)),
        }
    }
    for counts in all.values_mut() {
        counts.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    }
    all
}

fn durations(
    former: Option<&Vec<(f64, f64)>>,
    current: Option<&Vec<(f64, f64)>>,
) -> Vec<(f64, f64)> {
    let before = |bound: f64| {
        let counts = former.into_iter().flatten();
        counts
            .into_iter()
            .find(|(known, _)| *known == bound)
            .map_or(0.0, |(_, count)| *count)
    };
    let Some(current) = current else {
        return Vec::new();
    };
    let total = current.last().map_or(0.0, |(_, count)| *count);
    let started_anew = total < before(f64::INFINITY);
    let change = |(bound, count): &(f64, f64)| {
        let former = if started_anew { 0.0 } else { before(*bound) };
        (*bound, count - former)
    };
    current.iter().map(change).collect()
}

/// The quantile in milliseconds, as if durations were spread evenly within a bucket.
fn quantile(counts: &[(f64, f64)], quantile: f64) -> Option<f64> {
    let total = counts
        .last()
        .map(|(_, count)| *count)
        .filter(|total| *total > 0.0)?;
    let rank = quantile * total;
    let mut lower = (0.0, 0.0);
    for (bound, count) in counts {
        if *count >= rank {
            if bound.is_infinite() {
                return Some(lower.0 * 1e3);
            }
            let within = (rank - lower.1) / (count - lower.1).max(1e-9);
            return Some((lower.0 + (bound - lower.0) * within) * 1e3);
        }
        lower = (*bound, *count);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ok: u32, failed: u32, fast: u32) -> Exposition {
        let all = ok + failed;
        Exposition::parse(&format!(
            "mlwasm_generation 7\n\
             mlwasm_requests_total{{endpoint=\"e\",deployment=\"blue\",code=\"2xx\",outcome=\"ok\"}} {ok}\n\
             mlwasm_requests_total{{endpoint=\"e\",deployment=\"blue\",code=\"424\",outcome=\"fault\"}} {failed}\n\
             mlwasm_requests_total{{endpoint=\"e\",deployment=\"green\",code=\"2xx\",outcome=\"ok\"}} 0\n\
             mlwasm_request_duration_seconds_bucket{{endpoint=\"e\",deployment=\"blue\",outcome=\"ok\",le=\"0.001\"}} {fast}\n\
             mlwasm_request_duration_seconds_bucket{{endpoint=\"e\",deployment=\"blue\",outcome=\"ok\",le=\"0.01\"}} {all}\n\
             mlwasm_request_duration_seconds_bucket{{endpoint=\"e\",deployment=\"blue\",outcome=\"ok\",le=\"+Inf\"}} {all}\n\
             mlwasm_mirror_requests_total{{endpoint=\"e\",deployment=\"green\",result=\"ok\"}} {ok}\n\
             mlwasm_mirror_requests_total{{endpoint=\"e\",deployment=\"green\",result=\"failed\"}} {failed}\n\
             mlwasm_mirror_requests_total{{endpoint=\"e\",deployment=\"green\",result=\"shed\"}} {ok}\n\
             mlwasm_mirror_requests_total{{endpoint=\"e\",deployment=\"green\",result=\"held_back\"}} {ok}\n\
             mlwasm_guest_cpu_seconds_total{{endpoint=\"e\",deployment=\"blue\"}} {}\n\
             mlwasm_sandboxes{{endpoint=\"e\",deployment=\"blue\",state=\"busy\"}} 3\n",
            f64::from(all) / 100.0
        ))
    }

    #[test]
    fn rates_are_changes_a_second() {
        let report = Report::between(
            &page(100, 10, 50),
            &page(280, 30, 150),
            Duration::from_secs(2),
        );
        let blue = &report.deployments[0];
        assert_eq!(
            (report.generation, report.requests_per_second),
            (7.0, 100.0)
        );
        assert_eq!(
            (blue.requests_per_second, blue.errors_per_second),
            (100.0, 10.0)
        );
        assert_eq!(blue.sandboxes_busy, 3.0);
        assert!((blue.cpu_cores - 1.0).abs() < 1e-9, "{blue:?}");
        // 100 of 200 within a millisecond, the rest within ten.
        assert_eq!(blue.p50_ms, Some(1.0));
        assert!((blue.p99_ms.unwrap() - 9.82).abs() < 0.01, "{blue:?}");
        let green = &report.deployments[1];
        assert_eq!((green.requests_per_second, green.p99_ms), (0.0, None));
        assert_eq!(green.mirrored_per_second, 100.0);
    }

    #[test]
    fn a_server_that_started_anew_counts_from_zero() {
        let report = Report::between(
            &page(1000, 0, 900),
            &page(10, 0, 10),
            Duration::from_secs(1),
        );
        let blue = &report.deployments[0];
        assert_eq!((blue.requests_per_second, blue.p50_ms), (10.0, Some(0.5)));
    }

    #[test]
    fn each_order_puts_its_most_first() {
        let row = |name: &str, values: [f64; 3]| Row {
            deployment: name.to_owned(),
            requests_per_second: values[0],
            errors_per_second: values[1],
            cpu_cores: values[2],
            p99_ms: (name != "b").then_some(values[0]),
            ..Row::default()
        };
        let mut report = Report {
            deployments: vec![
                row("b", [3.0, 0.0, 1.0]),
                row("a", [1.0, 2.0, 1.0]),
                row("c", [2.0, 1.0, 9.0]),
            ],
            ..Report::default()
        };
        for (order, expected) in [
            (Order::Name, "abc"),
            (Order::Requests, "bca"),
            (Order::Errors, "acb"),
            (Order::Latency, "cab"),
            (Order::Cpu, "cab"),
        ] {
            report.sort(order);
            let names: String = report
                .deployments
                .iter()
                .map(|row| row.deployment.as_str())
                .collect();
            assert_eq!(names, expected, "{order:?}");
        }
    }
}
