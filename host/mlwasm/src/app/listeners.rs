//! The two sockets, bound before anything else so that a port in use is what the operator hears of first.

use std::{io, net::SocketAddr};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use crate::{client::ServerUrl, config::Config};

/// Bound sockets; nothing is accepted yet.
pub(super) struct Listeners {
    /// The data plane's.
    pub(super) scoring: TcpListener,
    /// The administration API's.
    pub(super) admin: TcpListener,
    scoring_address: SocketAddr,
    admin_address: SocketAddr,
}

impl Listeners {
    /// Binds both.
    ///
    /// # Errors
    ///
    /// Names the address, and the option that chooses another.
    pub(super) async fn bind(config: &Config) -> anyhow::Result<Self> {
        let (scoring, scoring_address) = bind(config.gateway.listen, "--listen").await?;
        let (admin, admin_address) = bind(config.admin.listen, "--admin-listen").await?;
        Ok(Self {
            scoring,
            admin,
            scoring_address,
            admin_address,
        })
    }

    /// Where requests are scored.
    pub(super) fn scoring_url(&self) -> String {
        format!("http://{}", self.scoring_address)
    }

    /// Where the server is administered.
    pub(super) fn admin_url(&self) -> ServerUrl {
        ServerUrl::of_socket(self.admin_address)
    }
}

async fn bind(address: SocketAddr, option: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                anyhow!("{address} is in use by another program: choose another with {option}")
            }
            _ => anyhow!(error).context(format!("listening at {address}")),
        })?;
    // Not what was asked for: port 0 became a port.
    let bound = listener
        .local_addr()
        .context("asking for the bound address")?;
    Ok((listener, bound))
}
