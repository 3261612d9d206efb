//! All counters in Prometheus' text format, 0.0.4.
//!
//! Written by hand: the meters are plain atomics, so that counting costs nothing, and a metrics library would
//! want them to be its own types. Labels are names from the table and words from fixed lists, so their number is
//! bounded, and nothing in them needs escaping.

use mlwasm_routing::{
    Deployment, DeploymentMeters, Endpoint, Histogram, MirrorResult, Outcome, RoutingTable,
};

use crate::{gateway::Gateway, meters::GatewayMeters, rejection::Kind};

mod access_log;
mod collection;
mod compilations;
mod cost;
mod egress;
mod inference;
mod limits;
mod page;
mod rollout;
mod scale;
mod shadow;
mod traces;

pub use compilations::compilations;
pub use inference::lanes;
use page::Page;
pub use rollout::rollouts;

/// The media type of what [`encode`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The counters of all deployments in the gateway's table, and its own.
pub fn encode(gateway: &Gateway) -> String {
    let table = gateway.tables().load();
    let mut page = Page::default();
    write_requests(&mut page, &table);
    write_durations(&mut page, &table);
    write_sandboxes(&mut page, &table);
    limits::write(&mut page, &table);
    egress::write(&mut page, &table);
    scale::write(&mut page, &table);
    shadow::write(&mut page, &table);
    collection::write(&mut page, &table);
    cost::write(&mut page, &table);
    inference::write(&mut page, &table);
    inference::write_joined(&mut page, &table);
    write_gateway(&mut page, gateway.meters());
    access_log::write(&mut page, &gateway.records().access_log);
    traces::write(&mut page, &gateway.records().traces);
    page.head(
        "mlwasm_mirror_requests_in_flight",
        "gauge",
        "Copied requests in flight.",
    );
    page.sample(
        "mlwasm_mirror_requests_in_flight",
        "",
        gateway.mirrors().in_flight(),
    );
    page.head(
        "mlwasm_generation",
        "gauge",
        "Generation of the desired state that is served.",
    );
    page.sample("mlwasm_generation", "", table.generation());
    page.into_text()
}

/// Every deployment with the labels that name it.
fn deployments(table: &RoutingTable) -> Vec<(String, &Deployment)> {
    // The table has no order; readers like one that stays.
    let mut endpoints: Vec<&Endpoint> = table.endpoints().map(AsRef::as_ref).collect();
    endpoints.sort_by(|one, other| one.name().cmp(other.name()));
    endpoints
        .into_iter()
        .flat_map(|endpoint| {
            endpoint.deployments().map(move |deployment| {
                let labels = format!(
                    "endpoint=\"{}\",deployment=\"{}\"",
                    endpoint.name(),
                    deployment.name()
                );
                (labels, deployment.as_ref())
            })
        })
        .collect()
}

/// The status that clients saw, as far as the outcome tells it.
fn code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "2xx",
        Outcome::Refused => "4xx",
        Outcome::ScorerError => "5xx",
        Outcome::ScorerFault => "424",
        Outcome::Timeout => "408",
        Outcome::Overloaded => "429",
        Outcome::Unavailable => "503",
        // Nobody saw it; what nginx writes in its logs.
        Outcome::Cancelled => "499",
        Outcome::HostError => "500",
    }
}

fn write_requests(page: &mut Page, table: &RoutingTable) {
    let deployments = deployments(table);
    let name = "mlwasm_requests_total";
    page.head(name, "counter", "Requests that had a deployment, ended.");
    for (labels, deployment) in &deployments {
        for outcome in Outcome::ALL {
            let labels = format!(
                "{labels},code=\"{}\",outcome=\"{}\"",
                code(outcome),
                outcome.label()
            );
            page.sample(
                name,
                &labels,
                deployment.meters().durations(outcome).count(),
            );
        }
    }
    let name = "mlwasm_requests_in_flight";
    page.head(
        name,
        "gauge",
        "Requests in the deployment, waiting or running.",
    );
    for (labels, deployment) in &deployments {
        let inside = deployment
            .serving()
            .map_or(0, |revision| revision.admission.inside());
        page.sample(name, labels, inside);
    }
    let name = "mlwasm_mirror_requests_total";
    page.head(name, "counter", "Copied requests, by their target.");
    for (labels, deployment) in &deployments {
        for result in MirrorResult::ALL {
            let labels = format!("{labels},result=\"{}\"", result.label());
            page.sample(name, &labels, deployment.meters().mirrored_count(result));
        }
    }
    let name = "mlwasm_swaps_total";
    page.head(name, "counter", "Hot swaps to another revision.");
    for (labels, deployment) in &deployments {
        page.sample(name, labels, deployment.meters().swaps());
    }
}

/// One of the histograms of a deployment.
type Part = fn(&DeploymentMeters) -> &Histogram;

fn write_durations(page: &mut Page, table: &RoutingTable) {
    let deployments = deployments(table);
    let name = "mlwasm_request_duration_seconds";
    page.head(
        name,
        "histogram",
        "Time from a request's head to its answer, by how it ended.",
    );
    for (labels, deployment) in &deployments {
        for outcome in Outcome::ALL {
            let histogram = deployment.meters().durations(outcome);
            // Nine outcomes of twenty lines each: most never happen.
            if outcome == Outcome::Ok || histogram.count() > 0 {
                let labels = format!("{labels},outcome=\"{}\"", outcome.label());
                page.histogram(name, &labels, histogram);
            }
        }
    }
    let parts: [(&str, &str, Part); 3] = [
        (
            "mlwasm_request_queue_seconds",
            "Time that a request waited for a sandbox.",
            |meters| &meters.queue,
        ),
        (
            "mlwasm_request_guest_seconds",
            "Time of a request in the scorer's own code.",
            |meters| &meters.guest,
        ),
        (
            "mlwasm_request_infer_seconds",
            "Time in native runs, of requests that had one.",
            |meters| &meters.infer,
        ),
    ];
    for (name, help, histogram) in parts {
        page.head(name, "histogram", help);
        for (labels, deployment) in &deployments {
            page.histogram(name, labels, histogram(deployment.meters()));
        }
    }
}

