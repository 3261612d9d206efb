//! The exporter of OpenTelemetry's own library, as the settings want it.
//!
//! Only its wire is used: which spans there are and when they are sent is ours.

use anyhow::Context as _;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    SpanExporter, WithExportConfig as _, WithHttpConfig as _, WithTonicConfig as _,
    tonic_types::{
        metadata::MetadataMap,
        transport::{Certificate, ClientTlsConfig},
    },
};
use opentelemetry_sdk::{Resource, trace::SpanExporter as _};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::http::Client;
use crate::{
    client::trust,
    config::{OtlpProtocol, TraceExport, TracesConfig},
};

/// An exporter to where `export` says. Must be called in a runtime; connects when there is something to send.
///
/// # Errors
///
/// If the file of authorities or one of OpenTelemetry's variables is wrong.
pub(super) fn open(config: &TracesConfig, export: &TraceExport) -> anyhow::Result<SpanExporter> {
    let builder = SpanExporter::builder();
    let built = match export.protocol {
        OtlpProtocol::Grpc => {
            let builder = builder
                .with_tonic()
                .with_endpoint(&export.endpoint)
                .with_timeout(config.timeout)
                .with_metadata(metadata(export));
            match export.is_encrypted() {
                true => builder.with_tls_config(encryption(config)?).build(),
                false => builder.build(),
            }
        }
        OtlpProtocol::Http => builder
            .with_http()
            .with_http_client(Client::new(config)?)
            .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
            .with_endpoint(&export.endpoint)
            .with_timeout(config.timeout)
            .with_headers(export.headers.clone().into_iter().collect())
            .build(),
    };
    let mut exporter = built.context("preparing the export of traces")?;
    let attributes = export.resource.iter();
    let attributes = attributes.map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    exporter.set_resource(
        &Resource::builder_empty()
            .with_attributes(attributes)
            .build(),
    );
    Ok(exporter)
}

fn encryption(config: &TracesConfig) -> anyhow::Result<ClientTlsConfig> {
    Ok(match &config.ca_file {
        Some(file) => {
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(trust::pem(file)?))
        }
        None => ClientTlsConfig::new().with_webpki_roots(),
    })
}

fn metadata(export: &TraceExport) -> MetadataMap {
    let headers = export.headers.iter();
    // They were checked when the settings were read.
    let headers: HeaderMap = headers
        .filter_map(|(name, value)| {
            let name = HeaderName::try_from(name.as_str()).ok()?;
            Some((name, HeaderValue::try_from(value.as_str()).ok()?))
        })
        .collect();
    MetadataMap::from_headers(headers)
}
