//! Who makes a change, and on whose request: what the audit log tells of it.

use std::{fmt, sync::Arc};

/// Who makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Whoever bears the administration token of this name.
    Token(Arc<str>),
    /// A part of the server, by itself: a rollout, say.
    Server(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(name) => write!(f, "token:{name}"),
            Self::Server(part) => write!(f, "server:{part}"),
        }
    }
}

/// An actor, and the request that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) actor: Actor,
    /// The id under which the server's log knows the request; none if there was no request.
    pub(crate) request_id: Option<Arc<str>>,
}

impl From<Actor> for Author {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_says_of_which_kind_it_is() {
        assert_eq!(Actor::Token("ci".into()).to_string(), "token:ci");
        assert_eq!(Actor::Server("rollout").to_string(), "server:rollout");
    }
}
