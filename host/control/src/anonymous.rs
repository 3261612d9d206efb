//! Endpoints that anyone may call: allowed or not by the server's settings, never by an endpoint alone.
//!
//! The setting holds at every start anew. An endpoint that was made while it was on is not lost when it is off: it
//! asks for its keys, as all others do.

use mlwasm_routing::Callers;
use mlwasm_types::AuthMode;

use crate::{
    keys::{digests_of, keys_of},
    scoring_tokens::token_key_of,
    secret::Secret,
    store::EndpointRecord,
};

/// Whether `auth_mode: none` means something on this server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnonymousCallers {
    /// No endpoint may be made so, and one that is asks for its keys.
    #[default]
    Refused,
    /// An endpoint with this mode answers whoever reaches the server.
    Allowed,
}

impl AnonymousCallers {
    /// Whether an endpoint may have this mode.
    pub(crate) fn permit(self, mode: AuthMode) -> bool {
        match mode {
            AuthMode::Key | AuthMode::AmlToken => true,
            AuthMode::None => self == Self::Allowed,
        }
    }

    /// What the data plane needs to know an endpoint's callers.
    pub(crate) fn callers(self, record: &EndpointRecord, secret: &Secret) -> Callers {
        let (name, salt, counters) = (&record.spec.name, record.salt, record.counters);
        match record.spec.auth_mode {
            AuthMode::None if self == Self::Allowed => Callers::Anyone,
            AuthMode::AmlToken => {
                Callers::TokenHolders(Box::new(token_key_of(secret, name, salt, counters)))
            }
            AuthMode::Key | AuthMode::None => {
                Callers::KeyHolders(digests_of(&keys_of(secret, name, salt, counters)))
            }
        }
    }
}
