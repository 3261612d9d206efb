//! Administration tokens: made, listed, revoked. What a token is, is answered once.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    response::IntoResponse as _,
};
use http::StatusCode;
use jiff::Timestamp;
use mlwasm_types::{
    AdminTokenName,
    access::{
        AdminTokenRequest, AdminTokenView, LEAST_ADMIN_TOKEN_TTL, MOST_ADMIN_TOKEN_TTL,
        NewAdminToken,
    },
    duration::parse_duration_within,
};
use serde::Deserialize;

use super::{
    Answer, Api,
    body::{self, At},
    openapi::{Operation, Tag},
    problem::{Failure, ProblemKind},
};
use crate::{
    admin_tokens::{AdminTokenRecord, TokenDigest, new_token},
    author::Author,
    store::{Change, Expected},
};

/// The address of a token.
#[derive(Deserialize)]
pub(crate) struct AdminTokenPath {
    name: AdminTokenName,
}

pub(crate) async fn list(State(api): State<Arc<Api>>) -> Answer {
    let state = api.store.read();
    let views: Vec<AdminTokenView> = state
        .admin_tokens
        .values()
        .map(|record| record.view())
        .collect();
    Ok(body::shown(&views))
}

/// [`list`], for those who call it.
pub(crate) fn listing() -> Operation {
    Operation::new(
        Tag::Access,
        "list_admin_tokens",
        "List administration tokens",
    )
    .answers_list::<AdminTokenView>(StatusCode::OK, "All but the tokens themselves")
}

pub(crate) async fn create(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(AdminTokenPath { name }): At<AdminTokenPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let wanted: AdminTokenRequest = body::read(body::json(&parts.headers, bytes).await?)?;
    let token = new_token()?;
    let now = Timestamp::now();
    let record = AdminTokenRecord {
        name,
        scope: wanted.scope,
        digest: TokenDigest::of(token.as_bytes()),
        created: now,
        expires: expiry(now, wanted.ttl.as_deref())?,
    };
    let view = record.view();
    let change = Change::PutAdminToken { record };
    api.change(change, Expected::Anything, author).await?;
    Ok(body::created(body::shown(&NewAdminToken { view, token })))
}

/// [`create`], for those who call it.
pub(crate) fn creating() -> Operation {
    Operation::new(
        Tag::Access,
        "create_admin_token",
        "Make an administration token",
    )
    .takes::<AdminTokenRequest>()
    .changes()
    .answers::<NewAdminToken>(StatusCode::CREATED, "The token, which is shown this once")
    .fails(&[ProblemKind::TokenConflict])
}

/// Revokes a token: it is refused as soon as this has answered.
pub(crate) async fn revoke(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(AdminTokenPath { name }): At<AdminTokenPath>,
) -> Answer {
    let change = Change::DeleteAdminToken { name };
    api.change(change, Expected::Anything, author).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// [`revoke`], for those who call it.
pub(crate) fn revoking() -> Operation {
    Operation::new(
        Tag::Access,
        "revoke_admin_token",
        "Revoke an administration token",
    )
    .changes()
    .answers_nothing("It is refused now")
    .fails(&[ProblemKind::TokenNotFound])
}

fn expiry(now: Timestamp, ttl: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(ttl) = ttl else {
        return Ok(None);
    };
    parse_duration_within(ttl, LEAST_ADMIN_TOKEN_TTL, MOST_ADMIN_TOKEN_TTL)
        .and_then(|ttl| now.checked_add(ttl).map_err(|error| error.to_string()))
        .map(Some)
        .map_err(|error| Failure::invalid(format!("ttl: {error}")))
}
