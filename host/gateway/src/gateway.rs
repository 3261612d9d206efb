//! The data plane as one object: what all its requests share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mlwasm_routing::TableReader;
use mlwasm_sandbox::TaskGroup;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    GatewaySettings, Records,
    connection::{Encryption, Protocols},
    health::Readiness,
    listener,
    meters::GatewayMeters,
    metrics,
    mirror::Mirrors,
};

/// The data plane.
///
/// # Concurrency
///
/// Shared by every connection. What requests read is immutable or atomic; no lock.
#[derive(Debug)]
pub struct Gateway {
    settings: GatewaySettings,
    tables: TableReader,
    tasks: TaskGroup,
    protocols: Protocols,
    meters: GatewayMeters,
    mirrors: Mirrors,
    records: Arc<Records>,
    is_draining: AtomicBool,
    /// Cancelled with it, for who waits.
    draining: CancellationToken,
}

impl Gateway {
    /// A data plane that routes by the tables of `tables`, leaves what is to be told of its requests with `records` and runs its work in `tasks`,
    /// and copies for mirrors in `copies`: a part of the same group that stands back behind requests.
    pub fn new(
        settings: GatewaySettings,
        tables: TableReader,
        records: Records,
        tasks: TaskGroup,
        copies: TaskGroup,
    ) -> Arc<Self> {
        Arc::new(Self {
            protocols: Protocols::new(&settings, tasks.clone()),
            mirrors: Mirrors::new(
                settings.max_mirrored_requests,
                settings.max_mirrored_bytes,
                records.traces.clone(),
                copies,
            ),
            records: Arc::new(records),
            settings,
            tables,
            tasks,
            meters: GatewayMeters::default(),
            is_draining: AtomicBool::new(false),
            draining: CancellationToken::new(),
        })
    }

    /// Serves `listener` until `shutdown`; then stops accepting, lets requests in flight finish, and returns
    /// when the last connection is closed. The caller decides how long to wait for that.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener and every connection, whatever runs: what a caller does whose
    /// patience is at its end.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, shutdown: CancellationToken) {
        listener::serve(self, (listener, Encryption::None), shutdown).await;
    }

    /// As [`Gateway::serve`], with TLS: `config` says who we are, and offers `h2` and `http/1.1`.
    ///
    /// # Cancel safety
    ///
    /// As [`Gateway::serve`].
    pub async fn serve_tls(
        self: Arc<Self>,
        listener: TcpListener,
        config: Arc<ServerConfig>,
        shutdown: CancellationToken,
    ) {
        let encryption = Encryption::Tls(TlsAcceptor::from(config));
        listener::serve(self, (listener, encryption), shutdown).await;
    }

    /// From now on `/readyz` fails and scoring requests get 503; those in flight are not affected.
    pub fn set_draining(&self) {
        self.is_draining.store(true, Ordering::Release);
        self.draining.cancel();
    }

    /// All counters in Prometheus' text format.
    pub fn metrics(&self) -> String {
        metrics::encode(self)
    }

    pub(crate) fn readiness(&self) -> Readiness {
        // Not asked of the token, which takes a lock.
        if self.is_draining.load(Ordering::Acquire) {
            Readiness::Draining
        } else if self.tables.is_loaded() {
            Readiness::Ready
        } else {
            Readiness::Starting
        }
    }

    /// Tells who waits for it that the server takes no more requests.
    pub(crate) fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    pub(crate) fn settings(&self) -> &GatewaySettings {
        &self.settings
    }

    pub(crate) fn tables(&self) -> &TableReader {
        &self.tables
    }

    pub(crate) fn tasks(&self) -> &TaskGroup {
        &self.tasks
    }

    pub(crate) fn protocols(&self) -> &Protocols {
        &self.protocols
    }

    pub(crate) fn meters(&self) -> &GatewayMeters {
        &self.meters
    }

    pub(crate) fn records(&self) -> &Arc<Records> {
        &self.records
    }

    pub(crate) fn mirrors(&self) -> &Mirrors {
        &self.mirrors
    }
}
