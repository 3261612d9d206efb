//! Names to addresses, by the system's own resolver.
//!
//! It blocks, for many seconds if no name server answers, on the threads that also read scorers' files. So there are only so
//! many look-ups at once; the others wait, within the time that their call has.

use std::{
    future::Future,
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec::IntoIter,
};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::{sync::Semaphore, task};
use tower::Service;

/// Look-ups at once, of all deployments: an eighth of the threads that wait.
const AT_ONCE: usize = 64;

/// See the module. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Lookup(Arc<Semaphore>);

/// A name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("{name} has no address")]
pub(super) struct Unknown {
    name: String,
    #[source]
    source: io::Error,
}

impl Lookup {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Service<Name> for Lookup {
    type Response = IntoIter<SocketAddr>;
    type Error = Unknown;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unknown>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Unknown>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let room = Arc::clone(&self.0);
        Box::pin(async move {
            let permit = room.acquire_owned().await;
            let text = name.as_str().to_owned();
            let looking = task::spawn_blocking(move || {
                // Held here: a call that has ended does not end the look-up.
                let permit = permit;
                // The port is the connector's to fill in.
                let found = (name.as_str(), 0).to_socket_addrs();
                drop(permit);
                found
            });
            let found = looking
                .await
                .unwrap_or_else(|died| Err(io::Error::other(died)));
            found.map_err(|source| Unknown { name: text, source })
        })
    }
}
