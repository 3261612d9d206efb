//! Encrypted connections for the administration API: handshakes happen beside accepting, so that a client that stalls in one
//! holds up nobody else.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use mlwasm_sandbox::TaskGroup;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Longest that a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once; further clients wait in the kernel's backlog.
const HANDSHAKES: usize = 64;
/// Pause after an error that the next `accept` would meet again, such as no free file descriptor.
const BACK_OFF: Duration = Duration::from_millis(200);

/// Hands out connections that are encrypted already.
pub(super) struct Encrypted {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Encrypted {
    /// Accepts on `listener` until `tasks` shut down.
    ///
    /// # Errors
    ///
    /// If the listener has no address.
    pub(super) fn start(
        listener: TcpListener,
        config: Arc<ServerConfig>,
        tasks: &TaskGroup,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(1);
        let group = tasks.clone();
        let acceptor = TlsAcceptor::from(config);
        tasks.spawn(async move {
            let slots = Arc::new(Semaphore::new(HANDSHAKES));
            loop {
                let accepted = async {
                    let slot = Arc::clone(&slots).acquire_owned().await;
                    (listener.accept().await, slot)
                };
                let (accepted, slot) = tokio::select! {
                    () = group.cancelled() => return,
                    accepted = accepted => accepted,
                };
                let (stream, peer) = match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        tracing::warn!(%error, "no administration connection accepted");
                        sleep(BACK_OFF).await;
                        continue;
                    }
                };
                let handshake = acceptor.accept(stream);
                let done = done.clone();
                group.spawn(Box::pin(async move {
                    match timeout(HANDSHAKE, handshake).await {
                        // Nobody takes it if the server is going down.
                        Ok(Ok(stream)) => drop(done.send((stream, peer)).await),
                        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                        Err(_) => tracing::debug!("TLS handshake took too long"),
                    }
                    drop(slot);
                }));
            }
        });
        Ok(Self { address, ready })
    }
}

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // Nothing will come any more: the server is going down, and whoever waits here is told otherwise.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
