//! Accepting connections: as many as are allowed, for as long as the server runs.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    activity::Activity,
    connection::{Connection, Encryption},
    gateway::Gateway,
    warden::{Patience, Warden},
};

/// How often connections are looked at.
const INSPECTION: Duration = Duration::from_secs(1);
/// Longest that a client may take no byte of an answer.
const WRITE_STALL: Duration = Duration::from_secs(30);
/// Longest that a connection lingers for the client to read our last answer.
const LINGER: Duration = Duration::from_secs(2);
/// Pause after an error that the next `accept` would meet again, such as no free file descriptor.
const BACK_OFF: Duration = Duration::from_millis(200);

/// Accepts until `shutdown`, then lets what runs finish. Returns when the last connection is closed.
///
/// # Cancel safety
///
/// Dropping the future stops accepting and closes every connection, whatever runs.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    (listener, encryption): (TcpListener, Encryption),
    shutdown: CancellationToken,
) {
    let settings = gateway.settings();
    let most = settings.max_connections.max(1);
    let slots = Arc::new(Semaphore::new(most as usize));
    let mut warden = Warden::new(Patience {
        head: settings.header_timeout,
        idle: settings.idle_timeout,
        write: WRITE_STALL,
        close: LINGER,
    });
    let mut clock = interval(INSPECTION);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        select! {
            biased;
            () = shutdown.cancelled() => break,
            _ = clock.tick() => inspect(&gateway, &mut warden),
            (stream, slot) = accept(&listener, &slots) => {
                let activity = Arc::new(Activity::default());
                warden.watch(Arc::clone(&activity), Instant::now());
                let connection = Connection::new(Arc::clone(&gateway), activity);
                let encryption = encryption.clone();
                gateway.tasks().spawn(async move {
                    connection.serve(stream, encryption).await;
                    drop(slot);
                });
            }
        }
    }
    drop(listener);
    warden.drain();
    loop {
        select! {
            // Every slot is free when every connection is closed.
            _ = slots.acquire_many(most) => return,
            _ = clock.tick() => inspect(&gateway, &mut warden),
        }
    }
}

fn inspect(gateway: &Gateway, warden: &mut Warden) {
    for _ in 0..warden.inspect(Instant::now()) {
        gateway.meters().timed_out();
    }
}

/// The next connection, and the slot that it takes up. While none is free, clients wait in the kernel's backlog.
///
/// # Cancel safety
///
/// No connection is lost.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        let slot = Arc::clone(slots)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _peer)) => return (stream, slot),
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// Whether the connection was gone before we took it: the next one is not affected.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
