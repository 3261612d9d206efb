//! A collector of OpenTelemetry's protocol: what a server under test exports, taken in by gRPC or HTTP, with TLS or without.
//!
//! It reads what any collector reads, by the types that OpenTelemetry generates from its own definitions.

mod http;
mod spans;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tonic::{
    Request, Response, Status,
    transport::{Identity, Server, ServerTlsConfig, server::TcpIncoming},
};

pub use spans::CollectedSpan;

use crate::{Certificates, eventually, failure::OrFail as _};

/// A running collector. It ends with the test.
#[derive(Debug)]
pub struct Collector {
    address: String,
    received: Received,
}

/// What came, and with which headers.
#[derive(Clone, Debug, Default)]
struct Received(Arc<Mutex<Vec<Export>>>);

#[derive(Clone, Debug)]
struct Export {
    headers: BTreeMap<String, String>,
    request: ExportTraceServiceRequest,
}

impl Collector {
    /// One that is spoken to by gRPC.
    pub async fn grpc() -> Self {
        Self::by_grpc("http", Server::builder()).await
    }

    /// One that is spoken to by gRPC with TLS.
    pub async fn grpcs(certificates: &Certificates) -> Self {
        let read = |path| std::fs::read(path).or_fail("reading a certificate");
        let identity =
            Identity::from_pem(read(certificates.certificate()), read(certificates.key()));
        let tls = ServerTlsConfig::new().identity(identity);
        let server = Server::builder().tls_config(tls);
        Self::by_grpc("https", server.or_fail("taking a certificate")).await
    }

    async fn by_grpc(scheme: &str, mut server: Server) -> Self {
        let received = Received::default();
        let address = "127.0.0.1:0".parse().or_fail("reading an address");
        let incoming = TcpIncoming::bind(address).or_fail("binding a collector");
        let address = incoming.local_addr().or_fail("asking for an address");
        let service = TraceServiceServer::new(received.clone());
        let server = server.add_service(service);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move {
            server
                .serve_with_incoming(incoming)
                .await
                .or_fail("serving a collector");
        });
        Self {
            address: format!("{scheme}://{address}"),
            received,
        }
    }

    /// One that is spoken to by HTTP.
    pub fn http() -> Self {
        let received = Received::default();
        let address = http::serve(received.clone(), None);
        Self {
            address: format!("http://{address}"),
            received,
        }
    }

    /// One that is spoken to by HTTPS.
    pub fn https(certificates: &Certificates) -> Self {
        let received = Received::default();
        let address = http::serve(received.clone(), Some(certificates));
        Self {
            address: format!("https://{address}"),
            received,
        }
    }

    /// Where it is: `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// All spans so far, in the order in which they came.
    pub fn spans(&self) -> Vec<CollectedSpan> {
        self.received
            .lock()
            .iter()
            .flat_map(|export| spans::of(&export.request))
            .collect()
    }

    /// The request's own span, of the request with this id, once it is there.
    pub async fn request(&self, id: &str) -> CollectedSpan {
        eventually("the request's span is collected", async || {
            let mut spans = self.spans().into_iter();
            spans.find(|span| span.is("mlwasm.request_id", id) && !span.has("mlwasm.copy"))
        })
        .await
    }

    /// The spans right below this one.
    pub fn parts(&self, span: &CollectedSpan) -> Vec<CollectedSpan> {
        let mut spans = self.spans();
        spans.retain(|other| other.trace == span.trace && other.parent == span.id);
        spans
    }

    /// The headers of each export.
    pub fn headers(&self) -> Vec<BTreeMap<String, String>> {
        let received = self.received.lock();
        received
            .iter()
            .map(|export| export.headers.clone())
            .collect()
    }

    /// All that came, as text, to look for what must not be in it.
    pub fn everything(&self) -> String {
        let received = self.received.lock();
        let requests = received.iter().map(|export| &export.request);
        format!("{:?}", requests.collect::<Vec<_>>())
    }
}

impl Received {
    fn lock(&self) -> MutexGuard<'_, Vec<Export>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, headers: BTreeMap<String, String>, request: ExportTraceServiceRequest) {
        self.lock().push(Export { headers, request });
    }
}

#[tonic::async_trait]
impl TraceService for Received {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        let headers = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        self.push(headers.collect(), request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
