//! Tokens for scoring: made by the control plane, checked by the data plane, with one key for both.
//!
//! A token is a JWT (RFC 7519) with one algorithm, so that nothing in a token chooses how it is checked. It is checked without
//! the disk: what it must say stands in the routing table. There is no list of revoked tokens: regenerating an endpoint's
//! keys makes another [`TokenKey`], and what the former one signed is worth nothing.

use std::{fmt, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

const ALGORITHM: Algorithm = Algorithm::HS256;
const ISSUER: &str = "mlwasm";

/// The longest token that is looked at: ours have about 270 bytes.
const LONGEST: usize = 2_048;

/// What a token says. Each claim must be there.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// Who issued it.
    iss: String,
    /// The endpoint that it opens, of all that ever had its name.
    aud: String,
    /// When it was issued, in seconds since 1970.
    iat: u64,
    /// When it expires.
    exp: u64,
    /// Tells it from all others.
    jti: String,
}

/// Signs and checks the tokens of one endpoint.
#[derive(Clone)]
pub struct TokenKey {
    audience: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// Why no token could be made: the library that signs has a fault.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SigningError(#[source] jsonwebtoken::errors::Error);

impl TokenKey {
    /// The key of these bytes, for tokens that open `audience` and nothing else.
    pub fn new(bytes: &[u8; 32], audience: String) -> Self {
        let mut validation = Validation::new(ALGORITHM);
        // The server that checks is the one that signed: their clocks agree.
        validation.leeway = 0;
        // The second that `exp` names is the first in which the token is refused.
        validation.reject_tokens_expiring_in_less_than = 1;
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[&audience]);
        Self {
            audience,
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            validation,
        }
    }

    /// A token that is valid for `ttl` from `issued` on, in seconds since 1970. `id` tells it from all others.
    ///
    /// # Errors
    ///
    /// [`SigningError`] if it can not be signed.
    pub fn issue(&self, id: String, issued: u64, ttl: Duration) -> Result<String, SigningError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.audience.clone(),
            iat: issued,
            exp: issued.saturating_add(ttl.as_secs()),
            jti: id,
        };
        encode(&Header::new(ALGORITHM), &claims, &self.encoding).map_err(SigningError)
    }

    /// Whether `token` was signed with this key, for this endpoint, and has not expired by the wall clock.
    pub fn accepts(&self, token: &[u8]) -> bool {
        token.len() <= LONGEST && decode::<Claims>(token, &self.decoding, &self.validation).is_ok()
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey(of {}, not shown)", self.audience)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::{Value, json};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn key(byte: u8, audience: &str) -> TokenKey {
        TokenKey::new(&[byte; 32], audience.to_owned())
    }

    fn now() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap().as_secs()
    }

    fn token(key: &TokenKey, issued: u64) -> String {
        key.issue("id".to_owned(), issued, HOUR).unwrap()
    }

    #[test]
    fn a_token_opens_its_endpoint_until_it_expires() {
        let key = key(1, "iris/1");
        assert!(key.accepts(token(&key, now()).as_bytes()));
        // A minute before and after the hour is over: far from the second in which the test runs.
        assert!(key.accepts(token(&key, now() - 3_540).as_bytes()));
        assert!(!key.accepts(token(&key, now() - 3_660).as_bytes()));
        // No grace: the second that the token names is the first in which it is refused.
        assert!(!key.accepts(token(&key, now() - 3_600).as_bytes()));
    }

    #[test]
    fn another_key_or_endpoint_signs_tokens_that_open_nothing_here() {
        let mine = key(1, "iris/1");
        for other in [key(2, "iris/1"), key(1, "iris/2"), key(1, "iriz/1")] {
            assert!(!mine.accepts(token(&other, now()).as_bytes()));
        }
    }

    #[test]
    fn every_claim_must_be_there_and_the_algorithm_is_fixed() {
        let key = key(1, "iris/1");
        let whole =
            json!({"iss": ISSUER, "aud": "iris/1", "iat": now(), "exp": now() + 60, "jti": "1"});
        let sign = |algorithm, claims: &Value| {
            encode(&Header::new(algorithm), claims, &key.encoding).unwrap()
        };
        assert!(key.accepts(sign(ALGORITHM, &whole).as_bytes()));
        for claim in ["iss", "aud", "iat", "exp", "jti"] {
            let mut claims = whole.clone();
            claims.as_object_mut().unwrap().remove(claim);
            assert!(!key.accepts(sign(ALGORITHM, &claims).as_bytes()), "{claim}");
        }
        let mut foreign = whole.clone();
        foreign["iss"] = json!("someone");
        assert!(!key.accepts(sign(ALGORITHM, &foreign).as_bytes()));
        for other in [Algorithm::HS384, Algorithm::HS512] {
            assert!(!key.accepts(sign(other, &whole).as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let key = key(1, "iris/1");
        let good = token(&key, now());
        let (head, rest) = good.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        for bad in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            good[..good.len() - 1].to_owned(),
            format!("{good}.{signature}"),
            format!("{head}.{claims}."),
            format!("{unsigned}.{claims}."),
            format!("{unsigned}.{claims}.{signature}"),
            "a".repeat(LONGEST + 1),
        ] {
            assert!(!key.accepts(bad.as_bytes()), "{bad}");
        }
        assert!(!key.accepts(&[0xff; 64]));
    }
}
