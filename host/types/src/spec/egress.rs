//! Whom a deployment's scorers may call: a list of origins, compared as a whole and never as a pattern.
//!
//! There is one way to write each origin, whatever came: the scheme and the host in lower case, the port always there. So
//! two that are equal have equal texts, and `https://a` grants what `https://A:443` asks for.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::InvalidSpec;
use crate::text;

/// Most origins that a deployment may name.
pub const MAX_ORIGINS: usize = 64;
/// Longest name of a host, in bytes: what DNS takes.
const LONGEST_HOST: usize = 253;
/// Longest part of a name between two dots.
const LONGEST_LABEL: usize = 63;
/// As much of a text as a message can hold.
const SHOWN: usize = 80;

/// How an origin is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Scheme {
    Http,
    Https,
}

/// Who can be called: a scheme, a host and a port, `https://features.internal:8443`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: Scheme,
    /// A name in lower case, an address of IPv4, or one of IPv6 in brackets.
    host: String,
    port: u16,
}

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{shown} is no origin: {reason}; expected scheme://host or scheme://host:port, as in https://features.internal:8443"
)]
pub struct InvalidOrigin {
    shown: String,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("its scheme is neither http nor https")]
    Scheme,
    #[error("a user or password has no place in it")]
    User,
    #[error("a path, query or fragment has no place in it")]
    Path,
    #[error("its host is none that DNS or an address allows")]
    Host,
    #[error("its port is not one of 1 to 65535")]
    Port,
}

impl Scheme {
    fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// The origin of a request: its scheme, and what follows `//` up to the path.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] if they are none that could be granted.
    pub fn of(scheme: &str, authority: &str) -> Result<Self, InvalidOrigin> {
        Self::read(scheme, authority).map_err(|reason| InvalidOrigin {
            // Whoever puts a password there would find it in a log.
            shown: match reason {
                Reason::User => "a text with an @".to_owned(),
                Reason::Scheme | Reason::Path | Reason::Host | Reason::Port => {
                    let text = format!("{scheme}://{authority}");
                    format!("{:?}", text.chars().take(SHOWN).collect::<String>())
                }
            },
            reason,
        })
    }

    fn read(scheme: &str, authority: &str) -> Result<Self, Reason> {
        let schemes = [Scheme::Http, Scheme::Https];
        let mut schemes = schemes.into_iter();
        let scheme = schemes
            .find(|known| scheme.eq_ignore_ascii_case(known.word()))
            .ok_or(Reason::Scheme)?;
        if authority.contains('@') {
            return Err(Reason::User);
        }
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(Reason::Path);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(Reason::Host)?;
                let address: Ipv6Addr = address.parse().map_err(|_| Reason::Host)?;
                let port = match port.strip_prefix(':') {
                    Some(port) => Some(port),
                    None if port.is_empty() => None,
                    None => return Err(Reason::Port),
                };
                (format!("[{address}]"), port)
            }
            None => {
                let (host, port) = authority
                    .split_once(':')
                    .map_or((authority, None), |(host, port)| (host, Some(port)));
                (name(host)?, port)
            }
        };
        let port = port.map_or(Ok(scheme.default_port()), self::port)?;
        Ok(Self { scheme, host, port })
    }
}

/// The name or address of IPv4, in its one form.
fn name(host: &str) -> Result<String, Reason> {
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let host = host.to_ascii_lowercase();
    if host.len() > LONGEST_HOST || !host.split('.').all(is_label) {
        return Err(Reason::Host);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    // What ends in a number is an address to every resolver: `127.1` and `2130706433` are, too, and would hide that.
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err(Reason::Host);
    }
    Ok(host)
}

fn port(text: &str) -> Result<u16, Reason> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|port| is_number && *port > 0);
    port.ok_or(Reason::Port)
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, authority) = text.split_once("://").unwrap_or(("", text));
        Self::of(scheme, authority)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.word(), self.host, self.port)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::parsed(deserializer)
    }
}