fn write_sandboxes(page: &mut Page, table: &RoutingTable) {
    let serving: Vec<_> = deployments(table)
        .into_iter()
        .filter_map(|(labels, deployment)| Some((labels, &deployment.serving()?.pool)))
        .collect();
    let name = "mlwasm_sandboxes";
    page.head(name, "gauge", "Sandboxes of the revision that serves.");
    for (labels, pool) in &serving {
        let counts = pool.counts();
        for (state, count) in [
            ("idle", counts.idle),
            ("busy", counts.busy),
            ("refilling", counts.refilling),
        ] {
            page.sample(name, &format!("{labels},state=\"{state}\""), count);
        }
    }
    let name = "mlwasm_sandbox_recycles_total";
    page.head(name, "counter", "Sandboxes that were discarded, by reason.");
    for (labels, deployment) in deployments(table) {
        let recycles = deployment.meters().recycles.counts();
        for (reason, count) in [
            ("trap", recycles.trap),
            ("deadline", recycles.deadline),
            ("cancelled", recycles.cancelled),
            ("limit", recycles.limit),
            ("host_error", recycles.host_error),
            ("requests", recycles.requests),
            ("age", recycles.age),
            ("memory", recycles.memory),
        ] {
            page.sample(name, &format!("{labels},reason=\"{reason}\""), count);
        }
    }
}

fn write_gateway(page: &mut Page, meters: &GatewayMeters) {
    let name = "mlwasm_rejections_total";
    page.head(
        name,
        "counter",
        "Requests that got an error from the platform, with or without a deployment.",
    );
    for kind in Kind::ALL {
        let labels = format!("reason=\"{}\"", kind.slug());
        page.sample(name, &labels, meters.rejections(kind));
    }
    let single: [(&str, &str, &str, u64); 4] = [
        (
            "mlwasm_request_panics_total",
            "counter",
            "Requests that panicked: each is a bug.",
            meters.panics(),
        ),
        (
            "mlwasm_connections",
            "gauge",
            "Open connections.",
            meters.open_connections(),
        ),
        (
            "mlwasm_connections_total",
            "counter",
            "Connections accepted.",
            meters.connections(),
        ),
        (
            "mlwasm_connection_timeouts_total",
            "counter",
            "Connections ended for being idle or slow.",
            meters.closed_by_timeout(),
        ),
    ];
    for (name, kind, help, value) in single {
        page.head(name, kind, help);
        page.sample(name, "", value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, HashSet},
        time::Duration,
    };

    use mlwasm_routing::{Callers, EndpointParts, KeyDigest, TablePublisher, channel};
    use mlwasm_sandbox::TaskGroup;
    use mlwasm_types::{DeploymentName, EndpointName, EndpointSpec, Generation};

    use super::*;
    use crate::{GatewaySettings, Records};

    fn table(meters: &std::sync::Arc<DeploymentMeters>) -> RoutingTable {
        let spec = EndpointSpec::named(EndpointName::new("iris").unwrap());
        let name = DeploymentName::new("blue").unwrap();
        let deployment = Deployment::new(name.clone(), std::sync::Arc::clone(meters), None);
        let endpoint = Endpoint::new(EndpointParts {
            spec: &spec,
            callers: Callers::new(KeyDigest::of(b"one"), KeyDigest::of(b"two")),
            deployments: BTreeMap::from([(name, deployment.into())]),
            shadow: None,
        });
        RoutingTable::new(Generation(7), [endpoint.into()])
    }

    fn gateway() -> (TablePublisher, std::sync::Arc<Gateway>) {
        let (publisher, reader) = channel();
        let settings = GatewaySettings {
            max_body_bytes: 1 << 20,
            max_headers: 100,
            max_header_bytes: 16 << 10,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            max_connections: 10,
            max_mirrored_requests: 10,
            max_mirrored_bytes: 1 << 20,
        };
        let tasks = TaskGroup::new();
        let gateway = Gateway::new(settings, reader, Records::off(), tasks.clone(), tasks);
        (publisher, gateway)
    }

    #[test]
    fn every_family_is_described_once_and_every_sample_belongs_to_the_last_one() {
        let (mut publisher, gateway) = gateway();
        let meters = DeploymentMeters::new();
        meters.finished(Outcome::Timeout, Duration::from_secs(5));
        drop(publisher.publish(table(&meters)));

        let text = gateway.metrics();

        let mut seen = HashSet::new();
        let mut family = String::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                family = help.split(' ').next().unwrap().to_owned();
                assert!(seen.insert(family.clone()), "{family} comes twice");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                assert!(kind.starts_with(&format!("{family} ")), "{line}");
            } else {
                assert!(line.starts_with(&family), "{line} is not of {family}");
                let value = line.rsplit(' ').next().unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
        for line in [
            "mlwasm_requests_total{endpoint=\"iris\",deployment=\"blue\",code=\"408\",outcome=\"timeout\"} 1",
            "mlwasm_request_duration_seconds_count{endpoint=\"iris\",deployment=\"blue\",outcome=\"timeout\"} 1",
            "mlwasm_rejections_total{reason=\"unauthorized\"} 0",
            "mlwasm_generation 7",
            "mlwasm_connections 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
