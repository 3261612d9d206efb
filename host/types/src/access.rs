//! Who may do what: scopes and tokens of the administration API, tokens for scoring.

use std::{fmt, str::FromStr, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AdminTokenName;

/// What the bearer of an administration token may do. Each scope may do all that the ones before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See endpoints, deployments, logs, failures and costs; no credentials, no artifacts.
    Read,
    /// See keys and get tokens of endpoints, and so call them.
    Score,
    /// Change endpoints, deployments, traffic, keys and artifacts.
    Deploy,
    /// Everything: administration tokens and the audit log too.
    Admin,
}

impl Scope {
    /// All scopes, from the weakest to the strongest.
    pub const ALL: [Self; 4] = [Self::Read, Self::Score, Self::Deploy, Self::Admin];

    /// The scope as commands and the API write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Score => "score",
            Self::Deploy => "deploy",
            Self::Admin => "admin",
        }
    }

    /// Whether whoever has this scope may do what needs `needed`.
    pub fn covers(self, needed: Self) -> bool {
        self >= needed
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: expected read, score, deploy or admin")]
pub struct InvalidScope(String);

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let mut scopes = Self::ALL.into_iter();
        scopes
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| InvalidScope(text.to_owned()))
    }
}

/// What is asked of a new administration token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminTokenRequest {
    /// What its bearer may do.
    pub scope: Scope,
    /// How long it is valid, as in `30d`; for ever unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("30d"))]
    pub ttl: Option<String>,
}

/// The shortest life of an administration token that expires.
pub const LEAST_ADMIN_TOKEN_TTL: Duration = Duration::from_secs(60);
/// The longest life of an administration token that expires: ten years.
pub const MOST_ADMIN_TOKEN_TTL: Duration = Duration::from_secs(3_650 * 24 * 3_600);

/// An administration token as it is listed: all but the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminTokenView {
    /// Its name, which the audit log tells.
    pub name: AdminTokenName,
    /// What its bearer may do.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops being valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// An administration token as it is answered once, when it is made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewAdminToken {
    /// What is listed from now on.
    #[serde(flatten)]
    pub view: AdminTokenView,
    /// The token. The server can not show it again.
    pub token: String,
}

impl fmt::Debug for NewAdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewAdminToken({}, not shown)", self.view.name)
    }
}

/// Who asks, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    /// The name of their token.
    pub token: String,
    /// Its scope.
    pub scope: Scope,
    /// All that can be asked for.
    pub routes: Vec<RouteAccess>,
}

/// Something that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteAccess {
    /// The HTTP method.
    pub method: String,
    /// The address, names in braces.
    pub path: String,
    /// The scope that it needs.
    pub scope: Scope,
    /// Whether whoever asks has it.
    #[serde(rename = "allowed")]
    pub is_allowed: bool,
}

/// A token with which an endpoint can be called until it expires. Times are seconds since 1970, as Azure has them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScoringToken {
    /// What goes after `Authorization: Bearer`.
    pub access_token: String,
    /// Ask for another from then on.
    pub refresh_after_time_utc: i64,
    /// It is refused from then on.
    pub expiry_time_utc: i64,
}

impl fmt::Debug for ScoringToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScoringToken(until {}, not shown)", self.expiry_time_utc)
    }
}

/// The shortest life of a token for scoring.
pub const LEAST_SCORING_TOKEN_TTL: Duration = Duration::from_secs(60);
/// The longest life of a token for scoring.
pub const MOST_SCORING_TOKEN_TTL: Duration = Duration::from_secs(24 * 3_600);
/// The life of a token for scoring unless another is asked for.
pub const SCORING_TOKEN_TTL: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_itself_and_those_before_it() {
        for (i, have) in Scope::ALL.into_iter().enumerate() {
            assert_eq!(have.as_str().parse(), Ok(have));
            for (j, needed) in Scope::ALL.into_iter().enumerate() {
                assert_eq!(have.covers(needed), j <= i, "{have} {needed}");
            }
        }
        assert!("root".parse::<Scope>().is_err());
    }

    #[test]
    fn what_is_secret_is_not_printed() {
        let token = ScoringToken {
            access_token: "canary".to_owned(),
            refresh_after_time_utc: 1,
            expiry_time_utc: 2,
        };
        assert!(!format!("{token:?}").contains("canary"));
        let json = serde_json::to_value(&token).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"accessToken": "canary", "refreshAfterTimeUtc": 1, "expiryTimeUtc": 2})
        );
    }
}
