//! Tokens with which an endpoint can be called for a while: signed with a key that is derived as its keys are.
//!
//! The key depends on both of the endpoint's counters, so that regenerating either key revokes every token at once.

use std::{io, time::Duration};

use jiff::Timestamp;
use mlwasm_routing::TokenKey;
use mlwasm_types::{EndpointName, access::ScoringToken};

use crate::{
    keys::{KeyCounters, KeySalt},
    secret::{Secret, hex, random},
};

/// What signs the tokens of an endpoint.
pub(crate) fn token_key_of(
    secret: &Secret,
    endpoint: &EndpointName,
    salt: KeySalt,
    counters: KeyCounters,
) -> TokenKey {
    let bytes = secret.derive(
        "endpoint token",
        &[
            endpoint.as_str().as_bytes(),
            &salt.0,
            &counters.primary.to_be_bytes(),
            &counters.secondary.to_be_bytes(),
        ],
    );
    TokenKey::new(&bytes, format!("{endpoint}/{}", hex(&salt.0)))
}

/// A token that is valid for `ttl` from `now` on, and due for another after half of that.
///
/// # Errors
///
/// If the operating system has no random bytes, or the token can not be signed.
pub(crate) fn issue(key: &TokenKey, now: Timestamp, ttl: Duration) -> io::Result<ScoringToken> {
    let id = hex(&random::<16>()?);
    let issued = now.as_second();
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let access_token = key
        .issue(id, u64::try_from(issued).unwrap_or(0), ttl)
        .map_err(io::Error::other)?;
    Ok(ScoringToken {
        access_token,
        refresh_after_time_utc: issued.saturating_add(seconds(ttl / 2)),
        expiry_time_utc: issued.saturating_add(seconds(ttl)),
    })
}

#[cfg(test)]
mod tests {
    use mlwasm_types::api::KeySlot;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn key(endpoint: &str, salt: u8, counters: KeyCounters) -> TokenKey {
        let endpoint = EndpointName::new(endpoint).unwrap();
        token_key_of(&Secret::fixed(7), &endpoint, KeySalt([salt; 16]), counters)
    }

    #[test]
    fn regenerating_either_key_revokes_every_token() {
        let counters = KeyCounters::default();
        let token = issue(&key("iris", 1, counters), Timestamp::now(), HOUR).unwrap();
        let opens = |counters| key("iris", 1, counters).accepts(token.access_token.as_bytes());
        assert!(opens(counters));
        for slot in [KeySlot::Primary, KeySlot::Secondary] {
            assert!(!opens(counters.rotated(slot)), "{slot}");
        }
    }

    #[test]
    fn another_endpoint_or_a_recreated_one_has_other_tokens() {
        let counters = KeyCounters::default();
        let token = issue(&key("iris", 1, counters), Timestamp::now(), HOUR).unwrap();
        for other in [key("iriz", 1, counters), key("iris", 2, counters)] {
            assert!(!other.accepts(token.access_token.as_bytes()));
        }
    }

    #[test]
    fn a_token_is_due_for_another_at_half_its_life() {
        let key = key("iris", 1, KeyCounters::default());
        let token = issue(&key, Timestamp::from_second(1_000).unwrap(), HOUR).unwrap();
        assert_eq!(token.refresh_after_time_utc, 1_000 + 1_800);
        assert_eq!(token.expiry_time_utc, 1_000 + 3_600);
    }
}
