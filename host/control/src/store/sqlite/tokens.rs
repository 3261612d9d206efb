//! Administration tokens as rows.

use std::sync::Arc;

use jiff::Timestamp;
use mlwasm_types::AdminTokenName;
use rusqlite::{Row, Transaction, params};

use crate::{
    admin_tokens::{AdminTokenRecord, AdminTokens, TokenDigest},
    store::StoreError,
};

pub(super) fn load(transaction: &Transaction<'_>) -> Result<AdminTokens, StoreError> {
    let mut statement = transaction.prepare("SELECT * FROM admin_tokens")?;
    let mut rows = statement.query([])?;
    let mut tokens = AdminTokens::new();
    while let Some(row) = rows.next()? {
        let record = read(row)?;
        tokens.insert(record.name.clone(), Arc::new(record));
    }
    Ok(tokens)
}

/// Writes what differs. A token never changes: it is there or not.
pub(super) fn save(
    transaction: &Transaction<'_>,
    before: &AdminTokens,
    after: &AdminTokens,
) -> Result<(), StoreError> {
    let is_in = |tokens: &AdminTokens, record: &Arc<AdminTokenRecord>| {
        tokens
            .get(&record.name)
            .is_some_and(|other| Arc::ptr_eq(other, record))
    };
    for gone in before.values().filter(|record| !is_in(after, record)) {
        transaction.execute(
            "DELETE FROM admin_tokens WHERE name = ?1",
            [gone.name.as_str()],
        )?;
    }
    for made in after.values().filter(|record| !is_in(before, record)) {
        transaction.execute(
            "INSERT INTO admin_tokens (name, scope, digest, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                made.name.as_str(),
                made.scope.as_str(),
                made.digest.0,
                made.created.as_second(),
                made.expires.map(Timestamp::as_second),
            ],
        )?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Result<AdminTokenRecord, StoreError> {
    let damaged = |what: &dyn ToString| StoreError::Damaged {
        what: format!("admin_tokens: {}", what.to_string()),
    };
    let time = |second: i64| Timestamp::from_second(second).map_err(|error| damaged(&error));
    let (name, scope): (String, String) = (row.get("name")?, row.get("scope")?);
    let expires: Option<i64> = row.get("expires")?;
    Ok(AdminTokenRecord {
        name: AdminTokenName::new(&name).map_err(|error| damaged(&error))?,
        scope: scope.parse().map_err(|error| damaged(&error))?,
        digest: TokenDigest(row.get("digest")?),
        created: time(row.get("created")?)?,
        expires: expires.map(time).transpose()?,
    })
}
