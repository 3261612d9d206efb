//! The keys of endpoints: derived when asked for, stored nowhere.
//!
//! A key is a function of the server's secret, the endpoint's name and salt, the slot and a counter; the database
//! holds salt and counters. The salt is new each time an endpoint is created, so that the keys of a deleted endpoint
//! never open another one that happens to get its name.

use std::io;

use mlwasm_routing::{KeyDigest, Keys};
use mlwasm_types::{
    EndpointName,
    api::{EndpointKeys, KeySlot},
};
use sha2::{Digest as _, Sha256};

use crate::secret::{Secret, hex, random};

const PREFIX: &str = "mlw_";
// 62^43 is the first power above 2^256.
const BODY_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;

/// Random bytes of one endpoint, from its creation to its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeySalt(pub(crate) [u8; 16]);

/// How often each key was regenerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyCounters {
    /// Of the primary key.
    pub(crate) primary: u64,
    /// Of the secondary key.
    pub(crate) secondary: u64,
}

impl KeySalt {
    /// A salt that no endpoint had before.
    ///
    /// # Errors
    ///
    /// If the operating system has no random bytes.
    pub(crate) fn new() -> io::Result<Self> {
        random().map(Self)
    }
}

impl KeyCounters {
    /// The counters after the key in `slot` was regenerated.
    #[must_use]
    pub(crate) fn rotated(self, slot: KeySlot) -> Self {
        match slot {
            KeySlot::Primary => Self {
                primary: self.primary + 1,
                ..self
            },
            KeySlot::Secondary => Self {
                secondary: self.secondary + 1,
                ..self
            },
        }
    }
}

/// The keys of an endpoint, in clear.
pub(crate) fn keys_of(
    secret: &Secret,
    endpoint: &EndpointName,
    salt: KeySalt,
    counters: KeyCounters,
) -> EndpointKeys {
    let key = |slot: &str, counter: u64| {
        let bytes = secret.derive(
            "endpoint key",
            &[
                endpoint.as_str().as_bytes(),
                &salt.0,
                slot.as_bytes(),
                &counter.to_be_bytes(),
            ],
        );
        written(PREFIX, &bytes)
    };
    EndpointKeys {
        primary_key: key("primary", counters.primary),
        secondary_key: key("secondary", counters.secondary),
    }
}

/// What the data plane needs to know those who hold a key.
pub(crate) fn digests_of(keys: &EndpointKeys) -> Keys {
    Keys::new(
        KeyDigest::of(keys.primary_key.as_bytes()),
        KeyDigest::of(keys.secondary_key.as_bytes()),
    )
}

/// The prefix, 43 base-62 digits, and 6 hex digits that show a typing error (and let a scanner know a key when it sees one).
pub(crate) fn written(prefix: &str, bytes: &[u8; 32]) -> String {
    let body = base62(bytes);
    let checksum = hex(&Sha256::digest(body.as_bytes()));
    format!("{prefix}{body}{}", &checksum[..CHECKSUM_LENGTH])
}

/// The number that `bytes` are, most significant first, in base 62 with leading zeros.
fn base62(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = *bytes;
    let mut text = [b'0'; BODY_LENGTH];
    for digit in text.iter_mut().rev() {
        let mut rest = 0_u16;
        for byte in &mut number {
            let dividend = rest << 8 | u16::from(*byte);
            // The rest is below 62, so the quotient is below 256.
            *byte = u8::try_from(dividend / 62).expect("a quotient below 256");
            rest = dividend % 62;
        }
        *digit = DIGITS[usize::from(rest)];
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(endpoint: &str, salt: u8, counters: KeyCounters) -> EndpointKeys {
        let endpoint = EndpointName::new(endpoint).unwrap();
        keys_of(&Secret::fixed(7), &endpoint, KeySalt([salt; 16]), counters)
    }

    fn is_well_formed(key: &str) -> bool {
        let Some((body, checksum)) = key
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_at_checked(BODY_LENGTH))
        else {
            return false;
        };
        hex(&Sha256::digest(body.as_bytes()))[..CHECKSUM_LENGTH] == *checksum
    }

    #[test]
    fn the_same_endpoint_has_the_same_two_keys_each_time() {
        let counters = KeyCounters::default();
        let keys = keys("iris", 1, counters);
        assert_eq!(keys, self::keys("iris", 1, counters));
        assert_ne!(keys.primary_key, keys.secondary_key);
        assert!(is_well_formed(&keys.primary_key), "{}", keys.primary_key);
    }

    #[test]
    fn regenerating_changes_one_key_and_never_brings_one_back() {
        let mut counters = KeyCounters::default();
        let first = keys("iris", 1, counters);
        let mut seen = vec![first.primary_key.clone()];
        for _ in 0..20 {
            counters = counters.rotated(KeySlot::Primary);
            let next = keys("iris", 1, counters);
            assert_eq!(next.secondary_key, first.secondary_key);
            assert!(!seen.contains(&next.primary_key));
            seen.push(next.primary_key);
        }
    }

    #[test]
    fn another_endpoint_or_a_recreated_one_has_other_keys() {
        let counters = KeyCounters::default();
        let first = keys("iris", 1, counters);
        assert_ne!(first.primary_key, keys("iriz", 1, counters).primary_key);
        assert_ne!(first.primary_key, keys("iris", 2, counters).primary_key);
    }

    #[test]
    fn the_table_knows_the_keys_that_are_shown() {
        let keys = keys("iris", 1, KeyCounters::default());
        let digests = digests_of(&keys);
        assert_eq!(
            digests.identify(keys.primary_key.as_bytes()),
            Some(KeySlot::Primary)
        );
        assert_eq!(
            digests.identify(keys.secondary_key.as_bytes()),
            Some(KeySlot::Secondary)
        );
        assert_eq!(digests.identify(b"mlw_"), None);
    }

    #[test]
    fn base_62_has_a_fixed_length_and_keeps_every_bit() {
        assert_eq!(base62(&[0; 32]), "0".repeat(BODY_LENGTH));
        let mut one = [0; 32];
        one[31] = 61;
        assert_eq!(base62(&one), format!("{}z", "0".repeat(BODY_LENGTH - 1)));
        assert_eq!(base62(&[255; 32]).len(), BODY_LENGTH);
    }

    proptest! {
        #[test]
        fn different_bytes_have_different_texts(one: [u8; 32], other: [u8; 32]) {
            prop_assert_eq!(one == other, base62(&one) == base62(&other));
        }
    }
}
