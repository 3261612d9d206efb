//! Who can reach the listeners: others than this machine only through TLS, and only with a key or a token.

use std::net::SocketAddr;

use anyhow::bail;

use super::{AdminConfig, GatewayConfig, TlsConfig};

/// Checks that neither listener gives away what crosses the network.
///
/// # Errors
///
/// Names the keys, and says what to set.
pub(super) fn check(gateway: &GatewayConfig, admin: &AdminConfig) -> anyhow::Result<()> {
    for (section, address, tls) in [
        ("gateway", gateway.listen, &gateway.tls),
        ("admin", admin.listen, &admin.tls),
    ] {
        check_address(section, address, tls.as_ref())?;
    }
    if !gateway.listen.ip().is_loopback() && gateway.allow_anonymous {
        bail!(
            "gateway.listen is {} and gateway.allow_anonymous is on: whoever reaches the machine could call; turn \
             gateway.allow_anonymous off, or listen on 127.0.0.1",
            gateway.listen
        );
    }
    check_public_url(gateway)
}

fn check_address(
    section: &str,
    address: SocketAddr,
    tls: Option<&TlsConfig>,
) -> anyhow::Result<()> {
    if address.ip().is_loopback() || tls.is_some() {
        return Ok(());
    }
    bail!(
        "{section}.listen is {address}, which is not a loopback address, and keys would cross the network in clear: set \
         {section}.tls = {{ certificate = \"FILE\", key = \"FILE\" }}, or use 127.0.0.1 and a proxy or tunnel that encrypts"
    )
}

fn check_public_url(gateway: &GatewayConfig) -> anyhow::Result<()> {
    let Some(url) = &gateway.public_url else {
        return Ok(());
    };
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', '@', ' '])
    });
    if is_url {
        return Ok(());
    }
    bail!("gateway.public_url is {url:?}: expected a URL such as https://scores.example")
}
