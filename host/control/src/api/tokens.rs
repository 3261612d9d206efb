//! Tokens for scoring: issued, never kept.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use mlwasm_types::{
    AuthMode,
    access::{LEAST_SCORING_TOKEN_TTL, MOST_SCORING_TOKEN_TTL, SCORING_TOKEN_TTL, ScoringToken},
    duration::parse_duration_within,
};
use serde::{Deserialize, Deserializer, de};
use utoipa::IntoParams;

use super::{
    Answer, Api,
    body::{self, At, Settings},
    keys::other_mode,
    openapi::{Operation, Tag},
    problem::ProblemKind,
    views::EndpointPath,
};
use crate::scoring_tokens::{issue as issue_token, token_key_of};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// How long it is valid: `1m` to `24h`.
    #[serde(default = "usual", deserialize_with = "ttl")]
    #[param(value_type = Option<String>, example = "1h")]
    ttl: Duration,
}

fn usual() -> Duration {
    SCORING_TOKEN_TTL
}

fn ttl<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration_within(&text, LEAST_SCORING_TOKEN_TTL, MOST_SCORING_TOKEN_TTL)
        .map_err(|error| de::Error::custom(format!("ttl: {error}")))
}

/// Issues a token for the endpoint.
pub(crate) async fn issue(
    State(api): State<Arc<Api>>,
    At(path): At<EndpointPath>,
    Settings(wanted): Settings<Wanted>,
) -> Answer {
    let state = api.store.read();
    let record = path.find(&state)?;
    if record.spec.auth_mode != AuthMode::AmlToken {
        return Err(other_mode(&record.spec));
    }
    let key = token_key_of(
        api.data.secret(),
        &path.endpoint,
        record.salt,
        record.counters,
    );
    let token = issue_token(&key, Timestamp::now(), wanted.ttl)?;
    Ok(body::shown(&token))
}

/// [`issue`], for those who call it.
pub(crate) fn issuing() -> Operation {
    Operation::new(Tag::Credentials, "issue_token", "Issue a token for scoring")
        .query::<Wanted>()
        .answers::<ScoringToken>(StatusCode::OK, "The token")
        .fails(&[ProblemKind::EndpointNotFound, ProblemKind::OtherAuthMode])
}
