//! Administration tokens: what is kept of them, and who bears one.
//!
//! Only a token's SHA-256 is kept, so that the state gives none away. Tokens are 256 random bits, which is why one plain
//! SHA-256 is enough. The data folder's own token is no part of the state: it works on an empty one, and no command revokes it.

use std::{collections::BTreeMap, io, sync::Arc};

use jiff::Timestamp;
use mlwasm_types::{AdminTokenName, Scope, access::AdminTokenView};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::{keys::written, secret::random};

/// Begins an administration token, so that a scanner knows one when it sees it.
const PREFIX: &str = "mla_";

/// The name of the data folder's token.
pub(crate) const FIRST_TOKEN: &str = "admin";

/// Most tokens at once: each request compares with all.
pub(crate) const MOST_TOKENS: usize = 1_000;

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdminTokenRecord {
    pub(crate) name: AdminTokenName,
    pub(crate) scope: Scope,
    pub(crate) digest: TokenDigest,
    pub(crate) created: Timestamp,
    /// None if it is valid until it is revoked.
    pub(crate) expires: Option<Timestamp>,
}

/// All tokens but the data folder's.
pub(crate) type AdminTokens = BTreeMap<AdminTokenName, Arc<AdminTokenRecord>>;

/// The SHA-256 of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenDigest(pub(crate) [u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }

    fn equals(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other).into()
    }
}

impl Eq for TokenDigest {}

/// Who bears a token, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) name: Arc<str>,
    pub(crate) scope: Scope,
}

impl AdminTokenRecord {
    /// What is listed of it.
    pub(crate) fn view(&self) -> AdminTokenView {
        AdminTokenView {
            name: self.name.clone(),
            scope: self.scope,
            created: self.created,
            expires: self.expires,
        }
    }

    fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// A token that nobody had before.
///
/// # Errors
///
/// If the operating system has no random bytes.
pub(crate) fn new_token() -> io::Result<String> {
    Ok(written(PREFIX, &random()?))
}

/// Whose token has this digest. Looks at all of them, so that the time tells nothing about which one it is.
pub(crate) fn bearer_of(
    presented: TokenDigest,
    tokens: &AdminTokens,
    now: Timestamp,
) -> Option<Bearer> {
    let mut found = None;
    for record in tokens.values() {
        if presented == record.digest && record.is_valid(now) {
            found = Some(Bearer {
                name: record.name.as_str().into(),
                scope: record.scope,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn tokens() -> AdminTokens {
        let record = |name: &str, scope, expires: Option<i64>| {
            let name = AdminTokenName::new(name).unwrap();
            let record = AdminTokenRecord {
                digest: TokenDigest::of(name.as_str().as_bytes()),
                name: name.clone(),
                scope,
                created: second(0),
                expires: expires.map(second),
            };
            (name, Arc::new(record))
        };
        AdminTokens::from([
            record("ci", Scope::Deploy, None),
            record("visitor", Scope::Read, Some(100)),
        ])
    }

    #[test]
    fn a_token_is_known_until_it_expires() {
        for (token, now, scope) in [
            ("ci", 0, Some(Scope::Deploy)),
            ("ci", 1_000_000, Some(Scope::Deploy)),
            ("visitor", 99, Some(Scope::Read)),
            ("visitor", 100, None),
            ("visitor", 101, None),
            ("other", 0, None),
            ("", 0, None),
        ] {
            let bearer = bearer_of(TokenDigest::of(token.as_bytes()), &tokens(), second(now));
            assert_eq!(
                bearer.map(|bearer| bearer.scope),
                scope,
                "{token:?} at {now}"
            );
        }
    }

    #[test]
    fn tokens_differ_and_show_what_they_are() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("mla_") && one.len() == other.len());
    }
}
