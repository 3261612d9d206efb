//! From a request's key to its deployment.

use std::{collections::BTreeMap, hint::black_box, sync::Arc};

use criterion::Criterion;
use mlwasm_routing::{
    Callers, Deployment, DeploymentMeters, Endpoint, EndpointParts, KeyDigest, Selection,
};
use mlwasm_types::{DeploymentName, EndpointName, EndpointSpec};

pub(crate) fn benches(criterion: &mut Criterion) {
    let endpoint = endpoint("blue=90 green=10");
    let mut group = criterion.benchmark_group("choose");
    group.bench_function("by share", |bencher| {
        let key = b"0123456789abcdef0123456789abcdef";
        bencher.iter(|| {
            endpoint
                .choose(Selection::Shared {
                    key: black_box(key),
                })
                .is_ok()
        });
    });
    group.bench_function("by name", |bencher| {
        bencher.iter(|| {
            endpoint
                .choose(Selection::Named(black_box("green")))
                .is_ok()
        });
    });
    group.finish();
}

fn endpoint(traffic: &str) -> Endpoint {
    let name = EndpointName::new("iris").expect("a name");
    let spec = EndpointSpec {
        traffic: traffic.parse().expect("shares"),
        ..EndpointSpec::named(name)
    };
    let deployments = ["blue", "green"].map(|name| {
        let name = DeploymentName::new(name).expect("a name");
        let deployment = Deployment::new(name.clone(), DeploymentMeters::new(), None);
        (name, Arc::new(deployment))
    });
    Endpoint::new(EndpointParts {
        spec: &spec,
        callers: Callers::new(KeyDigest::of(b"one"), KeyDigest::of(b"two")),
        deployments: BTreeMap::from(deployments),
        shadow: None,
    })
}