/// # Errors
///
/// If there are too many, or one comes twice.
pub(super) fn check_origins(origins: &[Origin]) -> Result<(), InvalidSpec> {
    if origins.len() > MAX_ORIGINS {
        return Err(InvalidSpec::TooManyOrigins {
            count: origins.len(),
        });
    }
    let mut seen = BTreeSet::new();
    match origins.iter().find(|origin| !seen.insert(*origin)) {
        None => Ok(()),
        Some(origin) => Err(InvalidSpec::OriginTwice {
            origin: origin.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        let label = "a".repeat(LONGEST_LABEL);
        let longest = [label.as_str(); 4].join(".");
        let longest = &longest[..LONGEST_HOST];
        for (text, form) in [
            (
                "https://features.internal:8443",
                "https://features.internal:8443",
            ),
            ("https://features.internal", "https://features.internal:443"),
            ("HTTPS://Features.Internal", "https://features.internal:443"),
            ("http://a", "http://a:80"),
            ("http://a:443", "http://a:443"),
            ("http://a_b-c.d:1", "http://a_b-c.d:1"),
            ("http://a:65535", "http://a:65535"),
            ("http://a:0080", "http://a:80"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://1.a", "http://1.a:80"),
            ("http://[::1]", "http://[::1]:80"),
            (
                "https://[2001:DB8:0:0::1]:8443",
                "https://[2001:db8::1]:8443",
            ),
            (
                &format!("http://{longest}"),
                &format!("http://{longest}:80"),
            ),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), form, "{text}");
            assert_eq!(form.parse::<Origin>().unwrap(), origin, "{text}");
        }
    }

    #[test]
    fn what_is_none_says_why() {
        let label = "a".repeat(LONGEST_LABEL + 1);
        let long = vec!["a"; LONGEST_HOST.div_ceil(2) + 1].join(".");
        for (text, why) in [
            ("", "scheme"),
            ("features.internal", "scheme"),
            ("//features.internal", "scheme"),
            ("ftp://a", "scheme"),
            ("*", "scheme"),
            ("https://", "host"),
            ("https://*", "host"),
            ("https://*.internal", "host"),
            ("https://a.", "host"),
            ("https://a..b", "host"),
            ("https://-a", "host"),
            ("https://a b", "host"),
            ("https://ä", "host"),
            ("http://127.1", "host"),
            ("http://2130706433", "host"),
            ("http://0x7f.0.0.1", "host"),
            ("http://a.0X7f", "host"),
            ("http://127.0.0.256", "host"),
            ("http://::1", "host"),
            ("http://[::1", "host"),
            ("http://[fe80::1%eth0]", "host"),
            ("http://[::1]x", "port"),
            ("https://a:", "port"),
            ("https://a:0", "port"),
            ("https://a:65536", "port"),
            ("https://a:+1", "port"),
            ("https://a:1:2", "port"),
            ("https://a/", "path"),
            ("https://a:1/x", "path"),
            ("https://a?x", "path"),
            ("https://a#x", "path"),
            ("https://a\\b", "path"),
            ("https://me:hush@a", "user"),
            (&format!("http://{label}"), "host"),
            (&format!("http://{long}"), "host"),
        ] {
            let error = text.parse::<Origin>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn there_are_at_most_so_many_and_none_comes_twice() {
        let origins = |count: usize| -> Vec<Origin> {
            let texts = (1..=count).map(|port| format!("http://a:{port}"));
            texts.map(|text| text.parse().unwrap()).collect()
        };
        assert!(check_origins(&[]).is_ok());
        assert!(check_origins(&origins(MAX_ORIGINS)).is_ok());
        assert!(check_origins(&origins(MAX_ORIGINS + 1)).is_err());
        let twice = ["http://a", "http://b", "http://A:80"].map(|text| text.parse().unwrap());
        assert_eq!(
            check_origins(&twice).unwrap_err().to_string(),
            "egress names http://a:80 twice"
        );
    }
}
