//! Who may call an endpoint: whoever holds one of its keys, which stand here as digests, or a token, or anyone.
//!
//! A table holds no key, so a dump of the data plane's memory shows none of those that are not in flight. Keys
//! are 256 random bits, which is why one plain SHA-256 is enough.

use mlwasm_types::{AuthMode, api::KeySlot};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use crate::TokenKey;

/// The SHA-256 of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// The digest of `key` as it is presented.
    pub fn of(key: &[u8]) -> Self {
        Self(Sha256::digest(key).into())
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    fn equals(self, other: Self) -> Choice {
        // By words: byte by byte, this would cost as much as the digest.
        let words = self.0.as_chunks().0.iter().zip(other.0.as_chunks().0);
        let difference = words.fold(0, |difference, (one, other)| {
            difference | (u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other))
        });
        difference.ct_eq(&0)
    }
}

/// Who may call one endpoint.
#[derive(Clone, Debug)]
pub enum Callers {
    /// Whoever holds one of its keys.
    KeyHolders(Keys),
    /// Whoever holds a token that this key signed.
    TokenHolders(Box<TokenKey>),
    /// Whoever reaches the server.
    Anyone,
}

impl Callers {
    /// Callers that hold one of two keys.
    pub fn new(primary: KeyDigest, secondary: KeyDigest) -> Self {
        Self::KeyHolders(Keys::new(primary, secondary))
    }

    /// What callers have to show.
    pub fn auth_mode(&self) -> AuthMode {
        match self {
            Self::KeyHolders(_) => AuthMode::Key,
            Self::TokenHolders(_) => AuthMode::AmlToken,
            Self::Anyone => AuthMode::None,
        }
    }
}

/// The keys of one endpoint.
#[derive(Clone, Debug)]
pub struct Keys {
    primary: KeyDigest,
    secondary: KeyDigest,
}

impl Keys {
    /// The keys of these digests.
    pub fn new(primary: KeyDigest, secondary: KeyDigest) -> Self {
        Self { primary, secondary }
    }

    /// Which key was presented; none if it is neither. Takes the same time for every wrong key.
    pub fn identify(&self, presented: &[u8]) -> Option<KeySlot> {
        let presented = KeyDigest::of(presented);
        let primary = presented.equals(self.primary);
        let secondary = presented.equals(self.secondary);
        let found: Choice = primary | secondary;
        let slot = u8::conditional_select(&1, &0, primary);
        let slot = if slot == 0 {
            KeySlot::Primary
        } else {
            KeySlot::Secondary
        };
        bool::from(found).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_known_and_no_other() {
        let keys = Keys::new(KeyDigest::of(b"one"), KeyDigest::of(b"two"));
        assert_eq!(keys.identify(b"one"), Some(KeySlot::Primary));
        assert_eq!(keys.identify(b"two"), Some(KeySlot::Secondary));
        for wrong in [b"".as_slice(), b"on", b"onee", b"three"] {
            assert_eq!(keys.identify(wrong), None);
        }
    }
}
