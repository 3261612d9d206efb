//! The two sockets, bound before anything else so that a port in use is what the operator hears of first.

use std::{io, net::SocketAddr};

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use super::tls::Tls;
use crate::{
    client::{Scheme, ServerUrl},
    config::{Config, TlsConfig},
};

/// Bound sockets; nothing is accepted yet.
pub(super) struct Listeners {
    /// The data plane's.
    pub(super) scoring: TcpListener,
    /// The administration API's.
    pub(super) admin: TcpListener,
    /// The data plane's TLS, if it has one.
    pub(super) scoring_tls: Option<Tls>,
    /// The administration API's TLS, if it has one.
    pub(super) admin_tls: Option<Tls>,
    scoring_url: String,
    admin_url: ServerUrl,
}

impl Listeners {
    /// Binds both.
    ///
    /// # Errors
    ///
    /// Names the address, and the option that chooses another; or the file of a certificate that can not be used.
    pub(super) async fn bind(config: &Config) -> anyhow::Result<Self> {
        let (scoring, scoring_address) = bind(config.gateway.listen, "--listen").await?;
        let (admin, admin_address) = bind(config.admin.listen, "--admin-listen").await?;
        let open = |section, tls: &Option<TlsConfig>| {
            let tls = tls.as_ref().map(Tls::open).transpose();
            tls.with_context(|| format!("{section}.tls"))
        };
        let scoring_tls = open("gateway", &config.gateway.tls)?;
        let admin_tls = open("admin", &config.admin.tls)?;
        Ok(Self {
            scoring_url: ServerUrl::of_socket(scoring_address, scheme(&scoring_tls)).to_string(),
            admin_url: ServerUrl::of_socket(admin_address, scheme(&admin_tls)),
            scoring,
            admin,
            scoring_tls,
            admin_tls,
        })
    }

    /// Where requests are scored.
    pub(super) fn scoring_url(&self) -> String {
        self.scoring_url.clone()
    }

    /// Where the server is administered.
    pub(super) fn admin_url(&self) -> ServerUrl {
        self.admin_url.clone()
    }
}

fn scheme(tls: &Option<Tls>) -> Scheme {
    match tls {
        Some(_) => Scheme::Https,
        None => Scheme::Http,
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
