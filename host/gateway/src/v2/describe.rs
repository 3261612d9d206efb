//! What the protocol tells of the server and its models, as plain data: REST writes it as JSON, gRPC as messages.

use mlwasm_routing::{Deployment, DeploymentMeters, Endpoint, Outcome};
use mlwasm_types::{
    ElementType, TensorSpec,
    tensor::{SignatureView, TensorView},
};
use serde::Serialize;

/// The server's name in the protocol, and that of the platform of its models.
const NAME: &str = "mlwasm";

/// What of the protocol's extensions the server speaks.
const EXTENSIONS: [&str; 5] = [
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "statistics",
];

/// Who the server is.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) extensions: [&'static str; 5],
}

impl Server {
    pub(crate) const THIS: Self = Self {
        name: NAME,
        version: env!("CARGO_PKG_VERSION"),
        extensions: EXTENSIONS,
    };
}

/// What a model takes and gives. Of a raw scorer nobody knows: then there are no inputs and no outputs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) versions: Vec<String>,
    pub(crate) platform: &'static str,
    pub(crate) inputs: Vec<TensorView>,
    pub(crate) outputs: Vec<TensorView>,
}

impl Metadata {
    /// Of `endpoint`, as `deployment` serves it.
    pub(crate) fn of(endpoint: &Endpoint, deployment: &Deployment) -> Self {
        let signature = deployment
            .serving()
            .and_then(|revision| revision.pool.signature());
        let view = signature.map(|signature| SignatureView::from(&**signature));
        let (inputs, outputs) =
            view.map_or_else(Default::default, |view| (view.inputs, view.outputs));
        let versions = endpoint.deployments();
        Self {
            name: endpoint.name().to_string(),
            versions: versions.map(|version| version.name().to_string()).collect(),
            platform: NAME,
            inputs,
            outputs,
        }
    }
}

/// What a model takes and gives, in Triton's words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) platform: &'static str,
    pub(crate) backend: &'static str,
    /// 0: shapes are whole, with any dimension for rows.
    pub(crate) max_batch_size: i32,
    pub(crate) input: Vec<ConfigTensor>,
    pub(crate) output: Vec<ConfigTensor>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ConfigTensor {
    pub(crate) name: String,
    pub(crate) data_type: String,
    pub(crate) dims: Vec<i64>,
}

impl Config {
    /// Of `endpoint`, as `deployment` serves it.
    pub(crate) fn of(endpoint: &Endpoint, deployment: &Deployment) -> Self {
        let signature = deployment
            .serving()
            .and_then(|revision| revision.pool.signature());
        let tensors = |specs: &[TensorSpec]| specs.iter().map(ConfigTensor::of).collect();
        Self {
            name: endpoint.name().to_string(),
            platform: NAME,
            backend: NAME,
            max_batch_size: 0,
            input: signature.map_or_else(Vec::new, |signature| tensors(&signature.inputs)),
            output: signature.map_or_else(Vec::new, |signature| tensors(&signature.outputs)),
        }
    }
}

impl ConfigTensor {
    fn of(spec: &TensorSpec) -> Self {
        let view = TensorView::from(spec);
        let datatype = match spec.element {
            ElementType::Bytes => "STRING",
            other => other.datatype(),
        };
        Self {
            name: view.name,
            data_type: format!("TYPE_{datatype}"),
            dims: view.shape,
        }
    }
}

/// One deployment in the list of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct IndexEntry {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) reason: &'static str,
}

impl IndexEntry {
    pub(crate) fn of(endpoint: &Endpoint, deployment: &Deployment) -> Self {
        let reason = why_not_ready(deployment);
        Self {
            name: endpoint.name().to_string(),
            version: deployment.name().to_string(),
            state: if reason.is_none() {
                "READY"
            } else {
                "UNAVAILABLE"
            },
            reason: reason.unwrap_or_default(),
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.reason.is_empty()
    }
}

/// Why a deployment takes no requests; none if it does.
pub(crate) fn why_not_ready(deployment: &Deployment) -> Option<&'static str> {
    match deployment.serving() {
        None => Some("no revision is ready"),
        Some(revision) if revision.pool.is_dead() => Some("no sandbox is alive"),
        Some(_) => None,
    }
}

/// How often something happened, and how long it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub(crate) count: u64,
    pub(crate) ns: u64,
}

/// What is counted of a deployment, since the server started.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Statistics {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) inference_count: u64,
    pub(crate) execution_count: u64,
    pub(crate) inference_stats: InferenceStatistics,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct InferenceStatistics {
    pub(crate) success: Count,
    pub(crate) fail: Count,
    /// Waiting for a sandbox.
    pub(crate) queue: Count,
    /// Always 0, as `compute_output`: a scorer reads and writes in its own code, and nobody tells that apart.
    pub(crate) compute_input: Count,
    /// In the scorer, native runs included.
    pub(crate) compute_infer: Count,
    pub(crate) compute_output: Count,
}

impl Statistics {
    pub(crate) fn of(endpoint: &Endpoint, deployment: &Deployment) -> Self {
        let meters = deployment.meters();
        let success = ended(meters, |outcome| outcome == Outcome::Ok);
        let execution_count = meters.guest.count();
        Self {
            name: endpoint.name().to_string(),
            version: deployment.name().to_string(),
            inference_count: success.count,
            execution_count,
            inference_stats: InferenceStatistics {
                success,
                fail: ended(meters, |outcome| outcome != Outcome::Ok),
                queue: count(&meters.queue),
                compute_input: Count::default(),
                compute_infer: Count {
                    count: meters.guest.count(),
                    ns: count(&meters.guest).ns + count(&meters.infer).ns,
                },
                compute_output: Count::default(),
            },
        }
    }
}

fn ended(meters: &DeploymentMeters, is_one: impl Fn(Outcome) -> bool) -> Count {
    let mut sum = Count::default();
    for outcome in Outcome::ALL.into_iter().filter(|outcome| is_one(*outcome)) {
        let one = count(meters.durations(outcome));
        sum.count += one.count;
        sum.ns += one.ns;
    }
    sum
}

fn count(histogram: &mlwasm_routing::meters::Histogram) -> Count {
    Count {
        count: histogram.count(),
        ns: u64::try_from(histogram.sum().as_nanos()).unwrap_or(u64::MAX),
    }
}
