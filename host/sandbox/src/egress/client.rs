//! The connections of one deployment: HTTP/1.1, with TLS where the origin says so.

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, Uri};
use hyper::{body::Incoming, rt::Executor};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioTimer,
};
use rustls::{
    ClientConfig, RootCertStore, client::Resumption, crypto::aws_lc_rs, pki_types::CertificateDer,
};
use tokio::time::timeout;
use tower::Service;

use super::{departing::Departing, lookup::Lookup};
use crate::tasks::TaskGroup;

/// Connections that are kept for the next call, to each origin.
const IDLE: usize = 8;
/// Longest that a connection is kept: less than most servers keep theirs.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest that connecting may take, look-up and TLS included, whatever a guest asks for.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of a response's head.
const MAX_HEAD: usize = 64 << 10;
/// TLS sessions that are remembered.
const SESSIONS: usize = 64;

type BoxError = Box<dyn StdError + Send + Sync>;
type Tls = HttpsConnector<HttpConnector<Lookup>>;

/// Who vouches for those that scorers call: the public authorities, and some of the operator's. Clones are the same.
#[derive(Clone)]
pub struct Authorities {
    config: Arc<ClientConfig>,
    lookup: Lookup,
}

/// Certificates that vouch for nobody.
#[derive(Debug, thiserror::Error)]
#[error("not the certificate of an authority")]
pub struct InvalidAuthority(#[from] rustls::Error);

impl Authorities {
    /// The public ones and `others`, in DER.
    ///
    /// # Errors
    ///
    /// [`InvalidAuthority`] if one of the others can not be one.
    pub fn public_and(others: Vec<Vec<u8>>) -> Result<Self, InvalidAuthority> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.into(),
        };
        for certificate in others {
            roots.add(CertificateDer::from(certificate))?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
            lookup: Lookup::new(),
        })
    }

    /// A client with connections and TLS sessions of its own.
    pub(super) fn client(&self, tasks: &TaskGroup) -> Client {
        let mut config = (*self.config).clone();
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        let mut tcp = HttpConnector::new_with_resolver(self.lookup.clone());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = legacy::Client::builder(Background(tasks.clone()))
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE)
            .http1_max_buf_size(MAX_HEAD)
            .build(Connector(tls));
        Client(client)
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").finish_non_exhaustive()
    }
}

/// See the module. Clones are the same.
#[derive(Clone)]
pub(super) struct Client(legacy::Client<Connector, Departing>);

impl Client {
    /// The head of the answer. Connecting may take `connect`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection, unless nothing was sent yet.
    pub(super) async fn send(
        &self,
        request: Request<Departing>,
        connect: Duration,
    ) -> Result<Response<Incoming>, legacy::Error> {
        CONNECT_WITHIN.scope(connect, self.0.request(request)).await
    }
}

tokio::task_local! {
    /// What the call at hand leaves for connecting. The client makes connections inside of a call, and passes on nothing of it.
    static CONNECT_WITHIN: Duration;
}

/// Connects, with TLS or without, within the time of the call.
#[derive(Clone)]
struct Connector(Tls);

/// Connecting took too long.
#[derive(Debug, thiserror::Error)]
#[error("connecting took longer than {} ms", .0.as_millis())]
pub(super) struct ConnectTimeout(Duration);

impl Service<Uri> for Connector {
    type Response = <Tls as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        let within = CONNECT_WITHIN.try_with(|within| *within);
        let within = within.unwrap_or(CONNECT_TIMEOUT).min(CONNECT_TIMEOUT);
        Box::pin(async move {
            let connected = timeout(within, connecting).await;
            connected.unwrap_or_else(|_| Err(ConnectTimeout(within).into()))
        })
    }
}

/// Runs connections as tasks of the group: they end with it.
#[derive(Clone)]
struct Background(TaskGroup);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Background {
    fn execute(&self, connection: F) {
        let group = self.0.clone();
        self.0.spawn(async move {
            tokio::select! {
                () = connection => {}
                () = group.cancelled() => {}
            }
        });
    }
}
