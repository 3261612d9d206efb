//! The address of a server's administration API.

use std::{fmt, str::FromStr};

use ureq::http::Uri;

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// It is not.
    Http,
    /// It is.
    Https,
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// `http://host:port` or `https://host:port`, nothing after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl ServerUrl {
    /// The address of a listener.
    pub(crate) fn of_socket(address: std::net::SocketAddr, scheme: Scheme) -> Self {
        let host = match address.ip() {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self {
            scheme,
            host,
            port: address.port(),
        }
    }

    /// The address that a full URI goes to; none if it names no host, or is no URL of HTTP.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        Some(Self {
            scheme,
            host: uri.host()?.to_owned(),
            port: uri.port_u16().unwrap_or(scheme.port()),
        })
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The host in characters that any file name may have. `localhost` is the address that it stands for.
    pub(crate) fn host_as_file_name(&self) -> String {
        let host = if self.host.eq_ignore_ascii_case("localhost") {
            "127.0.0.1"
        } else {
            &self.host
        };
        let kept = host.trim_matches(['[', ']']).chars();
        kept.map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect()
    }
}

impl FromStr for ServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text
            .parse()
            .map_err(|_| "expected a URL such as http://127.0.0.1:8090".to_owned())?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("expected a URL such as http://127.0.0.1:8090".to_owned());
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err("expected no path after the host and port".to_owned());
        }
        Self::of(&uri).ok_or_else(|| "the URL names no host".to_owned())
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.as_str(), self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_as_host_and_port() {
        for (text, expected) in [
            ("http://127.0.0.1:8090", Some("http://127.0.0.1:8090")),
            ("http://127.0.0.1:8090/", Some("http://127.0.0.1:8090")),
            ("http://localhost", Some("http://localhost:80")),
            ("http://[::1]:8090", Some("http://[::1]:8090")),
            ("https://example.com", Some("https://example.com:443")),
            ("https://[::1]:8090", Some("https://[::1]:8090")),
            ("ftp://example.com", None),
            ("127.0.0.1:8090", None),
            ("http://host/v1", None),
            ("http://host?x", None),
            ("", None),
        ] {
            let read = text.parse::<ServerUrl>().ok().map(|url| url.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_host_makes_a_file_name() {
        for (text, name) in [
            ("http://127.0.0.1:1", "127.0.0.1"),
            ("http://localhost:1", "127.0.0.1"),
            ("http://[::1]:1", "__1"),
            ("http://a-b.example:1", "a-b.example"),
        ] {
            assert_eq!(text.parse::<ServerUrl>().unwrap().host_as_file_name(), name);
        }
    }
}
