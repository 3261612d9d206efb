//! Calls beside inference: what the protocol tells of the server and its models, as messages.

use bytes::Bytes;
use http::HeaderMap;
use prost::Message;

use super::{
    Method,
    answer::message,
    frame::only_message,
    generated::{
        health::HealthCheckRequest,
        inference::{
            self as wire, model_metadata_response::TensorMetadata,
            repository_index_response::ModelIndex,
        },
    },
    health,
};
use crate::{
    gateway::Gateway,
    health::Readiness,
    rejection::Rejection,
    respond::Answer,
    route::Address,
    v2::{self, Config, Count, IndexEntry, Inquiry, Metadata, Statistics, Told},
};
use mlwasm_types::tensor::TensorView;

/// Longest message of a call that is no inference.
pub(super) const LONGEST: u64 = 64 << 10;

/// Answers a call that is no inference and no stream.
pub(super) fn answer(
    gateway: &Gateway,
    method: Method,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, Rejection> {
    let opened = only_message(body, super::coding(headers), LONGEST)?;
    let tell = |inquiry| v2::tell(gateway, inquiry, headers);
    let told = match method {
        Method::ServerLive => tell(Inquiry::ServerLive)?,
        Method::ServerReady => tell(Inquiry::ServerReady)?,
        Method::ServerMetadata => tell(Inquiry::Server)?,
        Method::ModelReady => {
            let asked: wire::ModelReadyRequest = read(opened)?;
            tell(Inquiry::Ready(address(&asked.name, &asked.version)))?
        }
        Method::ModelMetadata => {
            let asked: wire::ModelMetadataRequest = read(opened)?;
            tell(Inquiry::Metadata(address(&asked.name, &asked.version)))?
        }
        Method::ModelConfig => {
            let asked: wire::ModelConfigRequest = read(opened)?;
            tell(Inquiry::Config(address(&asked.name, &asked.version)))?
        }
        Method::ModelStatistics => {
            let asked: wire::ModelStatisticsRequest = read(opened)?;
            let one = (!asked.name.is_empty()).then(|| address(&asked.name, &asked.version));
            tell(Inquiry::Statistics(one))?
        }
        Method::RepositoryIndex => {
            let asked: wire::RepositoryIndexRequest = read(opened)?;
            match tell(Inquiry::Index)? {
                Told::Index(mut entries) if asked.ready => {
                    entries.retain(IndexEntry::is_ready);
                    Told::Index(entries)
                }
                told => told,
            }
        }
        Method::RepositoryModelLoad | Method::RepositoryModelUnload => {
            return Err(Rejection::Administration);
        }
        Method::HealthCheck => {
            let asked: HealthCheckRequest = read(opened)?;
            return health::check(gateway, &asked.service).map(|status| message(&status));
        }
        // These are taken elsewhere.
        Method::ModelInfer | Method::ModelStreamInfer | Method::HealthWatch => {
            return Err(Rejection::NoRoute);
        }
    };
    Ok(written(told))
}

pub(super) fn read<T: Message + Default>(message: Bytes) -> Result<T, Rejection> {
    T::decode(message).map_err(|error| Rejection::Malformed(format!("the message: {error}")))
}

pub(super) fn address<'r>(model: &'r str, version: &'r str) -> Address<'r> {
    Address {
        endpoint: model,
        deployment: (!version.is_empty()).then_some(version),
    }
}

fn written(told: Told) -> Answer {
    match told {
        Told::Server(server) => message(&wire::ServerMetadataResponse {
            name: server.name.to_owned(),
            version: server.version.to_owned(),
            extensions: server.extensions.map(str::to_owned).to_vec(),
        }),
        Told::Live => message(&wire::ServerLiveResponse { live: true }),
        Told::Ready(readiness) => message(&wire::ServerReadyResponse {
            ready: readiness == Readiness::Ready,
        }),
        Told::Metadata(metadata) => message(&described(metadata)),
        Told::ModelReady(_) => message(&wire::ModelReadyResponse { ready: true }),
        Told::Config(config) => message(&wire::ModelConfigResponse {
            config: Some(configured(config)),
        }),
        Told::Statistics(all) => message(&wire::ModelStatisticsResponse {
            model_stats: all.into_iter().map(counted).collect(),
        }),
        Told::Index(entries) => message(&wire::RepositoryIndexResponse {
            models: entries
                .into_iter()
                .map(|entry| ModelIndex {
                    name: entry.name,
                    version: entry.version,
                    state: entry.state.to_owned(),
                    reason: entry.reason.to_owned(),
                })
                .collect(),
        }),
    }
}

fn described(metadata: Metadata) -> wire::ModelMetadataResponse {
    let tensors = |views: Vec<TensorView>| {
        let tensor = |view: TensorView| TensorMetadata {
            name: view.name,
            datatype: view.datatype,
            shape: view.shape,
        };
        views.into_iter().map(tensor).collect()
    };
    wire::ModelMetadataResponse {
        name: metadata.name,
        versions: metadata.versions,
        platform: metadata.platform.to_owned(),
        inputs: tensors(metadata.inputs),
        outputs: tensors(metadata.outputs),
    }
}

fn configured(config: Config) -> wire::ModelConfig {
    let datatype = |name: &str| {
        wire::DataType::from_str_name(name)
            .unwrap_or_default()
            .into()
    };
    wire::ModelConfig {
        name: config.name,
        platform: config.platform.to_owned(),
        backend: config.backend.to_owned(),
        max_batch_size: config.max_batch_size,
        input: config
            .input
            .into_iter()
            .map(|tensor| wire::ModelInput {
                data_type: datatype(&tensor.data_type),
                name: tensor.name,
                dims: tensor.dims,
            })
            .collect(),
        output: config
            .output
            .into_iter()
            .map(|tensor| wire::ModelOutput {
                data_type: datatype(&tensor.data_type),
                name: tensor.name,
                dims: tensor.dims,
            })
            .collect(),
    }
}

fn counted(statistics: Statistics) -> wire::ModelStatistics {
    let duration = |count: Count| {
        Some(wire::StatisticDuration {
            count: count.count,
            ns: count.ns,
        })
    };
    let times = statistics.inference_stats;
    wire::ModelStatistics {
        name: statistics.name,
        version: statistics.version,
        last_inference: 0,
        inference_count: statistics.inference_count,
        execution_count: statistics.execution_count,
        inference_stats: Some(wire::InferStatistics {
            success: duration(times.success),
            fail: duration(times.fail),
            queue: duration(times.queue),
            compute_input: duration(times.compute_input),
            compute_infer: duration(times.compute_infer),
            compute_output: duration(times.compute_output),
        }),
    }
}
